/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounts that a running container is to get or to lose, as planner and executor share them. */
#pragma once
#include "tables/mount-options.h"
#include <stddef.h>

struct added_mount {
	const char *why;	/* "mounts[3]" */
	const char *target;	/* absolute and clean */
	const char *source;
	struct mount_options options; /* of a bind; a new file system has its own already */
	int slot;		/* the detached mount; not read when it is to be removed */
};

struct added_mounts {
	struct added_mount *items;
	size_t n;
};
