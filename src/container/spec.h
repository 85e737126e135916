/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A configuration to start from, and what people change of it most.  The spec command
 * writes it to a file; run --rootfs uses it as it is.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/request.h"
#include <stdbool.h>
#include <stddef.h>

struct spec_options {
	const char *rootfs;	/* "rootfs" when absent */
	const char *args;	/* one text, split at blanks outside quotes */
	char *const *command;	/* or the words themselves */
	size_t n_command;
	struct word_list env, mounts;
	const char *memory, *cpus, *hostname;
	const char *terminal, *readonly; /* true unless "false" */
	const char *network;	/* "none" or "host" */
	bool rootless;
};

/* The configuration as text (indented, newline at its end); USAGE errors for bad values. */
int container_spec(struct arena *arena, const struct spec_options *options, char **out_text,
		   struct error *err);
