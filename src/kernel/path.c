/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See path.h.  openat2 does the whole resolution in the kernel.  Where it is missing, and
 * where directories are to be made on the way, walk.c goes component by component.
 */
#include "kernel/path.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/sys.h"
#include "kernel/walk.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

/* openat2 gives EAGAIN when a rename or mount elsewhere races with a '..'. */
static int open_in_root(int rootfd, const char *path, uint64_t flags, uint64_t resolve)
{
	enum { TRIES = 256 };
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = sys_openat2(rootfd, path, flags | O_CLOEXEC, 0,
				 RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd;
}

int path_try_open(int rootfd, const char *path, uint64_t flags)
{
	int fd;

	if (is_empty(path))
		path = "/";
	fd = open_in_root(rootfd, path, flags, 0);
	if (fd < 0 && errno == ENOSYS)
		fd = walk_open(rootfd, path, flags);
	return fd;
}

int path_open(int rootfd, const char *path, uint64_t flags, struct error *err)
{
	return TRY(path_try_open(rootfd, path, flags), err, "open '%s' in the container",
		   path);
}

int path_open_plain(int rootfd, const char *path, uint64_t flags, struct error *err)
{
	int fd;

	if (is_empty(path))
		path = "/";
	fd = open_in_root(rootfd, path, flags, RESOLVE_NO_SYMLINKS);
	if (fd < 0 && errno == ENOSYS)
		fd = walk_open_plain(rootfd, path, flags);
	if (fd < 0 && errno == ELOOP)
		return fail(err, ERROR_CONFIG,
			    "'%s' in the container must not go through a symlink", path);
	return TRY(fd, err, "open '%s' in the container", path);
}

/* The directory part of a path, for the usual case that only the last part is missing. */
static const char *split(const char *path, char dir[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t n = (size_t)(name - path);

	if (n >= PATH_MAX || !*name || is_equal(name, ".") || is_equal(name, ".."))
		return NULL;
	memcpy(dir, path, n);
	dir[n] = 0;
	return name;
}

/* Make the last component where its parent is there; -1 with errno otherwise. */
static int make_last(int rootfd, const char *path, mode_t mode, bool is_dir)
{
	char dir[PATH_MAX];
	const char *name = split(path, dir);

	if (!name) {
		errno = ENOENT;
		return -1;
	}
	int scoped_fd parent = path_try_open(rootfd, dir, O_PATH | O_DIRECTORY);
	if (parent < 0)
		return -1;
	return walk_make(parent, name, mode, is_dir);
}

int path_make_dir(int rootfd, const char *path, mode_t mode, struct error *err)
{
	int fd = path_try_open(rootfd, path, O_PATH | O_DIRECTORY);

	if (fd < 0 && errno == ENOENT)
		fd = make_last(rootfd, path, mode, true);
	if (fd < 0 && (errno == ENOENT || errno == EEXIST || errno == ELOOP))
		fd = walk_make_dir(rootfd, path, mode);
	return TRY(fd, err, "make the directory '%s' in the container", path);
}

int path_make_file(int rootfd, const char *path, mode_t mode, struct error *err)
{
	int fd = path_try_open(rootfd, path, O_PATH);

	if (fd < 0 && errno == ENOENT)
		fd = make_last(rootfd, path, mode, false);
	if (fd < 0 && (errno == ENOENT || errno == EEXIST || errno == ELOOP))
		fd = walk_make_file(rootfd, path, mode);
	return TRY(fd, err, "make the file '%s' in the container", path);
}

int path_open_parent(int rootfd, const char *path, bool make, const char **out_name,
		     struct error *err)
{
	char dir[PATH_MAX];

	*out_name = split(path, dir);
	if (!*out_name)
		return fail(err, ERROR_CONFIG, "'%s' does not end in a file name", path);
	if (make)
		return path_make_dir(rootfd, dir, 0755, err);
	return path_open(rootfd, dir, O_PATH | O_DIRECTORY, err);
}

bool path_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n && dir[n - 1] == '/')
		n--;
	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == 0);
}

static bool has_magic(int fd, unsigned long magic)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

bool path_is_proc(int fd)
{
	return has_magic(fd, PROC_SUPER_MAGIC);
}

bool path_is_sysfs(int fd)
{
	return has_magic(fd, SYSFS_MAGIC);
}

bool path_is_devpts(int fd)
{
	return has_magic(fd, DEVPTS_SUPER_MAGIC);
}

bool path_is_device(int fd, unsigned device_major, unsigned device_minor)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(device_major, device_minor);
}

bool path_is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}
