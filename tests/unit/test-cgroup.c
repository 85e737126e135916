/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cgroups of the running kernel, in directories of the test's own.  Needs root and a
 * writable hierarchy; without, only the probe is tested.
 */
#include "base/arena.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/proc.h"
#include "tests/unit/suite.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static struct error err;
static struct facts facts;

/* A cgroup in the hierarchy that has the controller, or the unified one for NULL. */
static char *place(const char *controller)
{
	ck_assert_msg(cgroup_probe(&arena, &facts, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < facts.n_hierarchies; i++) {
		const struct cgroup_hierarchy *h = &facts.hierarchies[i];

		if (controller ? !h->is_v2 && is_equal(h->controllers, controller) : h->is_v2)
			return arena_printf(&arena, "%s/ocirt-test-%d", h->mount, getpid());
	}
	return NULL;
}

/* A process in the cgroup that ignores the polite signals. */
static pid_t put_process(const char *cgroup)
{
	char *file = text_join_path(&arena, cgroup, "cgroup.procs");
	int ends[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGTERM, SIG_IGN);
		if (file_poke_at(AT_FDCWD, file, "0") < 0)
			_exit(1);
		(void)!write(ends[1], "x", 1);
		for (;;)
			pause();
	}
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

START_TEST(probe)
{
	ck_assert_int_eq(cgroup_probe(&arena, &facts, &err), 0);
	for (size_t i = 0; i < facts.n_hierarchies; i++) {
		const struct cgroup_hierarchy *h = &facts.hierarchies[i];

		ck_assert_int_eq(h->mount[0], '/');
		ck_assert_int_eq(h->own[0], '/');
		ck_assert_ptr_nonnull(h->controllers);
		ck_assert_int_eq(access(arena_printf(&arena, "%s%s/cgroup.procs", h->mount,
						     h->own), F_OK), 0);
	}
}
END_TEST

static const char *const kinds[] = { "freezer", "pids", NULL };

/* CG: mkdir -p tells the topmost directory; removing goes up to it. */
START_TEST(make_and_remove)
{
	char *top = place(kinds[_i]), *deep;
	const char *topmost;

	if (!top)
		return;
	deep = text_join_path(&arena, top, "a/b");
	ck_assert_msg(cgroup_make(&arena, deep, &topmost, &err) == 0, "%s", err.text);
	ck_assert_str_eq(topmost, top);
	ck_assert_int_eq(cgroup_make(&arena, deep, &topmost, &err), 0);
	ck_assert_ptr_null(topmost);
	ck_assert_int_eq(cgroup_make(&arena, text_join_path(&arena, top, "a/c"), &topmost, &err),
			 0);
	ck_assert_str_eq(topmost, text_join_path(&arena, top, "a/c"));
	/* Stops where somebody else uses a parent. */
	ck_assert_int_eq(cgroup_remove(deep, top, 100, &err), 0);
	ck_assert_int_lt(access(deep, F_OK), 0);
	ck_assert_int_eq(access(text_join_path(&arena, top, "a/c"), F_OK), 0);
	ck_assert_int_eq(cgroup_remove(text_join_path(&arena, top, "a/c"), top, 100, &err), 0);
	ck_assert_int_lt(access(top, F_OK), 0);
	ck_assert_int_eq(cgroup_remove(deep, top, 100, &err), 0);
}
END_TEST

START_TEST(remove_whole_tree)
{
	char *top = place(kinds[_i]);
	const char *topmost;

	if (!top)
		return;
	ck_assert_int_eq(cgroup_make(&arena, text_join_path(&arena, top, "x/y/z"), &topmost, &err),
			 0);
	ck_assert_int_eq(cgroup_remove(top, NULL, 100, &err), 0);
	ck_assert_int_lt(access(top, F_OK), 0);
}
END_TEST

START_TEST(kill_all)
{
	char *top = place(kinds[_i]), *below;
	const char *topmost, *paths[1];
	pid_t first, second, *pids;
	int status;
	size_t n;

	if (!top)
		return;
	below = text_join_path(&arena, top, "below");
	ck_assert_int_eq(cgroup_make(&arena, below, &topmost, &err), 0);
	ck_assert_int_eq(cgroup_is_usable(top, &err), 0);
	first = put_process(top);
	second = put_process(below);
	ck_assert_int_eq(cgroup_pids(&arena, top, true, &pids, &n, &err), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_int_lt(cgroup_is_usable(top, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "processes"));
	ck_assert_int_lt(cgroup_remove(top, NULL, 20, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "state S"));
	paths[0] = top;
	ck_assert_int_eq(cgroup_kill(paths, 1, SIGTERM, 0, &err), 0);
	ck_assert_int_eq(waitpid(first, &status, WNOHANG), 0);
	signal(SIGCHLD, SIG_IGN); /* nobody need wait for them */
	ck_assert_msg(cgroup_kill(paths, 1, SIGKILL, 5000, &err) == 0, "%s", err.text);
	ck_assert_int_eq(proc_state(first) | proc_state(second), 0);
	ck_assert_msg(cgroup_remove(below, topmost, 5000, &err) == 0, "%s", err.text);
	ck_assert_int_lt(access(top, F_OK), 0);
}
END_TEST

/* Also a frozen one, and never ourselves. */
START_TEST(kill_frozen)
{
	char *top = place("freezer");
	const char *topmost, *paths[1] = { top };
	pid_t pid;

	if (!top)
		return;
	ck_assert_int_eq(cgroup_make(&arena, top, &topmost, &err), 0);
	pid = put_process(top);
	ck_assert_int_eq(cgroup_write(top, "freezer.state", "FROZEN", &err), 0);
	signal(SIGCHLD, SIG_IGN);
	ck_assert_msg(cgroup_kill(paths, 1, SIGKILL, 5000, &err) == 0, "%s", err.text);
	ck_assert_int_eq(proc_state(pid), 0);
	pid = put_process(top);
	ck_assert_int_eq(cgroup_write(top, "tasks", "0", &err), 0);
	ck_assert_msg(cgroup_kill(paths, 1, SIGKILL, 5000, &err) == 0, "%s", err.text);
	ck_assert_int_eq(proc_state(pid), 0);
	ck_assert_int_eq(file_poke_at(AT_FDCWD,
				      text_join_path(&arena, top, "../tasks"), "0"), 0);
	ck_assert_int_eq(cgroup_remove(top, topmost, 5000, &err), 0);
}
END_TEST

START_TEST(writes_explain_themselves)
{
	char *top = place("pids");
	const char *topmost;

	if (!top)
		return;
	ck_assert_int_eq(cgroup_make(&arena, top, &topmost, &err), 0);
	ck_assert_int_eq(cgroup_write(top, "pids.max", "100", &err), 0);
	ck_assert_int_lt(cgroup_write(top, "pids.max", "banana", &err), 0);
	ck_assert_int_eq(err.code, EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "set 'pids.max' to 'banana'"));
	ck_assert_int_lt(cgroup_write(top, "memory.max", "1", &err), 0);
	ck_assert_int_eq(err.code, ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "controller 'memory'"));
	ck_assert_int_eq(cgroup_remove(top, topmost, 100, &err), 0);
}
END_TEST

/* Every level gets cpus and mems, or no process could enter. */
START_TEST(cpuset)
{
	char *top = place("cpuset"), *deep;
	const char *topmost;
	pid_t pid;

	if (!top)
		return;
	deep = text_join_path(&arena, top, "a/b");
	ck_assert_int_eq(cgroup_make(&arena, deep, &topmost, &err), 0);
	ck_assert_msg(cgroup_fill_cpuset("/sys/fs/cgroup/cpuset", deep, &err) == 0, "%s",
		      err.text);
	pid = put_process(deep);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(cgroup_remove(deep, topmost, 5000, &err), 0);
	ck_assert_int_lt(access(top, F_OK), 0);
}
END_TEST

/* A controller of the unified hierarchy, down to the parent of the cgroup. */
START_TEST(enable)
{
	char *top = place(NULL), *deep, *text;
	const struct cgroup_hierarchy *h;
	const char *topmost;

	if (!top)
		return;
	h = &facts.hierarchies[facts.n_hierarchies - 1];
	if (!h->controllers[0])
		return;
	deep = text_join_path(&arena, top, "a/b");
	ck_assert_int_eq(cgroup_make(&arena, deep, &topmost, &err), 0);
	char *first = arena_strndup(&arena, h->controllers, strcspn(h->controllers, " "));
	ck_assert_msg(cgroup_enable(h->mount, deep, first, &err) == 0, "%s", err.text);
	ck_assert_int_eq(file_read_at(AT_FDCWD, text_join_path(&arena, deep, "cgroup.controllers"),
				      &arena, &text, &err), 0);
	ck_assert_ptr_nonnull(strstr(text, first));
	ck_assert_int_eq(cgroup_enable(h->mount, deep, first, &err), 0);
	ck_assert_int_lt(cgroup_enable(h->mount, deep, "banana", &err), 0);
	ck_assert_int_eq(cgroup_remove(deep, topmost, 100, &err), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, probe);
	if (geteuid() == 0) {
		tcase_add_loop_test(tc, make_and_remove, 0, 3);
		tcase_add_loop_test(tc, remove_whole_tree, 0, 3);
		tcase_add_loop_test(tc, kill_all, 0, 3);
		tcase_add_test(tc, kill_frozen);
		tcase_add_test(tc, writes_explain_themselves);
		tcase_add_test(tc, cpuset);
		tcase_add_test(tc, enable);
	}
	return run_cases("cgroup", tc);
}
