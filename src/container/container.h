/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs.  One file each; all take a request and report through *err; none prints.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "libocispec/ocispec.h"
#include "tables/request.h"
#include <sys/types.h>

struct plan;

/* A bundle that was read: its text (for the snapshot), its config, its problems. */
struct bundle {
	const char *path;	/* absolute */
	const char *text;
	size_t n_text;
	const struct oci_config *config;
	struct oci_problems problems;
};

/* Read and validate <bundle>/config.json; problems stay in out->problems for the caller. */
int bundle_read(struct arena *arena, const struct request *request, struct bundle *out,
		struct error *err);

/* Plan a create or run without doing it (for explain and --dry-run). */
int container_plan(struct arena *arena, const struct request *request, struct plan **out,
		   struct error *err);

int container_create(struct arena *arena, const struct request *request, struct error *err);

/* The exit status of the container's process in *out_status (128 + signal), unless detached. */
int container_run(struct arena *arena, const struct request *request, int *out_status,
		  struct error *err);
int container_start(struct arena *arena, const struct request *request, struct error *err);
int container_kill(struct arena *arena, const struct request *request, struct error *err);
int container_delete(struct arena *arena, const struct request *request, struct error *err);

/* state: the document that `state` prints, two spaces of indentation, no newline at its end. */
int container_state(struct arena *arena, const struct request *request, char **out_text,
		    struct error *err);

/* What list shows of a container, too. */
struct container_summary {
	const char *id, *status, *bundle, *rootfs, *created, *owner;
	pid_t pid;	/* 0 when stopped */
	const struct oci_record *record;
};
int container_list(struct arena *arena, const struct request *request,
		   struct container_summary **out, size_t *out_n, struct error *err);
