/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A new root for the process: pivot_root, or moving the mount where the old root cannot
 * be pivoted away (an initramfs).
 */
#include "base/arena.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/mount-internal.h"
#include "kernel/mount.h"
#include "kernel/mountinfo.h"
#include "kernel/path.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

int mount_pivot(int root_fd, struct error *err)
{
	int scoped_fd old = TRY(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), err,
				"open the old root");

	TRY(fchdir(root_fd), err, "enter the new root");
	/* Both in the same place: the old root then lies on top of the new one. */
	TRY(sys_pivot_root(".", "."), err, "pivot_root to the new root");
	TRY(fchdir(old), err, "enter the old root");
	/* Unmounting must not travel back to the host. */
	TRY(mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL), err,
	    "cut the old root off from the host");
	TRY(umount2(".", MNT_DETACH), err, "let go of the old root");
	return TRY(chdir("/"), err, "enter the new root");
}

/* The host's procfs and sysfs instances, wherever they are outside the new root. */
static bool shows_host(const struct mount_entry *mount, const char *root)
{
	return (is_equal(mount->type, "proc") || is_equal(mount->type, "sysfs")) &&
	       !path_is_below(mount->point, root);
}

/* Unmount it, or cover it where it is locked. */
static int hide_point(const char *point, struct error *err)
{
	if (mount(NULL, point, NULL, MS_SLAVE | MS_REC, NULL) < 0 && errno != EINVAL)
		return fail_errno(err, "cut '%s' off from the host", point);
	if (umount2(point, MNT_DETACH) == 0)
		return 0;
	if (errno == EINVAL || errno == EPERM)
		return TRY(mount("tmpfs", point, "tmpfs", 0, "size=0,nr_inodes=2"), err,
			   "cover '%s'", point);
	return fail_errno(err, "unmount '%s'", point);
}

int mount_move_root(int root_fd, struct error *err)
{
	struct arena scoped_arena arena = { 0 };
	struct mount_entry *mounts;
	size_t n_mounts;
	char root[PATH_MAX];
	ssize_t n = TRY(readlink(fd_path_of(root_fd).s, root, sizeof(root) - 1), err,
			"find the path of the new root");

	root[n] = 0;
	/*
	 * What stays below the moved root is still in this mount namespace: an unmasked
	 * proc there would let a user namespace in the container mount another one.
	 */
	TRY(mountinfo_read(&arena, &mounts, &n_mounts, err));
	for (size_t i = n_mounts; i > 0; i--)
		if (shows_host(&mounts[i - 1], root))
			TRY(hide_point(mounts[i - 1].point, err));
	TRY(fchdir(root_fd), err, "enter the new root");
	TRY(mount(".", "/", NULL, MS_MOVE, NULL), err, "move the new root to '/'");
	TRY(chroot("."), err, "change the root");
	return TRY(chdir("/"), err, "enter the new root");
}
