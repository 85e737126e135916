/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paths of a container, resolved inside its root and nowhere else: from a root fd, with
 * symlinks interpreted as the container would, '..' never above the root, and procfs
 * magic links refused.  This is the only place that resolves a container's paths before
 * pivot_root; on kernels without openat2 (5.6) a walk by components does the same.
 */
#pragma once
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Open with open(2)'s flags (close-on-exec is added); the fd, or negative. */
int path_open(int rootfd, const char *path, uint64_t flags, struct error *err);

/* The same without an error text: -1 with errno (for those to whom ENOENT is an answer). */
int path_try_open(int rootfd, const char *path, uint64_t flags);

/* The same, refusing (ELOOP) any symlink on the way. */
int path_open_plain(int rootfd, const char *path, uint64_t flags, struct error *err);

/* O_PATH fd of the directory, made if missing with the mode; parents are made 0755. */
int path_make_dir(int rootfd, const char *path, mode_t mode, struct error *err);

/*
 * O_PATH fd of what is at the path: an empty file with the mode is made if nothing is;
 * a symlink in the last place that dangles is resolved and its target made.
 */
int path_make_file(int rootfd, const char *path, mode_t mode, struct error *err);

/*
 * O_PATH fd of the directory that holds the last component, and that component (pointing
 * into `path`; the path must not end in '/' nor '..'); `make` makes missing directories.
 * For what must never follow the last component: mknodat, symlinkat, unlinkat.
 */
int path_open_parent(int rootfd, const char *path, bool make, const char **out_name,
		     struct error *err);

/* Whether the absolute, clean path is the directory or lies below it. */
bool path_is_below(const char *path, const char *dir);

/* Whether the fd is on a procfs, a sysfs, a devpts. */
bool path_is_proc(int fd);
bool path_is_sysfs(int fd);
bool path_is_devpts(int fd);

/* Whether the fd is the character device with these numbers. */
bool path_is_device(int fd, unsigned major, unsigned minor);

/* Whether the fd is a directory. */
bool path_is_dir(int fd);
