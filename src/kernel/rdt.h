/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The resctrl file system: shares of caches and memory bandwidth (Intel RDT and its
 * relatives).  All functions take paths, so a tree of a test's own serves as well as the
 * kernel's.  Groups are removed by rmdir(2), which deals with all files in them.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/rdt.h"
#include <sys/types.h>

/* Where resctrl is mounted in our mount namespace; NULL: nowhere. */
int rdt_mount_point(struct arena *arena, const char **out, struct error *err);

/* The same from the text of a mountinfo file, which is taken to pieces. */
const char *rdt_find_mount(struct arena *arena, char *mountinfo);

/*
 * Make the group, or find it, and write its schemata.  One that others made is only
 * compared: an error when it is not what is asked for.  *out_made: to be undone.
 */
int rdt_make_group(struct arena *arena, const struct rdt_group *group, bool *out_made,
		   struct error *err);

/* Undo the making of the group, unless others have put processes into it. */
int rdt_unmake_group(struct arena *arena, const struct rdt_group *group,
		     struct error *err);

/* Make the monitoring group; one that is there is another container's, and an error. */
int rdt_make_monitor(const char *path, struct error *err);

/* Move the process into the group. */
int rdt_add_task(const char *path, pid_t pid, struct error *err);

/*
 * Write one line to the group's schemata.  *out_old is what takes it back, to be written
 * to the same file, or NULL.
 */
int rdt_change(struct arena *arena, const char *root, const char *path, const char *line,
	       const char **out_old, struct error *err);

/* Whether the schemata file's text gives every domain what the lines ask for. */
int rdt_compare(struct arena *arena, const struct rdt_group *group, const char *present,
		struct error *err);
