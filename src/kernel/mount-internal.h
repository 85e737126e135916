/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What mount.c and its parts share; nobody else includes it.
 */
#pragma once
#include "base/error.h"
#include "tables/mount-options.h"
#include <stdbool.h>

/* "/proc/self/fd/N": a path for calls that take no fd. */
struct fd_path {
	char s[32];
};
struct fd_path fd_path_of(int fd);

/* mount(2) instead of fsopen; the fd of the new mount's root. */
int mount_old_filesystem(int target_fd, const char *type, const char *source,
			 const struct mount_options *options, struct error *err);

/* MS_BIND instead of move_mount of a clone. */
int mount_old_attach(int source_fd, int target_fd, const struct mount_options *options,
		     struct error *err);

/* Flags and propagation of an attached mount, without mount_setattr. */
int mount_old_change(int fd, const struct mount_options *options, struct error *err);

/* The same for a tree that was just attached: a slave of its source first. */
int mount_old_finish(int fd, const struct mount_options *options, struct error *err);

/* MS_REMOUNT of the file system itself: flags and data. */
int mount_remount(int fd, const struct mount_options *options, struct error *err);

/* Whether fsopen cannot say what the options ask for, so that mount(2) must. */
bool mount_needs_old(const char *type, const struct mount_options *options);
