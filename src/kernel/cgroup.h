/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cgroup file systems: layout, making, writing, killing and removing.  Paths are
 * absolute host paths of cgroup directories; nothing here knows of containers or systemd.
 * One directory a hierarchy: on version 1 the callers loop.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/facts.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Fill mode and hierarchies; no error when there is no cgroup file system at all. */
int cgroup_probe(struct arena *arena, struct facts *facts, struct error *err);

/* Version 2: the controllers that the cgroup may use, with blanks between. */
int cgroup_controllers(struct arena *arena, const char *path, const char **out,
		       struct error *err);

/*
 * Make the directory and its parents.  *out_topmost is the highest one that was made, in
 * the arena; NULL when all were there.
 */
int cgroup_make(struct arena *arena, const char *path, const char **out_topmost,
		struct error *err);

/*
 * Version 2 below `mount`: enable those of the blank-separated controllers that are there,
 * down to path's parent; what a level does not allow stays as it is.
 */
void cgroup_offer(const char *mount, const char *path, const char *controllers);

/* Version 2 below `mount`: enable the controller for every level down to path's parent. */
int cgroup_enable(const char *mount, const char *path, const char *controller,
		  struct error *err);

/* Version 1 cpuset below `mount`: give every level of path its parent's cpus and mems. */
int cgroup_fill_cpuset(const char *mount, const char *path, struct error *err);

/* One write(2) to a file of the cgroup; the error names file, value and what to do. */
int cgroup_write(const char *dir, const char *file, const char *text, struct error *err);

/*
 * What to write to the file to take back the writing of `value`, read beforehand; NULL:
 * the file cannot be read.
 */
const char *cgroup_old_value(struct arena *arena, const char *dir, const char *file,
			     const char *value);

/*
 * Version 2: make the user the owner of the cgroup and of its files that `list` names (a
 * file of the kernel's, CGROUP_DELEGATE; where it is missing, of the usual three).
 */
#define CGROUP_DELEGATE "/sys/kernel/cgroup/delegate"
int cgroup_give(struct arena *arena, const char *path, uid_t uid, const char *list,
		struct error *err);

/* Whether the cgroup can take a new container: no process in or below it, not frozen. */
int cgroup_is_usable(const char *path, struct error *err);

/* The processes of the cgroup alone, or also of those below it. */
int cgroup_pids(struct arena *arena, const char *path, bool recursive, pid_t **out,
		size_t *out_n, struct error *err);

/*
 * Freeze the cgroup of version 1's freezer or of version 2, or thaw it, and wait until
 * that is done; a cgroup that cannot be frozen in time is thawed again, and the error
 * names a process that does not come to rest.
 */
int cgroup_freeze(const char *path, bool is_frozen, unsigned deadline_ms, struct error *err);

/* Thaw the cgroup and those below it, so that what is frozen can die; best effort. */
void cgroup_thaw_tree(const char *path);

/*
 * Send the signal to every process in the cgroups and below them, ourselves excepted;
 * for SIGKILL until none is left or the time is over (the error names one).
 */
int cgroup_kill(const char *const *paths, size_t n, int signal, unsigned deadline_ms,
		struct error *err);

/*
 * Remove the cgroup, what is below it, and its parents up to `topmost` (NULL: none) as
 * long as they are empty.  A missing cgroup is fine.  When processes keep it busy beyond
 * the deadline the error names one and its state.
 */
int cgroup_remove(const char *path, const char *topmost, unsigned deadline_ms,
		  struct error *err);
