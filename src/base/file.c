/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See file.h. */
#include "base/file.h"
#include "base/fd.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int write_all(int fd, const void *data, size_t n)
{
	const char *at = data;

	while (n) {
		ssize_t written = write(fd, at, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

/*
 * A first guess at the size: what stat says, or a page for procfs and its like.
 * *out_size: where an ordinary file ends, or 0.
 */
static size_t first_room(int fd, size_t max, size_t *out_size)
{
	struct stat st;
	size_t room = 4096;

	*out_size = 0;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		room = (size_t)st.st_size + 1;
		*out_size = S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
	}
	return room <= max ? room : max + 1;
}

int file_read_fd(int fd, struct arena *arena, size_t max, char **out, size_t *out_n)
{
	size_t size, room = first_room(fd, max, &size), n = 0;
	char *data = arena_alloc(arena, room + 1);

	for (;;) {
		ssize_t got = read(fd, data + n, room - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
		if (n > max) {
			errno = EFBIG;
			return -1;
		}
		/* A read that ends where the file does needs no other to say so. */
		if (n == size)
			break;
		if (n == room) {
			data = arena_grow(arena, data, n, 2 * room + 1);
			room *= 2;
		}
	}
	data[n] = 0;
	*out = data;
	if (out_n)
		*out_n = n;
	return 0;
}

int file_read_at(int dirfd, const char *path, struct arena *arena, char **out,
		 struct error *err)
{
	enum { MAX = 16 * 1024 * 1024 };
	int scoped_fd fd = TRY(openat(dirfd, path, O_RDONLY | O_CLOEXEC), err, "open '%s'",
			       path);

	TRY(file_read_fd(fd, arena, MAX, out, NULL), err, "read '%s'", path);
	return 0;
}

int file_poke_at(int dirfd, const char *path, const char *text)
{
	int scoped_fd fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t n = strlen(text);
	ssize_t written;

	if (fd < 0)
		return -1;
	do {
		written = write(fd, text, n);
	} while (written < 0 && errno == EINTR);
	if (written >= 0 && (size_t)written != n) {
		errno = EIO;
		return -1;
	}
	return written < 0 ? -1 : 0;
}

int file_replace_at(int dirfd, const char *name, const char *data, size_t n, mode_t mode,
		    struct error *err)
{
	const char *slash = strrchr(name, '/');
	int dir_length = slash ? (int)(slash - name) + 1 : 0;
	char temporary[4200];

	snprintf(temporary, sizeof(temporary), "%.*s.%s.%d", dir_length, name,
		 name + dir_length, getpid());
	int scoped_fd fd =
		TRY(openat(dirfd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			   mode),
		    err, "create '%s'", temporary);
	if (write_all(fd, data, n) < 0 || renameat(dirfd, temporary, dirfd, name) < 0) {
		(void)fail_errno(err, "write '%s'", name);
		(void)unlinkat(dirfd, temporary, 0); /* best effort: the error is told */
		return -1;
	}
	return 0;
}
