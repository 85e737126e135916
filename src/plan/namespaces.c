/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See namespaces.h; tests/unit/test-namespaces.c walks all 6,561 combinations twice. */
#include "plan/namespaces.h"
#include "base/text.h"
#include <assert.h>

const char *const ns_wish_names[NS_WISH_COUNT] = { "inherit", "new", "join" };
static_assert(ARRAY_SIZE(ns_wish_names) == NS_WISH_COUNT, "every wish has a name");

static unsigned wanted(const enum ns_wish wish[NS_COUNT], enum ns_wish which)
{
	unsigned set = 0;

	for (enum ns ns = 0; ns < NS_COUNT; ns++)
		if (wish[ns] == which)
			set |= NS_BIT(ns);
	return set;
}

struct ns_plan ns_plan_of(const enum ns_wish wish[NS_COUNT], bool is_privileged)
{
	const unsigned joined = wanted(wish, NS_JOIN) & ~NS_BIT(NS_user);
	const unsigned made = wanted(wish, NS_NEW) & ~NS_BIT(NS_user);
	struct ns_plan plan = {
		.clone = made & ~(NS_BIT(NS_cgroup) | NS_BIT(NS_time)),
		.init_unshare = made & NS_BIT(NS_cgroup),
		.makes_time = wish[NS_time] == NS_NEW,
	};

	plan.needs_intermediate = wish[NS_time] != NS_INHERIT || wish[NS_pid] == NS_JOIN ||
				  wish[NS_user] == NS_JOIN ||
				  (wish[NS_user] == NS_NEW && joined);
	if (!plan.needs_intermediate) {
		plan.init_join = joined;
		if (wish[NS_user] == NS_NEW)
			plan.clone |= NS_BIT(NS_user);
		return plan;
	}
	plan.makes_user = wish[NS_user] == NS_NEW;
	plan.joins_user = wish[NS_user] == NS_JOIN;
	if (plan.joins_user && !is_privileged)
		plan.join_after = joined;
	else
		plan.join_first = joined;
	return plan;
}
