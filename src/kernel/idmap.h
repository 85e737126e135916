/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Id maps and time offsets of new namespaces.  Map texts are lines of "inside outside
 * count\n", exactly as the kernel takes them: one write each.
 */
#pragma once
#include "base/error.h"
#include "tables/facts.h"
#include <stdbool.h>
#include <sys/types.h>

/* Write the maps of the process' user namespace, gids first where setgroups is denied. */
int idmap_write(pid_t pid, const char *uid_map, const char *gid_map, bool deny_setgroups,
		struct error *err);

/* The same through newuidmap and newgidmap, for users with ranges in /etc/subuid. */
int idmap_write_with_helpers(pid_t pid, const char *uid_map, const char *gid_map,
			     struct error *err);

/* An fd of a new user namespace with these maps, for mount_idmap. */
int idmap_namespace(const char *uid_map, const char *gid_map, struct error *err);

/* Write "monotonic 1 0\nboottime 2 0\n" for the time namespace that pid's children enter. */
int time_offsets_write(pid_t pid, const char *text, struct error *err);

/* The first range of the user in /etc/subuid or /etc/subgid; count 0 when there is none. */
struct id_range idmap_sub_range(const char *file, const char *user_name, uid_t uid);
