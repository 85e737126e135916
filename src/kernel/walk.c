/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See walk.h.  '..' does not use the kernel's, which a rename could lead out of the root:
 * what has been resolved is kept as text without symlinks, and the walk begins again at
 * the root with one component less.
 */
#include "kernel/walk.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

enum { MAX_LINKS = 40, MAX_STEPS = 20000 };

struct walk {
	int root, at;		/* at: our own, or -1 for the root itself */
	char done[PATH_MAX];	/* resolved so far: "a/b/" */
	char todo[PATH_MAX];	/* to be resolved */
	unsigned links, steps;
	bool plain;		/* no symlinks */
	bool make_dirs;
	mode_t last_mode;
	bool makes_last, last_is_dir, follow_last;
};

static void free_walk(struct walk *walk)
{
	fd_close(&walk->at);
}

static int here(const struct walk *walk)
{
	return walk->at < 0 ? walk->root : walk->at;
}

static int set_errno(int code)
{
	errno = code;
	return -1;
}

int walk_make(int parent, const char *name, mode_t mode, bool is_dir)
{
	struct stat st;

	if (is_dir) {
		if (mkdirat(parent, name, mode) < 0)
			return -1;
	} else if (mknodat(parent, name, S_IFREG | mode, 0) < 0) {
		return -1;
	}
	int scoped_fd fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	/* Swapped for something else meanwhile: whoever did it gets no service. */
	if (is_dir ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
		return set_errno(EEXIST);
	return take_fd(fd);
}

/* Put text in front of what is still to be resolved; absolute text begins at the root. */
static int prepend(struct walk *walk, const char *text, const char *rest)
{
	char joined[PATH_MAX];

	if (snprintf(joined, sizeof(joined), "%s/%s", text, rest) >= (int)sizeof(joined))
		return set_errno(ENAMETOOLONG);
	memcpy(walk->todo, joined, sizeof(joined));
	if (*text == '/') {
		fd_close(&walk->at);
		walk->done[0] = 0;
	}
	return 0;
}

static int go_up(struct walk *walk, const char *rest)
{
	char text[PATH_MAX + 1] = "/";
	char *slash;
	size_t n = strlen(walk->done);

	if (n)
		walk->done[n - 1] = 0;
	slash = strrchr(walk->done, '/');
	if (slash)
		memcpy(text + 1, walk->done, (size_t)(slash - walk->done));
	return prepend(walk, text, rest);
}

static int follow(struct walk *walk, int link, const char *rest)
{
	char text[PATH_MAX];
	struct statfs fs;
	ssize_t n;

	if (walk->plain || ++walk->links > MAX_LINKS)
		return set_errno(ELOOP);
	n = readlinkat(link, "", text, sizeof(text) - 1);
	if (n < 0)
		return -1;
	if (n == 0 || n == sizeof(text) - 1)
		return set_errno(n ? ENAMETOOLONG : ENOENT);
	text[n] = 0;
	/* procfs' magic links are not what their text says; its plain ones are relative. */
	if (text[0] == '/' && fstatfs(link, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC)
		return set_errno(ELOOP);
	return prepend(walk, text, rest);
}

/* Open the name here; make it where that is wanted. */
static int open_name(struct walk *walk, const char *name, bool is_last)
{
	int fd = openat(here(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (is_last && walk->makes_last)
		fd = walk_make(here(walk), name, walk->last_mode, walk->last_is_dir);
	else if (walk->make_dirs)
		fd = walk_make(here(walk), name, 0755, true);
	else
		return set_errno(ENOENT);
	if (fd < 0 && errno == EEXIST)
		fd = openat(here(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd;
}

static int enter(struct walk *walk, const char *name, const char *rest, bool is_last)
{
	size_t n = strlen(walk->done);
	struct stat st;
	int scoped_fd fd = open_name(walk, name, is_last);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (S_ISLNK(st.st_mode) && (!is_last || walk->follow_last))
		return follow(walk, fd, rest);
	if (!S_ISDIR(st.st_mode) && !is_last)
		return set_errno(ENOTDIR);
	if (snprintf(walk->done + n, sizeof(walk->done) - n, "%s/", name) >=
	    (int)(sizeof(walk->done) - n))
		return set_errno(ENAMETOOLONG);
	fd_close(&walk->at);
	walk->at = take_fd(fd);
	memmove(walk->todo, rest, strlen(rest) + 1);
	return 0;
}

/* One component; 1 when nothing is left. */
static int step(struct walk *walk)
{
	char name[NAME_MAX + 1];
	const char *at = walk->todo + strspn(walk->todo, "/");
	size_t n = strcspn(at, "/");
	const char *rest = at + n;
	bool is_last = rest[strspn(rest, "/")] == 0;

	if (n == 0)
		return 1;
	if (n > NAME_MAX)
		return set_errno(ENAMETOOLONG);
	if (++walk->steps > MAX_STEPS)
		return set_errno(ELOOP);
	memcpy(name, at, n);
	name[n] = 0;
	if (strcmp(name, ".") == 0)
		memmove(walk->todo, rest, strlen(rest) + 1);
	else if (strcmp(name, "..") == 0)
		return go_up(walk, rest);
	else
		return enter(walk, name, rest, is_last);
	return 0;
}

/* Resolve; the fd is an O_PATH one. */
static int run(struct walk *walk, const char *path)
{
	int done = 0;

	if (snprintf(walk->todo, sizeof(walk->todo), "%s", path) >= (int)sizeof(walk->todo))
		return set_errno(ENAMETOOLONG);
	while (done == 0)
		done = step(walk);
	if (done < 0)
		return -1;
	if (walk->at < 0)
		return fcntl(walk->root, F_DUPFD_CLOEXEC, 3);
	return take_fd(walk->at);
}

/* An O_PATH fd turned into one opened with the flags, through our own magic link. */
static int reopen(int fd, uint64_t flags)
{
	char link[64];
	struct stat st;

	if ((flags & O_DIRECTORY) && (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode)))
		return set_errno(ENOTDIR);
	if (flags & O_PATH)
		return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode))
		return set_errno(ELOOP);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return open(link, (int)(flags & ~(uint64_t)O_NOFOLLOW) | O_CLOEXEC);
}

static int open_with(bool plain, int rootfd, const char *path, uint64_t flags)
{
	struct walk __attribute__((cleanup(free_walk))) walk = {
		.root = rootfd, .at = -1, .plain = plain,
		.follow_last = !(flags & O_NOFOLLOW) || plain,
	};
	int scoped_fd fd = run(&walk, path);

	return fd < 0 ? -1 : reopen(fd, flags);
}

int walk_open(int rootfd, const char *path, uint64_t flags)
{
	return open_with(false, rootfd, path, flags);
}

int walk_open_plain(int rootfd, const char *path, uint64_t flags)
{
	return open_with(true, rootfd, path, flags);
}

static int make_with(bool is_dir, int rootfd, const char *path, mode_t mode)
{
	struct walk __attribute__((cleanup(free_walk))) walk = {
		.root = rootfd, .at = -1, .make_dirs = true, .makes_last = true,
		.last_is_dir = is_dir, .last_mode = mode, .follow_last = true,
	};
	int scoped_fd fd = run(&walk, path);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (is_dir && !S_ISDIR(st.st_mode))
		return set_errno(ENOTDIR);
	return take_fd(fd);
}

int walk_make_dir(int rootfd, const char *path, mode_t mode)
{
	return make_with(true, rootfd, path, mode);
}

int walk_make_file(int rootfd, const char *path, mode_t mode)
{
	return make_with(false, rootfd, path, mode);
}
