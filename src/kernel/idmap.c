/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See idmap.h. */
#include "kernel/idmap.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_of(pid_t pid, const char *file, const char *text, struct error *err)
{
	char path[64];
	int rc;

	if (pid > 0)
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	else
		snprintf(path, sizeof(path), "/proc/self/%s", file);
	rc = file_poke_at(AT_FDCWD, path, text);
	if (rc < 0 && errno == EPERM && has_suffix(file, "_map"))
		return fail(err, ERROR_KERNEL,
			    "write '%s' to '%s': the kernel does not allow it; without privileges "
			    "only the own id can be mapped, or ranges of /etc/subuid and "
			    "/etc/subgid with newuidmap and newgidmap installed",
			    text, path);
	return TRY(rc, err, "write '%s' to '%s'", text, path);
}

int idmap_write(pid_t pid, const char *uid_map, const char *gid_map, bool deny_setgroups,
		struct error *err)
{
	if (deny_setgroups)
		TRY(write_of(pid, "setgroups", "deny", err));
	TRY(write_of(pid, "gid_map", gid_map, err));
	return write_of(pid, "uid_map", uid_map, err);
}

int time_offsets_write(pid_t pid, const char *text, struct error *err)
{
	return write_of(pid, "timens_offsets", text, err);
}

static const char *find_helper(struct arena *arena, const char *name)
{
	static const char *const dirs[] = { "/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char *path = text_join_path(arena, dirs[i], name);

		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

/* "newuidmap PID inside outside count ..." */
static char **arguments(struct arena *arena, const char *path, pid_t pid, const char *map)
{
	size_t room = 0, n = 0;
	char **argv = NULL, *word, *state = NULL, *copy = arena_strdup(arena, map);

	*arena_push(arena, argv, n, room) = arena_strdup(arena, path);
	*arena_push(arena, argv, n, room) = arena_printf(arena, "%d", pid);
	for (word = strtok_r(copy, " \n", &state); word; word = strtok_r(NULL, " \n", &state))
		*arena_push(arena, argv, n, room) = word;
	*arena_push(arena, argv, n, room) = NULL;
	return argv;
}

/* Run with an empty environment; what it says on standard error goes to *out_words. */
static int run_helper(struct arena *arena, char **argv, char **out_words, int *out_status,
		      struct error *err)
{
	char *no_environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], rc;
	pid_t child;

	TRY(pipe2(ends, O_CLOEXEC), err, "make a pipe");
	int scoped_fd in = ends[0];
	int scoped_fd out = ends[1];
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	errno = posix_spawn(&child, argv[0], &actions, NULL, argv, no_environment);
	posix_spawn_file_actions_destroy(&actions);
	if (errno)
		return fail_errno(err, "run '%s'", argv[0]);
	fd_close(&out);
	rc = file_read_fd(in, arena, 4096, out_words, NULL);
	while (waitpid(child, out_status, 0) < 0)
		if (errno != EINTR)
			return fail_errno(err, "wait for '%s'", argv[0]);
	return TRY(rc, err, "read from '%s'", argv[0]);
}

static int map_with_helper(const char *name, pid_t pid, const char *map, struct error *err)
{
	struct arena scoped_arena arena = { 0 };
	const char *path = find_helper(&arena, name);
	char *words = NULL;
	int status = 0;

	if (!path)
		return fail(err, ERROR_CONFIG, "'%s' is not installed (package uidmap)", name);
	TRY(run_helper(&arena, arguments(&arena, path, pid, map), &words, &status, err));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	words[strcspn(words, "\n")] = 0;
	return fail(err, ERROR_KERNEL,
		    "'%s' refused the map '%s' (%s): give this user these ids in /etc/sub%cid, or "
		    "take others",
		    path, map, words, name[3]);
}

int idmap_write_with_helpers(pid_t pid, const char *uid_map, const char *gid_map,
			     struct error *err)
{
	TRY(map_with_helper("newgidmap", pid, gid_map, err));
	return map_with_helper("newuidmap", pid, uid_map, err);
}

/* A child that does nothing but hold its user namespace open. */
static pid_t hold_namespace(struct error *err)
{
	/* No exit signal: its end is nobody's business but ours. */
	struct clone_args args = { .flags = CLONE_NEWUSER };
	pid_t child = TRY(sys_clone3(&args), err, "make a user namespace for an id-mapped mount");

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return child;
}

int idmap_namespace(const char *uid_map, const char *gid_map, struct error *err)
{
	pid_t child = TRY(hold_namespace(err));
	char path[64];
	int fd = -1, rc = idmap_write(child, uid_map, gid_map, false, err);

	if (rc == 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", child);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			(void)fail_errno(err, "open '%s'", path);
	}
	kill(child, SIGKILL);
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		;
	return fd;
}

/* "name:first:count" */
static bool parse_range(char *line, const char *name, const char *id, struct id_range *out)
{
	char *at = line, *who = strsep(&at, ":"), *first = strsep(&at, ":");
	uint64_t a, n;

	if (!is_equal(who, name) && !is_equal(who, id))
		return false;
	if (!first || !at || !text_to_u64(first, UINT32_MAX, &a) ||
	    !text_to_u64(at, UINT32_MAX, &n))
		return false;
	*out = (struct id_range){ (uint32_t)a, (uint32_t)n };
	return true;
}

struct id_range idmap_sub_range(const char *file, const char *user_name, uid_t uid)
{
	struct arena scoped_arena arena = { 0 };
	struct id_range range = { 0 };
	char *text, *line, *id = arena_printf(&arena, "%u", uid);
	struct error err;

	if (file_read_at(AT_FDCWD, file, &arena, &text, &err) < 0)
		return range;
	while ((line = strsep(&text, "\n")))
		if (parse_range(line, user_name, id, &range))
			break;
	return range;
}
