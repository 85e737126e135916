/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The store in a directory of its own: ids, records that are missing, spoilt or of dead
 * processes, the lock, and removal.  No container and no privilege is needed.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/container.h"
#include "container/store.h"
#include "kernel/proc.h"
#include "kernel/socket.h"
#include "tests/unit/suite.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char root[] = "/tmp/test-store-XXXXXX";
static struct arena arena;
static struct error err;

static void set_up(void)
{
	strcpy(strrchr(root, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	arena = (struct arena){ 0 };
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	struct container container;
	char **ids;
	size_t n;

	ck_assert_int_eq(store_list(&arena, root, &ids, &n, &err), 0);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(store_open(&arena, root, ids[i], &container, &err), 0);
		ck_assert_int_eq(store_remove(&container, root, &err), 0);
		container_close(&container);
	}
	ck_assert_int_eq(rmdir(root), 0);
	arena_free(&arena);
}

static const char *in_root(const char *name)
{
	return text_join_path(&arena, root, name);
}

/* A container with that record; NULL: none yet. */
static void put(const char *id, const char *record)
{
	ck_assert_int_eq(mkdir(in_root(id), 0700), 0);
	if (record)
		ck_assert_int_eq(file_replace_at(AT_FDCWD,
						 arena_printf(&arena, "%s/%s/" STORE_RECORD, root,
							      id),
						 record, strlen(record), 0600, &err), 0);
}

static void put_process(const char *id, pid_t pid, const char *status)
{
	uint64_t start = 0;

	ck_assert_int_eq(proc_start_time(pid, &start), 0);
	put(id, arena_printf(&arena,
			     "{\"id\":\"%s\",\"pid\":%d,\"startTime\":%llu,\"status\":\"%s\","
			     "\"bundle\":\"/b\",\"created\":\"2026-01-02T03:04:05Z\",\"owner\":0}",
			     id, pid, (unsigned long long)start, status));
}

/* A process that only a signal ends. */
static pid_t start_sleeper(void)
{
	pid_t child;

	signal(SIGTERM, SIG_DFL); /* the test runner catches it, and children would */
	child = fork();
	if (child == 0)
		for (;;)
			pause();
	return child;
}

static const char *status_of(const char *id)
{
	struct container scoped_container container = { .dir = -1 };

	ck_assert_msg(store_open(&arena, root, id, &container, &err) == 0, "%s", err.text);
	return container_status_names[store_status(&container)];
}

/* OP-create-badid: what is an id and what is none. */
START_TEST(what_is_an_id)
{
	static const char *const good[] = { "a", "A.b_c+d-e", "0", "...", "-x", ".x" };
	static const char *const bad[] = { "", ".", "..", "a/b", "a b", "a\n", "@seccomp",
					   "\xc3\xa4", "a:b", "a\\b", "*" };
	char longest[1026];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		ck_assert_msg(store_check_id(good[i], &err) == 0, "%s", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ck_assert_msg(store_check_id(bad[i], &err) < 0, "%s", bad[i]);
	memset(longest, 'x', sizeof(longest));
	longest[1025] = 0;
	ck_assert_int_lt(store_check_id(longest, &err), 0);
	longest[1024] = 0;
	ck_assert_int_eq(store_check_id(longest, &err), 0);
}
END_TEST

START_TEST(root_is_made_and_checked)
{
	const char *deep = in_root("a/b/c");
	struct stat st;

	ck_assert_int_eq(store_make_root(deep, &err), 0);
	ck_assert_int_eq(store_make_root(deep, &err), 0);
	ck_assert_int_eq(stat(deep, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0077, geteuid() == 0 ? 0011 : 0);
	ck_assert_int_lt(store_make_root("/", &err), 0);
	ck_assert_int_eq(rmdir(deep), 0);
	ck_assert_int_eq(rmdir(in_root("a/b")), 0);
}
END_TEST

/* OP-state-unknown */
START_TEST(missing_container)
{
	struct container scoped_container container = { .dir = -1 };

	ck_assert_int_lt(store_open(&arena, root, "nope", &container, &err), 0);
	ck_assert_int_eq(err.kind, ERROR_STATE);
	ck_assert_int_eq(err.code, ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "container does not exist"));
}
END_TEST

START_TEST(list_is_sorted_and_knows_ids_only)
{
	char **ids;
	size_t n;

	put("b", NULL);
	put("a", NULL);
	ck_assert_int_eq(mkdir(in_root(STORE_CACHE), 0700), 0);
	ck_assert_int_eq(store_list(&arena, root, &ids, &n, &err), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(ids[0], "a");
	ck_assert_str_eq(ids[1], "b");
	ck_assert_int_eq(rmdir(in_root(STORE_CACHE)), 0);
	ck_assert_int_eq(store_list(&arena, "/no/such/root", &ids, &n, &err), 0);
	ck_assert_uint_eq(n, 0);
}
END_TEST

/* S-st-running, S-st-stopped: pid and start time decide, not the record's word. */
START_TEST(status_of_processes)
{
	pid_t child = start_sleeper();

	put_process("runs", child, "running");
	put("reused", arena_printf(&arena, "{\"id\":\"reused\",\"pid\":%d,\"startTime\":1,"
				   "\"status\":\"running\"}", child));
	put_process("ours", child, "created");
	ck_assert_str_eq(status_of("runs"), "running");
	ck_assert_str_eq(status_of("reused"), "stopped");
	/* Nobody listens on its socket any more: the program runs. */
	ck_assert_str_eq(status_of("ours"), "running");
	kill(child, SIGKILL);
	/* A zombie has exited. */
	ck_assert_int_eq(waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT), 0);
	ck_assert_str_eq(status_of("runs"), "stopped");
	waitpid(child, NULL, 0);
	ck_assert_str_eq(status_of("runs"), "stopped");
}
END_TEST

/* S-st-created: as long as somebody listens, who is not disturbed by being asked. */
START_TEST(status_created)
{
	struct container scoped_container container = { .dir = -1 };
	int scoped_fd fd = -1;

	put_process("c", getpid(), "created");
	ck_assert_int_eq(store_open(&arena, root, "c", &container, &err), 0);
	fd = socket_listen_at(container.dir, STORE_SOCKET, SOCK_SEQPACKET, &err);
	ck_assert_msg(fd >= 0, "%s", err.text);
	ck_assert_str_eq(status_of("c"), "created");
	ck_assert_int_lt(socket_accept(fd, 0, &err), 0);
	fd_close(&fd);
	ck_assert_str_eq(status_of("c"), "running");
}
END_TEST

/* S-st-creating: while the creator holds the lock; a crashed create counts as stopped. */
START_TEST(status_creating)
{
	struct container scoped_container container = { .dir = -1 };

	put("none", NULL);
	put("begun", "{\"id\":\"begun\",\"status\":\"creating\"}");
	put("spoilt", "{\"id\":");
	ck_assert_str_eq(status_of("none"), "stopped");
	ck_assert_str_eq(status_of("begun"), "stopped");
	ck_assert_str_eq(status_of("spoilt"), "stopped");
	ck_assert_int_eq(store_open(&arena, root, "begun", &container, &err), 0);
	ck_assert_int_eq(store_lock(&container, &err), 0);
	ck_assert_str_eq(status_of("begun"), "creating");
	/* To the one who holds the lock it is a crashed one. */
	ck_assert_int_eq(store_status(&container), STATUS_STOPPED);
}
END_TEST

/* Who waited for the lock of a container that was deleted meanwhile gets to know. */
START_TEST(lock_of_a_deleted_container)
{
	struct container scoped_container first = { .dir = -1 }, scoped_container second = {
		.dir = -1 };

	put("c", "{\"id\":\"c\",\"status\":\"creating\"}");
	ck_assert_int_eq(store_open(&arena, root, "c", &first, &err), 0);
	ck_assert_int_eq(store_open(&arena, root, "c", &second, &err), 0);
	ck_assert_int_eq(store_lock(&first, &err), 0);
	ck_assert_int_eq(store_remove(&first, root, &err), 0);
	container_close(&first);
	ck_assert_int_lt(store_lock(&second, &err), 0);
	ck_assert_int_eq(err.code, ENOENT);
}
END_TEST

START_TEST(delete_of_what_a_crash_left)
{
	struct request request = { .root = root, .id = "c" };

	put("c", "{\"id\":\"c\",\"status\":\"creating\"}");
	ck_assert_int_eq(container_delete(&arena, &request, &err), 0);
	ck_assert_int_lt(container_delete(&arena, &request, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "does not exist"));
	request.force = true;
	ck_assert_int_eq(container_delete(&arena, &request, &err), 0);
}
END_TEST

/* OP-kill-wrong: nothing is ever sent to a pid that belongs to another process now. */
START_TEST(kill_never_hits_a_reused_pid)
{
	struct request request = { .root = root, .id = "c", .signal = "KILL" };

	put("c", arena_printf(&arena, "{\"id\":\"c\",\"pid\":%d,\"startTime\":1,"
			      "\"status\":\"running\"}", getpid()));
	ck_assert_int_lt(container_kill(&arena, &request, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "container not running"));
	request.all = true;
	ck_assert_int_eq(container_kill(&arena, &request, &err), 0);
}
END_TEST

/* OP-del-wrong, AN-stopsig */
START_TEST(kill_and_delete_by_state)
{
	struct request request = { .root = root, .id = "c" };
	pid_t child = start_sleeper();
	int status;

	put_process("c", child, "running");
	ck_assert_int_lt(container_delete(&arena, &request, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot delete container c that is not stopped: "
				     "running"));
	request.signal = "nonsense";
	ck_assert_int_lt(container_kill(&arena, &request, &err), 0);
	request.signal = NULL;
	ck_assert_int_eq(container_kill(&arena, &request, &err), 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	ck_assert_int_eq(container_delete(&arena, &request, &err), 0);
}
END_TEST

START_TEST(force_kills)
{
	struct request request = { .root = root, .id = "c", .force = true };
	pid_t child = start_sleeper();
	int status;

	put_process("c", child, "running");
	ck_assert_msg(container_delete(&arena, &request, &err) == 0, "%s", err.text);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
END_TEST

START_TEST(regular_expressions)
{
	struct request request = { .root = root, .id = "^a", .is_regex = true };
	char **ids;
	size_t n;

	put("a1", NULL);
	put("a2", NULL);
	put("b", NULL);
	ck_assert_int_eq(container_delete(&arena, &request, &err), 0);
	ck_assert_int_eq(store_list(&arena, root, &ids, &n, &err), 0);
	ck_assert_uint_eq(n, 1);
	request.id = "(";
	ck_assert_int_lt(container_delete(&arena, &request, &err), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("store");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, what_is_an_id);
	tcase_add_test(tc, root_is_made_and_checked);
	tcase_add_test(tc, missing_container);
	tcase_add_test(tc, list_is_sorted_and_knows_ids_only);
	tcase_add_test(tc, status_of_processes);
	tcase_add_test(tc, status_created);
	tcase_add_test(tc, status_creating);
	tcase_add_test(tc, lock_of_a_deleted_container);
	tcase_add_test(tc, delete_of_what_a_crash_left);
	tcase_add_test(tc, kill_never_hits_a_reused_pid);
	tcase_add_test(tc, kill_and_delete_by_state);
	tcase_add_test(tc, force_kills);
	tcase_add_test(tc, regular_expressions);
	return run_cases("store", tc);
}
