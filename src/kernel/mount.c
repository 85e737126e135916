/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See mount.h.  Trees: clone, set attributes, attach.  New file systems are in
 * mount-create.c, the calls of old kernels in mount-old.c, the root in mount-root.c.
 */
#include "kernel/mount.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/mount-internal.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

struct fd_path fd_path_of(int fd)
{
	struct fd_path path;

	snprintf(path.s, sizeof(path.s), "/proc/self/fd/%d", fd);
	return path;
}

int mount_open_tree(int dirfd, const char *path, bool recursive, struct error *err)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
			 (recursive ? AT_RECURSIVE : 0);
	int fd = sys_open_tree(dirfd, path, flags);

	if (fd < 0 && errno == ENOSYS)
		fd = is_empty(path) ? fcntl(dirfd, F_DUPFD_CLOEXEC, 3)
				    : openat(dirfd, path, O_PATH | O_CLOEXEC);
	if (fd < 0 && errno == EINVAL && !recursive)
		return fail(err, ERROR_KERNEL,
			    "clone the mount at '%s': mounts below it are locked, so only "
			    "rbind can bind it",
			    path);
	return TRY(fd, err, "clone the mount at '%s'", path);
}

int mount_idmap(int tree_fd, int userns_fd, bool recursive, struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
				   .userns_fd = (uint64_t)userns_fd };
	int rc = sys_mount_setattr(tree_fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
				   &attr, sizeof(attr));

	if (rc < 0 && errno == EINVAL)
		return fail(err, ERROR_KERNEL,
			    "id-map the mount: its file system cannot do that in this kernel");
	return TRY(rc, err, "id-map the mount");
}

static int set_attr(int fd, uint64_t set, uint64_t clear, unsigned long propagation,
		    bool recursive)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear,
				   .propagation = propagation };

	if (!(set | clear | propagation))
		return 0;
	return sys_mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
				 &attr, sizeof(attr));
}

/*
 * Everything at once where it can be: first the tree, then its top.  `base` is a
 * propagation for the whole tree before its own; a shared one needs a call of its own, as
 * a mount becomes slave and shared only one after the other.
 */
static int set_attrs(int fd, const struct mount_options *o, unsigned long base)
{
	unsigned long of_tree = base, of_top = 0, after = 0;

	if (o->propagation && !o->propagation_all)
		of_top = o->propagation;
	else if (o->propagation == MS_SHARED && base)
		after = MS_SHARED;
	else if (o->propagation)
		of_tree = o->propagation;
	if (set_attr(fd, o->set_all, o->clear_all, of_tree, true) < 0 ||
	    set_attr(fd, o->set, o->clear, of_top, false) < 0)
		return -1;
	return set_attr(fd, 0, 0, after, true);
}

int mount_move(int mount_fd, int target_fd, struct error *err)
{
	int rc = sys_move_mount(mount_fd, "", target_fd, "",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);

	if (rc < 0 && errno == ENOTDIR)
		return fail(err, ERROR_CONFIG,
			    "attach the mount: of source and destination one is a folder "
			    "and the other a file");
	return TRY(rc, err, "attach the mount");
}

int mount_attach(int tree_fd, int target_fd, const struct mount_options *options,
		 struct error *err)
{
	int rc = set_attrs(tree_fd, options, options->keep_peers ? 0 : MS_SLAVE);
	bool is_old = rc < 0 && errno == ENOSYS;

	if (rc < 0 && !is_old)
		return fail_errno(err, "set the options of the mount");
	rc = sys_move_mount(tree_fd, "", target_fd, "",
			    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	if (rc < 0 && errno == ENOSYS)
		return mount_old_attach(tree_fd, target_fd, options, err);
	if (rc < 0)
		return mount_move(tree_fd, target_fd, err); /* for its words */
	return is_old ? mount_old_finish(tree_fd, options, err) : 0;
}

int mount_change(int fd, const struct mount_options *options, struct error *err)
{
	struct mount_options rest = *options;
	int rc;

	if (options->remount && !options->bind && !options->rbind) {
		TRY(mount_remount(fd, options, err));
		rest.set = rest.clear = 0;
	}
	rc = set_attrs(fd, &rest, 0);
	if (rc < 0 && errno == ENOSYS)
		return mount_old_change(fd, &rest, err);
	return TRY(rc, err, "change the options of the mount");
}

int mount_propagation(const char *path, unsigned long flags, struct error *err)
{
	return TRY(mount(NULL, path, NULL, flags, NULL), err, "set the propagation of '%s'",
		   path);
}

bool mount_is_supported(const char *type)
{
	struct arena scoped_arena arena = { 0 };
	struct error err;
	char *list, *line, *state = NULL;

	if (file_read_at(AT_FDCWD, "/proc/filesystems", &arena, &list, &err) < 0)
		return false;
	for (line = strtok_r(list, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		char *name = strchr(line, '\t');

		if (name && is_equal(name + 1, type))
			return true;
	}
	return false;
}
