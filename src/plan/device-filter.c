/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Device rules for the unified hierarchy, where a program decides and the last rule that
 * matches wins.  What a container gets without asking comes behind the last rule that
 * denies everything and before the more special ones, so that config.json may take away
 * any part of it.
 */
#include "base/text.h"
#include "plan/planner.h"

static const struct device_rule any_node = { 'a', DEVICE_ANY, DEVICE_ANY, DEVICE_MKNOD, true };

struct device_rule plan_device_rule(const struct oci_device_rule *rule)
{
	return (struct device_rule){
		.type = is_empty(rule->type) ? 'a' : rule->type[0],
		.major = rule->has_major && rule->major >= 0 ? rule->major : DEVICE_ANY,
		.minor = rule->has_minor && rule->minor >= 0 ? rule->minor : DEVICE_ANY,
		.access = device_access(rule->access),
		.allow = rule->allow,
	};
}

struct device_rule plan_node_rule(const struct oci_device *node)
{
	return (struct device_rule){ is_equal(node->type, "b") ? 'b' : 'c', node->major,
				     node->minor, DEVICE_ALL, true };
}

/* Behind the last rule that denies all numbers of a type. */
static size_t place_of_defaults(const struct oci_resources *r)
{
	size_t place = 0;

	for (size_t i = 0; r && i < r->n_devices; i++) {
		struct device_rule rule = plan_device_rule(&r->devices[i]);

		if (!rule.allow && rule.major == DEVICE_ANY && rule.minor == DEVICE_ANY)
			place = i + 1;
	}
	return place;
}

/* The nodes of linux.devices are for use, like the usual ones. */
static size_t add_defaults(const struct planner *p, struct device_rule *out)
{
	size_t n = 0;

	out[n++] = any_node;
	for (size_t i = 0; i < n_device_defaults; i++)
		out[n++] = device_defaults[i];
	for (size_t i = 0; i < p->lin->n_devices; i++)
		if (!is_equal(p->lin->devices[i].type, "p"))
			out[n++] = plan_node_rule(&p->lin->devices[i]);
	return n;
}

void plan_device_rules(struct planner *p)
{
	const struct oci_resources *r = p->lin->resources;
	size_t given = r ? r->n_devices : 0, place = place_of_defaults(r), n = 0;
	struct device_rule *rules;

	if (p->device_rules)
		return;
	rules = arena_array(p->arena, given + 1 + n_device_defaults + p->lin->n_devices,
			    sizeof(*rules));
	for (size_t i = 0; i < place; i++)
		rules[n++] = plan_device_rule(&r->devices[i]);
	n += add_defaults(p, rules + n);
	for (size_t i = place; i < given; i++)
		rules[n++] = plan_device_rule(&r->devices[i]);
	p->device_rules = rules;
	p->n_device_rules = n;
}

void plan_device_filter(struct planner *p, const char *dir)
{
	plan_device_rules(p);
	if (p->updates)
		HOST(p, "linux.resources.devices", replace_device_filter, dir,
		     p->device_rules, p->n_device_rules);
	else
		HOST(p, "linux.resources.devices", attach_device_filter, dir,
		     p->device_rules, p->n_device_rules);
}

static bool is_about(const struct device_rule *rule, char type, int64_t major, int64_t minor)
{
	return (rule->type == 'a' || rule->type == type) &&
	       (rule->major == DEVICE_ANY || rule->major == major) &&
	       (rule->minor == DEVICE_ANY || rule->minor == minor) &&
	       (rule->access & DEVICE_MKNOD);
}

bool plan_denies_node(const struct planner *p, char type, int64_t major, int64_t minor)
{
	for (size_t i = p->n_device_rules; i-- > 0;)
		if (is_about(&p->device_rules[i], type, major, minor))
			return !p->device_rules[i].allow;
	return false;
}
