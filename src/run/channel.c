/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See channel.h. */
#include "run/channel.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/socket.h"
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

static const char *const message_names[] = { "milestone", "error" };
static_assert(ARRAY_SIZE(message_names) == MESSAGE_KIND_COUNT, "every message has a name");

enum { HEAD = offsetof(struct message, error) };

/* One message; a reported error becomes *err as it is, and nobody adds to it. */
static int receive(int fd, struct message *message, int *out_fd, struct error *err)
{
	struct socket_message raw = { .data = message, .room = sizeof(*message) };
	int got = TRY(socket_receive(fd, &raw, err));

	*out_fd = -1;
	if (got && raw.n_fds) {
		*out_fd = raw.fds[0];
		raw.fds[0] = -1;
	}
	socket_drop_fds(&raw);
	if (!got)
		return 0;
	if (raw.n < HEAD || message->kind >= MESSAGE_KIND_COUNT)
		return fail(err, ERROR_PEER, "another role sent what is no message");
	if (message->kind != MESSAGE_ERROR)
		return 1;
	fd_close(out_fd);
	message->error.text[sizeof(message->error.text) - 1] = 0;
	*err = message->error;
	err->is_placed = true;
	return -1;
}

int channel_tell(int fd, enum milestone milestone, pid_t pid, int passed_fd,
		 struct error *err)
{
	struct message message = { .kind = MESSAGE_MILESTONE,
				   .milestone = milestone,
				   .pid = pid };
	struct message answer;
	int result, unwanted = -1;

	result = socket_send(fd, &message, HEAD, &passed_fd, passed_fd >= 0, err);
	if (result < 0 && (err->code == EPIPE || err->code == ECONNRESET)) {
		/* The other one has gone; its reason may still be there to be read. */
		struct error reason;

		if (receive(fd, &answer, &unwanted, &reason) < 0 && reason.is_placed)
			*err = reason;
		fd_close(&unwanted);
	}
	return result;
}

static int receive_milestone(int fd, struct message *message, int *passed, struct error *err)
{
	if (TRY(receive(fd, message, passed, err)))
		return 0;
	(void)fail(err, ERROR_STATE, "the other process ended before it was ready "
		   "(somebody killed it)");
	err->code = EPIPE;
	return -1;
}

int channel_next(int fd, enum milestone *out, struct error *err)
{
	struct message message = { 0 };
	int scoped_fd passed = -1;

	TRY(receive_milestone(fd, &message, &passed, err));
	*out = message.milestone;
	return 0;
}

int channel_await(int fd, enum milestone milestone, pid_t *out_pid, int *out_fd,
		  struct error *err)
{
	struct message message = { 0 };
	int scoped_fd passed = -1;

	TRY(receive_milestone(fd, &message, &passed, err));
	if (message.milestone != milestone)
		return fail(err, ERROR_BUG, "expected '%s', another role said %s %d",
			    milestone_names[milestone], message_names[message.kind],
			    (int)message.milestone);
	*out_pid = message.pid;
	*out_fd = take_fd(passed);
	return 0;
}

int channel_await_exec(int fd, struct error *err)
{
	struct message message = { 0 };
	int scoped_fd passed = -1;

	while (TRY(receive(fd, &message, &passed, err)))
		fd_close(&passed);
	return 0;
}

void channel_report(int fd, const struct error *error)
{
	struct message message = { .kind = MESSAGE_ERROR, .error = *error };
	struct error ignored;

	if (socket_send(fd, &message, sizeof(message), NULL, 0, &ignored) == 0)
		return;
	/* A seccomp filter may forbid to send, and hardly ever forbids to write. */
	if (write(fd, &message, sizeof(message)) < 0)
		return;
}
