/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux.resources.network.priorities, as planner and executor share it. */
#pragma once
#include <stdint.h>

struct net_priority {
	const char *name; /* of a device in the runtime's network namespace */
	uint32_t priority;
};
