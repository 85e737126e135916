/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Groups of a resctrl file system of the test's own.  As the kernel's, it fills a new
 * directory with the files of a group and lets go of a directory that has only these;
 * unlike the kernel's, a schemata file only collects what is written to it.
 */
#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/rdt.h"
#include "plan/create.h"
#include "run/run.h"
#include "tests/unit/suite.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct arena arena;
static struct error err;
static char root[64];
static int groups_left;		 /* how many classes or monitors the processor still has */
static bool refuses_schemata;

static char *below(const char *path)
{
	return text_join_path(&arena, root, path);
}

static void put(const char *dir, const char *name, const char *text)
{
	FILE *file = fopen(text_join_path(&arena, dir, name), "we");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static const char *text_of(const char *path)
{
	char *text = NULL;

	ck_assert_msg(file_read_at(AT_FDCWD, below(path), &arena, &text, &err) == 0, "%s",
		      err.text);
	return text;
}

static bool is_there(const char *path)
{
	return access(below(path), F_OK) == 0;
}

/* -- the fake: these stand before the C library's -- */

int mkdir(const char *path, mode_t mode)
{
	if (!has_prefix(path, root) || groups_left < 0)
		return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
	if (access(path, F_OK) < 0 && groups_left == 0) {
		errno = ENOSPC;
		return -1;
	}
	if (syscall(SYS_mkdirat, AT_FDCWD, path, mode) < 0)
		return -1;
	groups_left--;
	put(path, "tasks", "");
	if (strstr(path, "/mon_groups/"))
		return 0;
	if (!refuses_schemata)
		put(path, "schemata", "");
	return (int)syscall(SYS_mkdirat, AT_FDCWD, text_join_path(&arena, path, "mon_groups"),
			    mode);
}

int rmdir(const char *path)
{
	if (has_prefix(path, root)) {
		(void)unlink(text_join_path(&arena, path, "tasks"));
		(void)unlink(text_join_path(&arena, path, "schemata"));
		(void)syscall(SYS_unlinkat, AT_FDCWD,
			      text_join_path(&arena, path, "mon_groups"), AT_REMOVEDIR);
	}
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
	va_end(list);
	/* A write adds to what is there, and does not replace its beginning. */
	if (has_suffix(path, "/schemata") || has_suffix(path, "/tasks"))
		flags |= (flags & O_ACCMODE) == O_WRONLY ? O_APPEND : 0;
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

static void begin(void)
{
	memset(&err, 0, sizeof(err));
	snprintf(root, sizeof(root), "%s", "/tmp/resctrl-XXXXXX");
	groups_left = -1;
	refuses_schemata = false;
	ck_assert_ptr_nonnull(mkdtemp(root));
	put(root, "tasks", "");
	put(root, "schemata", "    L3:0=7ff;1=7ff\n    MB:0=100;1=100\n");
	ck_assert_int_eq(mkdir(below("mon_groups"), 0755), 0);
	groups_left = 8;
}

static void end(void)
{
	const char *command = arena_printf(&arena, "rm -rf '%s'", root);

	ck_assert_int_eq(system(command), 0);
	arena_free(&arena);
}

/* -- groups -- */

static const char *lines[] = { "L3:0=7f0;1=1f", "MB:0=20;1=70", "L2:0=ff" };

static struct rdt_group *group(const char *name, size_t n_lines)
{
	struct rdt_group *g = arena_new(&arena, struct rdt_group);

	*g = (struct rdt_group){ root, name ? below(name) : root, lines, n_lines, false, false };
	return g;
}

static int make(const struct rdt_group *g, bool *made)
{
	return rdt_make_group(&arena, g, made, &err);
}

START_TEST(mount_point)
{
	char text[] = "25 1 0:22 / /proc rw - proc proc rw\n"
		      "31 2 0:40 / /mnt/a\\040resctrl rw,nosuid shared:7 - resctrl resctrl rw\n";
	char none[] = "25 1 0:22 / /resctrl rw - tmpfs resctrl rw\n";

	ck_assert_str_eq(rdt_find_mount(&arena, text), "/mnt/a resctrl");
	ck_assert_ptr_null(rdt_find_mount(&arena, none));
}
END_TEST

/* RDT-id RDT-both RDT-sch-last RDT-task: made, written in order, entered. */
START_TEST(own)
{
	struct rdt_group *g = group("box", 3);
	bool made;

	g->is_own = true;
	ck_assert_msg(make(g, &made) == 0, "%s", err.text);
	ck_assert(made);
	ck_assert_str_eq(text_of("box/schemata"), "L3:0=7f0;1=1f\nMB:0=20;1=70\nL2:0=ff\n");
	ck_assert_int_eq(rdt_add_task(g->path, 4711, &err), 0);
	ck_assert_str_eq(text_of("box/tasks"), "4711");
	/* Somebody is in it: it stays. */
	ck_assert_int_eq(rdt_unmake_group(&arena, g, &err), 0);
	ck_assert(is_there("box"));
	put(g->path, "tasks", "");
	ck_assert_int_eq(rdt_unmake_group(&arena, g, &err), 0);
	ck_assert(!is_there("box"));
}
END_TEST

/* RDT-id RDT-keep: one of this name that others made is used, and not counted as made. */
START_TEST(own_present)
{
	struct rdt_group *g = group("box", 1);
	bool made;

	g->is_own = true;
	ck_assert_int_eq(mkdir(g->path, 0755), 0);
	ck_assert_msg(make(g, &made) == 0, "%s", err.text);
	ck_assert(!made);
	ck_assert_str_eq(text_of("box/schemata"), "L3:0=7f0;1=1f\n");
}
END_TEST

/* RDT-none: no line, no write (the file could not even be written to). */
START_TEST(none)
{
	struct rdt_group *g = group("box", 0);
	bool made;

	g->is_own = true;
	refuses_schemata = true;
	ck_assert_msg(make(g, &made) == 0, "%s", err.text);
	ck_assert(made && !is_there("box/schemata"));
}
END_TEST

/* RDT-clos-new RDT-either: a class by name is made with what is asked for. */
START_TEST(class_new)
{
	bool made;

	ck_assert_msg(make(group("gold", 1), &made) == 0, "%s", err.text);
	ck_assert(made);
	ck_assert_str_eq(text_of("gold/schemata"), "L3:0=7f0;1=1f\n");
}
END_TEST

/* RDT-clos-cmp: one that is there is compared, and never written to. */
START_TEST(class_present)
{
	struct rdt_group *g = group("gold", 2);
	const char *kernels = "    MB:0= 20;1= 70\n    L3:0=07f0;1=0001F\n    L2:0=ffff\n";
	bool made;

	ck_assert_int_eq(mkdir(g->path, 0755), 0);
	put(g->path, "schemata", kernels);
	ck_assert_msg(make(g, &made) == 0, "%s", err.text);
	ck_assert(!made);
	ck_assert_str_eq(text_of("gold/schemata"), kernels);
	put(g->path, "schemata", "L3:0=7f0;1=1e\nMB:0=20;1=70\n");
	ck_assert_int_lt(make(g, &made), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "L3:1=1e"));
	ck_assert(is_there("gold"));
}
END_TEST

/* RDT-clos-pre: a class alone must be there. */
START_TEST(class_alone)
{
	struct rdt_group *g = group("gold", 0);
	bool made;

	g->must_exist = true;
	ck_assert_int_lt(make(g, &made), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "there is no resctrl group"));
	ck_assert(!is_there("gold"));
	ck_assert_int_eq(mkdir(g->path, 0755), 0);
	ck_assert_msg(make(g, &made) == 0, "%s", err.text);
	ck_assert(!made);
	ck_assert_str_eq(text_of("gold/schemata"), "");
}
END_TEST

/* RDT-clos: the root is compared, too. */
START_TEST(class_root)
{
	const char *whole[] = { "L3:0=7ff" }, *less[] = { "L3:0=ff" };
	struct rdt_group *g = group(NULL, 1);
	bool made;

	g->must_exist = true;
	g->lines = whole;
	ck_assert_msg(make(g, &made) == 0, "%s", err.text);
	g->lines = less;
	ck_assert_int_lt(make(g, &made), 0);
	ck_assert(!made);
}
END_TEST

/* What cannot be is an error, and leaves nothing. */
START_TEST(refused)
{
	struct rdt_group *g = group("box", 1);
	bool made;

	ck_assert_int_eq(mkdir(below("info"), 0755), 0);
	put(below("info"), "last_cmd_status", "mask f0 has non-consecutive 1-bits\n");
	refuses_schemata = true;
	ck_assert_int_lt(make(g, &made), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "non-consecutive"));
	ck_assert(!made && !is_there("box"));
	groups_left = 0;
	ck_assert_int_lt(make(g, &made), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "all classes of service"));
	ck_assert(!made && !is_there("box"));
}
END_TEST

/* RDT-mon-mk RDT-mon-fail */
START_TEST(monitor)
{
	const char *path = below("mon_groups/box");

	ck_assert_msg(rdt_make_monitor(path, &err) == 0, "%s", err.text);
	ck_assert_int_eq(rdt_add_task(path, 4711, &err), 0);
	ck_assert_str_eq(text_of("mon_groups/box/tasks"), "4711");
	ck_assert_int_lt(rdt_make_monitor(path, &err), 0);
	groups_left = 0;
	ck_assert_int_lt(rdt_make_monitor(below("mon_groups/other"), &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "all monitoring ids"));
	ck_assert_int_lt(rdt_make_monitor(below("nowhere/mon_groups/box"), &err), 0);
	ck_assert_int_lt(rdt_add_task(below("nowhere"), 4711, &err), 0);
}
END_TEST

static int compare(const char *asked, const char *present)
{
	const char *line[] = { asked };
	struct rdt_group g = { root, root, line, 1, false, false };

	return rdt_compare(&arena, &g, present, &err);
}

START_TEST(comparing)
{
	ck_assert_int_eq(compare("L3:0=f", "L3:0=f"), 0);
	ck_assert_int_eq(compare("L3:1=0F;0=00ff", "    L3:0=ff;1=f\n"), 0);
	ck_assert_int_eq(compare(" L3 : 0 = f ; ", "L3:0=f;1=ff\nMB:0=100"), 0);
	ck_assert_int_eq(compare("L3:0=1;0=f", "L3:0=f"), 0);
	ck_assert_int_eq(compare("L3CODE:0=f\nL3DATA:0=3", "L3DATA:0=3\nL3CODE:0=f\n"), 0);
	ck_assert_int_lt(compare("L3:0=10", "L3:0=f"), 0);
	ck_assert_int_lt(compare("MB:0=10", "MB:0=16"), 0);
	ck_assert_int_lt(compare("L3:2=f", "L3:0=f;1=f"), 0);
	ck_assert_int_lt(compare("L2:0=f", "L3:0=f"), 0);
	ck_assert_int_lt(compare("L3:0", "L3:0=f"), 0);
	/* Bandwidth comes in steps. */
	ck_assert_int_lt(compare("MB:0=15", "MB:0= 20"), 0);
	ck_assert_int_eq(mkdir(below("info"), 0755), 0);
	ck_assert_int_eq(mkdir(below("info/MB"), 0755), 0);
	put(below("info/MB"), "bandwidth_gran", "10\n");
	ck_assert_int_eq(compare("MB:0=15", "MB:0= 20"), 0);
	ck_assert_int_lt(compare("MB:0=15", "MB:0= 30"), 0);
}
END_TEST

/* -- the plan's steps on the fake, and what is remembered for delete -- */

static struct request request = { .root = "/run/oci-rt", .id = "box", .bundle = "/bundle" };

static struct plan *plan_of(const char *rdt, bool missing)
{
	struct facts facts = { .is_privileged = true, .has_mount_api = true, .resctrl = root,
			       .rdt_is_missing = missing };
	struct plan_input in = { .request = &request, .facts = &facts };
	struct oci_problems problems = { .arena = &arena };
	struct plan *plan = NULL;
	const char *text = arena_printf(&arena,
		"{\"ociVersion\":\"1.3.0\",\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"},"
		"\"root\":{\"path\":\"rootfs\"},\"linux\":{\"intelRdt\":%s,"
		"\"namespaces\":[{\"type\":\"mount\"}]}}", rdt);

	in.config_text = text;
	in.config_size = strlen(text);
	ck_assert_int_eq(oci_config_read(&arena, text, in.config_size, &in.config, &problems),
			 0);
	ck_assert_msg(plan_create(&arena, &in, &plan, &err) == 0, "%s", err.text);
	return plan;
}

static const char *record_of(const struct plan *plan)
{
	const struct step_list *list = &plan->of[ROLE_HOST];

	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].kind == STEP_write_record)
			return list->items[i].write_record.rest;
	return "";
}

/* RDT-rm RDT-keep RDT-mon-rm: who made the group is remembered from the first record on. */
START_TEST(remembered)
{
	const char *record = record_of(plan_of("{\"enableMonitoring\":true}", true));

	ck_assert_ptr_nonnull(strstr(record, "\"remove\":true"));
	ck_assert_ptr_nonnull(strstr(record, "/box/mon_groups/box\""));
	record = record_of(plan_of("{}", false));
	ck_assert_ptr_nonnull(strstr(record, "\"remove\":false"));
	ck_assert_ptr_null(strstr(record, "monPath"));
	record = record_of(plan_of("{\"closID\":\"gold\",\"memBwSchema\":\"MB:0=20\"}", true));
	ck_assert_ptr_nonnull(strstr(record, "\"remove\":false"));
	record = record_of(plan_of("{\"closID\":\"/\",\"enableMonitoring\":true}", false));
	ck_assert_ptr_nonnull(strstr(record, "\"remove\":false"));
	ck_assert_ptr_null(strstr(record, "/box/mon_groups"));
}
END_TEST

/* Only the steps on resctrl, with ourselves as init; then everything undone. */
static struct run *run_rdt(struct plan *plan)
{
	struct step_list *list = &plan->of[ROLE_HOST];
	struct run *run = arena_new(&arena, struct run);
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].kind == STEP_make_rdt_group ||
		    list->items[i].kind == STEP_make_rdt_monitor ||
		    list->items[i].kind == STEP_add_rdt_task)
			list->items[n++] = list->items[i];
	list->n = n;
	ck_assert_msg(run_begin(run, &arena, plan, false, &err) == 0, "%s", err.text);
	return run;
}

/* A failure behind the groups takes them back; what others made stays. */
START_TEST(undone)
{
	struct run *run = run_rdt(plan_of("{\"memBwSchema\":\"MB:0=20\","
					  "\"enableMonitoring\":true}", true));

	run->fail = (struct fault){ ROLE_HOST, 2 };
	ck_assert_int_lt(run_host(run, &err), 0);
	ck_assert(!is_there("box"));
	run = run_rdt(plan_of("{\"closID\":\"gold\",\"memBwSchema\":\"MB:0=20\"}", true));
	run->fail = (struct fault){ ROLE_HOST, 1 };
	ck_assert_int_lt(run_host(run, &err), 0);
	ck_assert(!is_there("gold"));
	ck_assert_int_eq(mkdir(below("gold"), 0755), 0);
	run = run_rdt(plan_of("{\"closID\":\"gold\",\"enableMonitoring\":true}", false));
	groups_left = 0;
	ck_assert_int_lt(run_host(run, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "all monitoring ids"));
	ck_assert(is_there("gold"));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("rdt");

	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, mount_point);
	tcase_add_test(tests, own);
	tcase_add_test(tests, own_present);
	tcase_add_test(tests, none);
	tcase_add_test(tests, class_new);
	tcase_add_test(tests, class_present);
	tcase_add_test(tests, class_alone);
	tcase_add_test(tests, class_root);
	tcase_add_test(tests, refused);
	tcase_add_test(tests, monitor);
	tcase_add_test(tests, comparing);
	tcase_add_test(tests, remembered);
	tcase_add_test(tests, undone);
	return run_cases("rdt", tests);
}
