/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The statistics of a tree of files that looks like a cgroup of version 2 with everything. */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/stats.h"
#include "tests/unit/suite.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *name, *text;
} files[] = {
	{ "cpu.stat", "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 7\n"
		      "nr_throttled 1\nthrottled_usec 9\n" },
	{ "cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=0.00 total=77\n"
			  "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n" },
	{ "cpuset.cpus.effective", "0-2,5\n" },
	{ "cpuset.mems.effective", "0\n" },
	{ "memory.current", "1000\n" },
	{ "memory.max", "2000\n" },
	{ "memory.peak", "1500\n" },
	{ "memory.swap.current", "10\n" },
	{ "memory.swap.max", "max\n" },
	{ "memory.events", "low 0\nhigh 0\nmax 4\noom 1\noom_kill 1\n" },
	{ "memory.stat", "anon 1\nfile 600\nkernel 50\nsock 6\n" },
	{ "pids.current", "3\n" },
	{ "pids.max", "max\n" },
	{ "io.stat", "8:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n253:0 \n" },
};

static const char expected[] =
	"{\"cpu\":{\"usage\":{\"total\":5000,\"kernel\":2000,\"user\":3000},"
	"\"throttling\":{\"periods\":7,\"throttledPeriods\":1,\"throttledTime\":9000},"
	"\"psi\":{\"some\":{\"avg10\":1.50,\"avg60\":0.00,\"avg300\":0.00,\"total\":77},"
	"\"full\":{\"avg10\":0.00,\"avg60\":0.00,\"avg300\":0.00,\"total\":0}}},"
	"\"cpuset\":{\"cpus\":[0,1,2,5],\"cpu_exclusive\":0,\"mems\":[0],\"mem_hardwall\":0,"
	"\"mem_exclusive\":0,\"memory_migrate\":0,\"memory_spread_page\":0,"
	"\"memory_spread_slab\":0,\"memory_pressure\":0,\"sched_load_balance\":0,"
	"\"sched_relax_domain_level\":0},"
	"\"memory\":{\"cache\":600,\"usage\":{\"limit\":2000,\"usage\":1000,\"max\":1500,"
	"\"failcnt\":4},\"swap\":{\"limit\":18446744073709551615,\"usage\":1010,\"failcnt\":0},"
	"\"kernel\":{\"limit\":0,\"usage\":50,\"failcnt\":0},"
	"\"kernelTCP\":{\"limit\":0,\"usage\":6,\"failcnt\":0},"
	"\"raw\":{\"anon\":1,\"file\":600,\"kernel\":50,\"sock\":6}},"
	"\"pids\":{\"current\":3},"
	"\"blkio\":{\"ioServiceBytesRecursive\":["
	"{\"major\":8,\"minor\":16,\"op\":\"Read\",\"value\":1},"
	"{\"major\":8,\"minor\":16,\"op\":\"Write\",\"value\":2},"
	"{\"major\":8,\"minor\":16,\"op\":\"Discard\",\"value\":5}],"
	"\"ioServicedRecursive\":[{\"major\":8,\"minor\":16,\"op\":\"Read\",\"value\":3},"
	"{\"major\":8,\"minor\":16,\"op\":\"Write\",\"value\":4},"
	"{\"major\":8,\"minor\":16,\"op\":\"Discard\",\"value\":6}]},"
	"\"hugetlb\":{},\"intel_rdt\":{},\"network_interfaces\":null}";

START_TEST(test_unified)
{
	struct arena scoped_arena arena = { 0 };
	char dir[] = "/tmp/oci-rt-stats-XXXXXX";
	struct stats_dir place = { dir, "cpuset cpu io memory pids", true };
	struct stats_reader reader = { &arena, &place, 1 };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int scoped_fd fd = open(text_join_path(&arena, dir, files[i].name),
					O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		ck_assert_int_eq(write_all(fd, files[i].text, strlen(files[i].text)), 0);
	}
	ck_assert_str_eq(stats_document(&reader), expected);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlink(text_join_path(&arena, dir, files[i].name));
	rmdir(dir);
}
END_TEST

/* Lines a device of version 1: operations, none, and the sum, which is left out. */
START_TEST(test_blocks)
{
	struct arena scoped_arena arena = { 0 };
	struct stats_reader reader = { .arena = &arena };
	struct stats_block *blocks;
	size_t n;

	stats_blocks(&reader, "8:0 Read 5\n8:0 Total 5\n9:1 7\nTotal 12\n", &blocks, &n);
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(blocks[0].operation, "Read");
	ck_assert_uint_eq(blocks[0].value, 5);
	ck_assert_uint_eq(blocks[2].major, 9);
	ck_assert_uint_eq(blocks[2].minor, 1);
	ck_assert_uint_eq(blocks[2].value, 7);
	ck_assert_str_eq(blocks[2].operation, "");
}
END_TEST

/* No cgroup at all: everything is empty, and it is a document. */
START_TEST(test_nothing)
{
	struct arena scoped_arena arena = { 0 };
	struct stats_reader reader = { .arena = &arena };

	ck_assert_ptr_nonnull(strstr(stats_document(&reader), "\"pids\":{},\"blkio\":{}"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("stats");

	tcase_add_test(tcase, test_unified);
	tcase_add_test(tcase, test_blocks);
	tcase_add_test(tcase, test_nothing);
	return run_cases("cgroup-stats", tcase);
}
