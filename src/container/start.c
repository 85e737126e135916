/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* start: let a created container's program run; its failure to is our failure. */
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "container/destroy.h"
#include "container/launch.h"
#include "container/store.h"
#include "kernel/notify.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_status(const struct container *container, struct error *err)
{
	switch (store_status(container)) {
	case STATUS_CREATED:
		break;
	case STATUS_STOPPED:
		return fail(err, ERROR_STATE, "cannot start a container that has stopped");
	case STATUS_RUNNING:
		return fail(err, ERROR_STATE, "cannot start an already running container");
	default:
		return fail(err, ERROR_STATE, "cannot start a container in the %s state",
			    container_status_names[store_status(container)]);
	}
	if (container->record->no_process)
		return fail(err, ERROR_STATE,
			    "cannot start a container whose config.json has no process");
	return 0;
}

/* The caller's manager, where the container was made to notify one. */
static const char *notify_path(const struct container *container)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return !is_empty(path) && faccessat(container->dir, NOTIFY_DIR, F_OK, 0) == 0 ? path :
											NULL;
}

/* The plan of start; the snapshot is only read where hooks or an agent need it. */
static int plan_of(struct arena *arena, const struct request *request,
		   const struct container *container, const struct plan **out,
		   struct error *err)
{
	static const struct oci_config nothing;
	struct request own = *request;
	struct oci_problems problems = { .arena = arena, .has_agent = true };
	struct plan_input input = { .request = &own, .config = &nothing };
	char *text;

	own.bundle = container->record->bundle;
	input.asks_agent = container->record->seccomp_listener;
	input.agent = container->record->seccomp_agent;
	input.notifies = notify_path(container);
	if (container->record->has_poststart || input.asks_agent) {
		TRY(file_read_at(container->dir, STORE_CONFIG, arena, &text, err));
		if (oci_config_read(arena, text, strlen(text), &input.config, &problems) < 0)
			return fail(err, ERROR_STATE,
				    "the snapshot of the configuration cannot be read");
	}
	*out = plan_start(arena, &input);
	return 0;
}

/* Init answers to nobody while it waits to hear that the agent has its listener. */
static void end_waiting(const struct run *run)
{
	enum step_kind failed = run->plan->of[ROLE_HOST].items[run->done].kind;

	if (failed == STEP_await || failed == STEP_send_listener)
		(void)sys_pidfd_send_signal(run->pidfd[ROLE_INIT], SIGKILL); /* or it is gone */
}

/* As long as the container likes; others may act on it meanwhile. */
static int wait_until_ready(struct container *container, struct run *run, struct error *err)
{
	const char *path = notify_path(container);

	if (run->plan->notify_slot == SLOT_NONE)
		return 0;
	fd_close(&run->slots[SLOT_STATE]);
	fd_close(&container->dir); /* and with it the lock */
	return notify_wait(run->slots[run->plan->notify_slot], run->pidfd[ROLE_INIT], path,
			   run->pid[ROLE_INIT], err);
}

static int start(struct arena *arena, const struct request *request,
		 struct container *container, struct error *err)
{
	const struct plan *plan = NULL;
	int scoped_fd pidfd = -1;
	struct run run;
	int result;

	/* Its creator has the lock, and may be waiting for a hook: that is an answer, too. */
	if (store_status(container) == STATUS_CREATING)
		return check_status(container, err);
	TRY(store_lock(container, err));
	TRY(store_reload(arena, container, err));
	TRY(check_status(container, err));
	TRY(plan_of(arena, request, container, &plan, err));
	if (container->record->seccomp_listener || notify_path(container))
		pidfd = TRY(proc_open_process((pid_t)container->record->pid,
					      container->record->start_time, err));
	TRY(launch_run(arena, request, plan, &run, err));
	run.slots[SLOT_STATE] = fcntl(container->dir, F_DUPFD_CLOEXEC, 3);
	run.pid[ROLE_INIT] = (pid_t)container->record->pid;
	run.pidfd[ROLE_INIT] = take_fd(pidfd);
	result = run_role(&run, err);
	if (result < 0)
		end_waiting(&run);
	launch_report(arena, request, &run);
	if (result == 0)
		result = wait_until_ready(container, &run, err);
	run_end(&run);
	return result;
}

int container_start(struct arena *arena, const struct request *request, struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	struct error ignored;

	TRY(store_check_id(request->id, err));
	TRY(store_open(arena, request->root, request->id, &container, err));
	if (start(arena, request, &container, err) == 0)
		return 0;
	/* A failed hook ends the container; a program that cannot run leaves it stopped. */
	if (err->kind != ERROR_HOOK)
		return -1;
	if (container_destroy(arena, &container, request->root, &ignored) < 0)
		log_warning("%s", ignored.text);
	return -1;
}
