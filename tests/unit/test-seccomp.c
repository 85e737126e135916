/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Filters compiled and loaded for real in a child, and the cache that keeps them.
 */
#include "base/arena.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/seccomp-internal.h"
#include "tests/unit/suite.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ALLOW = SECCOMP_RET_ALLOW, ERRNO = SECCOMP_RET_ERRNO, X86_64 = 0xc000003e,
       X86 = 0x40000003, X32 = 0x4000003e, S390X = (int)0x80000016 };

static struct arena arena;
static struct error err;

static struct seccomp_program compile(const struct seccomp_filter *filter)
{
	struct seccomp_program program = { 0 };

	ck_assert_msg(seccomp_prepare(&arena, filter, -1, &program, &err) == 0, "%s", err.text);
	return program;
}

/* What a system call returns under the filter: its errno, or 0. */
static int errno_under(const struct seccomp_program *program, long number, long a, long b)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    seccomp_install(program, 0, false, &err) < 0)
			_exit(255);
		/* Raw: the sanitizers' _exit asks the kernel for more than the filter allows. */
		syscall(SYS_exit_group, syscall(number, a, b, 0, 0, 0, 0) < 0 ? errno : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* SC-default SC-sys SC-errno SC-act-ERRNO SC-act-ALLOW SC-act-KILL_PROCESS */
START_TEST(actions)
{
	const struct seccomp_rule rules[] = {
		{ .syscall = "getpid", .action = ERRNO | 77 },
		{ .syscall = "getppid", .action = SECCOMP_RET_KILL_PROCESS },
		{ .syscall = "getuid", .action = ALLOW }, /* as the default: dropped */
		{ .syscall = "nosuchcall", .action = ERRNO | 1 },
		{ .syscall = "getpid", .action = ERRNO | 77 },
		{ .syscall = "gettid", .action = ERRNO },
	};
	struct seccomp_filter filter = { .default_action = ALLOW, .rules = rules,
					 .n_rules = ARRAY_SIZE(rules) };
	struct seccomp_program program = compile(&filter);

	ck_assert_int_eq(errno_under(&program, SYS_getpid, 0, 0), 77);
	ck_assert_int_eq(errno_under(&program, SYS_getppid, 0, 0), -31);
	ck_assert_int_eq(errno_under(&program, SYS_getuid, 0, 0), 0);
	ck_assert_int_eq(errno_under(&program, SYS_gettid, 0, 0), 0);
	ck_assert_int_eq(errno_under(&program, 9999, 0, 0), ENOSYS);
	filter.fail_unknown = true;
	ck_assert_int_lt(seccomp_prepare(&arena, &filter, -1, &program, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "nosuchcall"));
}
END_TEST

/* SC-args SC-op-EQ SC-op-GT SC-op-MASKED_EQ: also two conditions on one argument. */
START_TEST(arguments)
{
	const struct seccomp_arg equal[] = { { 0, 4, 0x1234567890, 0 } };
	const struct seccomp_arg both[] = { { 0, 4, 5, 0 }, { 1, 6, 10, 0 } };
	const struct seccomp_arg same[] = { { 0, 4, 100, 0 }, { 0, 4, 200, 0 } };
	const struct seccomp_arg masked[] = { { 0, 7, 0xf0, 0x30 } };
	const struct seccomp_rule rules[] = {
		{ "getpid", ERRNO | 71, equal, 1 },
		{ "getppid", ERRNO | 72, both, 2 },
		{ "getuid", ERRNO | 73, same, 2 },
		{ "geteuid", ERRNO | 74, masked, 1 },
	};
	const struct seccomp_filter filter = { .default_action = ALLOW, .rules = rules,
					       .n_rules = ARRAY_SIZE(rules) };
	struct seccomp_program p = compile(&filter);

	ck_assert_int_eq(errno_under(&p, SYS_getpid, 0x1234567890, 0), 71);
	ck_assert_int_eq(errno_under(&p, SYS_getpid, 0x34567890, 0), 0);
	ck_assert_int_eq(errno_under(&p, SYS_getppid, 5, 11), 72);
	ck_assert_int_eq(errno_under(&p, SYS_getppid, 5, 10), 0);
	ck_assert_int_eq(errno_under(&p, SYS_getuid, 100, 0), 73);
	ck_assert_int_eq(errno_under(&p, SYS_getuid, 200, 0), 73);
	ck_assert_int_eq(errno_under(&p, SYS_getuid, 300, 0), 0);
	ck_assert_int_eq(errno_under(&p, SYS_geteuid, 0xf3f, 0), 74);
	ck_assert_int_eq(errno_under(&p, SYS_geteuid, 0xfff, 0), 0);
}
END_TEST

static const char *const usual[] = {
	"read", "write", "exit_group", "exit", "brk", "mmap", "munmap", "prctl", "seccomp",
	"rt_sigreturn", "futex", "close", "getpid", "clone",
};

static struct seccomp_filter usual_filter(uint32_t archs[], size_t n_archs)
{
	struct seccomp_rule *rules = arena_array(&arena, ARRAY_SIZE(usual), sizeof(*rules));

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		rules[i] = (struct seccomp_rule){ .syscall = usual[i], .action = ALLOW };
	return (struct seccomp_filter){ .default_action = ERRNO | EPERM, .archs = archs,
					.n_archs = n_archs, .rules = rules,
					.n_rules = ARRAY_SIZE(usual) };
}

/* Calls newer than all that the profile names are not there; older ones are forbidden. */
START_TEST(unknown_calls)
{
	uint32_t archs[] = { X86_64, X86, X32, (uint32_t)S390X, 0x12345 };
	struct seccomp_filter filter = usual_filter(archs, ARRAY_SIZE(archs));
	struct seccomp_program program = compile(&filter);

	ck_assert_int_eq(errno_under(&program, SYS_getpid, 0, 0), 0);
	ck_assert_int_eq(errno_under(&program, SYS_getppid, 0, 0), EPERM);
	ck_assert_int_eq(errno_under(&program, SYS_seccomp, 99, 0), EINVAL);
	ck_assert_int_eq(errno_under(&program, 437, 0, 0), ENOSYS);
	ck_assert_int_eq(errno_under(&program, 9999, 0, 0), ENOSYS);
	ck_assert_int_eq(errno_under(&program, 0x40000000 | SYS_getppid, 0, 0), EPERM);
}
END_TEST

/* SC-archs: x32 calls are not x86-64's where x32 is not listed. */
START_TEST(x32_is_another)
{
	const struct seccomp_rule rule = { .syscall = "getppid", .action = ERRNO | 5 };
	const struct seccomp_filter filter = { .default_action = ALLOW, .rules = &rule,
					       .n_rules = 1 };
	struct seccomp_program program = compile(&filter);

	ck_assert_int_eq(errno_under(&program, SYS_getppid, 0, 0), 5);
	ck_assert_int_eq(errno_under(&program, 0x40000000 | SYS_getppid, 0, 0), -31);
}
END_TEST

static char dir[64];

static int open_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/seccomp-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The only file in the cache, with its path. */
static char *only_file(void)
{
	DIR *list = opendir(dir);
	struct dirent *entry;
	char *path = NULL;

	while ((entry = readdir(list)))
		if (entry->d_name[0] != '.')
			path = text_join_path(&arena, dir, entry->d_name);
	closedir(list);
	return path;
}

static void remove_dir(void)
{
	char *path = only_file();

	if (path)
		ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

static bool is_loaded(const char *name)
{
	char *maps;

	ck_assert_int_eq(file_read_at(AT_FDCWD, "/proc/self/maps", &arena, &maps, &err), 0);
	return strstr(maps, name);
}

static void fill_cache(int fd, const struct seccomp_filter *filter)
{
	struct seccomp_program program;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(seccomp_prepare(&arena, filter, fd, &program, &err) < 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* A hit gives the same code and does not open libseccomp. */
START_TEST(cache_hits)
{
	int scoped_fd fd = open_dir();
	uint32_t archs[] = { X86_64 };
	struct seccomp_filter filter = usual_filter(archs, 1);
	struct seccomp_program hit, fresh;
	struct stat st;

	fill_cache(fd, &filter);
	ck_assert_int_eq(stat(only_file(), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(seccomp_prepare(&arena, &filter, fd, &hit, &err), 0);
	ck_assert(!is_loaded("libseccomp"));
	fresh = compile(&filter);
	ck_assert(is_loaded("libseccomp"));
	ck_assert_uint_eq(hit.n, fresh.n);
	ck_assert_mem_eq(hit.code, fresh.code, hit.n * sizeof(*hit.code));
	remove_dir();
}
END_TEST

/* Another profile under the same name (as by a collision of hashes) is not served. */
START_TEST(cache_compares_all)
{
	int scoped_fd fd = open_dir();
	uint32_t archs[] = { X86_64 };
	struct seccomp_filter filter = usual_filter(archs, 1), other = filter;
	struct seccomp_program program;
	char *path, *text;
	size_t n;

	fill_cache(fd, &filter);
	path = only_file();
	int scoped_fd in = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(file_read_fd(in, &arena, 1 << 20, &text, &n), 0);
	ck_assert_int_eq(unlink(path), 0);
	other.default_action = ERRNO | 9;
	fill_cache(fd, &other);
	int scoped_fd out = open(only_file(), O_WRONLY | O_TRUNC | O_CLOEXEC);
	ck_assert_int_eq(write_all(out, text, n), 0);
	ck_assert_int_eq(seccomp_prepare(&arena, &other, fd, &program, &err), 0);
	ck_assert_int_eq(errno_under(&program, SYS_getppid, 0, 0), 9);
	remove_dir();
}
END_TEST

/* Files that others could have written, and broken ones, are compiled anew. */
START_TEST(cache_believes_only_its_own)
{
	int scoped_fd fd = open_dir();
	uint32_t archs[] = { X86_64 };
	struct seccomp_filter filter = usual_filter(archs, 1);
	struct seccomp_program program;
	struct stat st;

	fill_cache(fd, &filter);
	switch (_i) {
	case 0:
		ck_assert_int_eq(chmod(only_file(), 0660), 0);
		break;
	case 1:
		ck_assert_int_eq(geteuid() == 0 ? chown(only_file(), 1, 1) : 0, 0);
		break;
	case 2:
		ck_assert_int_eq(truncate(only_file(), 50), 0);
		break;
	case 3:
		ck_assert_int_eq(stat(only_file(), &st), 0);
		ck_assert_int_eq(truncate(only_file(), st.st_size - 8), 0);
		break;
	default:
		ck_assert_int_eq(truncate(only_file(), 0), 0);
	}
	ck_assert_int_eq(seccomp_prepare(&arena, &filter, fd, &program, &err), 0);
	ck_assert_int_eq(errno_under(&program, SYS_getppid, 0, 0), EPERM);
	ck_assert(is_loaded("libseccomp") || (_i == 1 && geteuid() != 0));
	ck_assert_int_eq(stat(only_file(), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	remove_dir();
}
END_TEST

/* What a program answers, as the kernel would run it. */
static uint32_t interpret(const struct seccomp_program *p, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < p->n; pc++) {
		const struct sock_filter *i = &p->code[pc];
		bool is_true = false;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			ck_assert_uint_lt(i->k, sizeof(*data));
			memcpy(&a, (const char *)data + i->k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			is_true = a == i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			is_true = a > i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			is_true = a >= i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			is_true = a & i->k;
			break;
		default:
			ck_abort_msg("instruction %#x", i->code);
		}
		pc += is_true ? i->jt : i->jf;
	}
	ck_abort_msg("ran off the end");
}

static uint64_t pick(const uint64_t *values, size_t n)
{
	return values[(size_t)random() % n];
}

static const uint64_t odd_values[] = { 0, 1, 5, 0xf0, 0xffffffff, 0x100000000, 0x100000005,
				       0x8000000000000000, UINT64_MAX };

/* Neighbours by number, as in real profiles, so that runs form. */
static const char *const names[] = {
	"read", "write", "open", "close", "stat", "fstat", "lstat", "poll", "lseek", "mmap",
	"mprotect", "munmap", "brk", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "ioctl",
	"pread64", "pwrite64", "readv", "writev", "access", "pipe", "select", "sched_yield",
	"mremap", "msync", "mincore", "madvise", "shmget", "shmat", "shmctl", "dup", "dup2",
	"pause", "nanosleep", "getitimer", "alarm", "setitimer", "getpid", "sendfile", "socket",
	"connect", "accept", "sendto", "recvfrom", "sendmsg", "recvmsg", "shutdown", "bind",
	"clone", "fork", "vfork", "execve", "exit", "wait4", "kill", "uname", "personality",
	"ptrace", "mount", "bpf", "openat2", "clone3", "io_uring_setup",
};

static const struct seccomp_arg *random_args(size_t n)
{
	struct seccomp_arg *args = arena_array(&arena, n + 1, sizeof(*args));

	for (size_t i = 0; i < n; i++)
		args[i] = (struct seccomp_arg){
			.index = (uint32_t)i, .op = 1 + (uint32_t)random() % 7,
			.a = pick(odd_values, ARRAY_SIZE(odd_values)),
			.b = pick(odd_values, ARRAY_SIZE(odd_values)),
		};
	return args;
}

/* A profile of chance: most names with one answer, some with another or with conditions. */
static struct seccomp_filter random_filter(void)
{
	static const uint32_t answers[] = { ALLOW, ERRNO | 2, ERRNO | 38, 0x7ffc0000 };
	static uint32_t archs[] = { X86_64, X86, X32, 0xc00000b7, 0x40000028 };
	struct seccomp_rule *rules = arena_array(&arena, ARRAY_SIZE(names), sizeof(*rules));
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n_args = random() % 8 ? 0 : 1 + (size_t)random() % 3;

		if (random() % 8 == 0)
			continue;
		rules[n++] = (struct seccomp_rule){
			.syscall = names[i], .args = random_args(n_args), .n_args = n_args,
			.action = answers[random() % 8 ? 0 : (size_t)random() % 4],
		};
	}
	return (struct seccomp_filter){
		.default_action = random() % 2 ? ERRNO | 1 : 0x80000000, .archs = archs,
		.n_archs = (size_t)random() % (ARRAY_SIZE(archs) + 1), .rules = rules, .n_rules = n,
	};
}

static void compare_programs(const struct seccomp_program *a, const struct seccomp_program *b)
{
	static const uint64_t archs[] = { X86_64, X86, X32, 0xc00000b7, 0x40000028, 0, 5,
					  0xdeadbeef };
	static const uint64_t bases[] = { 0, 0, 0, 0x40000000, 0x80000000, 0xfffffc00 };

	for (int i = 0; i < 20000; i++) {
		struct seccomp_data data = {
			.arch = (uint32_t)pick(archs, ARRAY_SIZE(archs)),
			.nr = (int)(pick(bases, ARRAY_SIZE(bases)) + (uint64_t)random() % 560),
		};

		for (int j = 0; j < 6; j++)
			data.args[j] = pick(odd_values, ARRAY_SIZE(odd_values));
		ck_assert_uint_eq(interpret(a, &data), interpret(b, &data));
	}
}

/* The rewritten program answers as libseccomp's does, and is not larger. */
START_TEST(shrinking_changes_nothing)
{
	size_t before = 0, after = 0;

	srandom((unsigned)_i);
	for (int i = 0; i < 30; i++) {
		struct seccomp_filter filter = random_filter();
		struct seccomp_program old, new;
		const char *library;

		ck_assert_msg(seccomp_compile(&arena, &filter, &old, &library, &err) == 0, "%s",
			      err.text);
		new = old;
		seccomp_shrink(&arena, &new);
		ck_assert_uint_le(new.n, old.n);
		before += old.n;
		after += new.n;
		compare_programs(&old, &new);
	}
	ck_assert_uint_gt(before, 0);
	ck_assert_uint_lt(after, before);
	arena_free(&arena);
}
END_TEST

/* What is not understood stays as it is. */
START_TEST(shrinking_is_careful)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_RET | BPF_K, ALLOW),
	};
	struct seccomp_program program = { code, ARRAY_SIZE(code) }, empty = { 0 };

	seccomp_shrink(&arena, &program);
	ck_assert_ptr_eq(program.code, code);
	seccomp_shrink(&arena, &empty);
	ck_assert_uint_eq(empty.n, 0);
}
END_TEST

/* SC-seccompfd SC-act-NOTIFY: the listener's fd. */
START_TEST(listener)
{
	const struct seccomp_rule rule = { .syscall = "getppid",
					   .action = SECCOMP_RET_USER_NOTIF };
	const struct seccomp_filter filter = { .default_action = ALLOW, .rules = &rule,
					       .n_rules = 1, .notifies = true };
	struct seccomp_program program = compile(&filter);
	int fd, status;
	pid_t pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    seccomp_install(&program, 1u << 30, true, &err) >= 0 ||
		    !strstr(err.text, "flags"))
			_exit(1);
		fd = seccomp_install(&program, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, true,
				     &err);
		syscall(SYS_exit_group, fd < 0 ? 2 : fcntl(fd, F_GETFD) == FD_CLOEXEC ? 0 : 3);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, actions);
	tcase_add_test(tc, arguments);
#ifdef __x86_64__
	tcase_add_test(tc, unknown_calls);
	tcase_add_test(tc, x32_is_another);
	tcase_add_test(tc, cache_hits);
	tcase_add_test(tc, cache_compares_all);
	tcase_add_loop_test(tc, cache_believes_only_its_own, 0, 5);
#endif
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, shrinking_changes_nothing, 0, 8);
	tcase_add_test(tc, shrinking_is_careful);
	tcase_add_test(tc, listener);
	return run_cases("seccomp", tc);
}
