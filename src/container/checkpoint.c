/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checkpoint: criu keeps a running container as images, and it goes unless it may stay. */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/criu.h"
#include "container/destroy.h"
#include "container/launch.h"
#include "container/store.h"
#include "kernel/probe.h"
#include "kernel/proc.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_OPTIONS "/etc/criu/runc.conf"

void criu_fill_request(struct request *request)
{
	if (is_empty(request->criu.image_path))
		request->criu.image_path = "checkpoint";
	if (is_empty(request->criu.work_path))
		request->criu.work_path = NULL;
	if (access(OWN_OPTIONS, R_OK) == 0)
		request->criu.config_file = OWN_OPTIONS;
}

static int check_status(const struct container *container, struct error *err)
{
	enum container_status status = store_status(container);

	if (status == STATUS_RUNNING || status == STATUS_PAUSED)
		return 0;
	return fail(err, ERROR_STATE,
		    "cannot checkpoint a container in the %s state: it must be running",
		    container_status_names[status]);
}

/* The directory of the images may be made only later: then "../" is what it will be in. */
static bool has_parent_images(struct arena *arena, const char *images, const char *parent)
{
	char *beside = arena_strdup(arena, images);
	size_t n = strlen(beside);

	if (access(images, F_OK) == 0 || !has_prefix(parent, "../"))
		return access(text_join_path(arena, images, parent), F_OK) == 0;
	while (n > 1 && beside[n - 1] == '/')
		n--;
	while (n > 0 && beside[n - 1] != '/')
		n--;
	beside[n] = 0;
	return access(text_join_path(arena, n ? beside : ".", parent + 3), F_OK) == 0;
}

/* Both are found before criu is: its own words for them are hard to understand. */
static int check_request(struct arena *arena, const struct criu_wishes *wishes,
			 struct error *err)
{
	const char *parent = wishes->parent_path;
	uint64_t fd;

	if (parent && parent[0] == '/')
		return fail(err, ERROR_USAGE, "--parent-path '%s' must be relative to "
			    "--image-path", parent);
	if (parent && !has_parent_images(arena, wishes->image_path, parent))
		return fail(err, ERROR_USAGE, "--parent-path '%s' is missing below '%s'", parent,
			    wishes->image_path);
	if (wishes->status_fd && text_to_u64(wishes->status_fd, INT32_MAX, &fd)) {
		int flags = fcntl((int)fd, F_GETFL);

		if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
			return fail(err, ERROR_USAGE, "--status-fd %s is not open for writing",
				    wishes->status_fd);
	}
	return 0;
}

static int plan_of(struct arena *arena, const struct request *request,
		   const struct container *container, struct plan **out, struct error *err)
{
	struct oci_problems problems = { .arena = arena };
	struct facts *facts = arena_new(arena, struct facts);
	struct plan_input *input = arena_new(arena, struct plan_input);
	char *text;

	TRY(file_read_at(container->dir, STORE_CONFIG, arena, &text, err));
	if (oci_config_read(arena, text, strlen(text), &input->config, &problems) < 0)
		return fail(err, ERROR_STATE, "the snapshot of the configuration cannot be read");
	TRY(probe_facts(arena, facts, err));
	input->request = request;
	input->facts = facts;
	input->record = container->record;
	return plan_checkpoint(arena, input, out, err);
}

static int dump(struct arena *arena, const struct request *request,
		struct container *container, struct error *err)
{
	const struct oci_record *record = container->record;
	struct plan *plan = NULL;
	struct run run;
	int result;

	TRY(plan_of(arena, request, container, &plan, err));
	TRY(launch_run(arena, request, plan, &run, err));
	run.pid[ROLE_INIT] = (pid_t)record->pid;
	result = proc_open_process(run.pid[ROLE_INIT], record->start_time, err);
	run.pidfd[ROLE_INIT] = result;
	if (result >= 0)
		result = run_role(&run, err); /* nothing that it makes is to be undone */
	launch_report(arena, request, &run);
	run_end(&run);
	return result;
}

int container_checkpoint(struct arena *arena, const struct request *request,
			 struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	struct request own = *request;

	criu_fill_request(&own);
	own.manager = MANAGER_CGROUPFS; /* the cgroups are the record's, whoever made them */
	TRY(store_open(arena, own.root, own.id, &container, err));
	TRY(check_status(&container, err));
	TRY(store_lock(&container, err));
	TRY(store_reload(arena, &container, err));
	TRY(check_status(&container, err));
	TRY(check_request(arena, &own.criu, err));
	own.bundle = container.record->bundle;
	TRY(dump(arena, &own, &container, err));
	if (own.criu.leave_running || own.criu.pre_dump)
		return 0;
	return container_destroy(arena, &container, own.root, err);
}
