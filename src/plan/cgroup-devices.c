/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Device rules for the v1 device controller.  Everything is denied first; then the rules
 * of config.json in their order, where the last match for each access bit wins; then the
 * default devices, unless a rule denied one by its own numbers.  The kernel keeps a list
 * of exact exceptions and silently ignores a rule that would cut a hole into a wider one,
 * so the outcome is worked out here and what the list cannot say is refused.
 */
#include "plan/planner.h"
#include "base/text.h"

static const struct device_rule any_node[] = {
	{ 'c', DEVICE_ANY, DEVICE_ANY, DEVICE_MKNOD, true },
	{ 'b', DEVICE_ANY, DEVICE_ANY, DEVICE_MKNOD, true },
};

static bool overlaps(const struct device_rule *a, const struct device_rule *b)
{
	return a->type == b->type && (a->access & b->access) &&
	       (a->major == b->major || a->major == DEVICE_ANY || b->major == DEVICE_ANY) &&
	       (a->minor == b->minor || a->minor == DEVICE_ANY || b->minor == DEVICE_ANY);
}

static void add_exception(struct arena *arena, struct device_list *list,
			  const struct device_rule *e)
{
	for (size_t i = 0; i < list->n; i++)
		if (device_is_same(&list->items[i], e)) {
			list->items[i].access |= e->access;
			return;
		}
	*arena_push(arena, list->items, list->n, list->room) = *e;
}

/* Take the access away; false when a wider exception would keep it. */
static bool remove_exception(struct device_list *list, const struct device_rule *e)
{
	bool is_clear = true;

	for (size_t i = 0; i < list->n; i++) {
		if (device_is_same(&list->items[i], e))
			list->items[i].access &= ~e->access;
		else if (overlaps(&list->items[i], e) &&
			 (e->major != DEVICE_ANY || list->items[i].major == DEVICE_ANY) &&
			 (e->minor != DEVICE_ANY || list->items[i].minor == DEVICE_ANY))
			is_clear = false;
		else if (overlaps(&list->items[i], e))
			list->items[i].access &= ~e->access;
	}
	return is_clear;
}

/* One rule; an exception of the other sense is removed, one of the list's own is added. */
static bool apply(struct arena *arena, struct device_list *list, const struct device_rule *e)
{
	if (e->allow != list->allows_rest) {
		add_exception(arena, list, e);
		return true;
	}
	return remove_exception(list, e);
}

static int apply_rule(struct arena *arena, struct device_list *list,
		      struct device_rule rule, const char *why, struct error *err)
{
	bool is_whole = rule.type == 'a' && rule.major == DEVICE_ANY &&
			rule.minor == DEVICE_ANY && rule.access == DEVICE_ALL;

	if (is_whole) {
		list->allows_rest = rule.allow;
		list->n = 0;
		return 0;
	}
	for (const char *type = "cb"; *type; type++) {
		struct device_rule e = rule;

		e.type = *type;
		if ((rule.type == 'a' || rule.type == *type) && !apply(arena, list, &e))
			return plan_refuse(err, why,
					   "cgroup v1 cannot cut this out of the wider rule "
					   "before it: list the devices one by one");
	}
	return 0;
}

/* A default is left out where a rule names the very device and denies something of it. */
static bool is_denied(const struct oci_resources *r, const struct device_rule *e)
{
	for (size_t i = r ? r->n_devices : 0; i-- > 0;) {
		struct device_rule named = plan_device_rule(&r->devices[i]);

		if (device_is_same(&named, e))
			return !named.allow;
	}
	return false;
}

static void write_list(struct planner *p, const struct device_list *list, const char *dir)
{
	const char *why = "linux.resources.devices";
	char line[DEVICE_LINE];

	HOST(p, why, set_cgroup, dir, list->allows_rest ? "devices.allow" : "devices.deny",
	     NULL, "a", false);
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].access)
			HOST(p, why, set_cgroup, dir,
			     list->allows_rest ? "devices.deny" : "devices.allow", NULL,
			     arena_strdup(p->arena, device_line(&list->items[i], line)),
			     false);
}

/* The nodes of linux.devices are for use. */
static void add_listed(const struct planner *p, struct device_list *list)
{
	for (size_t i = 0; i < p->lin->n_devices; i++) {
		struct device_rule e = plan_node_rule(&p->lin->devices[i]);

		if (!is_equal(p->lin->devices[i].type, "p") &&
		    !is_denied(p->lin->resources, &e))
			add_exception(p->arena, list, &e);
	}
}

static void add_rules(const struct planner *p, struct device_list *list,
		      const struct device_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_denied(p->lin->resources, &rules[i]))
			add_exception(p->arena, list, &rules[i]);
}

/* What no rule has to name. */
static void add_usual(const struct planner *p, struct device_list *list)
{
	add_rules(p, list, any_node, ARRAY_SIZE(any_node));
	add_rules(p, list, device_defaults, n_device_defaults);
	add_listed(p, list);
}

static int make_list(struct planner *p, struct device_list **out, struct error *err)
{
	const struct oci_resources *r = p->lin->resources;
	struct device_list *list = arena_new(p->arena, struct device_list);

	for (size_t i = 0; r && i < r->n_devices; i++)
		TRY(apply_rule(p->arena, list, plan_device_rule(&r->devices[i]),
			       WHY(p, "linux.resources.devices[%zu]", i), err));
	if (!list->allows_rest)
		add_usual(p, list);
	*out = list;
	return 0;
}

int plan_cgroup_devices(struct planner *p, const struct cgroup_hierarchy *hierarchy,
			const char *dir, struct error *err)
{
	struct device_list *list;

	(void)hierarchy; /* one device controller looks like another */
	TRY(make_list(p, &list, err));
	if (p->updates)
		HOST(p, "linux.resources.devices", replace_device_list, dir, list,
		     plan_limit_dir(p, "freezer", false) ? NULL : p->record->unit);
	else
		write_list(p, list, dir);
	return 0;
}

int plan_device_list(struct planner *p, const struct device_rule **out, size_t *out_n,
		     struct error *err)
{
	struct device_list *list;

	TRY(make_list(p, &list, err));
	if (list->allows_rest && list->n) {
		plan_warn(p, "linux.resources.devices: systemd knows no list of denied devices: "
			     "once it has read its units anew, only the usual devices are left; "
			     "list those that are allowed");
		*list = (struct device_list){ 0 };
		add_usual(p, list);
	}
	*out = list->allows_rest ? NULL : list->items;
	*out_n = list->n;
	return 0;
}
