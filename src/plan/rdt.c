/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux.intelRdt: one group of the resctrl file system for the container's class of
 * service, and one below it for monitoring.  Both stand before there is a process; init
 * is moved into both long before it executes the program.
 */
#include "plan/rdt.h"
#include "base/text.h"
#include "plan/planner.h"

const char *plan_rdt_path(struct arena *arena, const struct oci_config *config,
			  const struct request *request, const struct facts *facts)
{
	const char *clos = config->linux_->intel_rdt->clos_id;

	if (is_equal(clos, "/"))
		return facts->resctrl;
	return text_join_path(arena, facts->resctrl, is_empty(clos) ? request->id : clos);
}

static const char *const *schemata(struct planner *p, size_t *out_n)
{
	const struct oci_intel_rdt *rdt = p->lin->intel_rdt;
	const char **lines = arena_array(p->arena, rdt->n_schemata + 2, sizeof(*lines));
	size_t n = 0;

	if (!is_empty(rdt->l3_cache_schema))
		lines[n++] = rdt->l3_cache_schema;
	if (!is_empty(rdt->mem_bw_schema))
		lines[n++] = rdt->mem_bw_schema;
	for (size_t i = 0; i < rdt->n_schemata; i++)
		if (!is_empty(rdt->schemata[i]))
			lines[n++] = rdt->schemata[i];
	*out_n = n;
	return lines;
}

static struct rdt_group *group_of(struct planner *p)
{
	const struct oci_intel_rdt *rdt = p->lin->intel_rdt;
	struct rdt_group *group = arena_new(p->arena, struct rdt_group);

	group->root = p->facts->resctrl;
	group->path = plan_rdt_path(p->arena, p->config, p->in->request, p->facts);
	group->lines = schemata(p, &group->n_lines);
	group->is_own = is_empty(rdt->clos_id);
	group->must_exist =
		is_equal(rdt->clos_id, "/") || (!group->is_own && !group->n_lines);
	return group;
}

/* The lines as one, for the eye. */
static const char *shown(struct planner *p, const struct rdt_group *group)
{
	struct text text = { .arena = p->arena };

	for (size_t i = 0; i < group->n_lines; i++)
		text_add(&text, "%s%s", i ? ", " : "", group->lines[i]);
	for (char *s = text.s; s && *s; s++)
		if (*s == '\n')
			*s = ' ';
	return group->n_lines ? text.s : "nothing";
}

int plan_rdt_paths(struct planner *p, struct error *err)
{
	const struct oci_intel_rdt *rdt = p->lin->intel_rdt;
	struct oci_record_intel_rdt *record;

	if (!rdt)
		return 0;
	if (!p->facts->resctrl)
		return plan_refuse(err, "linux.intelRdt",
				   "no resctrl file system is mounted: mount it, if the "
				   "processor has it (mount -t resctrl resctrl "
				   "/sys/fs/resctrl), or leave this out");
	record = p->record->intel_rdt = arena_new(p->arena, struct oci_record_intel_rdt);
	record->path = plan_rdt_path(p->arena, p->config, p->in->request, p->facts);
	if (rdt->enable_monitoring)
		record->mon_path = arena_printf(p->arena, "%s/mon_groups/%s",
						record->path, p->in->request->id);
	record->remove = is_empty(rdt->clos_id) && p->facts->rdt_is_missing;
	record->has_remove = true;
	return 0;
}

void plan_rdt_groups(struct planner *p)
{
	const struct oci_record_intel_rdt *record = p->record->intel_rdt;
	const struct rdt_group *group;

	if (!record)
		return;
	group = group_of(p);
	HOST(p, "linux.intelRdt", make_rdt_group, group, shown(p, group));
	if (record->mon_path)
		HOST(p, "linux.intelRdt.enableMonitoring", make_rdt_monitor,
		     record->mon_path);
}

void plan_rdt_tasks(struct planner *p)
{
	const struct oci_record_intel_rdt *record = p->record->intel_rdt;

	if (!record)
		return;
	HOST(p, "linux.intelRdt", add_rdt_task, record->path);
	/* Entering a class leaves the monitoring groups of others: in this order. */
	if (record->mon_path)
		HOST(p, "linux.intelRdt.enableMonitoring", add_rdt_task,
		     record->mon_path);
}
