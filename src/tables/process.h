/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Small values that steps carry: hooks, capability sets, scheduling.  In the kernel's
 * numbers, so that executors need neither names nor the configuration.
 */
#pragma once
#include "tables/capability-sets.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hook {
	const char *path;
	char *const *argv;	/* NULL-terminated, never empty */
	char *const *envp;	/* NULL-terminated, may be empty */
	unsigned timeout;	/* seconds; 0: none */
};

struct scheduling {
	uint32_t policy;	/* SCHED_* */
	uint64_t flags;		/* SCHED_FLAG_* */
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period; /* nanoseconds */
};
