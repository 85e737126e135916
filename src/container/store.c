/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See store.h.  The lock is flock(2) on the fd of the state directory: it ends with the
 * process that holds it, however that dies.
 */
#include "container/store.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/notify.h"
#include "kernel/lock.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { MAX_ID = 1024, PATIENCE_MS = 3000 };

const char *const container_status_names[] = {
	[STATUS_CREATING] = "creating", [STATUS_CREATED] = "created",
	[STATUS_RUNNING] = "running",	[STATUS_PAUSED] = "paused",
	[STATUS_STOPPED] = "stopped",
};
static_assert(ARRAY_SIZE(container_status_names) == STATUS_COUNT, "every status has a name");

void container_close(struct container *container)
{
	fd_close(&container->dir);
}

static bool is_id_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_+.-", c));
}

static bool is_id(const char *id)
{
	const char *at = id;

	while (is_id_character(*at))
		at++;
	return !*at && at > id && at - id <= MAX_ID && !is_equal(id, ".") && !is_equal(id, "..");
}

int store_check_id(const char *id, struct error *err)
{
	if (is_empty(id))
		return fail(err, ERROR_USAGE, "container id cannot be empty");
	if (!is_id(id))
		return fail(err, ERROR_USAGE, "invalid container ID format: '%.64s' (letters, "
			    "digits and _ + . - make an id, %d at most)", id, MAX_ID);
	return 0;
}

/* Make the missing parents of a path, and the path itself with the mode. */
static int make_dirs(char *path, mode_t mode)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return -1;
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return -1;
	*slash = 0;
	if (make_dirs(path, 0755) < 0)
		return -1;
	*slash = '/';
	return mkdir(path, mode) == 0 || errno == EEXIST ? 0 : -1;
}

int store_make_root(const char *root, struct error *err)
{
	/* The sticky bit keeps cleaners of XDG_RUNTIME_DIR away. */
	mode_t mode = geteuid() == 0 ? 0711 : 01700;
	struct arena scoped_arena arena = { 0 };
	struct stat st;

	if (is_equal(root, "/"))
		return fail(err, ERROR_USAGE, "the root directory of the state must not be '/'");
	TRY(make_dirs(arena_strdup(&arena, root), mode), err, "make the state directory '%s'",
	    root);
	TRY(stat(root, &st), err, "look at the state directory '%s'", root);
	if (!S_ISDIR(st.st_mode))
		return fail(err, ERROR_USAGE, "'%s' is no directory: name another --root", root);
	return 0;
}

/*
 * The record, or NULL while there is none.  One that cannot be read counts as none: it is
 * replaced atomically, so only a foreign hand can have spoilt it, and delete must go on.
 */
static int read_record(struct arena *arena, struct container *container, struct error *err)
{
	struct oci_problems problems = { 0 };
	int scoped_fd fd = openat(container->dir, STORE_RECORD, O_RDONLY | O_CLOEXEC);
	char *text;
	size_t n;

	container->record = NULL;
	if (fd < 0 && errno == ENOENT)
		return 0;
	TRY(fd, err, "open the record of container '%s'", container->id);
	TRY(file_read_fd(fd, arena, SIZE_MAX / 4, &text, &n), err,
	    "read the record of container '%s'", container->id);
	if (oci_record_read(arena, text, n, &container->record, &problems) < 0)
		container->record = NULL;
	return 0;
}

static int fail_missing(const char *id, struct error *err)
{
	(void)fail(err, ERROR_STATE, "container does not exist: '%s'", id);
	err->code = ENOENT;
	return -1;
}

int store_open(struct arena *arena, const char *root, const char *id,
	       struct container *out, struct error *err)
{
	*out = (struct container){ .id = id, .dir = -1 };
	TRY(store_check_id(id, err));
	out->path = text_join_path(arena, root, id);
	out->dir = open(out->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out->dir < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return fail_missing(id, err);
	TRY(out->dir, err, "open the state directory '%s'", out->path);
	return read_record(arena, out, err);
}

/* The directory may have been removed while we waited for it. */
static int check_locked(struct container *container, struct error *err)
{
	struct stat st;

	TRY(fstat(container->dir, &st), err, "look at container '%s'", container->id);
	if (st.st_nlink == 0)
		return fail_missing(container->id, err);
	container->is_locked = true;
	return 0;
}

int store_lock(struct container *container, struct error *err)
{
	int result;

	do {
		result = flock(container->dir, LOCK_EX);
	} while (result < 0 && errno == EINTR);
	TRY(result, err, "lock container '%s'", container->id);
	return check_locked(container, err);
}

int store_seize(struct container *container, struct error *err)
{
	if (lock_seize(container->dir, PATIENCE_MS, err) < 0) {
		error_context(err, "lock container '%s'", container->id);
		return -1;
	}
	return check_locked(container, err);
}

int store_reload(struct arena *arena, struct container *container, struct error *err)
{
	return read_record(arena, container, err);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int store_list(struct arena *arena, const char *root, char ***out, size_t *out_n,
	       struct error *err)
{
	DIR *dir = opendir(root);
	const struct dirent *entry;
	char **ids = NULL;
	size_t n = 0, room = 0;

	*out = NULL;
	*out_n = 0;
	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return fail_errno(err, "read the state directory '%s'", root);
	while ((entry = readdir(dir)))
		if (is_id(entry->d_name) &&
		    (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN))
			*arena_push(arena, ids, n, room) = arena_strdup(arena, entry->d_name);
	closedir(dir);
	if (n)
		qsort(ids, n, sizeof(*ids), compare_ids);
	*out = ids;
	*out_n = n;
	return 0;
}

int store_remove(struct container *container, const char *root, struct error *err)
{
	int scoped_fd copy = TRY(openat(container->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
				 err, "open the state directory '%s'", container->path);
	DIR *dir = fdopendir(take_fd(copy));
	const struct dirent *entry;

	if (!dir)
		return fail_errno(err, "read the state directory '%s'", container->path);
	while ((entry = readdir(dir))) {
		if (is_equal(entry->d_name, ".") || is_equal(entry->d_name, ".."))
			continue;
		if (is_equal(entry->d_name, NOTIFY_DIR))
			(void)unlinkat(container->dir, NOTIFY_DIR "/" NOTIFY_SOCK, 0);
		/* Whatever cannot go is told by the rmdir. */
		if (unlinkat(container->dir, entry->d_name, 0) < 0)
			(void)unlinkat(container->dir, entry->d_name, AT_REMOVEDIR);
	}
	closedir(dir);
	if (rmdir(container->path) < 0 && errno != ENOENT)
		return fail_errno(err, "remove the state directory '%s' below '%s'",
				  container->path, root);
	return 0;
}
