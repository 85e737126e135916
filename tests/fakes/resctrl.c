/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A resctrl file system for processors that have none, to be preloaded into the runtime:
 * the directory RESCTRL_ROOT behaves like one (a new group has its files, a group goes with
 * them, what is written is collected), and RESCTRL_MOUNTS is what mountinfo says.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int mkdir(const char *path, mode_t mode);
int rmdir(const char *path);
int openat(int dir, const char *path, int flags, ...);

static bool is_ours(const char *path)
{
	const char *root = getenv("RESCTRL_ROOT");

	return root && strncmp(path, root, strlen(root)) == 0;
}

static const char *below(const char *dir, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void touch(const char *dir, const char *name)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, below(dir, name),
			      O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0)
		close(fd);
}

int mkdir(const char *path, mode_t mode)
{
	int rc = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);

	if (rc < 0 || !is_ours(path))
		return rc;
	touch(path, "tasks");
	if (strstr(path, "/mon_groups/"))
		return 0;
	touch(path, "schemata");
	return (int)syscall(SYS_mkdirat, AT_FDCWD, below(path, "mon_groups"), mode);
}

int rmdir(const char *path)
{
	if (is_ours(path)) {
		(void)syscall(SYS_unlinkat, AT_FDCWD, below(path, "tasks"), 0);
		(void)syscall(SYS_unlinkat, AT_FDCWD, below(path, "schemata"), 0);
		(void)syscall(SYS_unlinkat, AT_FDCWD, below(path, "mon_groups"), AT_REMOVEDIR);
	}
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

/* The dead are in no group; at most one process is ever written to one. */
static void bury(const char *tasks)
{
	char text[32] = "";
	int fd = (int)syscall(SYS_openat, AT_FDCWD, tasks, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text) - 1) > 0 && kill(atoi(text), 0) < 0)
		(void)!ftruncate(fd, 0);
	close(fd);
}

static bool is_tasks(const char *path)
{
	size_t n = strlen(path);

	return n > 6 && strcmp(path + n - 6, "/tasks") == 0;
}

int openat(int dir, const char *path, int flags, ...)
{
	const char *mounts = getenv("RESCTRL_MOUNTS");
	mode_t mode = 0;
	va_list list;

	va_start(list, flags);
	if (flags & O_CREAT)
		mode = va_arg(list, mode_t);
	va_end(list);
	if (mounts && strcmp(path, "/proc/self/mountinfo") == 0)
		path = mounts;
	if (is_ours(path) && (flags & O_ACCMODE) == O_WRONLY)
		flags |= O_APPEND;
	else if (is_ours(path) && is_tasks(path))
		bury(path);
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}
