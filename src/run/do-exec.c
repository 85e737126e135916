/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps of exec: a process that is born into, or joins, the namespaces of a container's
 * first process.  That process is named by a pidfd, so nobody can take its place.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int do_open_process(struct run *run, const struct step_open_process *step,
		    struct error *err)
{
	int fd = proc_open_process(step->pid, step->start_time, err);

	if (fd < 0 && err->code == ESRCH)
		return fail(err, ERROR_STATE, "cannot exec in a stopped container: process %d "
			    "has just ended", step->pid);
	run->slots[step->slot] = TRY(fd);
	return 0;
}

int do_join_process(struct run *run, const struct step_join_process *step,
		    struct error *err)
{
	if (setns(run->slots[step->slot], (int)ns_clone_flags(step->namespaces)) < 0) {
		if (errno == ESRCH)
			return fail(err, ERROR_STATE, "cannot exec in a stopped container: its "
				    "first process has ended");
		if (errno == EINVAL)
			return fail(err, ERROR_KERNEL, "joining namespaces by a pidfd needs "
				    "Linux 5.8 or newer");
		return fail_errno(err, "setns");
	}
	fd_close(&run->slots[step->slot]); /* it names a process of the host's view */
	return 0;
}

/* "/a/b/sub" of the process, "/sys/fs/cgroup/a/b": "sub". */
static const char *below(const char *path, const char *own)
{
	for (const char *at = path; (at = strchr(at, '/')); at++) {
		size_t n = strlen(at);

		if (strncmp(own, at, n) == 0 && own[n] == '/')
			return own + n + 1;
	}
	return NULL;
}

/* The cgroup2 in which the process is, below the container's; NULL: in that itself. */
static const char *find_leaf(struct run *run, const struct step_open_leaf *step)
{
	const char *file = arena_printf(run->arena, "/proc/%d/cgroup", step->pid);
	struct error ignored;
	char *text, *line;
	const char *sub;

	if (file_read_at(AT_FDCWD, file, run->arena, &text, &ignored) < 0)
		return NULL;
	while ((line = strsep(&text, "\n"))) {
		if (!has_prefix(line, "0::"))
			continue;
		sub = below(step->path, line + 3);
		return sub ? text_join_path(run->arena, step->path, sub) : NULL;
	}
	return NULL;
}

/* A cgroup that gives controllers to those below it holds no process itself. */
static bool is_leaf(int dir)
{
	int scoped_fd fd = openat(dir, "cgroup.subtree_control", O_RDONLY | O_CLOEXEC);
	char c;

	return fd < 0 || read(fd, &c, 1) <= 0 || c == '\n';
}

int do_open_leaf(struct run *run, const struct step_open_leaf *step, struct error *err)
{
	int scoped_fd dir = open(step->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *leaf;

	if (dir < 0 && errno == ENOENT)
		return fail(err, ERROR_STATE, "the container has no cgroup '%s'", step->path);
	TRY(dir, err, "open '%s'", step->path);
	leaf = is_leaf(dir) ? NULL : find_leaf(run, step);
	if (leaf) {
		fd_close(&dir);
		dir = TRY(open(leaf, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err, "open '%s'", leaf);
	}
	run->slots[step->slot] = take_fd(dir);
	return 0;
}
