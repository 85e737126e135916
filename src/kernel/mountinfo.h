/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of mounts, read by libmount, which is opened at first use.  Long on a host of
 * many containers, so only those ask who cannot do without: odd cgroup mounts, --no-pivot,
 * resctrl.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include <stddef.h>

struct mount_entry {
	const char *root;	/* the directory of the file system that is mounted */
	const char *point;	/* where, as we see it */
	const char *type;
	const char *super;	/* options of the file system, "rw,cpu,cpuacct" */
};

/* All mounts that we see, in the order of the table. */
int mountinfo_read(struct arena *arena, struct mount_entry **out, size_t *out_n,
		   struct error *err);
