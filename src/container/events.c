/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * events: what a container uses, once or again and again, and that its memory ran out.
 * The stream ends with the container.
 */
#include "base/fd.h"
#include "base/text.h"
#include "container/container.h"
#include "container/stats.h"
#include "container/store.h"
#include "kernel/proc.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

struct source {
	const char *id;
	struct stats_reader reader;
	struct stats_oom oom;
	int init;	/* pidfd of the first process; owned */
};

static int open_source(struct arena *arena, const struct request *request,
		       struct source *out, struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	enum container_status status;

	*out = (struct source){ .id = request->id, .oom = { .fd = -1, .control = -1 }, .init = -1 };
	TRY(store_open(arena, request->root, request->id, &container, err));
	status = store_status(&container);
	if (status == STATUS_STOPPED || status == STATUS_CREATING)
		return fail(err, ERROR_STATE, "container with id %s is not running", request->id);
	out->init = TRY(proc_open_process((pid_t)container.record->pid,
					  container.record->start_time, err));
	stats_reader_of(arena, container.record, &out->reader);
	return 0;
}

/* Each in an arena of its own: a stream may run for months. */
static int tell_stats(const struct source *source, container_event_visit *visit,
		      void *context, struct error *err)
{
	struct arena scoped_arena arena = { 0 };
	struct stats_reader reader = source->reader;

	reader.arena = &arena;
	return visit(context, arena_printf(&arena, "{\"type\":\"stats\",\"id\":\"%s\",\"data\":%s}",
					   source->id, stats_document(&reader)), err);
}

static int tell_oom(struct source *source, container_event_visit *visit, void *context,
		    struct error *err)
{
	struct arena scoped_arena arena = { 0 };
	struct stats_reader reader = source->reader;

	reader.arena = &arena;
	if (!stats_oom_happened(&reader, &source->oom))
		return 0;
	return visit(context, arena_printf(&arena, "{\"type\":\"oom\",\"id\":\"%s\"}", source->id),
		     err);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int stream(struct source *source, int64_t interval_ms, container_event_visit *visit,
		  void *context, struct error *err)
{
	int64_t next = now_ms() + interval_ms;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = source->oom.fd, .events = POLLIN },
			{ .fd = source->init, .events = POLLIN },
		};
		int64_t left = next - now_ms();
		int ready = poll(fds, ARRAY_SIZE(fds),
				 left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left);

		if (ready < 0 && errno != EINTR)
			return fail_errno(err, "wait for events");
		if (ready > 0 && fds[0].revents)
			TRY(tell_oom(source, visit, context, err));
		if (ready > 0 && fds[1].revents)
			return 0;
		if (now_ms() < next)
			continue;
		TRY(tell_stats(source, visit, context, err));
		next += interval_ms;
	}
}

int container_events(struct arena *arena, const struct request *request,
		     container_event_visit *visit, void *context, struct error *err)
{
	struct error ignored;
	struct source source;
	int result = open_source(arena, request, &source, err);

	if (result == 0 && request->once) {
		result = tell_stats(&source, visit, context, err);
	} else if (result == 0) {
		/* Without a cgroup for memory nobody can tell. */
		(void)stats_oom_open(&source.reader, &source.oom, &ignored);
		result = stream(&source, request->interval_ms, visit, context, err);
	}
	stats_oom_close(&source.oom);
	fd_close(&source.init);
	return result;
}
