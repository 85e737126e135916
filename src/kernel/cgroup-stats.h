/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading what cgroups account: single numbers, keyed ones, lists and lines a device, of
 * version 1 and 2 alike.  What is not there is not an error: then there is nothing to say.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The cgroups of a container: one directory a hierarchy. */
struct stats_dir {
	const char *path;
	const char *controllers;
	bool is_v2;
};

struct stats_reader {
	struct arena *arena;
	const struct stats_dir *dirs;
	size_t n;
};

/* The directory that has the controller on version 1, else that of version 2, or NULL. */
const struct stats_dir *stats_find(const struct stats_reader *reader, const char *controller);

/* The directory on version 2, whatever its controllers, or NULL. */
const struct stats_dir *stats_unified(const struct stats_reader *reader);

/* The whole file, or NULL. */
char *stats_text(const struct stats_reader *reader, const struct stats_dir *dir,
		 const char *file);

/*
 * The file's number, or that behind the key; "max" is UINT64_MAX.  False: not there.
 */
bool stats_number(const struct stats_reader *reader, const struct stats_dir *dir,
		  const char *file, const char *key, uint64_t *out);

/* A line of an accounting of block devices. */
struct stats_block {
	uint64_t major, minor, value;
	const char *operation;	/* "Read", "Write", ...; "" for none */
};

/* A v1 file with lines like "8:0 Read 123" or "8:0 123"; sums are left out. */
void stats_blocks(const struct stats_reader *reader, const char *text,
		  struct stats_block **out, size_t *out_n);

/* io.stat of version 2: the keys for reads, writes and discards, in that order. */
void stats_io(const struct stats_reader *reader, const char *text, const char *keys,
	      struct stats_block **out, size_t *out_n);

/* The sizes of huge pages of this host, as cgroups call them: "2MB", "1GB". */
void stats_page_sizes(struct arena *arena, const char ***out, size_t *out_n);

/*
 * A file descriptor to poll that becomes readable when memory runs out in the cgroups
 * (read it empty by stats_oom_happened); -1 with errno ENOENT where no cgroup can tell.
 */
struct stats_oom {
	int fd;			/* owned */
	int control;		/* version 1: memory.oom_control; owned */
	uint64_t kills;		/* version 2: so many until now */
	const struct stats_dir *dir;
};
int stats_oom_open(const struct stats_reader *reader, struct stats_oom *out, struct error *err);
bool stats_oom_happened(const struct stats_reader *reader, struct stats_oom *oom);
void stats_oom_close(struct stats_oom *oom);

/*
 * How many processes the kernel has killed in the cgroup for want of memory, and its limit
 * in bytes (a number beyond any memory: none).  0: none, or no cgroup tells.
 */
uint64_t stats_oom_kills(const struct stats_reader *reader, uint64_t *out_limit);
