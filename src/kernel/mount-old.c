/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mounting as before Linux 5.2 (and 5.12, for mount_setattr): mount(2) on /proc/self/fd/N.
 * MS_BIND ignores all other flags, so they are set by a remount, which sets every flag
 * anew: those that the mount has are carried over, or the kernel refuses where a user
 * namespace has locked them.
 */
#include "base/fd.h"
#include "base/text.h"
#include "kernel/mount-internal.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#ifndef ST_NOSYMFOLLOW
#define ST_NOSYMFOLLOW 8192
#endif

static const struct {
	uint64_t attr;
	unsigned long flag, stat;
} flags[] = {
	{ MOUNT_ATTR_RDONLY, MS_RDONLY, ST_RDONLY },
	{ MOUNT_ATTR_NOSUID, MS_NOSUID, ST_NOSUID },
	{ MOUNT_ATTR_NODEV, MS_NODEV, ST_NODEV },
	{ MOUNT_ATTR_NOEXEC, MS_NOEXEC, ST_NOEXEC },
	{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, ST_NODIRATIME },
	{ MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW, ST_NOSYMFOLLOW },
};

static unsigned long flags_of_attrs(uint64_t attrs)
{
	unsigned long out = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (attrs & flags[i].attr)
			out |= flags[i].flag;
	if ((attrs & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME)
		return out | MS_NOATIME;
	if ((attrs & MOUNT_ATTR__ATIME) == MOUNT_ATTR_STRICTATIME)
		return out | MS_STRICTATIME;
	return out | MS_RELATIME; /* said aloud, or a remount keeps what there was */
}

/* The attributes that a mount has now. */
static int current_attrs(int fd, uint64_t *out, unsigned long *out_super)
{
	struct statvfs fs;

	if (fstatvfs(fd, &fs) < 0)
		return -1;
	*out = 0;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (fs.f_flag & flags[i].stat)
			*out |= flags[i].attr;
	if (fs.f_flag & ST_NOATIME)
		*out |= MOUNT_ATTR_NOATIME;
	else if (!(fs.f_flag & ST_RELATIME))
		*out |= MOUNT_ATTR_STRICTATIME;
	*out_super = (fs.f_flag & ST_SYNCHRONOUS ? MS_SYNCHRONOUS : 0) |
		     (fs.f_flag & ST_MANDLOCK ? MS_MANDLOCK : 0);
	return 0;
}

/* Remount with the flags that are there, changed as the options say. */
static int remount(int fd, const struct mount_options *o, unsigned long how)
{
	unsigned long super = 0;
	uint64_t attrs;

	if (current_attrs(fd, &attrs, &super) < 0)
		return -1;
	attrs = (attrs & ~o->clear) | o->set;
	super = (super & ~o->super_clear) | o->super_set;
	return mount(NULL, fd_path_of(fd).s, NULL,
		     MS_REMOUNT | how | flags_of_attrs(attrs) | (how ? 0 : super),
		     how ? NULL : o->data);
}

int mount_remount(int fd, const struct mount_options *options, struct error *err)
{
	return TRY(remount(fd, options, 0), err, "remount the file system");
}

int mount_old_change(int fd, const struct mount_options *o, struct error *err)
{
	if (o->set_all | o->clear_all)
		return fail(err, ERROR_CONFIG,
			    "recursive mount options need a kernel of version 5.12 or later");
	if (o->propagation)
		TRY(mount(NULL, fd_path_of(fd).s, NULL,
			  o->propagation | (o->propagation_all ? MS_REC : 0), NULL),
		    err, "set the propagation of the mount");
	if (o->set | o->clear)
		TRY(remount(fd, o, MS_BIND), err, "set the options of the mount");
	return 0;
}

int mount_old_finish(int fd, const struct mount_options *options, struct error *err)
{
	if (!options->keep_peers)
		TRY(mount(NULL, fd_path_of(fd).s, NULL, MS_SLAVE | MS_REC, NULL), err,
		    "cut the mount off from its peers");
	return mount_old_change(fd, options, err);
}

/* A field of /proc/self/fdinfo or of a line of mountinfo: the ids of mounts. */
static int mount_id_of(int fd)
{
	char path[48], line[128];
	int id = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "mnt_id: %d", &id) == 1)
			break;
	if (file)
		fclose(file);
	return id;
}

static int parent_of_mount(int id)
{
	char line[8192];
	int found, parent = -1;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%d %d", &found, &parent) == 2 && found == id)
			break;
		parent = -1;
	}
	if (file)
		fclose(file);
	return parent;
}

/*
 * The root of the mount that was just put on the target.  An fd from before the mount
 * shows what is below it, so the path is opened again and must lead to a mount on exactly
 * that: somebody may be renaming directories under us (CVE-2021-30465).
 */
static int open_top(int target_fd, struct error *err)
{
	char path[PATH_MAX];
	ssize_t n = TRY(readlink(fd_path_of(target_fd).s, path, sizeof(path) - 1), err,
			"find the path of the new mount");

	path[n] = 0;
	int scoped_fd fd = TRY(open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), err,
			       "open the new mount '%s'", path);
	int id = mount_id_of(fd);

	if (id < 0 || parent_of_mount(id) != mount_id_of(target_fd))
		return fail(err, ERROR_KERNEL, "'%s' was moved while it was mounted", path);
	return take_fd(fd);
}

int mount_old_filesystem(int target_fd, const char *type, const char *source,
			 const struct mount_options *o, struct error *err)
{
	uint64_t attrs = (o->set_all & ~o->clear) | o->set;
	int rc = mount(is_empty(source) ? type : source, fd_path_of(target_fd).s, type,
		       flags_of_attrs(attrs) | o->super_set, o->data);

	if (rc < 0 && errno == ENODEV)
		return fail(err, ERROR_CONFIG, "this kernel knows no file system '%s'", type);
	if (rc < 0)
		return fail_errno(err, "mount file system '%s' with the data '%s'", type,
				  o->data ? o->data : "");
	int scoped_fd fd = TRY(open_top(target_fd, err));
	if (o->propagation)
		TRY(mount(NULL, fd_path_of(fd).s, NULL, o->propagation, NULL), err,
		    "set the propagation of '%s'", type);
	return take_fd(fd);
}

int mount_old_attach(int source_fd, int target_fd, const struct mount_options *options,
		     struct error *err)
{
	unsigned long rec = options->rbind ? MS_REC : 0;

	TRY(mount(fd_path_of(source_fd).s, fd_path_of(target_fd).s, NULL, MS_BIND | rec, NULL),
	    err, "bind the mount");
	int scoped_fd fd = TRY(open_top(target_fd, err));
	return mount_old_finish(fd, options, err);
}
