/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on mounts.  A mount point is found or made inside the root, by an fd that the
 * mount then goes to, so that nothing can be exchanged in between.
 */
#include "base/fd.h"
#include "base/text.h"
#include "kernel/idmap.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { POINT_MODE = 0755, FILE_MODE = 0644 };

int do_set_propagation(struct run *run, const struct step_set_propagation *step,
		       struct error *err)
{
	(void)run;
	return mount_propagation(step->path, step->flags, err);
}

int do_open_tree(struct run *run, const struct step_open_tree *step, struct error *err)
{
	run->slots[step->slot] =
		TRY(mount_open_tree(AT_FDCWD, step->path, step->recursive, err));
	return 0;
}

int do_open_root(struct run *run, const struct step_open_root *step, struct error *err)
{
	run->slots[step->slot] =
		TRY(open(step->path, O_PATH | O_DIRECTORY | O_CLOEXEC), err,
		    "open the root file system '%s'", step->path);
	return 0;
}

int do_open_idmap(struct run *run, const struct step_open_idmap *step, struct error *err)
{
	run->slots[step->slot] = TRY(idmap_namespace(step->uids, step->gids, err));
	return 0;
}

int do_idmap_tree(struct run *run, const struct step_idmap_tree *step, struct error *err)
{
	return mount_idmap(run->slots[step->slot], run->slots[step->idmap_slot],
			   step->recursive, err);
}

int do_attach_root(struct run *run, const struct step_attach_root *step, struct error *err)
{
	struct mount_options options = {
		.propagation = step->propagation & ~(unsigned long)MS_REC,
		.propagation_all = true,
	};
	int scoped_fd target = TRY(open(step->path, O_PATH | O_DIRECTORY | O_CLOEXEC), err,
				   "open the root file system '%s'", step->path);

	return mount_attach(run->slots[step->slot], target, &options, err);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

int do_open_root_point(struct run *run, const struct step_open_root_point *step,
		       struct error *err)
{
	struct stat its, ours;

	TRY(fstat(run->slots[step->namespace_slot], &its), err,
	    "look at the mount namespace to join");
	TRY(stat("/proc/self/ns/mnt", &ours), err, "look at our mount namespace");
	if (is_same_file(&its, &ours))
		return fail(err, ERROR_CONFIG,
			    "it leads to the runtime's own mount namespace, where mounts would "
			    "change the host: leave path out");
	run->slots[step->slot] = TRY(open(step->path, O_PATH | O_DIRECTORY | O_CLOEXEC), err,
				     "open '%s'", step->path);
	return 0;
}

/*
 * The kernel refuses to attach what cannot be bound below a shared mount: so nothing can
 * spread from here.
 */
int do_share_root(struct run *run, const struct step_share_root *step, struct error *err)
{
	struct mount_options options = { .propagation = MS_UNBINDABLE,
					 .propagation_all = true };
	struct stat there, here;
	int scoped_fd target = open(step->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	TRY(fstat(run->slots[step->point_slot], &here), err, "look at '%s'", step->path);
	if (target < 0 || fstat(target, &there) < 0 || !is_same_file(&there, &here))
		return fail(err, ERROR_CONFIG,
			    "the joined mount namespace does not show the state directory '%s': "
			    "choose a --root that both can see", step->path);
	if (mount_attach(run->slots[step->slot], target, &options, err) < 0) {
		if (err->code == EINVAL)
			return fail(err, ERROR_CONFIG,
				    "in the joined mount namespace '%s' lies below a shared "
				    "mount, from which the container's mounts would spread: "
				    "make that one private or slave there", step->path);
		return -1;
	}
	options.propagation = MS_PRIVATE;
	return mount_change(run->slots[step->slot], &options, err);
}

/*
 * A procfs or sysfs must be where its name says: a symbolic link in an image would let
 * the kernel's files be replaced (CVE-2019-19921, CVE-2023-27561, CVE-2025-54867).
 */
static int refuse_link(struct run *run, const char *target, struct error *err)
{
	int scoped_fd fd = path_try_open(run->slots[SLOT_ROOT], target,
					 O_PATH | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0; /* it will be made */
	if (!S_ISDIR(st.st_mode))
		return fail(err, ERROR_CONFIG, "'%s' must be mounted on ordinary directory, "
			    "and the image has something else there", target);
	return 0;
}

static bool has_option(const char *data, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = data; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, n) == 0)
			return true;
	}
	return false;
}

/* A tmpfs without a mode takes that of the directory that it covers. */
static void inherit_mode(struct run *run, int target, const char *type,
			 struct mount_options *options)
{
	struct stat st;

	if (!is_equal(type, "tmpfs") || has_option(options->data, "mode=") ||
	    fstat(target, &st) < 0)
		return;
	options->data = arena_printf(run->arena, "%s%smode=%o",
				     options->data ? options->data : "",
				     options->data ? "," : "", st.st_mode & 07777);
}

/* The tmpfs gets what the directory below it holds, and only then may be read-only. */
static int copy_up(int from, int to, const struct mount_options *wanted, struct error *err)
{
	struct mount_options rest = {
		.set = wanted->set & MOUNT_ATTR_RDONLY,
		.set_all = wanted->set_all & MOUNT_ATTR_RDONLY,
	};

	TRY(mount_copy_up(from, to, err));
	return rest.set || rest.set_all ? mount_change(to, &rest, err) : 0;
}

int do_mount_fs(struct run *run, const struct step_mount_fs *step, struct error *err)
{
	struct mount_options options = *step->options;
	bool is_plain = is_equal(step->type, "proc") || is_equal(step->type, "sysfs");

	if (is_plain)
		TRY(refuse_link(run, step->target, err));
	int scoped_fd target =
		TRY(path_make_dir(run->slots[SLOT_ROOT], step->target, POINT_MODE, err));
	inherit_mode(run, target, step->type, &options);
	if (options.tmpcopyup) {
		options.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		options.set_all &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	int scoped_fd made =
		TRY(mount_filesystem(target, step->type, step->source, &options, err));
	if (!options.tmpcopyup)
		return 0;
	return copy_up(target, made, step->options, err);
}

int do_label_mount(struct run *run, const struct step_label_mount *step, struct error *err)
{
	int scoped_fd fd = TRY(path_open(run->slots[SLOT_ROOT], step->target,
					 O_RDONLY | O_DIRECTORY, err));

	TRY(fsetxattr(fd, "security.selinux", step->label, strlen(step->label) + 1, 0), err,
	    "label '%s' as '%s'", step->target, step->label);
	return 0;
}

static int refuse_false_proc(int tree, const char *target, struct error *err)
{
	if (is_equal(target, "/proc") && !path_is_proc(tree))
		return fail(err, ERROR_CONFIG,
			    "only a procfs may be mounted on /proc: it would deceive "
			    "everything that reads it");
	return 0;
}

int do_mount_tree(struct run *run, const struct step_mount_tree *step, struct error *err)
{
	int tree = run->slots[step->slot], root = run->slots[SLOT_ROOT];
	int target_fd;

	TRY(refuse_false_proc(tree, step->target, err));
	if (is_equal(step->target, "/sys") || is_equal(step->target, "/proc"))
		TRY(refuse_link(run, step->target, err));
	target_fd = path_is_dir(tree) ? path_make_dir(root, step->target, POINT_MODE, err)
				      : path_make_file(root, step->target, FILE_MODE, err);
	int scoped_fd target = TRY(target_fd);
	if (path_is_dir(tree) != path_is_dir(target))
		return fail(err, ERROR_CONFIG, "the source '%s' is a %s, the destination '%s' a %s",
			    step->source, path_is_dir(tree) ? "directory" : "file",
			    step->target, path_is_dir(target) ? "directory" : "file");
	return mount_attach(tree, target, step->options, err);
}

int do_change_mount(struct run *run, const struct step_change_mount *step,
		    struct error *err)
{
	int scoped_fd fd =
		TRY(path_open(run->slots[SLOT_ROOT], step->target, O_PATH, err));

	return mount_change(fd, step->options, err);
}

int do_pivot_root(struct run *run, const struct step_pivot_root *step, struct error *err)
{
	int root = run->slots[SLOT_ROOT];

	return step->no_pivot ? mount_move_root(root, err) : mount_pivot(root, err);
}

int do_change_root(struct run *run, const struct step_change_root *step, struct error *err)
{
	(void)step;
	TRY(fchdir(run->slots[SLOT_ROOT]), err, "enter the root file system");
	TRY(chroot("."), err, "change the root directory");
	TRY(chdir("/"), err, "enter the root directory");
	return 0;
}
