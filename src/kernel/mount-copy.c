/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tmpcopyup: the contents of a directory copied into a fresh tmpfs.  Both sides by fds,
 * never following a symlink: the directory is the image's.
 */
#include "base/fd.h"
#include "base/text.h"
#include "kernel/mount-internal.h"
#include "kernel/mount.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { MAX_DEPTH = 200, MAX_XATTRS = 65536 };

/* The file systems that cannot hold an attribute (tmpfs: user.*) do not get it. */
static bool is_no_place_for(int code)
{
	return code == ENOTSUP || code == EPERM || code == ENODATA;
}

/* One directory entry on both sides, as paths that lead through the directories' fds. */
struct pair {
	char from[sizeof("/proc/self/fd/") + 12 + NAME_MAX];
	char to[sizeof("/proc/self/fd/") + 12 + NAME_MAX];
};

static int copy_xattr(const struct pair *pair, const char *key)
{
	char value[MAX_XATTRS];
	ssize_t n = lgetxattr(pair->from, key, value, sizeof(value));

	if (n < 0 || lsetxattr(pair->to, key, value, (size_t)n, 0) < 0)
		return is_no_place_for(errno) ? 0 : -1;
	return 0;
}

static int copy_xattrs(int from, int to, const char *name)
{
	char keys[MAX_XATTRS];
	struct pair pair;
	ssize_t n;

	snprintf(pair.from, sizeof(pair.from), "%s/%s", fd_path_of(from).s, name);
	snprintf(pair.to, sizeof(pair.to), "%s/%s", fd_path_of(to).s, name);
	n = llistxattr(pair.from, keys, sizeof(keys));
	if (n < 0)
		return errno == ENOTSUP ? 0 : -1;
	for (char *key = keys; key < keys + n; key += strlen(key) + 1)
		if (copy_xattr(&pair, key) < 0)
			return -1;
	return 0;
}

static int copy_bytes(int from, int to, const char *name)
{
	int scoped_fd in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int scoped_fd out = openat(to, name,
				   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n;

	if (in < 0 || out < 0)
		return -1;
	do {
		n = sendfile(out, in, NULL, 1 << 24);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -1 : 0;
}

static int copy_link(int from, int to, const char *name)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(from, name, text, sizeof(text) - 1);

	if (n < 0)
		return -1;
	text[n] = 0;
	return symlinkat(text, to, name);
}

static int copy_dir(int from, int to, unsigned depth, struct error *err);

static int copy_subdir(int from, int to, const char *name, unsigned depth, struct error *err)
{
	TRY(mkdirat(to, name, 0700), err, "make '%s'", name);
	int scoped_fd in = TRY(openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			       err, "open '%s'", name);
	int scoped_fd out = TRY(openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
				err, "open the copy of '%s'", name);

	return copy_dir(in, out, depth + 1, err);
}

/* Owner before mode: chown clears set-id bits; times last. */
static int copy_attributes(int from, int to, const char *name, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISLNK(st->st_mode) && fchmodat(to, name, st->st_mode & 07777, 0) < 0)
		return -1;
	if (copy_xattrs(from, to, name) < 0)
		return -1;
	return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
}

static int copy_entry(int from, int to, const char *name, unsigned depth, struct error *err)
{
	struct stat st;
	int rc;

	TRY(fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW), err, "look at '%s'", name);
	if (S_ISDIR(st.st_mode))
		TRY(rc = copy_subdir(from, to, name, depth, err));
	else if (S_ISREG(st.st_mode))
		rc = copy_bytes(from, to, name);
	else if (S_ISLNK(st.st_mode))
		rc = copy_link(from, to, name);
	else
		rc = mknodat(to, name, st.st_mode & S_IFMT, st.st_rdev);
	TRY(rc, err, "copy '%s'", name);
	TRY(copy_attributes(from, to, name, &st), err, "copy the attributes of '%s'", name);
	return 0;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int copy_dir(int from, int to, unsigned depth, struct error *err)
{
	int list = TRY(openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err,
		       "open a directory to copy");
	DIR __attribute__((cleanup(close_dir))) *dir = fdopendir(list);
	struct dirent *entry;

	if (!dir) {
		close(list);
		return fail_errno(err, "read a directory to copy");
	}
	if (depth > MAX_DEPTH)
		return fail(err, ERROR_CONFIG, "tmpcopyup: more than %d directories deep",
			    MAX_DEPTH);
	while ((entry = readdir(dir))) {
		if (is_equal(entry->d_name, ".") || is_equal(entry->d_name, ".."))
			continue;
		TRY(copy_entry(from, to, entry->d_name, depth, err));
	}
	return 0;
}

int mount_copy_up(int from_fd, int to_fd, struct error *err)
{
	return copy_dir(from_fd, to_fd, 0, err);
}
