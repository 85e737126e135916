/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which processes a cgroup holds, and whether a new container may have it.
 */
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup-internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

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

	if (cgroup_read(path, "cgroup.events", text, sizeof(text)) == 0) {
		is_frozen = strstr(text, "frozen 1");
		n = strstr(text, "populated 1") != NULL;
	} else {
		is_frozen = cgroup_read(path, "freezer.state", text, sizeof(text)) == 0 &&
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
