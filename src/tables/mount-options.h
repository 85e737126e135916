/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mount options as config.json lists them, turned into what the kernel takes.  The list is
 * ordered: the last of a conflicting pair wins, so each keyword both sets and clears.
 * Rows: mount-options.def.  Pure: no system call.
 */
#pragma once
#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mount_options {
	uint64_t set, clear;		/* MOUNT_ATTR_* of this mount (atime as an enum) */
	uint64_t set_all, clear_all;	/* MOUNT_ATTR_* of it and every mount below it */
	unsigned long super_set;	/* MS_SYNCHRONOUS, MS_DIRSYNC, MS_LAZYTIME, ... */
	unsigned long super_clear;
	unsigned long propagation;	/* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE or 0 */
	bool propagation_all;		/* the r... form */
	bool bind, rbind, remount;
	bool idmap, ridmap;
	bool tmpcopyup;
	bool keep_peers; /* by the planner: stay a peer of what a bind was cloned from */
	const char *data;		/* for the file system: "mode=755,size=1m"; NULL if none */
};

/* Parse the list; words that only mount(8) means (nofail, _netdev, x-...) are swallowed. */
void mount_options_parse(struct arena *arena, const char *const *words, size_t n,
			 struct mount_options *out);

/* Every keyword of the table, for `features` and the man page; NULL beyond the last. */
const char *mount_option_name(size_t i);

/* What it says, for explain: "ro,nosuid,nodev"; flags only, without data. */
char *mount_options_describe(struct arena *arena, const struct mount_options *options);
