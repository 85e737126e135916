/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See cgroup.h.  Making and writing; the layout is probed in cgroup-probe.c, controllers
 * are enabled in cgroup-enable.c, processes listed in cgroup-pids.c, killing and removing
 * are in cgroup-remove.c.
 */
#include "base/fd.h"
#include "base/file.h"
#include "kernel/cgroup-internal.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

size_t cgroup_parent_length(const char *path, size_t n)
{
	while (n && path[n - 1] == '/')
		n--;
	while (n && path[n - 1] != '/')
		n--;
	while (n && path[n - 1] == '/')
		n--;
	return n;
}

static int make_levels(struct arena *arena, const char *path, const char **out_topmost,
		       char **out_failed)
{
	size_t whole = strlen(path), n = whole;
	char *level = NULL;

	/* Up to the deepest one that can be made or is there... */
	for (;;) {
		level = arena_strndup(arena, path, n);
		if (mkdir(level, 0755) == 0)
			break;
		*out_failed = level;
		if (errno == EEXIST)
			break;
		if (errno != ENOENT || (n = cgroup_parent_length(path, n)) == 0)
			return -1;
		errno = 0;
	}
	*out_topmost = errno == EEXIST ? NULL : level;
	/* ...and down again. */
	while (n < whole) {
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
		level = arena_strndup(arena, path, n);
		*out_failed = level;
		if (mkdir(level, 0755) == 0)
			*out_topmost = *out_topmost ? *out_topmost : level;
		else if (errno != EEXIST)
			return -1;
	}
	return 0;
}

int cgroup_make(struct arena *arena, const char *path, const char **out_topmost,
		struct error *err)
{
	char *failed = NULL;

	*out_topmost = NULL;
	errno = 0;
	if (make_levels(arena, path, out_topmost, &failed) == 0)
		return 0;
	(void)fail_errno(err, "make the cgroup '%s'", failed);
	if (*out_topmost) { /* best effort: the error is told already */
		struct error ignored;

		(void)cgroup_remove(failed, *out_topmost, 0, &ignored);
	}
	return -1;
}

/* "memory" of "memory.max". */
static int controller_length(const char *file)
{
	return (int)strcspn(file, ".");
}

static const char *advice(int code)
{
	switch (code) {
	case EINVAL:
	case ERANGE:
		return "the kernel does not take this value";
	case EBUSY:
		return "what is in use now exceeds it, or the cgroup is busy";
	case ENOSPC:
		return "the parent cgroup does not have that much to give";
	case ENODEV:
		return "there is no such device";
	case EACCES:
	case EPERM:
		return "the kernel does not allow it; was the cgroup delegated to this user?";
	case EROFS:
		return "the cgroup file system is mounted read-only";
	default:
		return error_words(code);
	}
}

int cgroup_write(const char *dir, const char *file, const char *text, struct error *err)
{
	char path[PATH_MAX];
	int code;

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		return fail(err, ERROR_CONFIG, "the cgroup path '%s' is too long", dir);
	if (file_poke_at(AT_FDCWD, path, text) == 0)
		return 0;
	code = errno;
	if (code == ENOENT)
		(void)fail(err, ERROR_KERNEL,
			   "set '%s' to '%s': the cgroup '%s' has no file of that name; is the "
			   "controller '%.*s' enabled, and can this kernel do it?",
			   file, text, dir, controller_length(file), file);
	else
		(void)fail(err, ERROR_KERNEL, "set '%s' to '%s' in the cgroup '%s': %s", file,
			   text, dir, advice(code));
	err->code = code;
	return -1;
}

int cgroup_read(const char *dir, const char *file, char *buffer, size_t size)
{
	char path[PATH_MAX + 64];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	int scoped_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buffer, size - 1);
	buffer[n < 0 ? 0 : n] = 0;
	while (n > 0 && isspace((unsigned char)buffer[n - 1]))
		buffer[--n] = 0;
	return n < 0 ? -1 : 0;
}
