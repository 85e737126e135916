/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whole small files: read, write, replace.  All through a directory fd (AT_FDCWD for the
 * current one); every fd is close-on-exec; none of them resolves a container's paths.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include <stddef.h>
#include <sys/types.h>

/* Write all bytes, over partial writes and EINTR; -1 with errno. */
int write_all(int fd, const void *data, size_t n);

/* Read until end of file into the arena (terminated), at most max bytes (EFBIG beyond). */
int file_read_fd(int fd, struct arena *arena, size_t max, char **out, size_t *out_n);
int file_read_at(int dirfd, const char *path, struct arena *arena, char **out,
		 struct error *err);

/* One write(2) of the text to an existing file (cgroup, procfs, sysfs); -1 with errno. */
int file_poke_at(int dirfd, const char *path, const char *text);

/* Create or replace atomically: a temporary beside it, then rename. */
int file_replace_at(int dirfd, const char *name, const char *data, size_t n, mode_t mode,
		    struct error *err);
