/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See destroy.h.  Processes are named by pidfd and start time, never by pid alone. */
#include "container/destroy.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/devicebpf.h"
#include "kernel/netbpf.h"
#include "kernel/proc.h"
#include "base/log.h"
#include "kernel/sys.h"
#include "kernel/systemd.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

enum { INIT_DEADLINE_MS = 10000, CGROUP_DEADLINE_MS = 10000 };

static const char **cgroup_paths(struct arena *arena, const struct oci_record *record)
{
	const char **paths = arena_array(arena, record->n_cgroups + 1, sizeof(*paths));

	for (size_t i = 0; i < record->n_cgroups; i++)
		paths[i] = record->cgroups[i].path;
	return paths;
}

static int kill_init(const struct container *container, bool frozen, struct error *err)
{
	const struct oci_record *record = container->record;
	int scoped_fd fd = record->pid > 0 ?
		proc_open_process((pid_t)record->pid, record->start_time, err) : -1;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char name[PROC_DESCRIPTION];
	int ready;

	if (fd < 0 && (record->pid <= 0 || err->code == ESRCH))
		return 0;
	if (fd < 0)
		return -1;
	if (sys_pidfd_send_signal(fd, SIGKILL) < 0 && errno != ESRCH)
		return fail_errno(err, "kill process %d of container '%s'", (int)record->pid,
				  container->id);
	store_thaw(record, frozen);
	do {
		ready = poll(&poll_fd, 1, INIT_DEADLINE_MS);
	} while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return fail(err, ERROR_STATE, "container init still running: '%s' does not die: "
			    "process %s", container->id,
			    proc_describe((pid_t)record->pid, name));
	return 0;
}

/* Remove the cgroups that were made for it; one that was there before stays, as it was. */
static int remove_cgroups(const struct oci_record *record, unsigned deadline_ms,
			  struct error *err)
{
	for (size_t i = 0; i < record->n_cgroups; i++) {
		const struct oci_record_cgroup *cgroup = &record->cgroups[i];

		if (cgroup->topmost) {
			TRY(cgroup_remove(cgroup->path, cgroup->topmost, deadline_ms, err));
			continue;
		}
		devicebpf_detach(cgroup->path);
		netbpf_detach(cgroup->path);
	}
	return 0;
}

static bool has_foreign_cgroup(const struct oci_record *record)
{
	for (size_t i = 0; i < record->n_cgroups; i++)
		if (!record->cgroups[i].topmost)
			return true;
	return false;
}

/*
 * The unit is empty by now, so that systemd drops it by itself; asked, it has done so when
 * we return.  One that cannot be asked is no reason to keep the container.
 */
static void stop_unit(struct arena *arena, const struct oci_record *record)
{
	struct systemd *systemd;
	struct error err;

	if (record->unit &&
	    (systemd_open(arena, record->unit_is_user, &systemd, &err) < 0 ||
	     systemd_stop(systemd, record->unit, &err) < 0))
		log_warning("%s", err.text);
}

/*
 * Most containers leave nothing behind in their cgroups, so removing is tried before
 * anybody is looked for.  A cgroup that stays tells nothing and is always searched.
 */
static int clear_cgroups(struct arena *arena, const struct oci_record *record,
			 struct error *err)
{
	if (!record->n_cgroups)
		return 0;
	if (!record->unit && !has_foreign_cgroup(record) && remove_cgroups(record, 0, err) == 0)
		return 0;
	TRY(cgroup_kill(cgroup_paths(arena, record), record->n_cgroups, SIGKILL,
			CGROUP_DEADLINE_MS, err));
	stop_unit(arena, record);
	return remove_cgroups(record, CGROUP_DEADLINE_MS, err);
}

static int remove_group(const char *path, struct error *err)
{
	if (path && rmdir(path) < 0 && errno != ENOENT)
		return fail_errno(err, "remove the resctrl group '%s'", path);
	return 0;
}

static int remove_resctrl(const struct oci_record *record, struct error *err)
{
	const struct oci_record_intel_rdt *rdt = record->intel_rdt;

	if (!rdt)
		return 0;
	TRY(remove_group(rdt->mon_path, err));
	return remove_group(rdt->remove ? rdt->path : NULL, err);
}

/* The snapshot is needed when the state directory is no more. */
static int read_snapshot(struct arena *arena, const struct container *container,
			 char **out_text, size_t *out_n, struct error *err)
{
	*out_text = NULL;
	if (!container->record->has_poststop)
		return 0;
	/* A create that was killed so early has run no hook either. */
	if (faccessat(container->dir, STORE_CONFIG, F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	TRY(file_read_at(container->dir, STORE_CONFIG, arena, out_text, err));
	*out_n = strlen(*out_text);
	return 0;
}

int container_destroy(struct arena *arena, struct container *container, const char *root,
		      struct error *err)
{
	const struct oci_record *record = container->record;
	char *config = NULL;
	size_t n = 0;

	if (!record)
		return store_remove(container, root, err);
	TRY(read_snapshot(arena, container, &config, &n, err));
	TRY(kill_init(container, store_status(container) == STATUS_PAUSED, err));
	TRY(clear_cgroups(arena, record, err));
	TRY(remove_resctrl(record, err));
	TRY(store_remove(container, root, err));
	if (config)
		container_run_poststop(arena, record, config, n);
	return 0;
}
