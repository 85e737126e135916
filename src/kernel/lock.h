/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locks of flock(2) that somebody may hold for too long: who that is, and an end to it.
 * A process that is killed while it holds the lock of a container leaves nothing that the
 * container's record does not name, so that a forced delete may do so.
 */
#pragma once
#include "base/error.h"
#include <sys/types.h>

/*
 * Take the exclusive lock on an open file, waiting at most that many milliseconds; -1 with
 * err->code EWOULDBLOCK when another process still has it then.
 */
int lock_take(int fd, int patience_ms, struct error *err);

/* Take it from whom it may concern: wait that long, then SIGKILL the holder and wait again. */
int lock_seize(int fd, int patience_ms, struct error *err);
