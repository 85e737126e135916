/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages between roles: one SEQPACKET pair a child, three kinds of message.  The
 * receiver takes only the milestone that its own list awaits next.
 */
#pragma once
#include "base/error.h"
#include "plan/plan.h"
#include <sys/types.h>

enum message_kind { MESSAGE_MILESTONE, MESSAGE_ERROR, MESSAGE_KIND_COUNT };

struct message {
	enum message_kind kind;
	enum milestone milestone;
	pid_t pid;		/* with CHILD_MADE: of init, as the host sees it */
	struct error error;	/* only sent with MESSAGE_ERROR */
};

int channel_tell(int fd, enum milestone milestone, pid_t pid, int passed_fd,
		 struct error *err);

/*
 * The next message must be that milestone; an fd that came with it in *out_fd, else -1.
 * What another role reported becomes *err as it is; its end is kind STATE, code EPIPE.
 */
int channel_await(int fd, enum milestone milestone, pid_t *out_pid, int *out_fd,
		  struct error *err);

/* The next milestone, whichever it is; an fd that came with it is closed. */
int channel_next(int fd, enum milestone *out, struct error *err);

/*
 * Until end of file or an error.  Behind STARTING, which must have been awaited, the end
 * means that the program runs: the fd was close-on-exec.
 */
int channel_await_exec(int fd, struct error *err);

/* Report an error; best effort, the receiver may be gone. */
void channel_report(int fd, const struct error *error);
