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

enum { READ = 1, WRITE = 2, MKNOD = 4, ANY = -1, MOST_RULES = 512 };

struct exception {
	char type; /* 'c' or 'b' */
	int64_t major, minor;
	unsigned access;
};

/* The list as the kernel would keep it. */
struct device_list {
	bool allows_rest; /* exceptions are denials */
	struct exception items[MOST_RULES];
	size_t n;
};

/* What a container gets without asking: any mknod, and the devices that everyone needs. */
static const struct exception defaults[] = {
	{ 'c', ANY, ANY, MKNOD },
	{ 'b', ANY, ANY, MKNOD },
	{ 'c', 1, 3, READ | WRITE | MKNOD },   /* null */
	{ 'c', 1, 5, READ | WRITE | MKNOD },   /* zero */
	{ 'c', 1, 7, READ | WRITE | MKNOD },   /* full */
	{ 'c', 1, 8, READ | WRITE | MKNOD },   /* random */
	{ 'c', 1, 9, READ | WRITE | MKNOD },   /* urandom */
	{ 'c', 5, 0, READ | WRITE | MKNOD },   /* tty */
	{ 'c', 5, 1, READ | WRITE | MKNOD },   /* console */
	{ 'c', 5, 2, READ | WRITE | MKNOD },   /* ptmx */
	{ 'c', 136, ANY, READ | WRITE | MKNOD }, /* pts */
};

static unsigned access_of(const char *letters)
{
	if (is_empty(letters))
		return READ | WRITE | MKNOD;
	return (strchr(letters, 'r') ? READ : 0u) | (strchr(letters, 'w') ? WRITE : 0u) |
	       (strchr(letters, 'm') ? MKNOD : 0u);
}

static bool is_same(const struct exception *a, const struct exception *b)
{
	return a->type == b->type && a->major == b->major && a->minor == b->minor;
}

static bool overlaps(const struct exception *a, const struct exception *b)
{
	return a->type == b->type && (a->access & b->access) &&
	       (a->major == b->major || a->major == ANY || b->major == ANY) &&
	       (a->minor == b->minor || a->minor == ANY || b->minor == ANY);
}

static void add_exception(struct device_list *list, const struct exception *e)
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
static bool remove_exception(struct device_list *list, const struct exception *e)
{
	bool is_clear = true;

	for (size_t i = 0; i < list->n; i++) {
		if (is_same(&list->items[i], e))
			list->items[i].access &= ~e->access;
		else if (overlaps(&list->items[i], e) &&
			 (e->major != ANY || list->items[i].major == ANY) &&
			 (e->minor != ANY || list->items[i].minor == ANY))
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

static struct exception exception_of(const struct oci_device_rule *rule, char type)
{
	return (struct exception){
		.type = type,
		.major = rule->has_major && rule->major >= 0 ? rule->major : ANY,
		.minor = rule->has_minor && rule->minor >= 0 ? rule->minor : ANY,
		.access = access_of(rule->access),
	};
}

/* One rule; an exception of the other sense is removed, one of the list's own is added. */
static bool apply(struct device_list *list, const struct exception *e, bool allow)
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
	struct exception all = exception_of(rule, 'c');
	bool is_whole = all.major == ANY && all.minor == ANY &&
			all.access == (READ | WRITE | MKNOD);
	const char *types = is_everything(rule) ? "cb" : rule->type;

	if (is_everything(rule) && is_whole) {
		list->allows_rest = rule->allow;
		list->n = 0;
		return 0;
	}
	for (; *types; types++) {
		struct exception e = exception_of(rule, *types);

		if (!apply(list, &e, rule->allow))
			return plan_refuse(err, why,
					   "cgroup v1 cannot cut this out of the wider rule "
					   "before it: list the devices one by one");
	}
	return 0;
}

/* A default is left out where a rule names the very device and denies something of it. */
static bool is_denied(const struct oci_resources *r, const struct exception *e)
{
	for (size_t i = r ? r->n_devices : 0; i-- > 0;) {
		struct exception named = exception_of(&r->devices[i], e->type);

		if (is_equal(r->devices[i].type, (char[]){ e->type, 0 }) && is_same(&named, e))
			return !r->devices[i].allow;
	}
	return false;
}

static const char *line_of(struct planner *p, const struct exception *e)
{
	struct text line = { .arena = p->arena };

	text_add(&line, "%c ", e->type);
	text_add(&line, e->major == ANY ? "*:" : "%lld:", (long long)e->major);
	text_add(&line, e->minor == ANY ? "* " : "%lld ", (long long)e->minor);
	text_add(&line, "%s%s%s", e->access & READ ? "r" : "", e->access & WRITE ? "w" : "",
		 e->access & MKNOD ? "m" : "");
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
		struct exception e = { is_equal(device->type, "b") ? 'b' : 'c',
				       device->major, device->minor, READ | WRITE | MKNOD };

		if (!is_equal(device->type, "p") && !is_denied(p->lin->resources, &e))
			add_exception(list, &e);
	}
}

int plan_cgroup_devices(struct planner *p, const struct cgroup_hierarchy *hierarchy,
			const char *dir, struct error *err)
{
	const struct oci_resources *r = p->lin->resources;
	struct device_list *list = arena_new(p->arena, struct device_list);

	(void)hierarchy; /* one device controller looks like another */
	for (size_t i = 0; r && i < r->n_devices; i++)
		TRY(apply_rule(list, &r->devices[i], WHY(p, "linux.resources.devices[%zu]", i),
			       err));
	if (!list->allows_rest) {
		for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
			if (!is_denied(r, &defaults[i]))
				add_exception(list, &defaults[i]);
		add_listed(p, list);
	}
	write_list(p, list, dir);
	return 0;
}
