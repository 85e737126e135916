/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hidden and read-only paths.  A path that is not there needs no hiding; anything else
 * that goes wrong is an error, since a mask that is skipped is a hole (CVE-2025-31133).
 */
#include "base/fd.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/sys.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>

/* The container's /dev/null, cloned: only if it really is that device. */
static int hide_file(struct run *run, int target, struct error *err)
{
	static const struct mount_options no_options;
	int scoped_fd null = TRY(path_open(run->slots[SLOT_ROOT], "/dev/null",
					   O_PATH | O_NOFOLLOW, err));

	if (!path_is_device(null, 1, 3))
		return fail(err, ERROR_CONFIG,
			    "the container's /dev/null is not the device c 1:3, so nothing can "
			    "be hidden behind it");
	int scoped_fd tree = TRY(mount_open_tree(null, "", false, err));
	return mount_attach(tree, target, &no_options, err);
}

static int hide_directory(int target, struct error *err)
{
	static const struct mount_options options = {
		.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		       MOUNT_ATTR_NOEXEC,
		.data = "mode=555,nr_inodes=2,size=4k",
	};
	int scoped_fd made = TRY(mount_filesystem(target, "tmpfs", "tmpfs", &options, err));

	return 0;
}

int do_mask_path(struct run *run, const struct step_mask_path *step, struct error *err)
{
	int scoped_fd target = path_try_open(run->slots[SLOT_ROOT], step->path, O_PATH);

	if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	TRY(target, err, "open '%s'", step->path);
	return path_is_dir(target) ? hide_directory(target, err)
				   : hide_file(run, target, err);
}

int do_make_readonly(struct run *run, const struct step_make_readonly *step,
		     struct error *err)
{
	static const struct mount_options options = { .set_all = MOUNT_ATTR_RDONLY };
	int scoped_fd target = path_try_open(run->slots[SLOT_ROOT], step->path, O_PATH);

	if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	TRY(target, err, "open '%s'", step->path);
	int scoped_fd tree = TRY(mount_open_tree(target, "", true, err));
	return mount_attach(tree, target, &options, err);
}
