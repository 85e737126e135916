/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * criu's own protocol (https://criu.org/RPC) on the socket of a `criu swrk` process: one
 * request, notices that want an answer, and the result.  protobuf-c is linked into the
 * command where its archive is at hand; without it, all of this is refused.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/criu.h"
#include <sys/types.h>

/* What criu finds in the images under the key is this fd, which it inherited. */
struct criu_inherit {
	const char *key;
	int fd;
};

/* A request: what was planned, and what only its executor can know. */
struct criu_request {
	const struct criu_options *options;
	int images_fd, work_fd;	/* of ours */
	pid_t pid;		/* to dump */
	char **external;	/* "mnt[...]:...", "net[...]:..." */
	size_t n_external;
	const struct criu_inherit *inherit;
	size_t n_inherit;
};

enum { CRIU_NOTICE, CRIU_DONE, CRIU_FAILED };

struct criu_answer {
	int kind;		/* one of these */
	const char *script;	/* of a notice: "post-restore" */
	pid_t pid;		/* of a notice, and of what was restored; 0: none */
	int fd;			/* that came along, or -1: the caller's */
	const char *words;	/* of a failure; "" when criu has none */
};

/* Whether this build speaks it. */
bool criu_is_built_in(void);

int criu_send(struct arena *arena, int fd, const struct criu_request *request,
	      struct error *err);

/* Tell criu to go on after a notice, or to give up. */
int criu_agree(struct arena *arena, int fd, bool success, struct error *err);

/* The next message, which must have come; its end is an error. */
int criu_receive(struct arena *arena, int fd, struct criu_answer *out, struct error *err);

/* Start `criu swrk FD` in our place; returns only when that fails. */
int criu_exec(int fd, struct error *err);
