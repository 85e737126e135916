/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The walk behind path.c: one component at a time, each opened with O_NOFOLLOW from the
 * fd of the one before, symlinks expanded as text.  It leaves the root under no race, as
 * no step ever resolves more than one name.  All return an fd or -1 with errno.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

int walk_open(int rootfd, const char *path, uint64_t flags);

/* ELOOP at any symlink. */
int walk_open_plain(int rootfd, const char *path, uint64_t flags);

/* Make what is missing: directories 0755 on the way, the last with the mode. */
int walk_make_dir(int rootfd, const char *path, mode_t mode);
int walk_make_file(int rootfd, const char *path, mode_t mode);

/* Make one thing in a directory and open it (O_PATH); EEXIST where there is one. */
int walk_make(int parent, const char *name, mode_t mode, bool is_dir);
