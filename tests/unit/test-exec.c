/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What exec runs: a configuration, a process file and options put together. */
#include "base/text.h"
#include "plan/create.h"
#include "suite.h"
#include <string.h>

static const char config_text[] =
	"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"r\"},\"process\":{\"terminal\":true,"
	"\"cwd\":\"/srv\",\"args\":[\"own\",\"x\"],\"env\":[\"A=1\",\"AB=2\"],"
	"\"user\":{\"uid\":7,\"gid\":8,\"umask\":63,\"additionalGids\":[5]},"
	"\"capabilities\":{\"bounding\":[\"CAP_KILL\"]},\"noNewPrivileges\":true,"
	"\"apparmorProfile\":\"box\",\"selinuxLabel\":\"l:l:l:l\",\"oomScoreAdj\":9,"
	"\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":1,\"hard\":1}],"
	"\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":6},"
	"\"scheduler\":{\"policy\":\"SCHED_BATCH\"},\"execCPUAffinity\":{\"final\":\"1\"}}}";

static struct arena arena;
static struct error err;
static char *command[] = { (char *)(uintptr_t)"id", (char *)(uintptr_t)"-u", NULL };

static const struct oci_config *config(void)
{
	struct oci_problems problems = { 0 };
	const struct oci_config *out = NULL;

	ck_assert_int_eq(oci_config_read(&arena, config_text, strlen(config_text), &out,
					 &problems), 0);
	return out;
}

static const struct oci_process *file(const char *text)
{
	struct oci_problems problems = { 0 };
	const struct oci_process *out = NULL;

	ck_assert_int_eq(oci_process_read(&arena, text, strlen(text), &out, &problems), 0);
	return out;
}

static struct request request(void)
{
	return (struct request){ .command = command, .n_command = 2 };
}

static int merge(const struct oci_process *from, const struct request *r,
		 struct oci_process **out)
{
	return plan_exec_process(&arena, config(), from, r, out, &err);
}

static void add(struct word_list *list, const char *word)
{
	*arena_push(&arena, list->items, list->n, list->room) = word;
}

START_TEST(test_command_runs_as_the_configuration_says)
{
	struct request r = request();
	struct oci_process *p;

	ck_assert_int_eq(merge(NULL, &r, &p), 0);
	ck_assert(!p->terminal);
	ck_assert_uint_eq(p->n_args, 2);
	ck_assert_str_eq(p->args[0], "id");
	ck_assert_str_eq(p->cwd, "/srv");
	ck_assert_uint_eq(p->user->uid, 7);
	ck_assert_uint_eq(p->user->umask, 63);
	ck_assert_uint_eq(p->n_rlimits, 1);
	ck_assert(p->no_new_privileges);
	r.n_command = 0;
	ck_assert_int_lt(merge(NULL, &r, &p), 0);
	ck_assert(strstr(err.text, "process args cannot be empty"));
}
END_TEST

START_TEST(test_file_inherits_what_confines)
{
	struct request r = { 0 };
	struct oci_process *p;

	ck_assert_int_eq(merge(file("{\"cwd\":\"/\",\"args\":[\"a\"]}"), &r, &p), 0);
	ck_assert_uint_eq(p->user->uid, 0);
	ck_assert_uint_eq(p->user->umask, 63);
	ck_assert_uint_eq(p->n_env, 0);
	ck_assert_uint_eq(p->capabilities->n_bounding, 1);
	ck_assert_uint_eq(p->n_rlimits, 1);
	ck_assert(p->no_new_privileges);
	ck_assert_str_eq(p->apparmor_profile, "box");
	ck_assert_str_eq(p->selinux_label, "l:l:l:l");
	ck_assert_int_eq(p->oom_score_adj, 9);
	ck_assert_ptr_nonnull(p->scheduler);
	ck_assert_ptr_nonnull(p->io_priority);
	ck_assert_str_eq(p->exec_cpu_affinity->final, "1");
}
END_TEST

START_TEST(test_file_keeps_what_it_says)
{
	struct request r = { 0 };
	struct oci_process *p;

	ck_assert_int_eq(merge(file("{\"cwd\":\"/\",\"args\":[\"a\"],\"capabilities\":{},"
				    "\"noNewPrivileges\":false,\"rlimits\":[],"
				    "\"oomScoreAdj\":0,\"apparmorProfile\":\"other\","
				    "\"user\":{\"uid\":1,\"gid\":1,\"umask\":18}}"),
			       &r, &p), 0);
	ck_assert_uint_eq(p->capabilities->n_bounding, 0);
	ck_assert_uint_eq(p->n_rlimits, 0);
	ck_assert(!p->no_new_privileges);
	ck_assert_int_eq(p->oom_score_adj, 0);
	ck_assert_str_eq(p->apparmor_profile, "other");
	ck_assert_uint_eq(p->user->umask, 18);
}
END_TEST

START_TEST(test_variables_replace_those_of_their_name)
{
	struct request r = request();
	struct oci_process *p;

	add(&r.exec.env, "A=3");
	add(&r.exec.env, "C=4");
	add(&r.exec.env, "A=5");
	ck_assert_int_eq(merge(NULL, &r, &p), 0);
	ck_assert_uint_eq(p->n_env, 3);
	ck_assert_str_eq(p->env[0], "AB=2");
	ck_assert_str_eq(p->env[1], "C=4");
	ck_assert_str_eq(p->env[2], "A=5");
	add(&r.exec.env, "D");
	ck_assert_int_lt(merge(NULL, &r, &p), 0);
}
END_TEST

START_TEST(test_capabilities_are_not_inheritable)
{
	struct request r = request();
	struct oci_process *p;

	add(&r.exec.capabilities, "chown");
	ck_assert_int_eq(merge(NULL, &r, &p), 0);
	ck_assert_uint_eq(p->capabilities->n_bounding, 2);
	ck_assert_str_eq(p->capabilities->bounding[1], "CAP_CHOWN");
	ck_assert_uint_eq(p->capabilities->n_permitted, 1);
	ck_assert_uint_eq(p->capabilities->n_effective, 1);
	ck_assert_uint_eq(p->capabilities->n_inheritable, 0);
	ck_assert_uint_eq(p->capabilities->n_ambient, 0);
	/* The configuration's own set is not ours to change. */
	ck_assert_uint_eq(config()->process->capabilities->n_bounding, 1);
}
END_TEST

START_TEST(test_users_are_exact)
{
	static const char *const bad[] = { "", "root", "-1", "1x", "1:", ":1", "1:2:3",
					   "4294967295", "1:4294967295", "99999999999", " 1" };
	struct request r = request();
	struct oci_process *p;

	r.exec.user = "1";
	add(&r.exec.groups, "6");
	ck_assert_int_eq(merge(NULL, &r, &p), 0);
	ck_assert_uint_eq(p->user->uid, 1);
	ck_assert_uint_eq(p->user->gid, 8);
	ck_assert_uint_eq(p->user->n_additional_gids, 2);
	ck_assert_uint_eq(p->user->additional_gids[1], 6);
	r.exec.user = "4294967294:3";
	ck_assert_int_eq(merge(NULL, &r, &p), 0);
	ck_assert_uint_eq(p->user->uid, 4294967294u);
	ck_assert_uint_eq(p->user->gid, 3);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		r.exec.user = bad[i];
		ck_assert_int_lt(merge(NULL, &r, &p), 0);
		ck_assert_int_eq(err.kind, ERROR_USAGE);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("merge");
	int result;

	tcase_add_test(tc, test_command_runs_as_the_configuration_says);
	tcase_add_test(tc, test_file_inherits_what_confines);
	tcase_add_test(tc, test_file_keeps_what_it_says);
	tcase_add_test(tc, test_variables_replace_those_of_their_name);
	tcase_add_test(tc, test_capabilities_are_not_inheritable);
	tcase_add_test(tc, test_users_are_exact);
	result = run_cases("exec", tc);
	arena_free(&arena);
	return result;
}
