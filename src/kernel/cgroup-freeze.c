/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Freezing and thawing.  Version 2 tells in cgroup.events when it is done, and wakes who
 * polls that.  Version 1 says FREEZING until then and tells nobody; there, a process that
 * forks or moves at the wrong moment can keep a cgroup FREEZING for ever, so now and then
 * it is thawed for a moment and frozen anew.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup-internal.h"
#include "kernel/patience.h"
#include "kernel/proc.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static int poke(const char *dir, const char *file, const char *text)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return file_poke_at(AT_FDCWD, path, text);
}

/* A process that is not frozen yet, for the message. */
static const char *culprit(struct arena *arena, const char *path)
{
	char name[PROC_DESCRIPTION];
	struct error ignored;
	pid_t *pids;
	size_t n;

	if (cgroup_pids(arena, path, true, &pids, &n, &ignored) < 0)
		return "";
	for (size_t i = 0; i < n; i++)
		if (proc_state(pids[i]) == 'D' || proc_state(pids[i]) == 'R')
			return arena_printf(arena, "; process %s", proc_describe(pids[i], name));
	return "";
}

static int fail_late(const char *path, bool is_frozen, struct error *err)
{
	struct arena scoped_arena arena = { 0 };

	if (is_frozen)
		return fail(err, ERROR_KERNEL,
			    "freeze the cgroup '%s': it does not come to rest in time%s", path,
			    culprit(&arena, path));
	return fail(err, ERROR_KERNEL,
		    "thaw the cgroup '%s': it stays frozen; is one above it frozen, too?", path);
}

/* Version 1; -1 with errno, ETIMEDOUT when the time is over. */
static int freeze_v1(const char *path, bool is_frozen, struct patience patience)
{
	enum { ROUNDS = 25 };
	const char *wanted = is_frozen ? "FROZEN" : "THAWED";
	char state[32];

	for (unsigned round = 1;; round++) {
		/* Also writing what it is on its way to makes the kernel look again. */
		if (poke(path, "freezer.state", wanted) < 0 ||
		    cgroup_read(path, "freezer.state", state, sizeof(state)) < 0)
			return -1;
		if (is_equal(state, wanted))
			return 0;
		if (!patience_wait(&patience))
			break;
		if (is_frozen && round % ROUNDS == 0)
			(void)poke(path, "freezer.state", "THAWED"); /* frozen anew at once */
	}
	errno = ETIMEDOUT;
	return -1;
}

/* Version 2; as above. */
static int freeze_v2(const char *path, bool is_frozen, struct patience patience)
{
	const char *wanted = is_frozen ? "frozen 1" : "frozen 0";
	char events[PATH_MAX], text[256];
	ssize_t n;

	snprintf(events, sizeof(events), "%.*s/cgroup.events", PATH_MAX - 16, path);
	int scoped_fd fd = open(events, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || poke(path, "cgroup.freeze", is_frozen ? "1" : "0") < 0)
		return -1;
	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLPRI };

		n = pread(fd, text, sizeof(text) - 1, 0);
		if (n < 0)
			return -1;
		text[n] = 0;
		if (strstr(text, wanted))
			return 0;
		if (poll(&wait, 1, patience_left(&patience)) == 0)
			break;
	}
	errno = ETIMEDOUT;
	return -1;
}

int cgroup_freeze(const char *path, bool is_frozen, unsigned deadline_ms, struct error *err)
{
	struct patience patience = patience_of(deadline_ms);
	int result = freeze_v1(path, is_frozen, patience);

	if (result < 0 && errno == ENOENT)
		result = freeze_v2(path, is_frozen, patience);
	if (result == 0)
		return 0;
	if (errno != ETIMEDOUT)
		return fail_errno(err, "%s the cgroup '%s'", is_frozen ? "freeze" : "thaw", path);
	(void)fail_late(path, is_frozen, err);
	/* Better running than half frozen. */
	if (is_frozen && poke(path, "freezer.state", "THAWED") < 0)
		(void)poke(path, "cgroup.freeze", "0");
	return -1;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

void cgroup_thaw_tree(const char *path)
{
	struct dirent *entry;

	/* What is frozen dies on version 2: there it is only not to stay frozen itself. */
	if (poke(path, "freezer.state", "THAWED") < 0) {
		(void)poke(path, "cgroup.freeze", "0");
		return;
	}
	DIR __attribute__((cleanup(close_dir))) *dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		char child[PATH_MAX];

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) <
		    (int)sizeof(child))
			cgroup_thaw_tree(child);
	}
}
