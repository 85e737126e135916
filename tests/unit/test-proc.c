/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * procfs that can be trusted, processes by pid and start time, capabilities, id maps,
 * terminals, our own binary: what a process is made of.  Parts need root.
 */
#include "base/arena.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/caps.h"
#include "kernel/idmap.h"
#include "kernel/mount.h"
#include "kernel/netlink.h"
#include "kernel/path.h"
#include "kernel/probe.h"
#include "kernel/proc.h"
#include "kernel/self.h"
#include "kernel/tty.h"
#include "tests/unit/old-kernel.h"
#include "tests/unit/suite.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static struct error err;

START_TEST(processes)
{
	uint64_t mine, start;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	ck_assert_int_eq(proc_start_time(getpid(), &mine), 0);
	ck_assert_int_eq(proc_start_time(pid, &start), 0);
	ck_assert(start >= mine && mine > 0);
	ck_assert(proc_is_alive(pid, start));
	ck_assert(!proc_is_alive(pid, start + 1));
	int scoped_fd fd = proc_open_process(pid, start, &err);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_lt(proc_open_process(pid, start + 1, &err), 0);
	ck_assert_int_eq(err.code, ESRCH);
	kill(pid, SIGKILL);
	siginfo_t info;
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(proc_state(pid), 'Z');
	ck_assert(!proc_is_alive(pid, start));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_lt(proc_open_process(pid, start, &err), 0);
	ck_assert_int_eq(err.code, ESRCH);
	ck_assert_int_eq(proc_state(pid), 0);
	ck_assert_int_lt(proc_start_time(pid, &start), 0);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

/* A name with blanks and brackets does not shift the fields of stat. */
START_TEST(odd_names)
{
	uint64_t before, after;

	ck_assert_int_eq(proc_start_time(getpid(), &before), 0);
	ck_assert_int_eq(prctl(PR_SET_NAME, "a) S 1 2 (b", 0, 0, 0), 0);
	ck_assert_int_eq(proc_start_time(getpid(), &after), 0);
	ck_assert_uint_eq(before, after);
	ck_assert_int_eq(proc_state(getpid()), 'R');
}
END_TEST

/* ATTACK CVE-2025-52881: what lies over /proc is not written to. */
START_TEST(tampered_proc)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS | CLONE_NEWUTS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount("/proc/sys/kernel/domainname", "/proc/sys/kernel/hostname", NULL,
			       MS_BIND, NULL), 0);
	int scoped_fd plain = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_lt(proc_write(plain, "sys/kernel/hostname", "box", &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "mounted over"));
	int scoped_fd own = proc_open_own(&err);
	ck_assert_int_ge(own, 0);
	ck_assert_msg(proc_write(own, "sys/kernel/hostname", "box", &err) == 0, "%s", err.text);
	char *text;
	ck_assert_int_eq(file_read_at(own, "sys/kernel/hostname", &arena, &text, &err), 0);
	ck_assert_str_eq(text, "box\n");
	ck_assert_int_lt(proc_write(own, "../../etc/passwd", "x", &err), 0);
	ck_assert_int_lt(proc_write(own, "self/root" "/etc/passwd", "x", &err), 0);
	ck_assert_int_eq(proc_write(own, "self/oom_score_adj", "500", &err), 0);
	ck_assert_int_eq(mount("none", "/proc", "tmpfs", 0, NULL), 0);
	int scoped_fd again = proc_open_own(&err);
	ck_assert(path_is_proc(again));
	pretend_no_mount_api();
	ck_assert_int_lt(proc_open_own(&err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "no procfs"));
	ck_assert_int_eq(umount("/proc"), 0);
	int scoped_fd old = proc_open_own(&err);
	ck_assert_int_eq(proc_write(old, "self/oom_score_adj", "600", &err), 0);
}
END_TEST

static uint64_t status_set(const char *name)
{
	char *text, *at;

	ck_assert_int_eq(file_read_at(AT_FDCWD, "/proc/self/status", &arena, &text, &err), 0);
	at = strstr(text, name);
	return strtoull(at + strlen(name), NULL, 16);
}

/* CAP-bnd CAP-eff CAP-prm CAP-inh CAP-amb CAP-obj */
START_TEST(capabilities)
{
	const uint64_t some = 1 << CAP_CHOWN | 1 << CAP_KILL, two = some | 1 << CAP_NET_RAW;
	const struct capability_sets sets = { .bounding = two, .effective = 1 << CAP_CHOWN,
					      .permitted = some, .inheritable = some,
					      .ambient = 1 << CAP_KILL };
	struct facts facts = { 0 };

	ck_assert_int_eq(caps_current(&facts, &err), 0);
	ck_assert_uint_eq(facts.bounding, status_set("CapBnd:\t"));
	ck_assert_uint_eq(facts.permitted, status_set("CapPrm:\t"));
	char *last;
	ck_assert_int_eq(file_read_at(AT_FDCWD, "/proc/sys/kernel/cap_last_cap", &arena, &last,
				      &err), 0);
	ck_assert_uint_eq(facts.last_capability, strtoul(last, NULL, 10));
	ck_assert_msg(caps_drop_bounding(sets.bounding, &err) == 0, "%s", err.text);
	ck_assert_int_eq(caps_keep(&err), 0);
	ck_assert_int_eq(setresgid(1000, 1000, 1000) | setresuid(1000, 1000, 1000), 0);
	ck_assert_msg(caps_apply(&sets, &err) == 0, "%s", err.text);
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
	ck_assert_uint_eq(status_set("CapBnd:\t"), two);
	ck_assert_uint_eq(status_set("CapPrm:\t"), some);
	ck_assert_uint_eq(status_set("CapEff:\t"), 1 << CAP_CHOWN);
	ck_assert_uint_eq(status_set("CapInh:\t"), some);
	ck_assert_uint_eq(status_set("CapAmb:\t"), 1 << CAP_KILL);
	ck_assert_int_eq(caps_current(&facts, &err), 0);
	ck_assert_uint_eq(facts.bounding, two);
	ck_assert_int_eq(caps_drop_bounding(two, &err), 0);
	ck_assert_int_lt(caps_drop_bounding(0, &err), 0);
}
END_TEST

/* UM-obj UM-limit: maps of a child, through our own hands and through the helpers. */
START_TEST(id_maps)
{
	int pipe_fds[2];
	char *text;
	pid_t pid;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWTIME) < 0)
			_exit(1);
		(void)!write(pipe_fds[1], "x", 1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(pipe_fds[0], pipe_fds, 1), 1);
	if (_i == 0) {
		ck_assert_int_lt(idmap_write(pid, "0 100000 0\n", "0 1 1\n", false, &err), 0);
		ck_assert_msg(idmap_write(pid, "0 100000 10\n20 5 1\n", "0 1 1\n", false, &err) ==
				      -1 || true, "second write of gid_map");
		ck_assert_msg(time_offsets_write(pid, "monotonic 10 0\nboottime 20 0\n", &err) ==
				      0, "%s", err.text);
		text = arena_printf(&arena, "/proc/%d/timens_offsets", pid);
		ck_assert_int_eq(file_read_at(AT_FDCWD, text, &arena, &text, &err), 0);
		ck_assert_ptr_nonnull(strstr(text, "20"));
	} else {
		ck_assert_msg(idmap_write(pid, "0 100000 10\n20 5 1\n", "0 200000 7\n", _i == 2,
					  &err) == 0, "%s", err.text);
		text = arena_printf(&arena, "/proc/%d/gid_map", pid);
		ck_assert_int_eq(file_read_at(AT_FDCWD, text, &arena, &text, &err), 0);
		ck_assert_ptr_nonnull(strstr(text, "200000"));
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(id_maps_by_helpers)
{
	if (access("/usr/bin/newuidmap", X_OK) < 0)
		return;
	/* A process that is gone: the helper's words come through. */
	ck_assert_int_lt(idmap_write_with_helpers(1, "0 1 1\n", "0 1 1\n", &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "newgidmap"));
}
END_TEST

/* MT-idmap: owners change through the mount. */
START_TEST(id_mapped_mount)
{
	const struct mount_options options = { .bind = true };
	struct stat st;

	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount("play", "/mnt", "tmpfs", 0, NULL), 0);
	ck_assert_int_eq(mkdir("/mnt/a", 0755) | mkdir("/mnt/b", 0755), 0);
	ck_assert_int_eq(chown("/mnt/a", 5, 6), 0);
	int scoped_fd ns = idmap_namespace("0 1000 10\n", "0 2000 10\n", &err);
	ck_assert_msg(ns >= 0, "%s", err.text);
	ck_assert_int_lt(waitpid(-1, NULL, __WALL), 0); /* no child is left */
	int scoped_fd tree = mount_open_tree(AT_FDCWD, "/mnt/a", false, &err);
	ck_assert_msg(mount_idmap(tree, ns, false, &err) == 0, "%s", err.text);
	int scoped_fd target = open("/mnt/b", O_PATH | O_CLOEXEC);
	ck_assert_int_eq(mount_attach(tree, target, &options, &err), 0);
	ck_assert_int_eq(stat("/mnt/b", &st), 0);
	ck_assert_uint_eq(st.st_uid, 1005);
	ck_assert_uint_eq(st.st_gid, 2006);
	ck_assert_int_lt(idmap_namespace("0 0 0\n", "0 0 1\n", &err), 0);
}
END_TEST

START_TEST(sub_ids)
{
	char path[] = "/tmp/subid-XXXXXX";
	int scoped_fd fd = mkstemp(path);
	const char *text = "other:1:2\nuser:100000:65536\n1001:200000:10\nbroken:x:y\nuser:5:5\n";

	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	ck_assert_uint_eq(idmap_sub_range(path, "user", 1000).first, 100000);
	ck_assert_uint_eq(idmap_sub_range(path, "user", 1000).count, 65536);
	ck_assert_uint_eq(idmap_sub_range(path, NULL, 1001).first, 200000);
	ck_assert_uint_eq(idmap_sub_range(path, "broken", 7).count, 0);
	ck_assert_uint_eq(idmap_sub_range(path, "nobody", 7).count, 0);
	ck_assert_uint_eq(idmap_sub_range("/nonexistent", "user", 7).count, 0);
	unlink(path);
}
END_TEST

/* The host's devpts stands in for a container's. */
START_TEST(terminals)
{
	struct winsize size;
	struct termios old;
	int master, slave;
	char data[16];

	int scoped_fd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_msg(tty_open(root, &master, &slave, &err) == 0, "%s", err.text);
	ck_assert_int_eq(fcntl(master, F_GETFD) & fcntl(slave, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(tty_set_size(slave, 120, 40, &err), 0);
	ck_assert_int_eq(ioctl(master, TIOCGWINSZ, &size), 0);
	ck_assert_uint_eq(size.ws_col, 120);
	ck_assert_uint_eq(size.ws_row, 40);
	ck_assert_int_eq(tty_make_raw(slave, &old, &err), 0);
	ck_assert_int_eq(write(master, "x", 1), 1);
	ck_assert_int_eq(read(slave, data, sizeof(data)), 1);
	tty_restore(slave, &old);
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(tty_make_controlling(slave, &err) < 0 || tty_make_stdio(slave, &err) < 0 ||
		      !isatty(0) || !isatty(1) || fcntl(2, F_GETFD) != 0 ||
		      open("/dev/tty", O_RDWR) < 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	int scoped_fd tmp = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_lt(tty_open(tmp, &master, &slave, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "devpts"));
}
END_TEST

/* ATTACK CVE-2025-52565: a ptmx that is a file or a symlink is refused. */
START_TEST(false_terminals)
{
	char top[] = "/tmp/tty-test-XXXXXX";
	int master, slave;

	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	ck_assert_int_eq(mkdir("dev", 0755) | mkdir("dev/pts", 0755), 0);
	if (_i == 0)
		ck_assert_int_eq(mknod("dev/pts/ptmx", S_IFREG | 0666, 0), 0);
	else if (_i == 1)
		ck_assert_int_eq(symlink("/dev/ptmx", "dev/pts/ptmx"), 0);
	else
		ck_assert_int_eq(mknod("dev/pts/ptmx", S_IFCHR | 0666, (5 << 8) | 2), 0);
	int scoped_fd root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_lt(tty_open(root, &master, &slave, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "no devpts"));
	ck_assert_int_eq(unlink("dev/pts/ptmx") | rmdir("dev/pts") | rmdir("dev") | rmdir(top), 0);
}
END_TEST

START_TEST(loopback)
{
	char *text;

	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	ck_assert_msg(netlink_loopback_up(&err) == 0, "%s", err.text);
	ck_assert_int_eq(file_read_at(AT_FDCWD, "/proc/thread-self/net/fib_trie", &arena, &text,
				      &err), 0);
	ck_assert_ptr_nonnull(strstr(text, "127.0.0.1"));
}
END_TEST

START_TEST(facts)
{
	struct facts f;

	ck_assert_msg(probe_facts(&arena, &f, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(f.euid, geteuid());
	ck_assert(f.now_seconds > 1600000000);
	ck_assert(f.has_mount_api);
	ck_assert_int_eq(f.is_privileged, geteuid() == 0);
}
END_TEST

START_TEST(facts_of_a_user_namespace)
{
	struct facts f;

	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	ck_assert_int_eq(probe_facts(&arena, &f, &err), 0);
	ck_assert(f.in_user_namespace);
	ck_assert(!f.is_privileged);
}
END_TEST

START_TEST(hiding)
{
	ck_assert(!self_is_sealed());
	ck_assert_int_eq(self_hide(&err), 0);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	ck_assert_int_eq(self_die_with(getppid(), SIGKILL, &err), 0);
	ck_assert_int_lt(self_die_with(1 << 30, SIGKILL, &err), 0);
	ck_assert_int_eq(err.code, ESRCH);
}
END_TEST

static void add_root_tests(TCase *tc)
{
	tcase_add_test(tc, tampered_proc);
	tcase_add_test(tc, capabilities);
	tcase_add_loop_test(tc, id_maps, 0, 3);
	tcase_add_test(tc, id_maps_by_helpers);
	tcase_add_test(tc, id_mapped_mount);
	tcase_add_loop_test(tc, false_terminals, 0, 3);
	tcase_add_test(tc, loopback);
	tcase_add_test(tc, facts_of_a_user_namespace);
	tcase_add_test(tc, hiding);
}

/*
 * ATTACK CVE-2019-5736: run again as "seal", this prints what /proc/self/exe is, and
 * whether anything of its file is mapped.  Without capabilities it has to execute a copy.
 */
static int sealed_main(char **argv)
{
	const struct capability_sets none = { 0 };
	char exe[64] = "", *maps;
	ssize_t n;

	if (is_equal(argv[2], "unprivileged") && !self_is_sealed())
		(void)caps_apply(&none, &err);
	if (self_seal(argv, &err) < 0) {
		puts(err.text);
		return 1;
	}
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (file_read_at(AT_FDCWD, "/proc/self/maps", &arena, &maps, &err) < 0)
		return 1;
	printf("%.*s %d %d %d %s\n", (int)n, exe, self_is_sealed(),
	       open("/proc/self/exe", O_WRONLY), strstr(maps, "test-proc") != NULL, argv[2]);
	arena_free(&arena);
	return 0;
}

START_TEST(sealing)
{
	static const char *const ways[] = { "privileged", "unprivileged" };
	char line[256] = "", exe[256];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	FILE *out;

	exe[n] = 0;
	out = popen(arena_printf(&arena, "'%s' seal %s", exe, ways[_i]), "re");
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), out));
	ck_assert_int_eq(pclose(out), 0);
	ck_assert_str_eq(line, arena_printf(&arena, "/memfd:oci-rt (deleted) 1 -1 0 %s\n",
					    ways[_i]));
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tc;

	if (argc == 3 && is_equal(argv[1], "seal"))
		return sealed_main(argv);
	tc = tcase_create("all");
	tcase_add_test(tc, processes);
	tcase_add_test(tc, odd_names);
	tcase_add_test(tc, sub_ids);
	tcase_add_test(tc, terminals);
	tcase_add_test(tc, facts);
	tcase_add_loop_test(tc, sealing, 0, 2);
	if (geteuid() == 0)
		add_root_tests(tc);
	return run_cases("proc", tc);
}
