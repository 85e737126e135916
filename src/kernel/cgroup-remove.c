/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ending what runs in cgroups, and removing them.  Dying processes leave a cgroup a
 * moment after they are gone for their parent, so both wait: in pauses that grow from
 * microseconds, not in fixed ones.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup-internal.h"
#include "kernel/patience.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int poke(const char *dir, const char *file, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return file_poke_at(AT_FDCWD, path, text);
}

static void begin_freezing(const char *path)
{
	/* One of the two files is there, or none: then nothing can be frozen. */
	if (poke(path, "freezer.state", "FROZEN") < 0)
		(void)poke(path, "cgroup.freeze", "1");
}

static bool is_in(const pid_t *pids, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/*
 * Between reading a pid and signalling it the process may end and another get its number.
 * A pidfd is opened first; if the pid is still in the cgroup afterwards, it was in it when
 * the pidfd was opened, or it has ended since and the signal goes nowhere.
 */
static int signal_listed(struct arena *arena, const char *path, const pid_t *pids, size_t n,
			 struct error *err, int signal)
{
	int *pidfds = arena_array(arena, n, sizeof(*pidfds));
	size_t n_again = 0;
	pid_t *again;
	int rc;

	for (size_t i = 0; i < n; i++)
		pidfds[i] = pids[i] == getpid() ? -1 : sys_pidfd_open(pids[i], 0);
	rc = cgroup_pids(arena, path, true, &again, &n_again, err);
	for (size_t i = 0; i < n; i++) {
		if (pidfds[i] >= 0 && is_in(again, n_again, pids[i]) &&
		    sys_pidfd_send_signal(pidfds[i], signal) < 0 && errno != ESRCH && rc == 0)
			rc = fail_errno(err, "signal process %d", pids[i]);
		fd_close(&pidfds[i]);
	}
	return rc;
}

/* One round over one cgroup; *out_left: how many processes it had, without us. */
static int signal_once(const char *path, int signal, size_t *out_left, struct error *err)
{
	struct arena scoped_arena arena = { 0 };
	bool has_us;
	pid_t *pids;
	size_t n;
	int rc;

	*out_left = 0;
	TRY(cgroup_pids(&arena, path, true, &pids, &n, err));
	has_us = is_in(pids, n, getpid());
	if (n == has_us)
		return 0;
	*out_left = n - has_us;
	if (signal == SIGKILL && !has_us && poke(path, "cgroup.kill", "1") == 0)
		return 0;
	/* Frozen, so that none forks away between the list and the signal. */
	if (signal == SIGKILL && !has_us)
		begin_freezing(path);
	TRY(cgroup_pids(&arena, path, true, &pids, &n, err));
	rc = signal_listed(&arena, path, pids, n, err, signal);
	if (signal == SIGKILL && !has_us)
		cgroup_thaw_tree(path); /* a frozen process does not die */
	return rc;
}

/* The words for what keeps a cgroup busy. */
static int fail_busy(const char *path, const char *what, struct error *err)
{
	struct arena scoped_arena arena = { 0 };
	char name[PROC_DESCRIPTION];
	pid_t *pids;
	size_t n;

	if (cgroup_pids(&arena, path, true, &pids, &n, err) < 0)
		return -1;
	if (n == 0)
		return fail(err, ERROR_KERNEL, "%s the cgroup '%s': it stays busy", what, path);
	return fail(err, ERROR_KERNEL, "%s the cgroup '%s': %zu process%s left in it%s %s", what,
		    path, n, n == 1 ? " is" : "es are", n == 1 ? ":" : ", among them",
		    proc_describe(pids[0], name));
}

int cgroup_kill(const char *const *paths, size_t n, int signal, unsigned deadline_ms,
		struct error *err)
{
	struct patience patience = patience_of(deadline_ms);
	const char *busy;

	do {
		busy = NULL;
		for (size_t i = 0; i < n; i++) {
			size_t left;

			TRY(signal_once(paths[i], signal, &left, err));
			if (left)
				busy = paths[i];
		}
		if (!busy || signal != SIGKILL)
			return 0;
	} while (patience_wait(&patience));
	return fail_busy(busy, "empty", err);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Remove the tree, deepest first; -1 with errno (EBUSY: some of it is left). */
static int remove_tree(const char *path)
{
	struct dirent *entry;

	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -1;
	DIR __attribute__((cleanup(close_dir))) *dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		char child[PATH_MAX];

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		if (remove_tree(child) < 0)
			return -1;
	}
	return rmdir(path) == 0 || errno == ENOENT ? 0 : -1;
}

/* The parents that were made for it, while nobody else uses them. */
static void remove_parents(const char *path, const char *topmost)
{
	size_t n = strlen(path), top = strlen(topmost);
	char parent[PATH_MAX];

	if (n >= sizeof(parent) || strncmp(path, topmost, top) != 0)
		return;
	memcpy(parent, path, n + 1);
	while (n > top) {
		while (n > top && parent[n - 1] != '/')
			n--;
		while (n > top && parent[n - 1] == '/')
			n--;
		parent[n] = 0;
		if (rmdir(parent) < 0 && errno != ENOENT)
			return;
	}
}

int cgroup_remove(const char *path, const char *topmost, unsigned deadline_ms,
		  struct error *err)
{
	struct patience patience = patience_of(deadline_ms);

	while (remove_tree(path) < 0) {
		if (errno != EBUSY && errno != ENOTEMPTY)
			return fail_errno(err, "remove the cgroup '%s'", path);
		if (!patience_wait(&patience))
			return fail_busy(path, "remove", err);
	}
	if (topmost)
		remove_parents(path, topmost);
	return 0;
}
