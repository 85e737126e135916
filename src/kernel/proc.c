/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See proc.h. */
#include "kernel/proc.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/path.h"
#include "kernel/sys.h"
#include "kernel/walk.h"
#include "tables/namespaces.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PROC_ROOT_INODE = 1 };

static int open_detached(void)
{
	int scoped_fd fs = sys_fsopen("proc", FSOPEN_CLOEXEC);

	if (fs < 0 || sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return sys_fsmount(fs, FSMOUNT_CLOEXEC,
			   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

int proc_open_own(struct error *err)
{
	int scoped_fd fd = open_detached();
	struct stat st;

	if (fd >= 0)
		return take_fd(fd);
	/* Not allowed in a user namespace that does not own our pid namespace. */
	fd = TRY(open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), err,
		 "open '/proc'");
	if (!path_is_proc(fd) || fstat(fd, &st) < 0 || st.st_ino != PROC_ROOT_INODE)
		return fail(err, ERROR_KERNEL, "what is mounted at '/proc' is no procfs");
	return take_fd(fd);
}

/* Without openat2: what was opened must at least be of the same procfs. */
static int open_by_walk(int procfd, const char *path, int flags)
{
	int scoped_fd fd = walk_open(procfd, path, (uint64_t)flags);
	struct stat root, st;

	if (fd < 0 || fstat(procfd, &root) < 0 || fstat(fd, &st) < 0)
		return -1;
	if (root.st_dev != st.st_dev) {
		errno = EXDEV;
		return -1;
	}
	return take_fd(fd);
}

static int try_open(int procfd, const char *path, int flags)
{
	int fd = sys_openat2(procfd, path, (uint64_t)(flags | O_CLOEXEC), 0,
			     RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);

	if (fd < 0 && errno == ENOSYS)
		fd = open_by_walk(procfd, path, flags);
	return fd;
}

int proc_open(int procfd, const char *path, int flags, struct error *err)
{
	int fd = try_open(procfd, path, flags);

	if (fd < 0 && errno == EXDEV)
		return fail(err, ERROR_KERNEL,
			    "something is mounted over '/proc/%s', so it is not trusted", path);
	return TRY(fd, err, "open '/proc/%s'", path);
}

int proc_write(int procfd, const char *path, const char *text, struct error *err)
{
	int scoped_fd fd = TRY(proc_open(procfd, path, O_WRONLY, err));
	size_t n = strlen(text);
	ssize_t written = TRY(write(fd, text, n), err, "write '%s' to '/proc/%s'", text, path);

	if ((size_t)written != n)
		return fail(err, ERROR_KERNEL, "'/proc/%s' took only a part of '%s'", path, text);
	return 0;
}

/* State letter and start time: the fields 3 and 22 of /proc/PID/stat. */
static int read_stat(pid_t pid, char *out_state, uint64_t *out_start)
{
	enum { FIELDS_TO_START = 19 };
	char path[32], line[1024], *at;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int scoped_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	if (n <= 0) {
		if (errno == ENOENT || n == 0)
			errno = ESRCH;
		return -1;
	}
	line[n] = 0;
	/* The name, field 2, may hold anything, also ')'. */
	at = strrchr(line, ')');
	if (!at || at[1] != ' ') {
		errno = EINVAL;
		return -1;
	}
	*out_state = at[2];
	at += 2;
	for (int i = 0; at && i < FIELDS_TO_START; i++)
		at = strchr(at + 1, ' ');
	*out_start = at ? strtoull(at, NULL, 10) : 0;
	return 0;
}

int proc_start_time(pid_t pid, uint64_t *out)
{
	char state;

	return read_stat(pid, &state, out);
}

int proc_other_namespaces(pid_t pid, unsigned *out, struct error *err)
{
	char its[64], ours[64];
	struct stat a, b;

	*out = 0;
	for (enum ns ns = 0; ns < NS_COUNT; ns++) {
		snprintf(ours, sizeof(ours), "/proc/self/ns/%s", ns_table[ns].proc_name);
		if (stat(ours, &a) < 0)
			continue; /* a kernel without this kind */
		snprintf(its, sizeof(its), "/proc/%d/ns/%s", pid, ns_table[ns].proc_name);
		if (stat(its, &b) < 0) {
			errno = errno == ENOENT ? ESRCH : errno;
			return fail_errno(err, "look at the namespaces of process %d", pid);
		}
		if (a.st_ino != b.st_ino || a.st_dev != b.st_dev)
			*out |= NS_BIT(ns);
	}
	return 0;
}

int proc_open_process(pid_t pid, uint64_t start_time, struct error *err)
{
	int scoped_fd fd = TRY(sys_pidfd_open(pid, 0), err, "open process %d", pid);
	uint64_t start;

	/* After pidfd_open, so that the fd cannot be of a later process of this pid. */
	TRY(proc_start_time(pid, &start), err, "look at process %d", pid);
	if (start != start_time) {
		errno = ESRCH;
		return fail_errno(err, "open process %d", pid);
	}
	return take_fd(fd);
}

bool proc_is_alive(pid_t pid, uint64_t start_time)
{
	uint64_t start;
	char state;

	return pid > 0 && read_stat(pid, &state, &start) == 0 && start == start_time &&
	       state != 'Z' && state != 'X';
}

char proc_state(pid_t pid)
{
	uint64_t start;
	char state;

	return read_stat(pid, &state, &start) == 0 ? state : 0;
}

const char *proc_describe(pid_t pid, char *buffer)
{
	static const char *const meanings[] = {
		['D'] = " (waits for a device, a file system or a thaw)",
		['T'] = " (stopped)",
		['t'] = " (held by a tracer)",
	};
	char path[32], name[32];
	char state = proc_state(pid);
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	int scoped_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, name, sizeof(name) - 1);
	name[n > 0 ? n : 0] = 0;
	name[strcspn(name, "\n")] = 0;
	for (char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?'; /* its owner chose it */
	snprintf(buffer, PROC_DESCRIPTION, "%d (%s), state %c%s", pid, name, state ? state : '?',
		 (unsigned char)state < ARRAY_SIZE(meanings) && meanings[(unsigned char)state] ?
			 meanings[(unsigned char)state] : "");
	return buffer;
}
