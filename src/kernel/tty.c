/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See tty.h. */
#include "kernel/tty.h"
#include "base/fd.h"
#include "kernel/path.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

enum { PTMX_MAJOR = 5, PTMX_MINOR = 2 };

/*
 * The multiplexer again, to be used.  Within a devpts nothing else has its name, so no
 * procfs is needed, which an exec would find as the container has left it.
 */
static int reopen_master(int rootfd, int node, struct error *err)
{
	char link[32];
	int scoped_fd dir = path_try_open(rootfd, "/dev/pts", O_PATH | O_DIRECTORY);
	int fd;

	if (dir < 0 || !path_is_devpts(dir))
		return fail(err, ERROR_CONFIG, "'/dev/pts' in the container is no devpts");
	fd = sys_openat2(dir, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
	if (fd < 0 && errno == ENOSYS) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", node);
		fd = open(link, O_RDWR | O_NOCTTY | O_CLOEXEC);
	}
	return TRY(fd, err, "open a new terminal");
}

/* Only what was seen to be a devpts' multiplexer is opened for use. */
static int open_master(int rootfd, struct error *err)
{
	int scoped_fd node = path_try_open(rootfd, "/dev/pts/ptmx", O_PATH | O_NOFOLLOW);

	if (node < 0 && errno == ENOENT)
		return fail(err, ERROR_CONFIG,
			    "a terminal needs a devpts in mounts[] at '/dev/pts'");
	TRY(node, err, "open '/dev/pts/ptmx' in the container");
	if (!path_is_device(node, PTMX_MAJOR, PTMX_MINOR) || !path_is_devpts(node))
		return fail(err, ERROR_CONFIG, "'/dev/pts/ptmx' in the container is no devpts");
	return reopen_master(rootfd, node, err);
}

int tty_open(int rootfd, int *out_master, int *out_slave, struct error *err)
{
	int scoped_fd master = TRY(open_master(rootfd, err));
	int unlock = 0;

	TRY(ioctl(master, TIOCSPTLCK, &unlock), err, "unlock the new terminal");
	*out_slave = TRY(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), err,
			 "open the other end of the new terminal");
	*out_master = take_fd(master);
	return 0;
}

int tty_set_size(int fd, uint16_t columns, uint16_t rows, struct error *err)
{
	struct winsize size = { .ws_col = columns, .ws_row = rows };

	return TRY(ioctl(fd, TIOCSWINSZ, &size), err, "set the terminal's size to %ux%u",
		   columns, rows);
}

void tty_copy_size(int from, int to)
{
	struct winsize size;

	if (ioctl(from, TIOCGWINSZ, &size) == 0)
		(void)ioctl(to, TIOCSWINSZ, &size); /* without a size it works as well */
}

int tty_make_controlling(int fd, struct error *err)
{
	if (setsid() < 0 && errno != EPERM) /* EPERM: we lead one already */
		return fail_errno(err, "start a session");
	return TRY(ioctl(fd, TIOCSCTTY, 0), err, "make the terminal the controlling one");
}

int tty_make_raw(int fd, struct termios *out_old, struct error *err)
{
	struct termios raw;

	TRY(tcgetattr(fd, out_old), err, "read the terminal's mode");
	raw = *out_old;
	cfmakeraw(&raw);
	return TRY(tcsetattr(fd, TCSANOW, &raw), err, "set the terminal to raw mode");
}

void tty_restore(int fd, const struct termios *old)
{
	(void)tcsetattr(fd, TCSANOW, old); /* it may have been hung up */
}

int tty_make_stdio(int fd, struct error *err)
{
	for (int i = 0; i < 3; i++)
		if (fd == i)
			TRY(fcntl(fd, F_SETFD, 0), err, "keep standard stream %d", i);
		else
			TRY(dup2(fd, i), err, "make the terminal standard stream %d", i);
	return 0;
}
