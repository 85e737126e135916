/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A group of the resctrl file system, as the planner wishes it and the kernel layer makes
 * it: a class of service with its schemata.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct rdt_group {
	const char *root; /* where resctrl is mounted */
	const char *path; /* the group's directory: the root itself, or one below */
	const char *const *lines; /* for its schemata file, in this order */
	size_t n_lines;
	bool must_exist; /* it was set up by somebody else: never made */
	bool is_own;	 /* named by the container's id: its schemata are ours to write */
};
