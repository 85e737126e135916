/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public API as far as no container is needed; tests/library has the rest. */
#include "ocirt.h"
#include "base/error.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
#include <string.h>

static struct ocirt *rt;

static void set_up(void)
{
	rt = ocirt_new("/no/such/root");
	ck_assert_ptr_nonnull(rt);
}

static void tear_down(void)
{
	ocirt_free(rt);
}

START_TEST(settings)
{
	ck_assert_int_eq(ocirt_set(rt, "no-pivot", "true"), 0);
	ck_assert_int_eq(ocirt_set(rt, "no-pivot", NULL), 0);
	ck_assert_int_eq(ocirt_set(rt, "preserve-fds", "3"), 0);
	ck_assert_int_eq(ocirt_set(rt, "pid-file", "/tmp/pid"), 0);
	ck_assert_int_eq(ocirt_set(rt, "cgroup-manager", "disabled"), 0);
	ck_assert_int_eq(ocirt_set(rt, "no-pivot", "maybe"), -1);
	ck_assert_str_eq(ocirt_error(rt), "'maybe' is no value for the setting 'no-pivot'");
	ck_assert_int_eq(ocirt_set(rt, "preserve-fds", "-1"), -1);
	ck_assert_int_eq(ocirt_set(rt, "cgroup-manager", "x"), -1);
	ck_assert_int_eq(ocirt_set(rt, "nonsense", "true"), -1);
	ck_assert_int_eq(ocirt_error_kind(rt), OCIRT_ERROR_USAGE);
}
END_TEST

/* OP-state-noid OP-start-noid OP-kill-noid OP-del-noid OP-create-noarg */
START_TEST(nobody)
{
	char *text;

	ck_assert_int_eq(ocirt_state(rt, "", &text), -1);
	ck_assert_int_eq(ocirt_start(rt, NULL), -1);
	ck_assert_int_eq(ocirt_kill(rt, NULL, NULL), -1);
	ck_assert_int_eq(ocirt_delete(rt, "", false), -1);
	ck_assert_int_eq(ocirt_create(rt, "x", "/no/such/bundle"), -1);
	ck_assert_int_eq(ocirt_state(rt, "x", &text), -1);
	ck_assert_int_eq(ocirt_error_kind(rt), OCIRT_ERROR_STATE);
	ck_assert_ptr_nonnull(strstr(ocirt_error(rt), "container does not exist"));
	ck_assert_int_eq(ocirt_delete(rt, "x", true), 0);
	ck_assert_int_eq(ocirt_delete(rt, "x", false), -1);
}
END_TEST

static int never(void *context, const struct ocirt_container *container)
{
	(void)context, (void)container;
	ck_abort_msg("there is no container");
}

START_TEST(documents)
{
	char *text = NULL;

	ck_assert_int_eq(ocirt_features(rt, &text), 0);
	ck_assert_ptr_nonnull(strstr(text, "\"ociVersionMin\""));
	free(text);
	ck_assert_int_eq(ocirt_list(rt, never, NULL), 0);
	ck_assert_ptr_nonnull(ocirt_version());
}
END_TEST

/* A name of the header for every kind of error that there is inside. */
START_TEST(kinds_of_errors)
{
	ck_assert_int_eq(OCIRT_ERROR_NONE, ERROR_NONE);
	ck_assert_int_eq(OCIRT_ERROR_USAGE, ERROR_USAGE);
	ck_assert_int_eq(OCIRT_ERROR_CONFIG, ERROR_CONFIG);
	ck_assert_int_eq(OCIRT_ERROR_STATE, ERROR_STATE);
	ck_assert_int_eq(OCIRT_ERROR_KERNEL, ERROR_KERNEL);
	ck_assert_int_eq(OCIRT_ERROR_HOOK, ERROR_HOOK);
	ck_assert_int_eq(OCIRT_ERROR_PEER, ERROR_PEER);
	ck_assert_int_eq(OCIRT_ERROR_BUG, ERROR_BUG);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("library");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, settings);
	tcase_add_test(tc, nobody);
	tcase_add_test(tc, documents);
	tcase_add_test(tc, kinds_of_errors);
	return run_cases("library", tc);
}
