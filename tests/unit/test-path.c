/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paths inside a root, by openat2 and by the walk that stands in for it: every case runs
 * both ways.  Also a race against a directory that turns into a symlink and back.
 */
#include "base/error.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/path.h"
#include "tests/unit/old-kernel.h"
#include "tests/unit/suite.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char top[64];
static int rootfd, outside;

static void make_tree(int way)
{
	snprintf(top, sizeof(top), "/tmp/path-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	ck_assert_int_eq(mkdir("root", 0755) | mkdir("root/a", 0755) |
				 mkdir("root/a/b", 0755) | mkdir("out", 0755) |
				 mkdir("root/out", 0755), 0);
	ck_assert_int_eq(mknod("root/a/file", S_IFREG | 0644, 0) |
				 mknod("out/victim", S_IFREG | 0644, 0) |
				 mknod("root/out/inside", S_IFREG | 0644, 0), 0);
	ck_assert_int_eq(symlink("/a/b", "root/absolute") | symlink("../../out", "root/up") |
				 symlink("/out", "root/a/rooted") |
				 symlink("b", "root/a/relative") |
				 symlink("loop", "root/loop") |
				 symlink("/new/deep/file", "root/dangling") |
				 symlink("/proc/self/root", "root/magic"), 0);
	rootfd = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	outside = open("out", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (way == 1)
		pretend_no_mount_api();
}

static void remove_tree(void)
{
	char command[128];

	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
}

/* Whether both are the same inode. */
static bool is_same(int fd, const char *path)
{
	struct stat a, b;

	return fd >= 0 && fstat(fd, &a) == 0 && lstat(path, &b) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static const struct {
	const char *path, *is; /* NULL: an error... */
	int code;	       /* ...with this errno */
} cases[] = {
	{ "/", "root", 0 },
	{ "", "root", 0 },
	{ "a/b", "root/a/b", 0 },
	{ "//a/./b/", "root/a/b", 0 },
	{ "/a/b/../file", "root/a/file", 0 },
	{ "../../../a", "root/a", 0 },
	{ "absolute", "root/a/b", 0 },
	{ "absolute/..", "root/a", 0 },
	{ "a/relative/../file", "root/a/file", 0 },
	{ "up/inside", "root/out/inside", 0 },
	{ "a/rooted/inside", "root/out/inside", 0 },
	{ "up/victim", NULL, ENOENT },
	{ "nothing", NULL, ENOENT },
	{ "a/file/x", NULL, ENOTDIR },
	{ "loop", NULL, ELOOP },
	{ "dangling", NULL, ENOENT },
};

/* ATTACKS class 1: nothing leaves the root. */
START_TEST(open_stays_inside)
{
	make_tree(_i);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int scoped_fd fd = path_try_open(rootfd, cases[i].path, O_PATH);

		if (cases[i].is)
			ck_assert_msg(is_same(fd, cases[i].is), "%s", cases[i].path);
		else
			ck_assert_msg(fd < 0 && errno == cases[i].code, "%s: %d",
				      cases[i].path, errno);
		if (fd >= 0)
			ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	}
	remove_tree();
}
END_TEST

START_TEST(open_flags)
{
	struct error err;

	make_tree(_i);
	int scoped_fd link = path_open(rootfd, "absolute", O_PATH | O_NOFOLLOW, &err);
	ck_assert(is_same(link, "root/absolute"));
	int scoped_fd file = path_open(rootfd, "a/file", O_RDWR, &err);
	ck_assert(file >= 0 && write(file, "x", 1) == 1);
	ck_assert_int_lt(path_try_open(rootfd, "a/file", O_PATH | O_DIRECTORY), 0);
	ck_assert_int_eq(errno, ENOTDIR);
	ck_assert_int_lt(path_open_plain(rootfd, "absolute", O_PATH, &err), 0);
	ck_assert_int_lt(path_open_plain(rootfd, "up/inside", O_PATH, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "symlink"));
	int scoped_fd plain = path_open_plain(rootfd, "/a/b", O_PATH, &err);
	ck_assert(is_same(plain, "root/a/b"));
	remove_tree();
}
END_TEST

/* Magic links of procfs lead anywhere; they are refused. */
START_TEST(magic_links_are_refused)
{
	struct error err;

	make_tree(_i);
	int scoped_fd host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_lt(path_try_open(host, "/proc/self/root", O_PATH), 0);
	ck_assert_int_eq(errno, ELOOP);
	ck_assert_int_lt(path_try_open(host, "/proc/self/cwd/x", O_PATH), 0);
	int scoped_fd status = path_open(host, "/proc/self/status", O_RDONLY, &err);
	ck_assert_int_ge(status, 0);
	ck_assert(path_is_proc(status));
	remove_tree();
}
END_TEST

START_TEST(make_directories)
{
	struct error err;
	struct stat st;

	make_tree(_i);
	umask(0);
	int scoped_fd deep = path_make_dir(rootfd, "/x/y/z", 0700, &err);
	ck_assert(is_same(deep, "root/x/y/z"));
	ck_assert_int_eq(stat("root/x/y/z", &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(stat("root/x/y", &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0755);
	int scoped_fd again = path_make_dir(rootfd, "x/y/z", 0755, &err);
	ck_assert(is_same(again, "root/x/y/z"));
	int scoped_fd linked = path_make_dir(rootfd, "/up/new", 0755, &err);
	ck_assert(is_same(linked, "root/out/new"));
	ck_assert_int_lt(faccessat(outside, "new", F_OK, 0), 0);
	int scoped_fd target = path_make_dir(rootfd, "/dangling", 0755, &err);
	ck_assert(is_same(target, "root/new/deep/file"));
	ck_assert_int_lt(path_make_dir(rootfd, "/a/file", 0755, &err), 0);
	ck_assert_int_lt(path_make_dir(rootfd, "/loop/x", 0755, &err), 0);
	int scoped_fd above = path_make_dir(rootfd, "/../../q/../r", 0755, &err);
	ck_assert(is_same(above, "root/r"));
	remove_tree();
}
END_TEST

START_TEST(make_files)
{
	struct error err;

	make_tree(_i);
	int scoped_fd file = path_make_file(rootfd, "/p/q/file", 0644, &err);
	ck_assert(is_same(file, "root/p/q/file"));
	int scoped_fd there = path_make_file(rootfd, "/a/file", 0644, &err);
	ck_assert(is_same(there, "root/a/file"));
	int scoped_fd dir = path_make_file(rootfd, "/a", 0644, &err);
	ck_assert(is_same(dir, "root/a"));
	int scoped_fd dangling = path_make_file(rootfd, "/dangling", 0644, &err);
	ck_assert(is_same(dangling, "root/new/deep/file"));
	remove_tree();
}
END_TEST

START_TEST(parents)
{
	struct error err;
	const char *name;

	make_tree(_i);
	int scoped_fd dir = path_open_parent(rootfd, "/up/link", false, &name, &err);
	ck_assert(is_same(dir, "root/out"));
	ck_assert_str_eq(name, "link");
	int scoped_fd made = path_open_parent(rootfd, "/n/e/w", true, &name, &err);
	ck_assert(is_same(made, "root/n/e"));
	int scoped_fd plain = path_open_parent(rootfd, "file", false, &name, &err);
	ck_assert(is_same(plain, "root"));
	ck_assert_int_lt(path_open_parent(rootfd, "/a/..", false, &name, &err), 0);
	ck_assert_int_lt(path_open_parent(rootfd, "/", false, &name, &err), 0);
	ck_assert_int_lt(path_open_parent(rootfd, "/missing/x", false, &name, &err), 0);
	remove_tree();
}
END_TEST

/* Exchange root/a and root/up (a symlink out of the root) until killed. */
static pid_t start_racer(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			syscall(SYS_renameat2, AT_FDCWD, "root/a", AT_FDCWD, "root/up", 2);
	}
	return pid;
}

/* ATTACK CVE-2024-45310: making mount points never makes anything outside. */
START_TEST(race_makes_nothing_outside)
{
	struct error err;
	struct stat st;
	pid_t racer;

	make_tree(_i);
	ck_assert_int_eq(unlink("out/victim"), 0);
	racer = start_racer();
	for (int i = 0; i < 700; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/a/n%d/m", i);
		int scoped_fd dir = path_make_dir(rootfd, path, 0755, &err);
		snprintf(path, sizeof(path), "/a/f%d", i);
		int scoped_fd file = path_make_file(rootfd, path, 0644, &err);
		(void)dir, (void)file;
	}
	kill(racer, SIGKILL);
	waitpid(racer, NULL, 0);
	ck_assert_int_eq(fstat(outside, &st), 0);
	ck_assert_uint_eq(st.st_nlink, 2); /* no directory was made */
	ck_assert_int_lt(rmdir("out"), 1);
	ck_assert_msg(stat("out", &st) < 0, "something was made outside");
	remove_tree();
}
END_TEST

START_TEST(below)
{
	ck_assert(path_is_below("/proc", "/proc"));
	ck_assert(path_is_below("/proc/sys", "/proc"));
	ck_assert(path_is_below("/proc/sys", "/proc/"));
	ck_assert(!path_is_below("/process", "/proc"));
	ck_assert(path_is_below("/x", "/"));
	ck_assert(!path_is_below("/x", "/x/y"));
}
END_TEST

START_TEST(kinds)
{
	int scoped_fd null = open("/dev/null", O_PATH | O_CLOEXEC);
	int scoped_fd tmp = open("/tmp", O_PATH | O_CLOEXEC);

	ck_assert(path_is_device(null, 1, 3));
	ck_assert(!path_is_device(null, 1, 5));
	ck_assert(!path_is_device(tmp, 1, 3));
	ck_assert(path_is_dir(tmp));
	ck_assert(!path_is_dir(null));
	ck_assert(!path_is_proc(tmp));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("both ways");

	tcase_add_loop_test(tc, open_stays_inside, 0, 2);
	tcase_add_loop_test(tc, open_flags, 0, 2);
	tcase_add_loop_test(tc, magic_links_are_refused, 0, 2);
	tcase_add_loop_test(tc, make_directories, 0, 2);
	tcase_add_loop_test(tc, make_files, 0, 2);
	tcase_add_loop_test(tc, parents, 0, 2);
	tcase_add_loop_test(tc, race_makes_nothing_outside, 0, 2);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, below);
	tcase_add_test(tc, kinds);
	return run_cases("path", tc);
}
