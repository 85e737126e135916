/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What takes back the writing to a cgroup file, for every shape that such files have. */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "tests/unit/suite.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *file, *holds, *written, *old;
} samples[] = {
	{ "memory.max", "max\n", "1000", "max" },
	{ "memory.limit_in_bytes", "9223372036854771712\n", "1000", "9223372036854771712" },
	{ "cpu.max", "max 100000\n", "50000 200000", "max 100000" },
	{ "cpu.max", "50000 100000\n", "50000 200000", "50000 100000" },
	{ "cpu.max", "50000 100000\n", "max", "50000 100000" },
	{ "cpuset.cpus", "\n", "0-1", "\n" },
	{ "cpuset.cpus", "", "0-1", "\n" },
	{ "cpuset.cpus", "0-3,7\n", "1", "0-3,7" },
	{ "memory.oom_control", "oom_kill_disable 1\nunder_oom 0\noom_kill 0\n", "0", "1" },
	{ "io.max", "8:0 rbps=5 wbps=max riops=max wiops=max\n", "8:0 rbps=9",
	  "8:0 rbps=5 wbps=max riops=max wiops=max" },
	{ "io.max", "8:16 rbps=5 wbps=max riops=max wiops=max\n", "8:1 rbps=9",
	  "8:1 rbps=max wbps=max riops=max wiops=max" },
	{ "io.weight", "default 100\n8:0 200\n", "default 300", "default 100" },
	{ "io.weight", "default 100\n8:0 200\n", "8:0 300", "8:0 200" },
	{ "io.weight", "default 100\n", "8:0 300", "8:0 default" },
	{ "io.bfq.weight", "default 100\n", "500", "default 100" },
	{ "blkio.bfq.weight", "100\n", "500", "100" },
	{ "blkio.throttle.read_bps_device", "", "8:0 100", "8:0 0" },
	{ "blkio.throttle.read_bps_device", "8:0 50\n", "8:0 100", "8:0 50" },
	{ "rdma.max", "mlx4_0 hca_handle=2 hca_object=max\n", "mlx4_0 hca_handle=5",
	  "mlx4_0 hca_handle=2 hca_object=max" },
	{ "rdma.max", "", "mlx4_0 hca_handle=5", "mlx4_0 hca_handle=max hca_object=max" },
	{ "net_prio.ifpriomap", "lo 0\neth0 3\n", "eth0 5", "eth0 3" },
	{ "pids.max", "max\n", "5", "max" },
};

/* An empty cpuset of version 2 has its parent's, and cannot become empty again. */
START_TEST(test_inherited)
{
	struct arena scoped_arena arena = { 0 };
	char dir[] = "/tmp/oci-rt-restore-XXXXXX";
	const char *own, *effective;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	own = text_join_path(&arena, dir, "cpuset.cpus");
	effective = text_join_path(&arena, dir, "cpuset.cpus.effective");
	int scoped_fd fd = open(own, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int scoped_fd other = open(effective, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(write_all(fd, "\n", 1), 0);
	ck_assert_int_eq(write_all(other, "0-3\n", 4), 0);
	ck_assert_str_eq(cgroup_old_value(&arena, dir, "cpuset.cpus", "1"), "0-3");
	unlink(own);
	unlink(effective);
	rmdir(dir);
}
END_TEST

START_TEST(test_restore)
{
	struct arena scoped_arena arena = { 0 };
	char dir[] = "/tmp/oci-rt-restore-XXXXXX", path[128];
	const char *old;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_ptr_null(cgroup_old_value(&arena, dir, "nowhere", "1"));
	snprintf(path, sizeof(path), "%s/%s", dir, samples[_i].file);
	int scoped_fd fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(write_all(fd, samples[_i].holds, strlen(samples[_i].holds)), 0);
	old = cgroup_old_value(&arena, dir, samples[_i].file, samples[_i].written);
	ck_assert_str_eq(old, samples[_i].old);
	unlink(path);
	rmdir(dir);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("values");

	tcase_add_loop_test(tcase, test_restore, 0, ARRAY_SIZE(samples));
	tcase_add_test(tcase, test_inherited);
	return run_cases("cgroup-restore", tcase);
}
