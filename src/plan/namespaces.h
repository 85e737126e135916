/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who makes, joins and enters which namespace, and in which order.
 *
 * Surprises of the kernel that shape it: a pid or time namespace takes only children of
 * who joined it; entering a user namespace costs a privileged caller its rights over
 * namespaces of the outer one, and gives them to anyone else; a cgroup namespace must be
 * made from inside the cgroup; CLONE_NEWTIME cannot be given to clone for a new process
 * whose offsets are still to be set.
 */
#pragma once
#include "tables/namespaces.h"
#include <stdbool.h>

enum ns_wish { NS_INHERIT, NS_NEW, NS_JOIN, NS_WISH_COUNT };
extern const char *const ns_wish_names[NS_WISH_COUNT];

/* Sets of NS_BIT().  Intermediate: join_first, user, join_after, time; then it makes init. */
struct ns_plan {
	bool needs_intermediate;
	unsigned join_first, join_after;
	bool makes_user, joins_user, makes_time; /* by the intermediate */
	unsigned clone;		/* made by the clone of init */
	unsigned init_join, init_unshare;
};

struct ns_plan ns_plan_of(const enum ns_wish wish[NS_COUNT], bool is_privileged);
