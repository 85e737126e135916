/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See launch.h. */
#include "container/launch.h"
#include "base/log.h"
#include "base/text.h"
#include "container/store.h"
#include "kernel/cgroup.h"
#include "kernel/mount.h"
#include "kernel/probe.h"
#include "kernel/rdt.h"
#include "kernel/systemd.h"
#include "plan/cgroup.h"
#include "plan/explain.h"
#include "plan/rdt.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The highest directory of the container's path that is not there, in one hierarchy. */
static void find_missing(struct arena *arena, struct cgroup_hierarchy *h, const char *dir)
{
	char *path = dir ? arena_strdup(arena, dir) : NULL;

	h->missing = NULL;
	for (char *end = path ? path + strlen(h->mount) + 1 : NULL; end;) {
		end = strchr(end + 1, '/');
		if (end)
			*end = 0;
		if (access(path, F_OK) < 0) {
			h->missing = path;
			return;
		}
		if (end)
			*end = '/';
	}
}

/* Without privileges only what was delegated counts as a controller. */
static int find_delegated(struct arena *arena, struct launch *launch, struct error *err)
{
	struct facts *facts = &launch->facts;

	for (size_t i = 0; i < facts->n_hierarchies; i++) {
		struct cgroup_hierarchy *h = &facts->hierarchies[i];
		const char *own = facts->systemd_root ? facts->systemd_root : h->delegated;

		if (!facts->is_privileged && h->is_v2 && own)
			TRY(cgroup_controllers(arena, text_join_path(arena, h->mount, own),
					       &h->controllers, err));
	}
	return 0;
}

static int find_systemd(struct arena *arena, const struct request *request,
			struct launch *launch, struct error *err)
{
	if (request->manager != MANAGER_SYSTEMD)
		return 0;
	TRY(systemd_open(arena, !launch->facts.is_privileged, &launch->systemd, err));
	return systemd_root(launch->systemd, arena, &launch->facts.systemd_root, err);
}

static int find_cgroups(struct arena *arena, const struct request *request,
			struct launch *launch, struct error *err)
{
	TRY(find_systemd(arena, request, launch, err));
	TRY(find_delegated(arena, launch, err));
	for (size_t i = 0; i < launch->facts.n_hierarchies; i++) {
		struct cgroup_hierarchy *h = &launch->facts.hierarchies[i];

		find_missing(arena, h, plan_cgroup_dir(arena, &launch->input, h));
	}
	return 0;
}

/* Containers without intelRdt never look at resctrl. */
static int find_resctrl(struct arena *arena, const struct request *request,
			struct launch *launch, struct error *err)
{
	const struct oci_config *config = launch->bundle.config;
	struct facts *facts = &launch->facts;

	if (!config->linux_ || !config->linux_->intel_rdt)
		return 0;
	TRY(rdt_mount_point(arena, &facts->resctrl, err));
	facts->rdt_is_missing =
		facts->resctrl &&
		access(plan_rdt_path(arena, config, request, facts), F_OK) < 0;
	return 0;
}

int launch_inputs(struct arena *arena, const struct request *request, bool starts,
		  struct launch *out, struct error *err)
{
	TRY(store_check_id(request->id, err));
	TRY(bundle_read(arena, request, &out->bundle, err));
	TRY(probe_facts(arena, &out->facts, err));
	out->input = (struct plan_input){
		.config = out->bundle.config,
		.request = request,
		.facts = &out->facts,
		.config_text = out->bundle.text,
		.config_size = out->bundle.n_text,
		.starts = starts,
		.agent = out->facts.seccomp_receiver,
	};
	TRY(find_cgroups(arena, request, out, err));
	return find_resctrl(arena, request, out, err);
}

/* A unit that is there already is this very container's: the id is what is taken. */
int launch_refuse(struct arena *arena, const struct request *request, struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	struct error ignored;

	if (request->manager == MANAGER_SYSTEMD &&
	    store_open(arena, request->root, request->id, &container, &ignored) == 0) {
		(void)fail(err, ERROR_STATE, "container with given ID already exists: '%s'",
			   request->id);
		err->code = EEXIST;
		launch_explain(arena, request, err);
	}
	return -1;
}

int launch_plan(struct arena *arena, const struct request *request, bool starts,
		struct launch *out, struct error *err)
{
	TRY(launch_inputs(arena, request, starts, out, err));
	if (plan_create(arena, &out->input, &out->plan, err) < 0)
		return launch_refuse(arena, request, err);
	for (size_t i = 0; i < out->bundle.problems.n; i++)
		log_debug("%s: %s", out->bundle.problems.items[i].path,
			  out->bundle.problems.items[i].what);
	for (size_t i = 0; i < out->plan->n_warnings; i++)
		log_warning("%s", out->plan->warnings[i]);
	return 0;
}

int launch_run(struct arena *arena, const struct request *request, const struct plan *plan,
	       struct run *run, struct error *err)
{
	TRY(run_begin(run, arena, plan, request->trace || request->timing, err));
	if (request->fail_at)
		TRY(run_parse_fault(request->fail_at, &run->fail, err));
	if (request->kill_at)
		TRY(run_parse_fault(request->kill_at, &run->kill, err));
	return 0;
}

int launch_open_cache(struct arena *arena, const char *root)
{
	const char *path = text_join_path(arena, root, STORE_CACHE);

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int launch_begin(struct arena *arena, const struct request *request, struct launch *launch,
		 struct error *err)
{
	const struct oci_linux *lin = launch->bundle.config->linux_;

	TRY(store_make_root(request->root, err));
	TRY(launch_run(arena, request, launch->plan, &launch->run, err));
	launch->run.systemd = launch->systemd;
	if (lin && lin->seccomp)
		launch->run.slots[SLOT_CACHE] = launch_open_cache(arena, request->root);
	return 0;
}

void launch_explain(struct arena *arena, const struct request *request, struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	size_t n = strlen(err->text);
	enum container_status status;
	struct error ignored;

	if (err->kind != ERROR_STATE || err->code != EEXIST ||
	    store_open(arena, request->root, request->id, &container, &ignored) < 0)
		return;
	status = store_status(&container);
	snprintf(err->text + n, sizeof(err->text) - n, " (it is %s%s)",
		 container_status_names[status],
		 status == STATUS_STOPPED ? ": oci-rt delete makes room" : "");
}

void launch_report(struct arena *arena, const struct request *request, struct run *run)
{
	struct error err;

	if (request->trace && run_write_trace(run, request->trace, &err) < 0)
		log_warning("%s", err.text);
	if (request->timing)
		log_warning("times\n%s", run_timing_chart(arena, run));
}

int container_plan(struct arena *arena, const struct request *request, struct plan **out,
		   struct error *err)
{
	struct launch launch = { 0 };

	TRY(launch_plan(arena, request, true, &launch, err));
	*out = launch.plan;
	return 0;
}
