/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on device nodes and the links beside them.  The directory is opened inside the
 * root and the last component is never followed, so an image's links lead nowhere.
 */
#include "base/fd.h"
#include "base/file.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/sys.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { TYPE_BITS = S_IFMT };

static mode_t type_bits(char type)
{
	return type == 'b' ? S_IFBLK : type == 'p' ? S_IFIFO : S_IFCHR;
}

static bool is_wanted(const struct stat *st, char type, unsigned major, unsigned minor)
{
	return (st->st_mode & TYPE_BITS) == type_bits(type) &&
	       (type == 'p' || st->st_rdev == makedev(major, minor));
}

/* What is there already must be the very device; its mode and owner are then set. */
static int check_present(int dir, const char *name, const struct step_make_device *step,
			 struct error *err)
{
	struct stat st;

	TRY(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), err, "look at '%s'", step->path);
	if (is_wanted(&st, step->type, step->major, step->minor))
		return 0;
	return fail(err, ERROR_CONFIG,
		    "'%s' is there already and is not the device %c %u:%u: remove it from the "
		    "root file system, or mount a tmpfs on its directory",
		    step->path, step->type, step->major, step->minor);
}

/* What bind mounts of a container in a user namespace leave in the root: empty files. */
static bool is_leftover(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size == 0;
}

static int make_node(int dir, const char *name, const struct step_make_device *step)
{
	return mknodat(dir, name, type_bits(step->type) | step->mode,
		       makedev(step->major, step->minor));
}

int do_make_device(struct run *run, const struct step_make_device *step, struct error *err)
{
	const char *name;
	int scoped_fd dir = TRY(path_open_parent(run->slots[SLOT_ROOT], step->path, true,
						 &name, err));
	bool is_new = make_node(dir, name, step) == 0;

	if (!is_new && errno == EEXIST && step->is_default && is_leftover(dir, name))
		is_new = unlinkat(dir, name, 0) == 0 && make_node(dir, name, step) == 0;
	if (!is_new && errno != EEXIST)
		return fail_errno(err, "make the node '%s'", step->path);
	if (!is_new)
		TRY(check_present(dir, name, step, err));
	if (!is_new && step->is_default)
		return 0;
	/* mknod was subject to the caller's umask. */
	TRY(fchmodat(dir, name, step->mode, 0), err, "set the mode of '%s'", step->path);
	if (step->has_owner && (step->uid || step->gid || !is_new))
		TRY(fchownat(dir, name, step->uid, step->gid, AT_SYMLINK_NOFOLLOW), err,
		    "set the owner of '%s'", step->path);
	return 0;
}

/* The host's node of a device: at the same path, or where the kernel's own name of it is. */
static const char *host_node(struct run *run, const struct step_make_node *step)
{
	const char *dir = step->type == 'b' ? "block" : "char", *name;
	struct error ignored;
	struct stat st;
	char *text;

	if (stat(step->path, &st) == 0 &&
	    is_wanted(&st, step->type, step->major, step->minor))
		return step->path;
	if (file_read_at(AT_FDCWD,
			 arena_printf(run->arena, "/sys/dev/%s/%u:%u/uevent", dir, step->major,
				      step->minor),
			 run->arena, &text, &ignored) < 0)
		return step->path;
	name = strstr(text, "DEVNAME=");
	if (!name)
		return step->path;
	name += strlen("DEVNAME=");
	return arena_printf(run->arena, "/dev/%.*s", (int)strcspn(name, "\n"), name);
}

/* Before Linux 6.15 nothing below a detached mount could be cloned: the host's, then. */
static int clone_host_node(struct run *run, const struct step_make_node *step,
			   struct error *err)
{
	const char *path = host_node(run, step);
	int tree = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0 && errno == ENOENT)
		return fail(err, ERROR_CONFIG,
			    "before Linux 6.15 a device in a user namespace is one of the "
			    "host's nodes, and there is none of %c %u:%u at '%s'",
			    step->type, step->major, step->minor, path);
	return TRY(tree, err, "clone the node of '%s'", path);
}

int do_make_node(struct run *run, const struct step_make_node *step, struct error *err)
{
	static const struct mount_options no_options;
	const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	int scoped_fd fs = TRY(mount_create("tmpfs", "devices", &no_options, err));
	int tree;

	TRY(mknodat(fs, "node", type_bits(step->type) | step->mode,
		    makedev(step->major, step->minor)),
	    err, "make the node of '%s'", step->path);
	TRY(fchmodat(fs, "node", step->mode, 0), err, "set the mode of '%s'", step->path);
	TRY(fchownat(fs, "node", step->uid, step->gid, AT_SYMLINK_NOFOLLOW), err,
	    "set the owner of '%s'", step->path);
	tree = sys_open_tree(fs, "node", flags);
	if (tree < 0 && errno == EINVAL)
		tree = TRY(clone_host_node(run, step, err));
	run->slots[step->slot] = TRY(tree, err, "clone the node of '%s'", step->path);
	return 0;
}

int do_bind_device(struct run *run, const struct step_bind_device *step, struct error *err)
{
	static const struct mount_options no_options;
	int tree = run->slots[step->slot];
	struct stat st;

	TRY(fstat(tree, &st), err, "look at the host's '%s'", step->path);
	if (!is_wanted(&st, step->type, step->major, step->minor))
		return fail(err, ERROR_CONFIG,
			    "in a user namespace a device is the host's of the same path, and "
			    "the host's '%s' is not %c %u:%u",
			    step->path, step->type, step->major, step->minor);
	int scoped_fd present = path_try_open(run->slots[SLOT_ROOT], step->path,
					      O_PATH | O_NOFOLLOW);
	if (present >= 0 && fstat(present, &st) == 0 &&
	    is_wanted(&st, step->type, step->major, step->minor))
		return 0;
	if (present >= 0 && !S_ISREG(st.st_mode))
		return fail(err, ERROR_CONFIG,
			    "'%s' is there already and is not the device %c %u:%u", step->path,
			    step->type, step->major, step->minor);
	int scoped_fd target = TRY(path_make_file(run->slots[SLOT_ROOT], step->path, 0666, err));
	return mount_attach(tree, target, &no_options, err);
}

static bool can_resolve(struct run *run, const char *target)
{
	/* /proc/self is another process's for openat2 with a root; its directory decides. */
	if (strncmp(target, "/proc/", 6) == 0) {
		int scoped_fd proc = path_try_open(run->slots[SLOT_ROOT], "/proc", O_PATH);

		return proc >= 0 && path_is_proc(proc) &&
		       faccessat(proc, target + 6, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	}
	int scoped_fd fd = path_try_open(run->slots[SLOT_ROOT], target, O_PATH);

	return fd >= 0;
}

int do_make_link(struct run *run, const struct step_make_link *step, struct error *err)
{
	const char *name;

	if (step->if_target && !can_resolve(run, step->target))
		return 0;
	int scoped_fd dir = TRY(path_open_parent(run->slots[SLOT_ROOT], step->path, true,
						 &name, err));
	/* Something that is there, a bound /dev of the host say, is left as it is. */
	if (symlinkat(step->target, dir, name) < 0 && errno != EEXIST)
		return fail_errno(err, "make the link '%s'", step->path);
	return 0;
}
