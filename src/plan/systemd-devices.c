/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Device rules as systemd knows them: a list of what is allowed, where of several entries
 * for a device one alone must allow all that is asked for.  On version 2 its program and
 * ours both have to allow, so whatever a list cannot say is allowed there and left to ours;
 * on version 1 it writes to the same file as we, and such a rule is left out.
 */
#include "base/text.h"
#include "plan/planner.h"

/* Devices that are allowed: one entry for each pair of numbers. */
struct allowed {
	struct device_rule *items;
	size_t n;
};

/* Does a name every device that b names? */
static bool covers(const struct device_rule *a, const struct device_rule *b)
{
	return a->type == b->type && (a->major == DEVICE_ANY || a->major == b->major) &&
	       (a->minor == DEVICE_ANY || a->minor == b->minor);
}

static void allow(struct allowed *list, struct device_rule rule)
{
	for (size_t i = 0; i < list->n; i++)
		if (covers(&list->items[i], &rule) && covers(&rule, &list->items[i])) {
			list->items[i].access |= rule.access;
			return;
		}
	list->items[list->n++] = rule;
}

static void deny(struct allowed *list, const struct device_rule *rule)
{
	for (size_t i = 0; i < list->n; i++)
		if (covers(rule, &list->items[i]))
			list->items[i].access &= ~rule->access;
}

static void apply(struct allowed *list, struct device_rule rule, bool is_exact)
{
	bool has_name = rule.major != DEVICE_ANY || rule.minor == DEVICE_ANY;

	if (!rule.allow) {
		deny(list, &rule);
	} else if (has_name || !is_exact) {
		if (!has_name)
			rule.minor = DEVICE_ANY;
		allow(list, rule);
	}
}

/* An entry gets what wider ones allow; those that then say nothing new go. */
static void tidy(struct allowed *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		for (size_t j = 0; j < list->n; j++)
			if (covers(&list->items[j], &list->items[i]))
				list->items[i].access |= list->items[j].access;
	for (size_t i = 0; i < list->n; i++) {
		bool is_new = list->items[i].access != 0;

		for (size_t j = 0; j < list->n; j++)
			if (j != i && list->items[j].access == list->items[i].access &&
			    covers(&list->items[j], &list->items[i]))
				is_new = false;
		list->items[i].allow = is_new;
	}
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].allow)
			list->items[kept++] = list->items[i];
	list->n = kept;
}

static struct allowed allowed_of(struct planner *p, const struct device_rule *rules, size_t n,
				 bool is_exact)
{
	struct allowed list = { arena_array(p->arena, 2 * n + 1, sizeof(*rules)), 0 };

	for (size_t i = 0; i < n; i++)
		for (const char *type = "cb"; *type; type++) {
			struct device_rule rule = rules[i];

			if (rule.type != 'a' && rule.type != *type)
				continue;
			rule.type = *type;
			apply(&list, rule, is_exact);
		}
	tidy(&list);
	return list;
}

static bool is_everything(const struct allowed *list)
{
	size_t classes = 0;

	for (size_t i = 0; i < list->n; i++)
		classes += list->items[i].major == DEVICE_ANY &&
			   list->items[i].access == DEVICE_ALL;
	return classes == 2;
}

static const char *name_of(struct planner *p, const struct device_rule *rule)
{
	const char *type = rule->type == 'b' ? "block" : "char";

	if (rule->major == DEVICE_ANY)
		return WHY(p, "%s-*", type);
	if (rule->minor == DEVICE_ANY)
		return WHY(p, "%s-%lld", type, (long long)rule->major);
	return WHY(p, "/dev/%s/%lld:%lld", type, (long long)rule->major,
		   (long long)rule->minor);
}

static void set(struct planner *p, const struct allowed *list, bool is_all)
{
	static const char why[] = "linux.resources.devices";
	size_t n = is_all ? 0 : list->n;
	const char **names = arena_array(p->arena, n + 1, sizeof(*names));
	const char **letters = arena_array(p->arena, n + 1, sizeof(*letters));

	for (size_t i = 0; i < n; i++) {
		names[i] = name_of(p, &list->items[i]);
		letters[i] = device_letters(list->items[i].access);
	}
	/* "strict": nothing but the list; "auto" with an empty one: no rules at all. */
	plan_set_property(p, why,
			  (struct unit_property){ .name = "DevicePolicy",
						  .kind = PROPERTY_STRING, .is_optional = true,
						  .text = is_all ? "auto" : "strict" });
	plan_set_property(p, why,
			  (struct unit_property){ .name = "DeviceAllow",
						  .kind = PROPERTY_DEVICES, .is_optional = true,
						  .words = names, .letters = letters, .n = n });
}

int plan_unit_devices(struct planner *p, struct error *err)
{
	bool is_v1 = plan_limit_dir(p, "devices", false) != NULL;
	const struct device_rule *rules;
	struct allowed list;
	size_t n;

	/* A user's systemd has no right to rule over devices, and neither have we. */
	if (p->record->unit_is_user || (!is_v1 && p->facts->cgroup_mode != CGROUP_V2))
		return 0;
	if (is_v1) {
		TRY(plan_device_list(p, &rules, &n, err));
	} else {
		plan_device_rules(p);
		rules = p->device_rules;
		n = p->n_device_rules;
	}
	list = allowed_of(p, rules, rules ? n : 0, is_v1);
	set(p, &list, !rules || is_everything(&list));
	return 0;
}
