/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who may use which device: the vocabulary of the planner's list and of the filter that is
 * attached to a cgroup.  The last rule that matches decides, for each access by itself;
 * what no rule matches is denied.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { DEVICE_MKNOD = 1, DEVICE_READ = 2, DEVICE_WRITE = 4, DEVICE_ALL = 7, DEVICE_ANY = -1 };

struct device_rule {
	char type;		/* 'c', 'b', or 'a' for both */
	int64_t major, minor;	/* DEVICE_ANY: whatever they are */
	unsigned access;	/* DEVICE_* */
	bool allow;
};
