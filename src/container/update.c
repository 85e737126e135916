/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* update: limits of a container that is there; see plan/update.c for how. */
#include "base/file.h"
#include "base/text.h"
#include "container/launch.h"
#include "container/store.h"
#include "kernel/cgroup.h"
#include "kernel/path.h"
#include "kernel/probe.h"
#include "kernel/rdt.h"
#include "kernel/systemd.h"
#include "plan/cgroup.h"
#include <stdlib.h>

struct update {
	struct container container;
	struct facts facts;
	struct oci_linux lin;
	struct oci_intel_rdt rdt;
	struct oci_config config;
	struct plan_input input;
};

static int check_status(const struct container *container, struct error *err)
{
	enum container_status status = store_status(container);

	if (status == STATUS_CREATING || status == STATUS_STOPPED)
		return fail(err, ERROR_STATE, "container not running: '%s' is %s", container->id,
			    container_status_names[status]);
	return 0;
}

/* The hierarchy in which the directory is: that of the longest mount point. */
static const struct cgroup_hierarchy *hierarchy_of(const struct facts *facts, const char *path)
{
	const struct cgroup_hierarchy *best = NULL;

	for (size_t i = 0; i < facts->n_hierarchies; i++) {
		const struct cgroup_hierarchy *h = &facts->hierarchies[i];

		if (path_is_below(path, h->mount) &&
		    (!best || strlen(h->mount) > strlen(best->mount)))
			best = h;
	}
	return best;
}

/* One hierarchy for each cgroup of the record, in its order. */
static int find_hierarchies(struct arena *arena, struct update *update, struct error *err)
{
	const struct oci_record *record = update->container.record;
	struct cgroup_hierarchy *found;

	TRY(cgroup_probe(arena, &update->facts, err));
	found = arena_array(arena, record->n_cgroups + 1, sizeof(*found));
	for (size_t i = 0; i < record->n_cgroups; i++) {
		const struct cgroup_hierarchy *h =
			hierarchy_of(&update->facts, record->cgroups[i].path);

		if (!h)
			return fail(err, ERROR_STATE,
				    "the cgroup '%s' of container '%s' is below no mounted "
				    "hierarchy", record->cgroups[i].path, record->id);
		found[i] = *h;
	}
	update->facts.hierarchies = found;
	update->facts.n_hierarchies = record->n_cgroups;
	return 0;
}

/* "max 100000" */
static void read_quota(const char *text, struct plan_present *present)
{
	const char *period = strchr(text, ' ');

	present->quota = has_prefix(text, "max") ? -1 : strtoll(text, NULL, 10);
	if (period)
		present->period = strtoull(period, NULL, 10);
}

/* What is not there, or no number, is 0: not known. */
static void read_present(struct arena *arena, struct update *update)
{
	const struct oci_record *record = update->container.record;
	struct plan_present *present = &update->input.present;

	for (size_t i = 0; i < record->n_cgroups; i++) {
		const char *dir = record->cgroups[i].path, *text;

		text = cgroup_old_value(arena, dir, "cpu.cfs_period_us", "");
		if (text)
			present->period = strtoull(text, NULL, 10);
		if (!update->facts.hierarchies[i].is_v2)
			continue;
		text = cgroup_old_value(arena, dir, "memory.max", "");
		present->memory = text ? strtoll(text, NULL, 10) : 0;
		text = cgroup_old_value(arena, dir, "cpu.max", "");
		if (text)
			read_quota(text, present);
	}
}

static int read_resources(struct arena *arena, const struct request *request,
			  struct update *update, struct error *err)
{
	const char *text = request->resources_text;
	struct oci_problems problems = { .arena = arena };
	const struct oci_resources *resources;
	struct oci_resources *own;

	if (!text)
		return 0;
	if (oci_resources_read(arena, text, strlen(text), &resources, &problems) < 0) {
		char line[1024];

		for (size_t i = 0; i < problems.n; i++)
			if (!problems.items[i].is_warning) {
				oci_problem_format(line, sizeof(line), "resources",
						   &problems.items[i]);
				return fail(err, ERROR_CONFIG, "%s", line);
			}
		return fail(err, ERROR_CONFIG, "resources: not understood");
	}
	own = arena_new(arena, struct oci_resources);
	*own = *resources;
	update->lin.resources = own;
	return 0;
}

/* Device nodes of the configuration stay usable, whatever the new rules say. */
static int read_devices(struct arena *arena, struct update *update, struct error *err)
{
	struct oci_problems problems = { .arena = arena };
	const struct oci_config *config;
	char *text;

	if (!update->lin.resources || !update->lin.resources->n_devices)
		return 0;
	TRY(file_read_at(update->container.dir, STORE_CONFIG, arena, &text, err));
	if (oci_config_read(arena, text, strlen(text), &config, &problems) < 0)
		return fail(err, ERROR_STATE,
			    "the snapshot of the configuration cannot be read");
	if (config->linux_) {
		update->lin.devices = config->linux_->devices;
		update->lin.n_devices = config->linux_->n_devices;
	}
	return 0;
}

static int prepare(struct arena *arena, const struct request *request, struct update *update,
		   struct error *err)
{
	TRY(probe_caller(&update->facts, err));
	TRY(read_resources(arena, request, update, err));
	if (request->l3_cache_schema || request->mem_bw_schema) {
		update->rdt.l3_cache_schema = request->l3_cache_schema;
		update->rdt.mem_bw_schema = request->mem_bw_schema;
		update->lin.intel_rdt = &update->rdt;
		TRY(rdt_mount_point(arena, &update->facts.resctrl, err));
	}
	TRY(store_open(arena, request->root, request->id, &update->container, err));
	/* Its creator has the lock, and may be waiting for a hook. */
	if (store_status(&update->container) == STATUS_CREATING)
		return check_status(&update->container, err);
	TRY(store_lock(&update->container, err));
	TRY(store_reload(arena, &update->container, err));
	TRY(check_status(&update->container, err));
	TRY(read_devices(arena, update, err));
	TRY(find_hierarchies(arena, update, err));
	update->config.linux_ = &update->lin;
	update->input = (struct plan_input){
		.config = &update->config,
		.request = request,
		.facts = &update->facts,
		.record = update->container.record,
	};
	read_present(arena, update);
	return 0;
}

static int plan(struct arena *arena, const struct request *request, struct update *update,
		struct plan **out, struct error *err)
{
	TRY(prepare(arena, request, update, err));
	return plan_update(arena, &update->input, out, err);
}

static bool asks_systemd(const struct plan *plan)
{
	const struct step_list *list = &plan->of[ROLE_HOST];

	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].kind == STEP_update_unit)
			return true;
	return false;
}

static int run(struct arena *arena, const struct request *request,
	       const struct oci_record *record, const struct plan *plan, struct error *err)
{
	struct systemd *systemd = NULL;
	struct run run;
	int result;

	if (asks_systemd(plan))
		TRY(systemd_open(arena, record->unit_is_user, &systemd, err));
	TRY(launch_run(arena, request, plan, &run, err));
	run.systemd = systemd;
	result = run_host(&run, err);
	launch_report(arena, request, &run);
	run_end(&run);
	return result;
}

int container_update(struct arena *arena, const struct request *request, struct error *err)
{
	struct update update = { .container.dir = -1 };
	struct plan *steps;
	int result = plan(arena, request, &update, &steps, err);

	if (result == 0)
		result = run(arena, request, update.container.record, steps, err);
	container_close(&update.container);
	return result;
}

int container_update_plan(struct arena *arena, const struct request *request,
			  struct plan **out, struct error *err)
{
	struct update update = { .container.dir = -1 };
	int result = plan(arena, request, &update, out, err);

	container_close(&update.container);
	return result;
}
