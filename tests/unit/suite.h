/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of every unit test's main(): run the cases that it put together. */
#pragma once
#include <check.h>
#include <stdlib.h>

/* Run them as a suite of that name, as CK_VERBOSITY says; the exit status of the program. */
static inline int run_cases(const char *name, TCase *tc)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
