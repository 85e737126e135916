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

enum { MOST_RULES = 512 };

/* The list as the kernel would keep it; whether its items allow follows from the rest. */
struct device_list {
	bool allows_rest; /* exceptions are denials */
	struct device_rule items[MOST_RULES];
	size_t n;
};

/* What a container gets without asking: any mknod, and the devices that everyone needs. */
static const struct device_rule defaults[] = {
	{ 'c', DEVICE_ANY, DEVICE_ANY, DEVICE_MKNOD, true },
	{ 'b', DEVICE_ANY, DEVICE_ANY, DEVICE_MKNOD, true },
	{ 'c', 1, 3, DEVICE_ALL, true },   /* null */
	{ 'c', 1, 5, DEVICE_ALL, true },   /* zero */
	{ 'c', 1, 7, DEVICE_ALL, true },   /* full */
	{ 'c', 1, 8, DEVICE_ALL, true },   /* random */
	{ 'c', 1, 9, DEVICE_ALL, true },   /* urandom */
	{ 'c', 5, 0, DEVICE_ALL, true },   /* tty */
	{ 'c', 5, 1, DEVICE_ALL, true },   /* console */
	{ 'c', 5, 2, DEVICE_ALL, true },   /* ptmx */
	{ 'c', 136, DEVICE_ANY, DEVICE_ALL, true }, /* pts */
};

static unsigned access_of(const char *letters)
{
	if (is_empty(letters))
		return DEVICE_ALL;
	return (strchr(letters, 'r') ? DEVICE_READ : 0u) |
	       (strchr(letters, 'w') ? DEVICE_WRITE : 0u) |
	       (strchr(letters, 'm') ? DEVICE_MKNOD : 0u);
}

static bool is_same(const struct device_rule *a, const struct device_rule *b)
{
	return a->type == b->type && a->major == b->major && a->minor == b->minor;
}

static bool overlaps(const struct device_rule *a, const struct device_rule *b)
{
	return a->type == b->type && (a->access & b->access) &&
	       (a->major == b->major || a->major == DEVICE_ANY || b->major == DEVICE_ANY) &&
	       (a->minor == b->minor || a->minor == DEVICE_ANY || b->minor == DEVICE_ANY);
}

static void add_exception(struct device_list *list, const struct device_rule *e)
{
	for (size_t i = 0; i < list->n; i++)
		if (is_same(&list->items[i], e)) {
			list->items[i].access |= e->access;
			return;
		}
	if (list->n < MOST_RULES)
		list->items[list->n++] = *e;
}

/* Take the access away; false when a wider exception would keep it. */
static bool remove_exception(struct device_list *list, const struct device_rule *e)
{
	bool is_clear = true;

	for (size_t i = 0; i < list->n; i++) {
		if (is_same(&list->items[i], e))
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

static bool is_everything(const struct oci_device_rule *rule)
{
	return is_empty(rule->type) || is_equal(rule->type, "a");
}

static struct device_rule exception_of(const struct oci_device_rule *rule, char type)
{
	return (struct device_rule){
		.type = type,
		.major = rule->has_major && rule->major >= 0 ? rule->major : DEVICE_ANY,
		.minor = rule->has_minor && rule->minor >= 0 ? rule->minor : DEVICE_ANY,
		.access = access_of(rule->access),
		.allow = rule->allow,
	};
}

/* One rule; an exception of the other sense is removed, one of the list's own is added. */
static bool apply(struct device_list *list, const struct device_rule *e, bool allow)
{
	if (allow != list->allows_rest) {
		add_exception(list, e);
		return true;
	}
	return remove_exception(list, e);
}

static int apply_rule(struct device_list *list, const struct oci_device_rule *rule,
		      const char *why, struct error *err)
{
	struct device_rule all = exception_of(rule, 'c');
	bool is_whole = all.major == DEVICE_ANY && all.minor == DEVICE_ANY &&
			all.access == DEVICE_ALL;
	const char *types = is_everything(rule) ? "cb" : rule->type;

	if (is_everything(rule) && is_whole) {
		list->allows_rest = rule->allow;
		list->n = 0;
		return 0;
	}
	for (; *types; types++) {
		struct device_rule e = exception_of(rule, *types);

		if (!apply(list, &e, rule->allow))
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
		struct device_rule named = exception_of(&r->devices[i], e->type);

		if (is_equal(r->devices[i].type, (char[]){ e->type, 0 }) && is_same(&named, e))
			return !r->devices[i].allow;
	}
	return false;
}

static const char *line_of(struct planner *p, const struct device_rule *e)
{
	struct text line = { .arena = p->arena };

	text_add(&line, "%c ", e->type);
	text_add(&line, e->major == DEVICE_ANY ? "*:" : "%lld:", (long long)e->major);
	text_add(&line, e->minor == DEVICE_ANY ? "* " : "%lld ", (long long)e->minor);
	text_add(&line, "%s", plan_device_letters(e->access));
	return line.s;
}

static void write_list(struct planner *p, const struct device_list *list, const char *dir)
{
	const char *why = "linux.resources.devices";

	HOST(p, why, set_cgroup, dir, list->allows_rest ? "devices.allow" : "devices.deny",
	     NULL, "a", false);
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].access)
			HOST(p, why, set_cgroup, dir,
			     list->allows_rest ? "devices.deny" : "devices.allow", NULL,
			     line_of(p, &list->items[i]), false);
}

/* The nodes of linux.devices are for use. */
static void add_listed(const struct planner *p, struct device_list *list)
{
	for (size_t i = 0; i < p->lin->n_devices; i++) {
		const struct oci_device *device = &p->lin->devices[i];
		struct device_rule e = { is_equal(device->type, "b") ? 'b' : 'c',
					device->major, device->minor, DEVICE_ALL, true };

		if (!is_equal(device->type, "p") && !is_denied(p->lin->resources, &e))
			add_exception(list, &e);
	}
}

/* What no rule has to name. */
static void add_usual(const struct planner *p, struct device_list *list)
{
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (!is_denied(p->lin->resources, &defaults[i]))
			add_exception(list, &defaults[i]);
	add_listed(p, list);
}

static int make_list(struct planner *p, struct device_list **out, struct error *err)
{
	const struct oci_resources *r = p->lin->resources;
	struct device_list *list = arena_new(p->arena, struct device_list);

	for (size_t i = 0; r && i < r->n_devices; i++)
		TRY(apply_rule(list, &r->devices[i], WHY(p, "linux.resources.devices[%zu]", i),
			       err));
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
	write_list(p, list, dir);
	return 0;
}

int plan_device_list(struct planner *p, const struct device_rule **out, size_t *out_n,
		     struct error *err)
{
	struct device_list *list;

	TRY(make_list(p, &list, err));
	*out = list->items;
	*out_n = list->n;
	if (!list->allows_rest)
		return 0;
	if (!list->n) {
		*out = NULL;
		return 0;
	}
	plan_warn(p, "linux.resources.devices: systemd knows no list of denied devices: once it "
		     "has read its units anew, only the usual devices are left; list those that "
		     "are allowed");
	memset(list, 0, sizeof(*list));
	add_usual(p, list);
	*out_n = list->n;
	return 0;
}
