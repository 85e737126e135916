/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on the mounts of a running container, whose own processes may be changing them at
 * the same time: a mount point is an fd, and removing goes by its directory and name.
 */
#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int do_create_mount(struct run *run, const struct step_create_mount *step,
		    struct error *err)
{
	run->slots[step->slot] =
		TRY(mount_create(step->type, step->source, step->options, err));
	return 0;
}

/* Take what is mounted there away; never through a link that a process may put there. */
static int detach(struct run *run, const char *target, struct error *err)
{
	const char *name;
	int scoped_fd dir = TRY(path_open_parent(run->slots[SLOT_ROOT], target, false, &name,
						 err));

	TRY(fchdir(dir), err, "enter the directory of '%s'", target);
	TRY(umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW), err, "unmount '%s'", target);
	return 0;
}

static void take_back(struct run *run, const struct added_mounts *mounts, size_t n)
{
	struct error ignored;

	while (n-- > 0)
		if (detach(run, mounts->items[n].target, &ignored) < 0)
			log_warning("while undoing: %s", ignored.text);
}

int do_attach_mounts(struct run *run, const struct step_attach_mounts *step,
		     struct error *err)
{
	const struct added_mounts *mounts = step->mounts;

	for (size_t i = 0; i < mounts->n; i++) {
		const struct added_mount *item = &mounts->items[i];
		const struct step_mount_tree tree = { item->slot, item->target, item->source,
						      &item->options };

		if (do_mount_tree(run, &tree, err) == 0)
			continue;
		error_context(err, "%s: mount '%s' on '%s'", item->why, item->source,
			      item->target);
		err->is_placed = true;
		take_back(run, mounts, i);
		return -1;
	}
	return 0;
}

/* Whether the path itself, not what a link there leads to, is the root of a mount. */
static int check_point(struct run *run, const char *target, struct error *err)
{
	int scoped_fd fd = path_try_open(run->slots[SLOT_ROOT], target, O_PATH | O_NOFOLLOW);
	struct statx st = { 0 };

	if (fd < 0)
		return fail_errno(err, "look at '%s' in the container", target);
	TRY(statx(fd, "", AT_EMPTY_PATH, 0, &st), err, "look at '%s' in the container", target);
	if (!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return fail(err, ERROR_STATE, "nothing is mounted on '%s' in the container",
			    target);
	return 0;
}

int do_detach_mounts(struct run *run, const struct step_detach_mounts *step,
		     struct error *err)
{
	const struct added_mounts *mounts = step->mounts;

	/* All of them are looked at before the first one goes. */
	for (size_t i = 0; i < mounts->n; i++) {
		int result = is_equal(mounts->items[i].target, "/") ?
			fail(err, ERROR_CONFIG, "the root itself cannot be removed") :
			check_point(run, mounts->items[i].target, err);

		if (result < 0) {
			error_context(err, "%s", mounts->items[i].why);
			err->is_placed = true;
			return result;
		}
	}
	for (size_t i = 0; i < mounts->n; i++)
		TRY(detach(run, mounts->items[i].target, err));
	return 0;
}
