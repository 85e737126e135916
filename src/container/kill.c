/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kill: a signal for the first process of a container, or for all that is in its cgroups. */
#include "base/fd.h"
#include "base/text.h"
#include "container/container.h"
#include "container/each.h"
#include "container/store.h"
#include "kernel/cgroup.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include "tables/names.h"
#include <errno.h>
#include <signal.h>

enum { KILL_DEADLINE_MS = 10000 };

static const char *annotation(const struct oci_record *record, const char *key)
{
	for (size_t i = 0; record && i < record->annotations.n; i++)
		if (is_equal(record->annotations.items[i].key, key))
			return record->annotations.items[i].value;
	return NULL;
}

/* What the caller says, else what the image says, else SIGTERM. */
static int choose_signal(const struct request *request, const struct oci_record *record,
			 struct error *err)
{
	const char *wanted = annotation(record, "org.opencontainers.image.stopSignal");
	int signal;

	if (request->signal) {
		signal = signal_by_name(request->signal);
		if (signal < 0)
			return fail(err, ERROR_USAGE,
				    "unknown signal '%s': give a name like TERM or SIGTERM, or a "
				    "number from 1 to %d", request->signal, SIGRTMAX);
		return signal;
	}
	signal = is_empty(wanted) ? -1 : signal_by_name(wanted);
	return signal < 0 ? SIGTERM : signal;
}

static int fail_stopped(const struct container *container, struct error *err)
{
	return fail(err, ERROR_STATE, "container not running: '%s' is %s", container->id,
		    container_status_names[store_status(container)]);
}

static int kill_first(const struct container *container, int signal, struct error *err)
{
	const struct oci_record *record = container->record;
	enum container_status status = store_status(container);

	if (status == STATUS_STOPPED || status == STATUS_CREATING)
		return fail_stopped(container, err);
	int scoped_fd fd = proc_open_process((pid_t)record->pid, record->start_time, err);

	if (fd < 0)
		return err->code == ESRCH ? fail_stopped(container, err) : fd;
	if (sys_pidfd_send_signal(fd, signal) < 0)
		return errno == ESRCH ? fail_stopped(container, err) :
					fail_errno(err, "send signal %d to container '%s'", signal,
						   container->id);
	if (signal == SIGKILL)
		store_thaw(record, status == STATUS_PAUSED);
	return 0;
}

/* Everybody in the cgroups; that there is nobody (any more) is no error. */
static int kill_all(struct arena *arena, const struct container *container, int signal,
		    struct error *err)
{
	const struct oci_record *record = container->record;
	const char **paths;

	if (!record)
		return 0;
	if (!record->n_cgroups)
		return store_status(container) == STATUS_STOPPED ? 0 :
			kill_first(container, signal, err);
	paths = arena_array(arena, record->n_cgroups, sizeof(*paths));
	for (size_t i = 0; i < record->n_cgroups; i++)
		paths[i] = record->cgroups[i].path;
	return cgroup_kill(paths, record->n_cgroups, signal, KILL_DEADLINE_MS, err);
}

static int kill_one(struct arena *arena, const struct request *request, const char *id,
		    struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	int signal;

	TRY(store_open(arena, request->root, id, &container, err));
	signal = TRY(choose_signal(request, container.record, err));
	if (request->all)
		return kill_all(arena, &container, signal, err);
	return kill_first(&container, signal, err);
}

int container_kill(struct arena *arena, const struct request *request, struct error *err)
{
	return container_each(arena, request, kill_one, err);
}
