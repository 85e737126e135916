/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux.resources as writes to cgroup files: rows of tables/cgroup1.def.  A limit whose
 * controller this host lacks is refused here, before anything was made.
 */
#include "base/text.h"
#include "plan/cgroup.h"
#include "plan/planner.h"

/* The directory of the container in the hierarchy that has the controller; NULL: none. */
const char *plan_limit_dir(const struct planner *p, const char *controller, bool is_v2)
{
	for (size_t i = 0; i < p->record->n_cgroups; i++)
		if (p->facts->hierarchies[i].is_v2 == is_v2 &&
		    plan_has_controller(&p->facts->hierarchies[i], controller))
			return p->record->cgroups[i].path;
	return NULL;
}

int plan_refuse_controller(const struct planner *p, struct error *err, const char *why,
			   const char *controller)
{
	if (!p->facts->is_privileged)
		return plan_refuse(err, why,
				   "the cgroup controller '%s' is not delegated to user %u: "
				   "run in a unit with Delegate=%s (systemd's user instance: "
				   "/etc/systemd/system/user@.service.d/delegate.conf) and "
				   "linux.cgroupsPath below its cgroup, or take the limit out",
				   controller, p->facts->euid, controller);
	return plan_refuse(
		err, why,
		"this host has no cgroup controller '%s': mount it, or take the "
		"limit out",
		controller);
}

/* Whether the limits of a controller (of v1) are set in the unified hierarchy. */
bool plan_is_unified(const struct planner *p, const char *controller)
{
	const char *unified = is_equal(controller, "blkio") ? "io" : controller;

	if (p->facts->cgroup_mode == CGROUP_V2)
		return true;
	return !plan_limit_dir(p, controller, false) && plan_limit_dir(p, unified, true);
}

/* A new cgroup is simply written to; for a running one the old value is kept for undo. */
void plan_set_cgroup(struct planner *p, const char *why, const struct step_set_cgroup *set)
{
	if (p->updates)
		HOST(p, why, change_cgroup, why, set->dir, set->file, set->value, set->other,
		     NULL, set->is_optional);
	else
		HOST(p, why, set_cgroup, set->dir, set->file, set->other, set->value,
		     set->is_optional);
}

/* One limit on its way to a file. */
struct limit {
	const char *controller, *file, *other, *why;
	bool is_optional;
};

static int add_limit(struct planner *p, const struct limit *limit, const char *value,
		     struct error *err)
{
	const char *dir = plan_limit_dir(p, limit->controller, false);

	if (plan_is_unified(p, limit->controller))
		return 0; /* cgroup2-limits.c has a row for it */
	if (!dir && is_equal(limit->controller, "net_prio") && !p->updates)
		return 0; /* net-share.c does without */
	if (!dir)
		return plan_refuse_controller(p, err, limit->why, limit->controller);
	plan_set_cgroup(p, limit->why,
			&(struct step_set_cgroup){ dir, limit->file, limit->other, value,
						   limit->is_optional });
	return 0;
}

/* Without swap accounting there is nothing to lift. */
static bool is_optional(const struct oci_resources *r, const char *file)
{
	return is_equal(file, "memory.memsw.limit_in_bytes") && r->memory->swap == -1;
}

static int add_v1_limits(struct planner *p, const struct oci_resources *r,
			 struct error *err)
{
#define LIMIT(controller_, file_, other_, place, condition, ...)                         \
	if (condition) {                                                                 \
		struct limit limit = { #controller_, file_, other_,                      \
				       "linux.resources." place,                         \
				       is_optional(r, file_) };                          \
                                                                                         \
		TRY(add_limit(p, &limit, arena_printf(p->arena, __VA_ARGS__), err));     \
	}
#define EACH(controller_, file_, other_, place, object, list, condition, ...)            \
	for (size_t i = 0; r->object && i < r->object->n_##list; i++) {                  \
		__typeof__(&r->object->list[0]) e = &r->object->list[i];                 \
		struct limit limit = { #controller_, file_, other_,                      \
				       WHY(p, "linux.resources." place "[%zu]", i),      \
				       false };                                          \
                                                                                         \
		if (condition)                                                           \
			TRY(add_limit(p, &limit, arena_printf(p->arena, __VA_ARGS__),    \
				      err));                                             \
	}
#include "tables/cgroup1.def"
#undef LIMIT
#undef EACH
	return 0;
}

/* v1 where it is mounted, else the hugetlb of a hybrid host's unified hierarchy. */
static int add_hugepages(struct planner *p, const struct oci_resources *r,
			 struct error *err)
{
	const char *v1 = plan_limit_dir(p, "hugetlb", false);
	const char *dir = v1 ? v1 : plan_limit_dir(p, "hugetlb", true);

	for (size_t i = 0; i < r->n_hugepage_limits; i++) {
		const struct oci_hugepage_limit *limit = &r->hugepage_limits[i];
		const char *why = WHY(p, "linux.resources.hugepageLimits[%zu]", i);
		const char *value = WHY(p, "%llu", (unsigned long long)limit->limit);
		const char *end = v1 ? "limit_in_bytes" : "max";

		if (!dir)
			return plan_refuse_controller(p, err, why, "hugetlb");
		plan_set_cgroup(p, why,
				&(struct step_set_cgroup){
					dir,
					WHY(p, "hugetlb.%s.rsvd.%s", limit->page_size, end),
					NULL, value, true });
		plan_set_cgroup(p, why,
				&(struct step_set_cgroup){
					dir, WHY(p, "hugetlb.%s.%s", limit->page_size, end),
					NULL, value, false });
	}
	return 0;
}

static const struct cgroup_hierarchy *unified(const struct planner *p,
					      const char **out_dir)
{
	for (size_t i = 0; i < p->record->n_cgroups; i++) {
		*out_dir = p->record->cgroups[i].path;
		if (p->facts->hierarchies[i].is_v2)
			return &p->facts->hierarchies[i];
	}
	return NULL;
}

static bool is_enabled(const struct planner *p, const char *controller)
{
	const struct step_list *host = &p->plan->of[ROLE_HOST];

	for (size_t i = 0; i < host->n; i++)
		if (host->items[i].kind == STEP_enable_controller &&
		    is_equal(host->items[i].enable_controller.controller, controller))
			return true;
	return false;
}

void plan_enable_controller(struct planner *p, const char *why, const char *controller)
{
	const char *dir;
	const struct cgroup_hierarchy *h = unified(p, &dir);

	if (h && plan_has_controller(h, controller) && !is_enabled(p, controller))
		HOST(p, why, enable_controller, h->mount, dir, controller);
}

static int add_unified(struct planner *p, const struct oci_resources *r,
		       struct error *err)
{
	for (size_t i = 0; i < r->unified.n; i++) {
		const struct oci_string_entry *entry = &r->unified.items[i];
		const char *why = WHY(p, "linux.resources.unified[\"%s\"]", entry->key);
		const char *controller =
			arena_strndup(p->arena, entry->key, strcspn(entry->key, "."));
		const char *dir, *value = entry->value;
		const struct cgroup_hierarchy *h = unified(p, &dir);

		if (!h || (!is_equal(controller, "cgroup") &&
			   !plan_has_controller(h, controller)))
			return plan_refuse_controller(p, err, why, controller);
		plan_enable_controller(p, why, controller);
		while (*value) {
			size_t line = strcspn(value, "\n");

			plan_set_cgroup(p, why,
					&(struct step_set_cgroup){
						dir, entry->key, NULL,
						arena_strndup(p->arena, value, line),
						false });
			value += line + (value[line] == '\n');
		}
	}
	return 0;
}

/* The same file on both versions. */
static int add_rdma(struct planner *p, const struct oci_resources *r, struct error *err)
{
	bool is_v2 = plan_is_unified(p, "rdma");
	const char *dir = plan_limit_dir(p, "rdma", is_v2);

	for (size_t i = 0; i < r->n_rdma; i++) {
		const struct oci_rdma *limit = &r->rdma[i].value;
		struct text line = { .arena = p->arena };
		const char *why = WHY(p, "linux.resources.rdma.%s", r->rdma[i].key);

		if (!dir)
			return plan_refuse_controller(p, err, why, "rdma");
		if (is_v2)
			plan_enable_controller(p, why, "rdma");
		text_add(&line, "%s", r->rdma[i].key);
		if (limit->has_hca_handles)
			text_add(&line, " hca_handle=%u", limit->hca_handles);
		if (limit->has_hca_objects)
			text_add(&line, " hca_object=%u", limit->hca_objects);
		plan_set_cgroup(p, why,
				&(struct step_set_cgroup){ dir, "rdma.max", NULL, line.s,
							   false });
	}
	return 0;
}

/* The cgroup whose filter decides over devices, or NULL. */
static const char *filtered_dir(const struct planner *p)
{
	const char *dir;

	if (!p->facts->is_privileged || plan_limit_dir(p, "devices", false))
		return NULL;
	return unified(p, &dir) ? dir : NULL;
}

void plan_foresee_filter(struct planner *p)
{
	if (filtered_dir(p))
		plan_device_rules(p);
}

int plan_limit_devices(struct planner *p, struct error *err)
{
	const char *dir = filtered_dir(p);

	/* A user makes no devices and opens those that are there by their modes. */
	if (!p->facts->is_privileged)
		return 0;
	for (size_t i = 0; i < p->record->n_cgroups; i++)
		if (!p->facts->hierarchies[i].is_v2 &&
		    plan_has_controller(&p->facts->hierarchies[i], "devices"))
			return plan_cgroup_devices(p, &p->facts->hierarchies[i],
						   p->record->cgroups[i].path, err);
	if (dir)
		plan_device_filter(p, dir);
	else if (p->lin->resources && p->lin->resources->n_devices)
		return plan_refuse_controller(p, err, "linux.resources.devices", "devices");
	return 0;
}

int plan_cgroup_limits(struct planner *p, struct error *err)
{
	const struct oci_resources *r = p->lin->resources;

	if (!p->updates)
		TRY(plan_limit_devices(p, err));
	if (!r)
		return 0;
	TRY(add_v1_limits(p, r, err));
	TRY(plan_cgroup2_limits(p, err));
	if (r->n_hugepage_limits && !plan_limit_dir(p, "hugetlb", false))
		plan_enable_controller(p, "linux.resources.hugepageLimits", "hugetlb");
	TRY(add_hugepages(p, r, err));
	TRY(add_rdma(p, r, err));
	TRY(add_unified(p, r, err));
	return 0;
}
