/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See cgroup.h.  Making and writing; the layout is probed in cgroup-probe.c, killing and
 * removing are in cgroup-remove.c.
 */
#include "kernel/cgroup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The length of the path's parent; 0 when there is none. */
static size_t parent_length(const char *path, size_t n)
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
		if (errno != ENOENT || (n = parent_length(path, n)) == 0)
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

/* Whether the blank-separated list has the word. */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += n)
		if ((at == list || isspace((unsigned char)at[-1])) &&
		    (at[n] == 0 || isspace((unsigned char)at[n])))
			return true;
	return false;
}

static int read_small(const char *dir, const char *file, char *buffer, size_t size)
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

static bool is_enabled(const char *dir, const char *controller)
{
	char list[512];

	return read_small(dir, "cgroup.subtree_control", list, sizeof(list)) == 0 &&
	       has_word(list, controller);
}

static int enable_here(const char *dir, const char *controller, struct error *err)
{
	char path[PATH_MAX + sizeof("/cgroup.subtree_control")], text[80];

	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", dir);
	snprintf(text, sizeof(text), "+%s", controller);
	if (file_poke_at(AT_FDCWD, path, text) == 0)
		return 0;
	if (errno == EBUSY)
		return fail(err, ERROR_KERNEL,
			    "enable the controller '%s' below the cgroup '%s': it has processes "
			    "of its own; move them into a cgroup below it",
			    controller, dir);
	if (errno == ENOENT)
		return fail(err, ERROR_KERNEL,
			    "enable the controller '%s' below the cgroup '%s': the controller is "
			    "not available there",
			    controller, dir);
	return fail_errno(err, "enable the controller '%s' below the cgroup '%s'", controller,
			  dir);
}

int cgroup_enable(const char *mount, const char *path, const char *controller,
		  struct error *err)
{
	size_t whole = parent_length(path, strlen(path)), n = whole;
	size_t top = strlen(mount);
	char dir[PATH_MAX];

	if (whole >= sizeof(dir))
		return fail(err, ERROR_CONFIG, "the cgroup path '%s' is too long", path);
	/* Up to a level where it is enabled already: those above are not ours to touch. */
	for (; n >= top; n = parent_length(path, n)) {
		snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
		if (is_enabled(dir, controller))
			break;
		if (n <= top)
			break;
	}
	if (n > top || (n == top && is_enabled(mount, controller))) {
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
	}
	while (n <= whole) {
		snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
		TRY(enable_here(dir, controller, err));
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
	}
	return 0;
}

/* cpuset may be mounted with "noprefix". */
static int read_cpuset(const char *dir, const char *name, char *buffer, size_t size)
{
	char prefixed[32];

	snprintf(prefixed, sizeof(prefixed), "cpuset.%s", name);
	if (read_small(dir, prefixed, buffer, size) == 0)
		return 0;
	return read_small(dir, name, buffer, size);
}

static int write_cpuset(const char *dir, const char *name, const char *text,
			struct error *err)
{
	char prefixed[32];

	snprintf(prefixed, sizeof(prefixed), "cpuset.%s", name);
	if (cgroup_write(dir, prefixed, text, err) == 0)
		return 0;
	if (err->code != ENOENT)
		return -1;
	return cgroup_write(dir, name, text, err);
}

static int inherit_cpuset(const char *dir, const char *parent, struct error *err)
{
	static const char *const names[] = { "cpus", "mems" };
	char text[4096];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (read_cpuset(dir, names[i], text, sizeof(text)) == 0 && text[0])
			continue;
		TRY(read_cpuset(parent, names[i], text, sizeof(text)), err,
		    "read the cpuset of '%s'", parent);
		TRY(write_cpuset(dir, names[i], text, err));
	}
	return 0;
}

int cgroup_fill_cpuset(const char *mount, const char *path, struct error *err)
{
	size_t whole = strlen(path), n = strlen(mount);
	char dir[PATH_MAX], parent[PATH_MAX];

	if (whole >= sizeof(dir))
		return fail(err, ERROR_CONFIG, "the cgroup path '%s' is too long", path);
	snprintf(parent, sizeof(parent), "%s", mount);
	while (n < whole) {
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
		snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
		TRY(inherit_cpuset(dir, parent, err));
		memcpy(parent, dir, sizeof(dir));
	}
	return 0;
}

struct pid_list {
	struct arena *arena;
	pid_t *items;
	size_t n, room;
};

static int add_pids(struct pid_list *list, const char *path, struct error *err)
{
	char *text, *at, *state = NULL;
	int rc = file_read_at(AT_FDCWD, text_join_path(list->arena, path, "cgroup.procs"),
			      list->arena, &text, err);

	/* A threaded cgroup lists threads only. */
	if (rc < 0 && err->code == EOPNOTSUPP)
		rc = file_read_at(AT_FDCWD, text_join_path(list->arena, path, "cgroup.threads"),
				  list->arena, &text, err);
	if (rc < 0)
		return err->code == ENOENT || err->code == ENODEV ? 0 : rc;
	for (at = strtok_r(text, "\n", &state); at; at = strtok_r(NULL, "\n", &state)) {
		pid_t pid = atoi(at);

		if (pid > 0) /* 0: of a pid namespace that we cannot see */
			*arena_push(list->arena, list->items, list->n, list->room) = pid;
	}
	return 0;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int add_pids_below(struct pid_list *list, const char *path, struct error *err)
{
	DIR __attribute__((cleanup(close_dir))) *dir = opendir(path);
	struct dirent *entry;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return fail_errno(err, "read the cgroup '%s'", path);
	TRY(add_pids(list, path, err));
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		TRY(add_pids_below(list, text_join_path(list->arena, path, entry->d_name), err));
	}
	return 0;
}

int cgroup_pids(struct arena *arena, const char *path, bool recursive, pid_t **out,
		size_t *out_n, struct error *err)
{
	struct pid_list list = { .arena = arena };

	if (recursive)
		TRY(add_pids_below(&list, path, err));
	else
		TRY(add_pids(&list, path, err));
	*out = list.items;
	*out_n = list.n;
	return 0;
}

/* Version 2 says both in one file; version 1 needs the list and the freezer's own. */
int cgroup_is_usable(const char *path, struct error *err)
{
	struct arena scoped_arena arena = { 0 };
	char text[512];
	bool is_frozen;
	pid_t *pids;
	size_t n;

	if (read_small(path, "cgroup.events", text, sizeof(text)) == 0) {
		is_frozen = strstr(text, "frozen 1");
		n = strstr(text, "populated 1") != NULL;
	} else {
		is_frozen = read_small(path, "freezer.state", text, sizeof(text)) == 0 &&
			    !is_equal(text, "THAWED");
		TRY(cgroup_pids(&arena, path, true, &pids, &n, err));
	}
	if (n)
		return fail(err, ERROR_STATE,
			    "the cgroup '%s' holds processes; end them or set another "
			    "linux.cgroupsPath", path);
	if (is_frozen)
		return fail(err, ERROR_STATE,
			    "the cgroup '%s' is frozen; thaw it or set another "
			    "linux.cgroupsPath", path);
	return 0;
}
