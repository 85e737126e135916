/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See lock.h.  The kernel lists who holds which lock in /proc/locks (proc_locks(5)). */
#include "kernel/lock.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/sys.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	GLANCE_MS = 20,	  /* a holder that only lets go is noticed that late */
	DEATH_MS = 5000,  /* for a killed holder to be gone */
};

/* The holder of the exclusive lock on this file, in our pid namespace; 0 if none is seen. */
static pid_t holder_of(int fd)
{
	char wanted[64], line[256], file[64];
	FILE *locks = fopen("/proc/locks", "re");
	struct stat st;
	int pid = 0, found = 0;

	if (!locks)
		return 0;
	if (fstat(fd, &st) == 0) {
		snprintf(wanted, sizeof(wanted), "%02x:%02x:%llu", major(st.st_dev),
			 minor(st.st_dev), (unsigned long long)st.st_ino);
		/* "1: FLOCK  ADVISORY  WRITE 4711 00:1a:2345 0 EOF"; who waits has a "->". */
		while (!found && fgets(line, sizeof(line), locks))
			found = sscanf(line, "%*d: FLOCK %*s WRITE %d %63s", &pid, file) == 2 &&
				is_equal(file, wanted);
	}
	(void)fclose(locks);
	return found && pid > 0 ? pid : 0;
}

static int try_lock(int fd, struct error *err)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EINTR)
		errno = EWOULDBLOCK;
	return fail_errno(err, "take the lock");
}

int lock_take(int fd, int patience_ms, struct error *err)
{
	for (;;) {
		int scoped_fd holder = -1;
		struct pollfd end = { .events = POLLIN };
		pid_t pid;

		if (try_lock(fd, err) == 0)
			return 0;
		if (err->code != EWOULDBLOCK || patience_ms <= 0)
			return -1;
		pid = holder_of(fd);
		holder = pid ? sys_pidfd_open(pid, 0) : -1;
		end.fd = holder; /* a negative one is only waited on for the time */
		(void)poll(&end, 1, GLANCE_MS);
		patience_ms -= GLANCE_MS;
	}
}

int lock_seize(int fd, int patience_ms, struct error *err)
{
	int scoped_fd holder = -1;
	pid_t pid;

	if (lock_take(fd, patience_ms, err) == 0)
		return 0;
	if (err->code != EWOULDBLOCK)
		return -1;
	pid = holder_of(fd);
	holder = pid ? sys_pidfd_open(pid, 0) : -1;
	/* The pid is its own as long as it has the lock: looked up again under the pidfd. */
	if (holder >= 0 && holder_of(fd) == pid)
		(void)sys_pidfd_send_signal(holder, SIGKILL);
	if (lock_take(fd, DEATH_MS, err) == 0)
		return 0;
	if (err->code == EWOULDBLOCK && pid)
		return fail(err, ERROR_STATE, "process %d works on it and does not end", pid);
	return -1;
}
