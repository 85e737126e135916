/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mounts by fds: trees and file systems are made detached, get their flags, and are then
 * attached to an fd, so that no path is looked at twice.  Where the kernel lacks a call
 * (ENOSYS) mount(2) on /proc/self/fd/N does the work.  Errors of file systems carry what
 * the kernel itself said about them.
 */
#pragma once
#include "base/error.h"
#include "tables/mount-options.h"
#include <stdbool.h>

/*
 * A detached clone of the mount at the path ("" = dirfd itself); with its submounts if
 * recursive.  On kernels before 5.2 an O_PATH fd, which mount_attach takes as well.
 */
int mount_open_tree(int dirfd, const char *path, bool recursive, struct error *err);

/* Map the owners of a detached tree by the maps of the user namespace. */
int mount_idmap(int tree_fd, int userns_fd, bool recursive, struct error *err);

/*
 * Set the options on the tree and attach it to target_fd.  The tree becomes a slave of
 * what it was cloned from before its own propagation is set, so that nothing mounted in
 * the container flows back to the host, unless options->keep_peers.
 * Afterwards tree_fd is the root of the mount (not on kernels before 5.2).
 */
int mount_attach(int tree_fd, int target_fd, const struct mount_options *options,
		 struct error *err);

/* A detached mount of a new file system; source NULL = the type's name.  5.2 and later. */
int mount_create(const char *type, const char *source, const struct mount_options *options,
		 struct error *err);

/* The same attached to target_fd; returns an fd of the new mount's root.  Any kernel. */
int mount_filesystem(int target_fd, const char *type, const char *source,
		     const struct mount_options *options, struct error *err);

/* Attach a detached mount as it is. */
int mount_move(int mount_fd, int target_fd, struct error *err);

/* Change an attached mount: remount, ro, the recursive options, propagation. */
int mount_change(int fd, const struct mount_options *options, struct error *err);

/* mount(NULL, path, NULL, flags): propagation of the root or of a host path. */
int mount_propagation(const char *path, unsigned long flags, struct error *err);

/* Make the directory our root and let go of the old one with all its mounts. */
int mount_pivot(int root_fd, struct error *err);

/* The same without pivot_root (initramfs): move the mount to "/" and chroot. */
int mount_move_root(int root_fd, struct error *err);

/* Copy what is below from_fd into to_fd: modes, owners, times, xattrs, links, devices. */
int mount_copy_up(int from_fd, int to_fd, struct error *err);

/* Whether the running kernel knows the file system type. */
bool mount_is_supported(const char *type);
