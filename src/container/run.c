/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* run: create and start in one; in the foreground also wait, and delete afterwards. */
#include "base/fd.h"
#include "base/log.h"
#include "container/destroy.h"
#include "container/launch.h"
#include "container/stats.h"
#include "container/store.h"
#include "kernel/notify.h"
#include "run/monitor.h"
#include <signal.h>
#include <unistd.h>

/* The container has ended by itself; what it leaves is removed as delete would. */
static void clean_up(struct arena *arena, const struct request *request)
{
	struct request removal = *request;
	struct error err = { 0 };

	removal.force = true;
	removal.is_regex = false;
	if (container_delete(arena, &removal, &err) < 0)
		log_warning("%s", err.text);
}

/* A program that was killed cannot say why, and a status of 137 tells nobody. */
static void tell_oom(struct arena *arena, const struct request *request)
{
	struct container scoped_container container = { .dir = -1 };
	struct stats_reader reader;
	unsigned long long limit, kills;
	struct error ignored;
	uint64_t bytes;

	if (store_open(arena, request->root, request->id, &container, &ignored) < 0 ||
	    !container.record) /* somebody deletes it */
		return;
	stats_reader_of(arena, container.record, &reader);
	kills = stats_oom_kills(&reader, &bytes);
	limit = bytes;
	if (kills && bytes < INT64_MAX / 2)
		log_warning("container '%s': memory ran out at its limit of %llu bytes, and the "
			    "kernel killed %llu of its processes", request->id, limit, kills);
	else if (kills)
		log_warning("container '%s': memory ran out on the host or in a cgroup above, and "
			    "the kernel killed %llu of its processes", request->id, kills);
}

int launch_wait(struct arena *arena, const struct request *request, struct run *run,
		int signals, int *out_status)
{
	struct error err = { 0 };
	int result;

	/* The lock goes, so that others can kill and delete it while it runs. */
	fd_close(&run->slots[SLOT_STATE]);
	result = monitor_wait(run, signals, out_status, &err);
	if (result < 0)
		log_warning("%s", err.text);
	run_end(run);
	if (*out_status == 128 + SIGKILL)
		tell_oom(arena, request);
	if (!request->keep)
		clean_up(arena, request);
	return 0;
}

int container_run(struct arena *arena, const struct request *request, int *out_status,
		  struct error *err)
{
	struct launch launch = { 0 };
	int scoped_fd signals = -1;
	int result;

	*out_status = 0;
	TRY(launch_plan(arena, request, true, &launch, err));
	TRY(launch_begin(arena, request, &launch, err));
	if (!request->detach)
		signals = TRY(monitor_prepare(!request->no_subreaper, err));
	result = run_host(&launch.run, err);
	if (result < 0)
		launch_explain(arena, request, err);
	launch_report(arena, request, &launch.run);
	if (result == 0 && !request->detach)
		return launch_wait(arena, request, &launch.run, signals, out_status);
	if (result == 0 && launch.plan->notify_slot != SLOT_NONE) {
		fd_close(&launch.run.slots[SLOT_STATE]); /* and with it the lock */
		result = notify_wait(launch.run.slots[launch.plan->notify_slot],
				     launch.run.pidfd[ROLE_INIT], launch.plan->notify_path,
				     launch.run.pid[ROLE_INIT], err);
	}
	run_end(&launch.run);
	return result;
}
