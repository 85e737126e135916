/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables: every mount option on its own and in both orders of its pair, and the small
 * tables against the headers of the system.
 */
#include "base/text.h"
#include "tables/mount-options.h"
#include "tables/names.h"
#include "tables/seccomp.h"
#include "tests/unit/suite.h"
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>

#define OPTIONS(out, ...)                                                                  \
	({                                                                                 \
		const char *words_[] = { __VA_ARGS__ };                                    \
		mount_options_parse(&arena, words_, ARRAY_SIZE(words_), (out));            \
	})

/* Requirements: every MO-* keyword is known, does something, and is described again. */
START_TEST(every_option_round_trips)
{
	struct arena scoped_arena arena = { 0 };
	struct mount_options options, nothing = { 0 };
	size_t i;

	for (i = 0; mount_option_name(i); i++) {
		const char *name = mount_option_name(i);
		bool is_silent = is_equal(name, "defaults") || is_equal(name, "norelatime") ||
				 is_equal(name, "rnorelatime");

		OPTIONS(&options, name);
		ck_assert_msg(!options.data, "%s became data", name);
		ck_assert_msg(is_silent == !memcmp(&options, &nothing, sizeof(options)), "%s",
			      name);
		if (is_silent)
			continue;
		if (is_equal(name, "atime") || is_equal(name, "nostrictatime"))
			name = "relatime";
		if (is_equal(name, "ratime") || is_equal(name, "rnostrictatime"))
			name = "rrelatime";
		ck_assert_str_eq(mount_options_describe(&arena, &options), name);
	}
	ck_assert_uint_eq(i, 62);
}
END_TEST

struct pair {
	const char *on, *off;
};

/* MO-ro MO-rw ...: the last of a pair wins, and nothing is both set and cleared. */
START_TEST(last_of_a_pair_wins)
{
	static const struct pair pairs[] = {
		{ "ro", "rw" },		    { "nosuid", "suid" },
		{ "nodev", "dev" },	    { "noexec", "exec" },
		{ "nodiratime", "diratime" }, { "nosymfollow", "symfollow" },
		{ "rro", "rrw" },	    { "rnosuid", "rsuid" },
		{ "rnodev", "rdev" },	    { "rnoexec", "rexec" },
		{ "rnodiratime", "rdiratime" }, { "rnosymfollow", "rsymfollow" },
		{ "sync", "async" },	    { "lazytime", "nolazytime" },
		{ "mand", "nomand" },	    { "iversion", "noiversion" },
		{ "silent", "loud" },	    { "noatime", "strictatime" },
		{ "noatime", "relatime" },  { "rnoatime", "rstrictatime" },
		{ "private", "rshared" },   { "slave", "runbindable" },
	};
	struct arena scoped_arena arena = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct mount_options options;

		OPTIONS(&options, pairs[i].on, pairs[i].off);
		ck_assert_str_eq(mount_options_describe(&arena, &options), pairs[i].off);
		OPTIONS(&options, pairs[i].off, pairs[i].on);
		ck_assert_str_eq(mount_options_describe(&arena, &options), pairs[i].on);
	}
}
END_TEST

/* MO-atime MO-relatime MO-strictatime MO-noatime: one choice, not bits. */
START_TEST(atime_is_a_choice)
{
	struct arena scoped_arena arena = { 0 };
	struct mount_options options;

	OPTIONS(&options, "noatime", "strictatime");
	ck_assert_uint_eq(options.set, MOUNT_ATTR_STRICTATIME);
	ck_assert_uint_eq(options.clear, MOUNT_ATTR__ATIME);
	OPTIONS(&options, "noatime", "atime");
	ck_assert_uint_eq(options.set, MOUNT_ATTR_RELATIME);
	ck_assert_uint_eq(options.clear, MOUNT_ATTR__ATIME);
	OPTIONS(&options, "strictatime", "atime");
	ck_assert_uint_eq(options.set, MOUNT_ATTR_STRICTATIME);
	OPTIONS(&options, "strictatime", "nostrictatime");
	ck_assert_uint_eq(options.set, MOUNT_ATTR_RELATIME);
	OPTIONS(&options, "relatime", "norelatime");
	ck_assert_uint_eq(options.set | options.clear, 0);
	OPTIONS(&options, "rnoatime", "ratime");
	ck_assert_uint_eq(options.set_all, 0);
	ck_assert_uint_eq(options.clear_all, MOUNT_ATTR__ATIME);
	OPTIONS(&options, "rstrictatime", "atime");
	ck_assert_uint_eq(options.set | options.clear, 0);
	ck_assert_uint_eq(options.set_all, MOUNT_ATTR_STRICTATIME);
	OPTIONS(&options, "noatime", "rstrictatime", "ratime");
	ck_assert_uint_eq(options.set | options.clear, 0);
}
END_TEST

/* MO-rro MO-rrw: the tree and its top are separate; the later one counts for the top. */
START_TEST(tree_and_top)
{
	struct arena scoped_arena arena = { 0 };
	struct mount_options options;

	OPTIONS(&options, "ro", "rrw");
	ck_assert_uint_eq(options.set | options.clear, 0);
	ck_assert_uint_eq(options.clear_all, MOUNT_ATTR_RDONLY);
	OPTIONS(&options, "rro", "rw");
	ck_assert_uint_eq(options.set_all, MOUNT_ATTR_RDONLY);
	ck_assert_uint_eq(options.clear, MOUNT_ATTR_RDONLY);
	OPTIONS(&options, "rbind", "ro", "nosuid", "rprivate", "sync");
	ck_assert_str_eq(mount_options_describe(&arena, &options),
			 "ro,nosuid,sync,rprivate,rbind");
}
END_TEST

/* MO-defaults MO-acl: what is left over is the file system's, in order. */
START_TEST(data_is_what_is_left)
{
	struct arena scoped_arena arena = { 0 };
	struct mount_options options;

	OPTIONS(&options, "defaults", "mode=755", "ro", "nofail", "x-systemd.automount",
		"_netdev", "size=1m", "", "acl");
	ck_assert_str_eq(options.data, "mode=755,size=1m,acl");
	OPTIONS(&options, "defaults");
	ck_assert_ptr_null(options.data);
	mount_options_parse(&arena, NULL, 0, &options);
	ck_assert_ptr_null(options.data);
}
END_TEST

/* SC-native: numbers are libseccomp's and the kernel's. */
START_TEST(seccomp_numbers)
{
	struct {
		bool (*find)(const char *, uint32_t *);
		const char *name;
		uint32_t number;
	} rows[] = {
#define ROW(kind, name) { seccomp_##kind##_by_name, #name, (uint32_t)name }
		ROW(action, SCMP_ACT_KILL),	ROW(action, SCMP_ACT_KILL_PROCESS),
		ROW(action, SCMP_ACT_KILL_THREAD), ROW(action, SCMP_ACT_TRAP),
		ROW(action, SCMP_ACT_ALLOW),	ROW(action, SCMP_ACT_LOG),
		ROW(action, SCMP_ACT_NOTIFY),
		{ seccomp_action_by_name, "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0) },
		{ seccomp_action_by_name, "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0) },
		ROW(operator, SCMP_CMP_NE),	ROW(operator, SCMP_CMP_LT),
		ROW(operator, SCMP_CMP_LE),	ROW(operator, SCMP_CMP_EQ),
		ROW(operator, SCMP_CMP_GE),	ROW(operator, SCMP_CMP_GT),
		ROW(operator, SCMP_CMP_MASKED_EQ), ROW(arch, SCMP_ARCH_X86),
		ROW(arch, SCMP_ARCH_X86_64),	ROW(arch, SCMP_ARCH_X32),
		ROW(arch, SCMP_ARCH_ARM),	ROW(arch, SCMP_ARCH_AARCH64),
		ROW(arch, SCMP_ARCH_MIPS),	ROW(arch, SCMP_ARCH_MIPS64),
		ROW(arch, SCMP_ARCH_MIPS64N32), ROW(arch, SCMP_ARCH_MIPSEL),
		ROW(arch, SCMP_ARCH_MIPSEL64),	ROW(arch, SCMP_ARCH_MIPSEL64N32),
		ROW(arch, SCMP_ARCH_PPC),	ROW(arch, SCMP_ARCH_PPC64),
		ROW(arch, SCMP_ARCH_PPC64LE),	ROW(arch, SCMP_ARCH_S390),
		ROW(arch, SCMP_ARCH_S390X),	ROW(arch, SCMP_ARCH_PARISC),
		ROW(arch, SCMP_ARCH_PARISC64),	ROW(arch, SCMP_ARCH_RISCV64),
		ROW(flag, SECCOMP_FILTER_FLAG_TSYNC), ROW(flag, SECCOMP_FILTER_FLAG_LOG),
		ROW(flag, SECCOMP_FILTER_FLAG_SPEC_ALLOW),
		ROW(flag, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV),
#undef ROW
	};
	uint32_t number;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ck_assert_msg(rows[i].find(rows[i].name, &number), "%s", rows[i].name);
		ck_assert_msg(number == rows[i].number, "%s: %#x", rows[i].name, number);
	}
	ck_assert(!seccomp_action_by_name("SCMP_ACT_NOPE", &number));
	ck_assert_str_eq(seccomp_arch_name(22), "SCMP_ARCH_SHEB");
	ck_assert_ptr_null(seccomp_arch_name(23));
}
END_TEST

START_TEST(capabilities)
{
	ck_assert_int_eq(capability_by_name("CAP_CHOWN"), CAP_CHOWN);
	ck_assert_int_eq(capability_by_name("CAP_SYS_ADMIN"), CAP_SYS_ADMIN);
	ck_assert_int_eq(capability_by_name("CAP_CHECKPOINT_RESTORE"), CAP_LAST_CAP);
	ck_assert_int_eq(capability_by_name("CAP_NOPE"), -1);
	ck_assert_int_eq(capability_by_name(NULL), -1);
	for (int i = 0; i <= CAP_LAST_CAP; i++)
		ck_assert_int_eq(capability_by_name(capability_name((size_t)i)), i);
	ck_assert_ptr_null(capability_name(CAP_LAST_CAP + 1));
}
END_TEST

START_TEST(signals_by_many_names)
{
	ck_assert_int_eq(signal_by_name("15"), SIGTERM);
	ck_assert_int_eq(signal_by_name("TERM"), SIGTERM);
	ck_assert_int_eq(signal_by_name("sigterm"), SIGTERM);
	ck_assert_int_eq(signal_by_name("SIGKILL"), SIGKILL);
	ck_assert_int_eq(signal_by_name("SIGRTMIN"), SIGRTMIN);
	ck_assert_int_eq(signal_by_name("RTMIN+3"), SIGRTMIN + 3);
	ck_assert_int_eq(signal_by_name("SIGRTMAX-2"), SIGRTMAX - 2);
	ck_assert_int_eq(signal_by_name("CLD"), SIGCHLD);
	ck_assert_int_eq(signal_by_name("64"), 64);
	ck_assert_int_eq(signal_by_name("65"), -1);
	ck_assert_int_eq(signal_by_name("0"), -1);
	ck_assert_int_eq(signal_by_name(""), -1);
	ck_assert_int_eq(signal_by_name("9x"), -1);
	ck_assert_int_eq(signal_by_name("-9"), -1);
	ck_assert_int_eq(signal_by_name("RTMIN-1"), -1);
	ck_assert_int_eq(signal_by_name("RTMAX+1"), -1);
	ck_assert_int_eq(signal_by_name("RTMIN+"), -1);
	ck_assert_int_eq(signal_by_name("NOPE"), -1);
	ck_assert_str_eq(signal_name(SIGTERM), "SIGTERM");
	ck_assert_str_eq(signal_name(SIGABRT), "SIGABRT");
	ck_assert_ptr_null(signal_name(SIGRTMIN));
	for (int i = 1; i < 32; i++)
		ck_assert_int_eq(signal_by_name(signal_name(i)), i);
}
END_TEST

START_TEST(numbers_of_the_process)
{
	ck_assert_int_eq(rlimit_by_name("RLIMIT_NOFILE"), RLIMIT_NOFILE);
	ck_assert_int_eq(rlimit_by_name("RLIMIT_FOO"), -1);
	ck_assert_int_eq(scheduler_policy_by_name("SCHED_DEADLINE"), 6);
	ck_assert_int_eq(scheduler_policy_by_name("SCHED_BATCH"), SCHED_BATCH);
	ck_assert_int_eq(scheduler_flag_by_name("SCHED_FLAG_UTIL_CLAMP_MAX"), 0x40);
	ck_assert_int_eq(io_class_by_name("IOPRIO_CLASS_BE"), IOPRIO_CLASS_BE);
	ck_assert_int_eq(memory_policy_mode_by_name("MPOL_BIND"), MPOL_BIND);
	ck_assert_int_eq(memory_policy_flag_by_name("MPOL_F_STATIC_NODES"),
			 MPOL_F_STATIC_NODES);
	ck_assert_str_eq(memory_policy_mode_name(6), "MPOL_WEIGHTED_INTERLEAVE");
	ck_assert_ptr_null(memory_policy_mode_name(7));
	ck_assert_ptr_null(memory_policy_flag_name(3));
}
END_TEST

/* DD-null DD-zero DD-full DD-random DD-urandom DD-tty DD-ptmx */
START_TEST(devices)
{
	ck_assert_uint_eq(n_default_devices, 6);
	ck_assert_str_eq(default_devices[0].path, "/dev/null");
	ck_assert_uint_eq(n_default_links, 6);
	ck_assert_str_eq(default_links[5].target, "pts/ptmx");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, every_option_round_trips);
	tcase_add_test(tc, last_of_a_pair_wins);
	tcase_add_test(tc, atime_is_a_choice);
	tcase_add_test(tc, tree_and_top);
	tcase_add_test(tc, data_is_what_is_left);
	tcase_add_test(tc, seccomp_numbers);
	tcase_add_test(tc, capabilities);
	tcase_add_test(tc, signals_by_many_names);
	tcase_add_test(tc, numbers_of_the_process);
	tcase_add_test(tc, devices);
	return run_cases("tables", tc);
}
