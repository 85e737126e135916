/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NS-new NS-inherit NS-path: each of the 6,561 combinations of eight namespaces (inherited,
 * new, joined), with and without privilege, is made or joined exactly once, by a process
 * that the kernel allows to.
 */
#include "plan/namespaces.h"
#include "tests/unit/suite.h"
#include <stdlib.h>

enum { COMBINATIONS = 6561 };

static void check_each(const enum ns_wish wish[NS_COUNT], const struct ns_plan *p)
{
	for (enum ns ns = 0; ns < NS_COUNT; ns++) {
		unsigned bit = NS_BIT(ns);
		int joins = !!(p->join_first & bit) + !!(p->join_after & bit) +
			    !!(p->init_join & bit) + (ns == NS_user && p->joins_user);
		int makes = !!(p->clone & bit) + !!(p->init_unshare & bit) +
			    (ns == NS_user && p->makes_user) + (ns == NS_time && p->makes_time);

		ck_assert_msg(joins == (wish[ns] == NS_JOIN) && makes == (wish[ns] == NS_NEW),
			      "%s %s: joined %d times, made %d times", ns_wish_names[wish[ns]],
			      ns_table[ns].name, joins, makes);
	}
}

static void check_kernel_rules(const struct ns_plan *p, bool is_privileged)
{
	/* A pid or time namespace takes only children of who joined it. */
	ck_assert(!(p->init_join & (NS_BIT(NS_pid) | NS_BIT(NS_time))));
	/* A cgroup namespace is made from inside the cgroup; time needs its offsets first. */
	ck_assert(!(p->clone & (NS_BIT(NS_cgroup) | NS_BIT(NS_time))));
	if (p->makes_user || p->joins_user)
		ck_assert(p->needs_intermediate && !(p->clone & NS_BIT(NS_user)) &&
			  !p->init_join);
	if (!p->needs_intermediate)
		ck_assert(!p->join_first && !p->join_after && !p->makes_time);
	/* Others' rights over their namespaces only come with their user namespace. */
	if (p->joins_user && !is_privileged)
		ck_assert(!p->join_first);
}

START_TEST(test_every_combination)
{
	for (int code = 0; code < COMBINATIONS; code++) {
		enum ns_wish wish[NS_COUNT];
		int rest = code;

		for (enum ns ns = 0; ns < NS_COUNT; ns++, rest /= NS_WISH_COUNT)
			wish[ns] = (enum ns_wish)(rest % NS_WISH_COUNT);
		for (int privileged = 0; privileged < 2; privileged++) {
			struct ns_plan p = ns_plan_of(wish, privileged);

			check_each(wish, &p);
			check_kernel_rules(&p, privileged);
		}
	}
}
END_TEST

START_TEST(test_usual_container_needs_one_clone)
{
	enum ns_wish wish[NS_COUNT] = {
		[NS_mount] = NS_NEW, [NS_pid] = NS_NEW, [NS_network] = NS_NEW,
		[NS_ipc] = NS_NEW,   [NS_uts] = NS_NEW, [NS_cgroup] = NS_NEW,
	};

	ck_assert(!ns_plan_of(wish, true).needs_intermediate);
	wish[NS_user] = NS_NEW;
	ck_assert(!ns_plan_of(wish, true).needs_intermediate);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("planner");

	tcase_add_test(tc, test_every_combination);
	tcase_add_test(tc, test_usual_container_needs_one_clone);
	return run_cases("namespaces", tc);
}
