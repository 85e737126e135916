/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits on cgroup v2: the conversions, then whole plans whose writes are carried out on a
 * directory that looks like the cgroup file system, and what must be refused.
 */
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "plan/cgroup2-values.h"
#include "plan/create.h"
#include "run/steps.h"
#include "tests/unit/suite.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static struct error err;

/* L-CG2-cpu-shares: fixed points, samples, out of range. */
START_TEST(test_cpu_weight)
{
	static const unsigned rows[][2] = {
		{ 2, 1 },      { 3, 2 },      { 100, 17 },	 { 512, 59 },
		{ 1024, 100 }, { 1025, 101 }, { 22000, 1204 },	 { 262144, 10000 },
		{ 0, 1 },      { 1, 1 },      { 262145, 10000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_uint_eq(cgroup2_cpu_weight(rows[i][0]), rows[i][1]);
	ck_assert_uint_eq(cgroup2_cpu_weight(UINT64_MAX), 10000);
	for (unsigned shares = 3, last = 1; shares <= 262144; shares += 97) {
		unsigned weight = cgroup2_cpu_weight(shares);

		ck_assert_uint_ge(weight, last);
		last = weight;
	}
}
END_TEST

/* L-CG2-blk-weight: the ends, and no overflow in between. */
START_TEST(test_io_weight)
{
	ck_assert_uint_eq(cgroup2_io_weight(10), 1);
	ck_assert_uint_eq(cgroup2_io_weight(100), 910);
	ck_assert_uint_eq(cgroup2_io_weight(500), 4950);
	ck_assert_uint_eq(cgroup2_io_weight(1000), 10000);
}
END_TEST

/* ---- a directory that looks like the cgroup file system */

static char *tree;

static char *path_in_tree(const char *name)
{
	return text_join_path(&arena, tree, name);
}

static void put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static const char *text_of(const char *path)
{
	char *text;

	ck_assert_msg(file_read_at(AT_FDCWD, path, &arena, &text, &err) == 0, "%s",
		      err.text);
	return text;
}

static const char *const files[] = {
	"memory.max",	 "memory.swap.max",  "memory.low",
	"memory.high",	 "cpu.weight",	     "cpu.max",
	"cpu.max.burst", "cpu.idle",	     "cpuset.cpus",
	"cpuset.mems",	 "pids.max",	     "io.max",
	"io.weight",	 "hugetlb.2MB.max",  "hugetlb.2MB.rsvd.max",
	"rdma.max",	 "cgroup.max.depth", "irq.pressure",
	"memory.newer",
};

static void make_tree(void)
{
	char name[] = "/tmp/oci-rt-cgroup2-XXXXXX";

	tree = arena_strdup(&arena, mkdtemp(name));
	ck_assert_int_eq(mkdir(path_in_tree("up"), 0755), 0);
	ck_assert_int_eq(mkdir(path_in_tree("up/box"), 0755), 0);
	put_file(path_in_tree("cgroup.subtree_control"), "");
	put_file(path_in_tree("up/cgroup.subtree_control"), "");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put_file(text_join_path(&arena, path_in_tree("up/box"), files[i]), "");
}

static void remove_tree(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlink(text_join_path(&arena, path_in_tree("up/box"), files[i]));
	unlink(path_in_tree("up/box/io.bfq.weight"));
	unlink(path_in_tree("up/cgroup.subtree_control"));
	unlink(path_in_tree("cgroup.subtree_control"));
	rmdir(path_in_tree("up/box"));
	rmdir(path_in_tree("up"));
	ck_assert_int_eq(rmdir(tree), 0);
}

static int plan_of(const char *resources, struct plan **out)
{
	static struct request request = {
		.root = "/run/oci-rt",
		.id = "box",
		.bundle = "/bundle",
		.config = "config.json",
	};
	static struct cgroup_hierarchy hierarchy;
	static const struct facts facts = {
		.is_privileged = true,
		.has_mount_api = true,
		.cgroup_mode = CGROUP_V2,
		.hierarchies = &hierarchy,
		.n_hierarchies = 1,
	};
	struct oci_problems problems = { .arena = &arena };
	struct plan_input input = { .request = &request, .facts = &facts };
	char text[1024];

	hierarchy = (struct cgroup_hierarchy){
		tree,
		"cpuset cpu io memory hugetlb pids rdma misc",
		"/",
		true,
		path_in_tree("up"),
		NULL,
	};
	input.config_text = arena_printf(
		&arena,
		"{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"rootfs\"}, \"process\": {"
		"\"args\": [\"sh\"], \"cwd\": \"/\", \"user\": {\"uid\": 0, \"gid\": 0}},"
		"\"linux\": {\"namespaces\": [{\"type\": \"mount\"}], \"cgroupsPath\": \"/up/box\","
		"\"resources\": {%s}}}",
		resources);
	input.config_size = strlen(input.config_text);
	if (oci_config_read(&arena, input.config_text, input.config_size, &input.config,
			    &problems)) {
		oci_problem_format(text, sizeof(text), "config.json", &problems.items[0]);
		return (fail)(&err, ERROR_CONFIG, "%s",
			      text); /* not the macro of Check */
	}
	return plan_create(&arena, &input, out, &err);
}

/* What a set of one limit has left in its file; the file is empty again afterwards. */
static void note_file(struct text *log, const char *file, const char *other)
{
	char *path = text_join_path(&arena, path_in_tree("up/box"), file);

	if (access(path, F_OK) < 0 && other) {
		file = other;
		path = text_join_path(&arena, path_in_tree("up/box"), file);
	}
	if (access(path, F_OK) < 0)
		return;
	text_add(log, "%s=%s;", file, text_of(path));
	put_file(path, "");
}

/* On every level above the container's cgroup, and on no other. */
static void note_enabled(struct text *log, const char *controller)
{
	static const char *const levels[] = { "cgroup.subtree_control",
					      "up/cgroup.subtree_control" };

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		char *path = path_in_tree(levels[i]);

		ck_assert_str_eq(text_of(path), arena_printf(&arena, "+%s", controller));
		put_file(path, "");
	}
	text_add(log, "+%s ", controller);
}

static void carry_out(const struct step *step, struct text *log)
{
	struct run run = { .arena = &arena };
	int rc = 0;

	switch (step->kind) {
	case STEP_enable_controller:
		rc = do_enable_controller(&run, &step->enable_controller, &err);
		note_enabled(log, step->enable_controller.controller);
		break;
	case STEP_set_cgroup:
		rc = do_set_cgroup(&run, &step->set_cgroup, &err);
		note_file(log, step->set_cgroup.file, step->set_cgroup.other);
		break;
	case STEP_set_either:
		rc = do_set_either(&run, &step->set_either, &err);
		note_file(log, step->set_either.file, step->set_either.other);
		break;
	default:
		break;
	}
	ck_assert_msg(rc == 0, "%s", err.text);
}

struct written {
	const char *ids, *resources, *writes;
};

static const struct written writes[] = {
	{ "L-CG2-mem-limit", "'memory': {'limit': 104857600}",
	  "+memory memory.max=104857600;" },
	{ "L-CG2-mem-limit zero", "'memory': {'limit': 0}", "+memory memory.max=0;" },
	{ "L-CG2-mem-limit L-CG2-mem-swap: no limit is no limit of swap",
	  "'memory': {'limit': -1}", "+memory memory.max=max;memory.swap.max=max;" },
	{ "L-CG2-mem-swap: the difference",
	  "'memory': {'limit': 104857600, 'swap': 157286400}",
	  "+memory memory.max=104857600;memory.swap.max=52428800;" },
	{ "L-CG2-mem-swap: equal is none",
	  "'memory': {'limit': 104857600, 'swap': 104857600}",
	  "+memory memory.max=104857600;memory.swap.max=0;" },
	{ "L-CG2-mem-swap: unlimited", "'memory': {'swap': -1}",
	  "+memory memory.swap.max=max;" },
	{ "L-CG2-mem-resv", "'memory': {'reservation': 52428800}",
	  "+memory memory.low=52428800;" },
	{ "L-CG2-mem-resv: unlimited", "'memory': {'reservation': -1}",
	  "+memory memory.low=max;" },
	{ "L-CG2-mem-oom L-CG2-mem-hier MEM-check: what is so anyway",
	  "'memory': {'disableOOMKiller': false, 'useHierarchy': true, 'checkBeforeUpdate': true}",
	  "" },
	{ "L-CG2-cpu-shares", "'cpu': {'shares': 1024}", "+cpu cpu.weight=100;" },
	{ "L-CG2-cpu-shares: 0 is unset", "'cpu': {'shares': 0}", "" },
	{ "L-CG2-cpu-shares: 64 bits", "'cpu': {'shares': 4294967298}",
	  "+cpu cpu.weight=10000;" },
	{ "L-CG2-cpu-quota L-CG2-cpu-period", "'cpu': {'quota': 50000, 'period': 200000}",
	  "+cpu cpu.max=50000 200000;" },
	{ "L-CG2-cpu-quota: the period stays", "'cpu': {'quota': 50000}",
	  "+cpu cpu.max=50000;" },
	{ "L-CG2-cpu-quota: none", "'cpu': {'quota': -1}", "+cpu cpu.max=max;" },
	{ "L-CG2-cpu-quota: 0 is none", "'cpu': {'quota': 0, 'period': 50000}",
	  "+cpu cpu.max=max 50000;" },
	{ "L-CG2-cpu-period", "'cpu': {'period': 200000}", "+cpu cpu.max=max 200000;" },
	{ "CPU-burst CPU-idle: burst behind the quota, idle behind the weight",
	  "'cpu': {'idle': 1, 'shares': 512, 'burst': 10000, 'quota': 50000}",
	  "+cpu cpu.weight=59;cpu.max=50000;cpu.max.burst=10000;cpu.idle=1;" },
	{ "CPU-cpus CPU-mems", "'cpu': {'cpus': '0-1,3', 'mems': '0'}",
	  "+cpuset cpuset.cpus=0-1,3;cpuset.mems=0;" },
	{ "PID-limit", "'pids': {'limit': 32}", "+pids pids.max=32;" },
	{ "PID-limit: none", "'pids': {'limit': -1}", "+pids pids.max=max;" },
	{ "PID-zero", "'pids': {'limit': 0}", "+pids pids.max=0;" },
	{ "PID-limit: untouched", "'pids': {}", "" },
	{ "BLK-obj L-CG2-blk-weight: without BFQ", "'blockIO': {'weight': 500}",
	  "+io io.weight=default 4950;" },
	{ "BLK-wdev BLK-wdev-w: without BFQ",
	  "'blockIO': {'weightDevice': [{'major': 8, 'minor': 16, 'weight': 1000}]}",
	  "+io io.weight=8:16 10000;" },
	{ "BLK-rbps BLK-wbps BLK-riops BLK-wiops BLK-thr-mm BLK-thr-rate: a device a write",
	  "'blockIO': {'throttleReadBpsDevice': [{'major': 8, 'minor': 0, 'rate': 1000}, "
	  "{'major': 8, 'minor': 16, 'rate': 0}], "
	  "'throttleWriteBpsDevice': [{'major': 8, 'minor': 0, 'rate': 18446744073709551615}], "
	  "'throttleReadIOPSDevice': [{'major': 8, 'minor': 0, 'rate': 30}], "
	  "'throttleWriteIOPSDevice': [{'major': 8, 'minor': 0, 'rate': 40}]}",
	  "+io io.max=8:0 rbps=1000;io.max=8:16 rbps=max;io.max=8:0 wbps=18446744073709551615;"
	  "io.max=8:0 riops=30;io.max=8:0 wiops=40;" },
	{ "HT-rsvd", "'hugepageLimits': [{'pageSize': '2MB', 'limit': 4194304}]",
	  "+hugetlb hugetlb.2MB.rsvd.max=4194304;hugetlb.2MB.max=4194304;" },
	{ "RD-key", "'rdma': {'mlx5_0': {'hcaHandles': 3, 'hcaObjects': 10000}}",
	  "+rdma rdma.max=mlx5_0 hca_handle=3 hca_object=10000;" },
	{ "UNI-obj UNI-ctrl: last, so that it wins; line by line",
	  "'unified': {'memory.max': '7', 'io.max': '8:0 rbps=1\\n8:16 rbps=2\\n'}, "
	  "'memory': {'limit': 1}",
	  "+memory memory.max=1;memory.max=7;+io io.max=8:0 rbps=1;io.max=8:16 rbps=2;" },
	{ "UNI-unknown: keys of the cgroup itself, and newer than this program",
	  "'unified': {'cgroup.max.depth': '3', 'memory.newer': 'x'}",
	  "cgroup.max.depth=3;+memory memory.newer=x;" },
};

/* The documents above are written with single quotes. */
static char *unquote(const char *text)
{
	char *copy = arena_strdup(&arena, text);

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	return copy;
}

static const char *writes_of(const struct written *row)
{
	struct text log = { .arena = &arena };
	struct plan *plan = NULL;

	text_add(&log, "%s", "");
	ck_assert_msg(plan_of(unquote(row->resources), &plan) == 0, "%s: %s", row->ids,
		      err.text);
	for (size_t i = 0; i < plan->of[ROLE_HOST].n; i++)
		carry_out(&plan->of[ROLE_HOST].items[i], &log);
	return log.s;
}

/* UNI-conv: limits in the words of version 1. */
START_TEST(test_writes)
{
	make_tree();
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		const char *got = writes_of(&writes[i]);

		ck_assert_msg(is_equal(got, writes[i].writes),
			      "%s: expected '%s', got '%s'", writes[i].ids,
			      writes[i].writes, got);
	}
	remove_tree();
}
END_TEST

/* L-CG2-blk-weight BLK-wdev: BFQ has the same scale, and comes first. */
START_TEST(test_bfq)
{
	static const struct written row = {
		"BFQ",
		"'blockIO': {'weight': 500, "
		"'weightDevice': [{'major': 8, 'minor': 16, 'weight': 1000}]}",
		"+io io.bfq.weight=500;io.bfq.weight=8:16 1000;",
	};

	make_tree();
	put_file(path_in_tree("up/box/io.bfq.weight"), "");
	ck_assert_str_eq(writes_of(&row), row.writes);
	remove_tree();
}
END_TEST

/* Without swap accounting there is nothing to lift, but a limit would be a lie. */
START_TEST(test_no_swap_accounting)
{
	static const struct written row = { "swap", "'memory': {'limit': 5, 'swap': 5}",
					    "+memory memory.max=5;" };
	struct run run = { .arena = &arena };
	struct step_set_cgroup step;

	make_tree();
	ck_assert_int_eq(unlink(path_in_tree("up/box/memory.swap.max")), 0);
	ck_assert_str_eq(writes_of(&row), row.writes);
	step = (struct step_set_cgroup){ path_in_tree("up/box"), "memory.swap.max", NULL,
					 "5", false };
	ck_assert_int_lt(do_set_cgroup(&run, &step, &err), 0);
	remove_tree();
}
END_TEST

/* UNI-noconv: every row names the requirement, then the field that the error must name. */
static const struct {
	const char *ids, *resources, *field, *what;
} refusals[] = {
	{ "L-CG2-mem-swap", "'memory': {'swap': 5}", "memory.swap",
	  "needs memory.limit" },
	{ "L-CG2-mem-swap", "'memory': {'limit': 6, 'swap': 5}", "memory.swap", "below" },
	{ "L-CG2-mem-swap", "'memory': {'limit': 6, 'swap': 0}", "memory.swap", "below" },
	{ "L-CG2-mem-swap", "'memory': {'limit': -1, 'swap': 5}", "memory.swap",
	  "needs" },
	{ "L-CG2-mem-kernel", "'memory': {'kernel': 5}", "memory.kernel",
	  "cgroup v2 cannot" },
	{ "L-CG2-mem-ktcp", "'memory': {'kernelTCP': 5}", "memory.kernelTCP",
	  "cgroup v2 cannot" },
	{ "L-CG2-mem-swappiness", "'memory': {'swappiness': 0}", "memory.swappiness",
	  "cgroup v2 cannot" },
	{ "L-CG2-mem-oom", "'memory': {'disableOOMKiller': true}",
	  "memory.disableOOMKiller", "cgroup v2 cannot" },
	{ "L-CG2-mem-hier", "'memory': {'useHierarchy': false}", "memory.useHierarchy",
	  "cgroup v2 cannot" },
	{ "L-CG2-cpu-rtrt", "'cpu': {'realtimeRuntime': 1000}", "cpu.realtimeRuntime",
	  "cgroup v2 cannot" },
	{ "L-CG2-cpu-rtper", "'cpu': {'realtimePeriod': 1000000}", "cpu.realtimePeriod",
	  "cgroup v2 cannot" },
	{ "L-CG2-blk-leaf", "'blockIO': {'leafWeight': 500}", "blockIO.leafWeight",
	  "cgroup v2 cannot" },
	{ "BLK-wdev-lw",
	  "'blockIO': {'weightDevice': [{'major': 8, 'minor': 0, 'leafWeight': 500}]}",
	  "blockIO.weightDevice[0]", "cgroup v2 cannot" },
	{ "BLK-wdev-one", "'blockIO': {'weightDevice': [{'major': 8, 'minor': 0}]}",
	  "blockIO.weightDevice[0]", "" },
	{ "NET-v2", "'network': {'classID': 1}", "network.classID", "cgroup v2 cannot" },
	{ "UNI-missing", "'unified': {'foo.max': '1'}", "unified[\"foo.max\"]",
	  "no cgroup controller 'foo'" },
	{ "UNI-obj", "'unified': {'../memory.max': '1'}", "unified[\"../memory.max\"]",
	  "the name of a cgroup file" },
};

static void check_offered(const char *top, const char *up)
{
	ck_assert_str_eq(text_of(path_in_tree("cgroup.subtree_control")), top);
	ck_assert_str_eq(text_of(path_in_tree("up/cgroup.subtree_control")), up);
}

/* Statistics without limits: what counts is enabled where it is there, in one write a level. */
START_TEST(test_offer)
{
	make_tree();
	put_file(path_in_tree("cgroup.controllers"), "cpuset cpu io memory pids misc\n");
	put_file(path_in_tree("up/cgroup.controllers"), "memory cpu\n");
	put_file(path_in_tree("cgroup.subtree_control"), "cpu\n");
	cgroup_offer(tree, path_in_tree("up/box"), "cpu memory pids");
	check_offered("+memory +pids", "+cpu +memory");
	/* Below a parent that has all of them nothing is touched. */
	put_file(path_in_tree("up/cgroup.subtree_control"), "pids memory cpu\n");
	cgroup_offer(tree, path_in_tree("up/box"), "cpu memory pids");
	check_offered("+memory +pids", "pids memory cpu\n");
	unlink(path_in_tree("up/cgroup.controllers"));
	unlink(path_in_tree("cgroup.controllers"));
	remove_tree();
}
END_TEST

START_TEST(test_refusals)
{
	struct plan *plan;

	make_tree();
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		int rc = plan_of(unquote(refusals[i].resources), &plan);

		ck_assert_msg(rc < 0, "%s is taken", refusals[i].ids);
		ck_assert_msg(strstr(err.text, refusals[i].field) &&
				      strstr(err.text, refusals[i].what),
			      "%s: %s", refusals[i].ids, err.text);
	}
	remove_tree();
}
END_TEST

/* ---- CGO-*: who owns what (needs root) */

static uid_t owner_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(path_in_tree(name), &st), 0);
	return st.st_uid;
}

/* CGO-files CGO-missing CGO-others: the listed files that are there, and the directory. */
START_TEST(test_give)
{
	if (geteuid() != 0)
		return;
	make_tree();
	put_file(path_in_tree("delegate"), "pids.max\nmemory.oom.group\nio.max\n");
	ck_assert_msg(cgroup_give(&arena, path_in_tree("up/box"), 1234,
				  path_in_tree("delegate"), &err) == 0,
		      "%s", err.text);
	ck_assert_uint_eq(owner_of("up/box"), 1234);
	ck_assert_uint_eq(owner_of("up/box/pids.max"), 1234);
	ck_assert_uint_eq(owner_of("up/box/io.max"), 1234);
	ck_assert_uint_eq(owner_of("up/box/memory.max"), 0);
	ck_assert_uint_eq(owner_of("up"), 0);
	unlink(path_in_tree("delegate"));
	remove_tree();
}
END_TEST

/* CGO-fallback: the kernel does not say which. */
START_TEST(test_give_usual)
{
	if (geteuid() != 0)
		return;
	make_tree();
	ck_assert_msg(cgroup_give(&arena, path_in_tree("up"), 1234,
				  path_in_tree("missing"), &err) == 0,
		      "%s", err.text);
	ck_assert_uint_eq(owner_of("up"), 1234);
	ck_assert_uint_eq(owner_of("up/cgroup.subtree_control"), 1234);
	ck_assert_uint_eq(owner_of("up/box"), 0);
	remove_tree();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("cgroup2");

	tcase_add_test(tcase, test_cpu_weight);
	tcase_add_test(tcase, test_io_weight);
	tcase_add_test(tcase, test_writes);
	tcase_add_test(tcase, test_bfq);
	tcase_add_test(tcase, test_no_swap_accounting);
	tcase_add_test(tcase, test_offer);
	tcase_add_test(tcase, test_refusals);
	tcase_add_test(tcase, test_give);
	tcase_add_test(tcase, test_give_usual);
	return run_cases("cgroup2", tcase);
}
