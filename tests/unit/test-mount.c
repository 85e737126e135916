/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mounts on the running kernel, in a mount namespace of the test's own: with every call
 * (way 0), without mount_setattr (way 1), and with mount(2) alone (way 2).  Needs root;
 * without, nothing is tested.
 */
#include "base/arena.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "tests/unit/old-kernel.h"
#include "tests/unit/suite.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct arena arena;
static struct error err;

/* A namespace of our own with a tmpfs to play in; the machine's mounts stay as they are. */
static void enter(int way)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount("play", "/mnt", "tmpfs", 0, "mode=755"), 0);
	ck_assert_int_eq(chdir("/mnt"), 0);
	if (way == 1)
		pretend_no_mount_setattr();
	if (way == 2)
		pretend_no_mount_api();
}

static struct mount_options parse(const char *list)
{
	struct mount_options options;
	const char *words[16];
	size_t n = 0;
	char *copy = arena_strdup(&arena, list), *state = NULL;

	for (char *word = strtok_r(copy, " ", &state); word; word = strtok_r(NULL, " ", &state))
		words[n++] = word;
	mount_options_parse(&arena, words, n, &options);
	return options;
}

/* The mountinfo line of a mount point, without ids: "root point options tags - fs". */
static const char *info(const char *point)
{
	char *text, *line, *state = NULL, at[256];

	ck_assert_int_eq(file_read_at(AT_FDCWD, "/proc/self/mountinfo", &arena, &text, &err), 0);
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		if (sscanf(line, "%*d %*d %*s %*s %255s", at) == 1 && is_equal(at, point))
			return strstr(line, at);
	return "(none)";
}

static bool has(const char *point, const char *word)
{
	return strstr(info(point), word);
}

static int open_path(const char *path)
{
	return open(path, O_PATH | O_CLOEXEC);
}

static int mount_on(const char *path, const char *type, const char *list)
{
	struct mount_options options = parse(list);
	int scoped_fd target = open_path(path);

	return mount_filesystem(target, type, NULL, &options, &err);
}

START_TEST(file_systems_with_options)
{
	struct stat st;

	enter(_i);
	ck_assert_int_eq(mkdir("t", 0755) | mkdir("p", 0755), 0);
	int scoped_fd fd = mount_on("t", "tmpfs",
				    "nosuid noexec nodev mode=1751 size=1m strictatime");
	ck_assert_msg(fd >= 0, "%s", err.text);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 01751);
	ck_assert_msg(has("/mnt/t", "rw,nosuid,nodev,noexec - "), "%s", info("/mnt/t"));
	ck_assert(has("/mnt/t", "size=1024k"));
	int scoped_fd in = openat(fd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert_int_ge(in, 0);
	ck_assert_int_eq(access("t/file", F_OK), 0);
	int scoped_fd proc = mount_on("p", "proc", "ro");
	ck_assert(path_is_proc(proc));
	ck_assert(has("/mnt/p", "ro,relatime"));
}
END_TEST

/* MO-sync MO-dirsync MO-lazytime MO-mand MO-iversion MO-silent */
START_TEST(flags_of_the_file_system)
{
	enter(_i);
	ck_assert_int_eq(mkdir("t", 0755), 0);
	int scoped_fd fd = mount_on("t", "tmpfs", "sync dirsync lazytime");
	ck_assert_msg(fd >= 0, "%s", err.text);
	ck_assert(has("/mnt/t", "sync,dirsync"));
	ck_assert(has("/mnt/t", "lazytime"));
	int scoped_fd other = mount_on("t", "tmpfs", "iversion silent noatime mode=700");
	ck_assert_msg(other >= 0, "%s", err.text);
	int scoped_fd top = open_path("t");
	struct stat a, b;
	ck_assert_int_eq(fstat(other, &a) | fstat(top, &b), 0);
	ck_assert_uint_eq(a.st_dev, b.st_dev);
	ck_assert_int_eq(a.st_mode & 07777, 0700);
}
END_TEST

START_TEST(errors_say_what_the_kernel_says)
{
	enter(_i);
	ck_assert_int_eq(mkdir("t", 0755), 0);
	ck_assert_int_lt(mount_on("t", "nonesuchfs", ""), 0);
	ck_assert_str_eq(err.text, "this kernel knows no file system 'nonesuchfs'");
	ck_assert_int_lt(mount_on("t", "tmpfs", "size=banana"), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "size=banana"));
	if (_i < 2)
		ck_assert_ptr_nonnull(strstr(err.text, "Bad value for 'size'"));
	ck_assert_int_lt(mount_on("t", "tmpfs", "nosuchoption"), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "nosuchoption"));
}
END_TEST

/* Data with commas in quotes, long values, overlay's layers. */
START_TEST(data_of_overlay)
{
	struct text list = { .arena = &arena };

	enter(_i);
	ck_assert_int_eq(mkdir("up", 0755) | mkdir("work", 0755) | mkdir("m", 0755), 0);
	text_add(&list, "upperdir=/mnt/up,workdir=/mnt/work,lowerdir=");
	for (int i = 0; i < 40; i++) {
		char name[64];

		snprintf(name, sizeof(name), "/mnt/lower-layer-%d", i);
		ck_assert_int_eq(mkdir(name, 0755), 0);
		text_add(&list, "%s%s", i ? ":" : "", name);
	}
	int scoped_fd fd = mount_on("m", "overlay", list.s);
	ck_assert_msg(fd >= 0, "%s", err.text);
	ck_assert_int_eq(mkdir("m/x", 0755), 0);
	ck_assert_int_eq(access("up/x", F_OK), 0);
}
END_TEST

static int bind(const char *from, const char *to, const char *list)
{
	struct mount_options options = parse(list);
	int scoped_fd target = open_path(to);
	int scoped_fd tree = mount_open_tree(AT_FDCWD, from, options.rbind, &err);

	if (tree < 0)
		return -1;
	return mount_attach(tree, target, &options, &err);
}

static void make_source(void)
{
	ck_assert_int_eq(mkdir("src", 0755) | mkdir("dst", 0755), 0);
	ck_assert_int_eq(mount("s", "src", "tmpfs", 0, NULL), 0);
	ck_assert_int_eq(mkdir("src/sub", 0755), 0);
	ck_assert_int_eq(mount("b", "src/sub", "tmpfs", 0, NULL), 0);
	ck_assert_int_eq(mknod("src/sub/file", S_IFREG | 0644, 0), 0);
}

/* MO-bind MO-rbind MO-ro MO-nosuid: only what is asked changes. */
START_TEST(binds)
{
	enter(_i);
	make_source();
	ck_assert_msg(bind("src", "dst", "bind ro nosuid") == 0, "%s", err.text);
	ck_assert(has("/mnt/dst", "ro,nosuid,relatime"));
	ck_assert(has("/mnt/src", "rw,relatime"));
	ck_assert_int_lt(access("dst/sub/file", F_OK), 0);
	ck_assert_int_eq(umount("dst"), 0);
	ck_assert_msg(bind("src", "dst", "rbind noexec") == 0, "%s", err.text);
	ck_assert_int_eq(access("dst/sub/file", F_OK), 0);
	ck_assert(has("/mnt/dst", "rw,noexec"));
	ck_assert(!has("/mnt/dst/sub", "noexec"));
	ck_assert_int_eq(umount2("dst", MNT_DETACH), 0);
	ck_assert_int_eq(mount(NULL, "src", NULL, MS_REMOUNT | MS_BIND | MS_NODEV | MS_NOATIME,
			       NULL), 0);
	ck_assert_msg(bind("src", "dst", "bind nosuid") == 0, "%s", err.text);
	ck_assert_msg(has("/mnt/dst", "rw,nosuid,nodev,noatime"), "%s", info("/mnt/dst"));
	ck_assert_int_eq(umount("dst"), 0);
	ck_assert_msg(bind("src", "dst", "bind dev atime") == 0, "%s", err.text);
	ck_assert_msg(has("/mnt/dst", "rw,relatime - "), "%s", info("/mnt/dst"));
}
END_TEST

START_TEST(bind_of_a_file)
{
	enter(_i);
	ck_assert_int_eq(mknod("f", S_IFREG | 0644, 0) | mknod("g", S_IFREG | 0644, 0) |
				 mkdir("d", 0755), 0);
	ck_assert_msg(bind("f", "g", "bind ro") == 0, "%s", err.text);
	ck_assert(has("/mnt/g", "ro,relatime"));
	ck_assert_int_lt(bind("f", "d", "bind"), 0);
	ck_assert_int_lt(bind("missing", "d", "bind"), 0);
}
END_TEST

/* MO-rro MO-rnosuid MO-rnoatime: the whole tree; an error where that cannot be. */
START_TEST(recursive_options)
{
	enter(_i);
	make_source();
	if (_i > 0) {
		ck_assert_int_lt(bind("src", "dst", "rbind rro"), 0);
		ck_assert_ptr_nonnull(strstr(err.text, "5.12"));
		return;
	}
	ck_assert_msg(bind("src", "dst", "rbind rro rnoatime") == 0, "%s", err.text);
	ck_assert(has("/mnt/dst", "ro,noatime"));
	ck_assert(has("/mnt/dst/sub", "ro,noatime"));
	ck_assert(has("/mnt/src/sub", "rw,relatime"));
	ck_assert_int_eq(umount2("dst", MNT_DETACH), 0);
	ck_assert_msg(bind("src", "dst", "rbind rro rw") == 0, "%s", err.text);
	ck_assert(has("/mnt/dst", "rw,relatime"));
	ck_assert(has("/mnt/dst/sub", "ro,relatime"));
}
END_TEST

/* MO-shared MO-slave MO-private ...: and nothing flows back to the source's peers. */
START_TEST(propagation)
{
	enter(_i);
	make_source();
	ck_assert_int_eq(mount(NULL, "src", NULL, MS_SHARED | MS_REC, NULL), 0);
	ck_assert_int_eq(bind("src", "dst", "rbind"), 0);
	ck_assert_msg(has("/mnt/dst", " master:"), "%s", info("/mnt/dst"));
	ck_assert(!has("/mnt/dst", " shared:"));
	ck_assert(!has("/mnt/dst/sub", " shared:"));
	ck_assert_int_eq(umount2("dst", MNT_DETACH), 0);
	ck_assert_msg(bind("src", "dst", "rbind rprivate") == 0, "%s", err.text);
	ck_assert(!has("/mnt/dst", " master:") && !has("/mnt/dst/sub", " master:"));
	ck_assert_int_eq(umount2("dst", MNT_DETACH), 0);
	ck_assert_msg(bind("src", "dst", "rbind rshared") == 0, "%s", err.text);
	ck_assert_msg(has("/mnt/dst", " shared:") && has("/mnt/dst", " master:"), "%s",
		      info("/mnt/dst"));
	ck_assert(has("/mnt/dst/sub", " shared:"));
	ck_assert_int_eq(umount2("dst", MNT_DETACH), 0);
	ck_assert_msg(bind("src", "dst", "rbind shared") == 0, "%s", err.text);
	ck_assert(has("/mnt/dst", " shared:") && !has("/mnt/dst/sub", " shared:"));
	ck_assert_int_eq(umount2("dst", MNT_DETACH), 0);
	ck_assert_msg(bind("src", "dst", "rbind runbindable") == 0, "%s", err.text);
	ck_assert(has("/mnt/dst", "unbindable") && has("/mnt/dst/sub", "unbindable"));
	ck_assert_int_eq(umount2("dst", MNT_DETACH), 0);
}
END_TEST

/* MO-remount, and options of a mount that is there. */
START_TEST(changes)
{
	struct mount_options options;

	enter(_i);
	make_source();
	int scoped_fd fd = open_path("src");
	options = parse("remount ro");
	ck_assert_msg(mount_change(fd, &options, &err) == 0, "%s", err.text);
	ck_assert(has("/mnt/src", "ro,relatime"));
	options = parse("remount rw size=2m");
	ck_assert_msg(mount_change(fd, &options, &err) == 0, "%s", err.text);
	ck_assert(has("/mnt/src", "rw,relatime"));
	ck_assert(has("/mnt/src", "size=2048k"));
	options = parse("remount bind nodev");
	ck_assert_msg(mount_change(fd, &options, &err) == 0, "%s", err.text);
	ck_assert(has("/mnt/src", "rw,nodev,relatime"));
	options = parse("noexec slave");
	ck_assert_msg(mount_change(fd, &options, &err) == 0, "%s", err.text);
	ck_assert(has("/mnt/src", "rw,nodev,noexec,relatime"));
	options = parse("shared");
	ck_assert_msg(mount_change(fd, &options, &err) == 0, "%s", err.text);
	ck_assert(has("/mnt/src", "shared:"));
}
END_TEST

/* pivot_root: the old root is gone, and the host's mounts are still there. */
START_TEST(pivot)
{
	struct mount_options options = { 0 };

	enter(_i);
	ck_assert_int_eq(mkdir("root", 0755) | mkdir("root/proc", 0755) |
				 mknod("root/here", S_IFREG | 0644, 0), 0);
	int scoped_fd target = open_path("root");
	int scoped_fd tree = mount_open_tree(AT_FDCWD, "root", false, &err);
	ck_assert_msg(mount_attach(tree, target, &options, &err) == 0, "%s", err.text);
	int scoped_fd root = open_path("root");
	ck_assert_msg(mount_pivot(root, &err) == 0, "%s", err.text);
	ck_assert_int_eq(access("/here", F_OK), 0);
	ck_assert_int_lt(access("/mnt", F_OK), 0);
	ck_assert_int_lt(access("/../mnt", F_OK), 0);
	ck_assert_int_eq(mount("p", "/proc", "proc", 0, NULL), 0); /* for the sanitizers */
}
END_TEST

/* --no-pivot: no host procfs or sysfs stays mounted anywhere. */
START_TEST(move_root)
{
	struct mount_options options = { 0 };

	enter(_i);
	ck_assert_int_eq(mkdir("root", 0755) | mkdir("root/proc", 0755), 0);
	ck_assert_int_eq(mkdir("more", 0755) | mount("x", "more", "proc", 0, NULL), 0);
	int scoped_fd target = open_path("root");
	int scoped_fd tree = mount_open_tree(AT_FDCWD, "root", false, &err);
	ck_assert_int_eq(mount_attach(tree, target, &options, &err), 0);
	int scoped_fd root = open_path("root");
	ck_assert_msg(mount_move_root(root, &err) == 0, "%s", err.text);
	ck_assert_int_eq(access("/proc", F_OK), 0);
	ck_assert_int_lt(access("/mnt", F_OK), 0);
	ck_assert_int_eq(mount("p", "/proc", "proc", 0, NULL), 0);
	FILE *file = fopen("/proc/1/mountinfo", "re");
	ck_assert_ptr_nonnull(file);
	fclose(file);
	file = fopen("/proc/self/mountinfo", "re");
	char line[1024];
	int n = 0;
	while (fgets(line, sizeof(line), file))
		n += strstr(line, " - proc ") || strstr(line, " - sysfs ");
	fclose(file);
	ck_assert_int_eq(n, 1);
}
END_TEST

/* MO-tmpcopyup: modes, owners, times, attributes, links, devices. */
START_TEST(copy_up)
{
	struct stat st;
	char text[64] = "";

	enter(_i);
	ck_assert_int_eq(mkdir("a", 0755) | mkdir("a/d", 0755) | mkdir("b", 0755), 0);
	int scoped_fd file = open("a/d/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert_int_eq(write(file, "contents", 8), 8);
	ck_assert_int_eq(fchown(file, 12, 34) | fchmod(file, 04711), 0);
	ck_assert_int_eq(chmod("a/d", 02750), 0);
	ck_assert_int_eq(setxattr("a/d/file", "trusted.x", "y", 1, 0), 0);
	ck_assert_int_eq(symlink("/etc/passwd", "a/link") |
				 mknod("a/null", S_IFCHR | 0666, makedev(1, 3)) |
				 mkfifo("a/fifo", 0600), 0);
	int scoped_fd from = open_path("a");
	int scoped_fd to = open_path("b");
	ck_assert_msg(mount_copy_up(from, to, &err) == 0, "%s", err.text);
	ck_assert_int_eq(stat("b/d/file", &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 04711);
	ck_assert_uint_eq(st.st_uid, 12);
	ck_assert_uint_eq(st.st_gid, 34);
	ck_assert_int_eq(st.st_size, 8);
	ck_assert_int_eq(getxattr("b/d/file", "trusted.x", text, sizeof(text)), 1);
	ck_assert_int_eq(stat("b/d", &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 02750);
	ck_assert_int_eq(readlink("b/link", text, sizeof(text)), 11);
	ck_assert_int_eq(stat("b/null", &st), 0);
	ck_assert_uint_eq(st.st_rdev, makedev(1, 3));
	ck_assert_int_eq(stat("b/fifo", &st), 0);
	ck_assert(S_ISFIFO(st.st_mode));
}
END_TEST

/* Both columns of /proc/filesystems. */
START_TEST(supported)
{
	ck_assert(mount_is_supported("tmpfs"));
	ck_assert(mount_is_supported("proc"));
	ck_assert(!mount_is_supported("nonesuchfs"));
	ck_assert(!mount_is_supported("nodev"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("three ways");

	if (geteuid() == 0) {
		tcase_add_loop_test(tc, file_systems_with_options, 0, 3);
		tcase_add_loop_test(tc, flags_of_the_file_system, 0, 3);
		tcase_add_loop_test(tc, errors_say_what_the_kernel_says, 0, 3);
		tcase_add_loop_test(tc, data_of_overlay, 0, 3);
		tcase_add_loop_test(tc, binds, 0, 3);
		tcase_add_loop_test(tc, bind_of_a_file, 0, 3);
		tcase_add_loop_test(tc, recursive_options, 0, 3);
		tcase_add_loop_test(tc, propagation, 0, 3);
		tcase_add_loop_test(tc, changes, 0, 3);
		tcase_add_loop_test(tc, pivot, 0, 3);
		tcase_add_loop_test(tc, move_root, 0, 3);
		tcase_add_loop_test(tc, copy_up, 0, 3);
	}
	tcase_add_test(tc, supported);
	return run_cases("mount", tc);
}
