/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sd_notify(3) on behalf of a container: its words arrive at a socket of ours in a
 * directory that the container sees, and those that are harmless go on to the caller's
 * manager, with the pid that the manager knows.
 */
#pragma once
#include "base/error.h"
#include <stdbool.h>
#include <sys/types.h>

#define NOTIFY_DIR "notify"	   /* in the state directory */
#define NOTIFY_SOCK "notify.sock"  /* in that */
#define NOTIFY_TARGET "/run/notify" /* where the container has it */

/* The socket in the directory of a state directory, for anybody in the container. */
int notify_listen(int state_dir, struct error *err);

/*
 * Pass one message on to the manager at `path` ("@name": abstract), if there is one:
 * READY=1, STOPPING=1, RELOADING=1, WATCHDOG=1, STATUS=...; pid: sent as MAINPID with READY=1
 * unless 0.  True when it was READY=1.  What cannot be sent is dropped: nobody could help it.
 */
bool notify_pass(int fd, const char *path, pid_t pid);

/* Pass messages on until READY=1 or the end of the process, then wait for the manager. */
int notify_wait(int fd, int pidfd, const char *path, pid_t pid, struct error *err);
