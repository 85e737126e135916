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

/* The version of the specification that is implemented, and the oldest that is accepted. */
#include "tables/version.h"

struct plan;

/* A bundle that was read: its text (for the snapshot), its config, its problems. */
struct bundle {
	const char *path;	/* absolute */
	const char *text;
	size_t n_text;
	const struct oci_config *config;
	struct oci_problems problems;
};

/*
 * Read and validate <bundle>/config.json, or request->config_text; *out starts zeroed but
 * for problems.want_unknown.  All problems stay in out->problems for the caller; the error
 * is the first of them.  A command in the request takes the place of process.args.
 */
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

/*
 * Run one more process in a created or running container: request->command, or the process
 * of the file request->exec.file.  *out_status: its exit status, unless detached.
 */
int container_exec(struct arena *arena, const struct request *request, int *out_status,
		   struct error *err);

/* The plan of that, without doing it. */
int container_exec_plan(struct arena *arena, const struct request *request,
			struct plan **out, struct error *err);

/*
 * Change limits of a created, running or paused container: request->resources_text and the
 * schemata; all of them, or none.
 */
int container_update(struct arena *arena, const struct request *request, struct error *err);

/* The plan of that, without doing it. */
int container_update_plan(struct arena *arena, const struct request *request,
			  struct plan **out, struct error *err);

/*
 * Add the mounts of request->mounts_text to a container that is there, all or none; with
 * request->removes, remove what is mounted on their destinations.
 */
int container_mounts(struct arena *arena, const struct request *request, struct error *err);

/* The plan of that, without doing it. */
int container_mounts_plan(struct arena *arena, const struct request *request,
			  struct plan **out, struct error *err);

/*
 * Freeze a created or running container ("container not running" else), thaw a paused one
 * ("container not paused"); back when it is done.
 */
int container_pause(struct arena *arena, const struct request *request, struct error *err);
int container_resume(struct arena *arena, const struct request *request, struct error *err);

/*
 * Call back with one line of JSON for each event: with request->once the statistics of now,
 * else those of every request->interval_ms, and that memory ran out, until the container
 * ends.  A visit that returns other than 0 ends it with that.
 */
typedef int container_event_visit(void *context, const char *json, struct error *err);
int container_events(struct arena *arena, const struct request *request,
		     container_event_visit *visit, void *context, struct error *err);

/* The processes of a container, in pids of ours, sorted; none when it has stopped. */
int container_pids(struct arena *arena, const struct request *request, pid_t **out,
		   size_t *out_n, struct error *err);

/* Keep a running container as images; it is gone afterwards unless it is to run on. */
int container_checkpoint(struct arena *arena, const struct request *request,
			 struct error *err);

/* A container from a bundle and images; *out_status as of container_run. */
int container_restore(struct arena *arena, const struct request *request, int *out_status,
		      struct error *err);

/* state: the document that `state` prints, two spaces of indentation, no newline at its end. */
int container_state(struct arena *arena, const struct request *request, char **out_text,
		    struct error *err);

/* What list shows of a container, too. */
struct container_summary {
	const char *id, *status, *bundle, *rootfs, *created, *owner;
	pid_t pid;	/* 0 when stopped */
	struct oci_string_map annotations;
};
/* The owner's name is that of the host's /etc/passwd, or "#uid". */
int container_list(struct arena *arena, const struct request *request,
		   struct container_summary **out, size_t *out_n, struct error *err);

/* The document of a container, for state and list. */
void container_document(const struct container_summary *summary, struct oci_status *out);

/* What check finds beyond the problems of the document: what this host cannot give. */
struct host_problem {
	const char *path;	/* in config.json */
	const char *what;	/* what is missing, and what to do */
};

/*
 * Everything that is wrong with a bundle.  0 whatever is found; an error is a bundle that
 * cannot be read at all.
 */
int container_check(struct arena *arena, const struct request *request,
		    struct bundle *out_bundle, struct host_problem **out, size_t *out_n,
		    struct error *err);

/* The features document, with a newline at its end; it says nothing of this host. */
char *container_features(struct arena *arena, const char *version, const char *commit);
