/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See relay.h. */
#include "run/relay.h"
#include "base/fd.h"
#include <errno.h>
#include <unistd.h>

enum { FROM_IN, TO_MASTER, FROM_MASTER, TO_OUT, DRAIN_MS = 100, END_OF_INPUT = 4 };

void relay_begin(struct relay *relay, int master, int in, int out)
{
	relay->master = master;
	relay->in = in;
	relay->out = out;
	relay->in_ended = false;
	relay->to_master.from = relay->to_master.to = 0;
	relay->to_out.from = relay->to_out.to = 0;
}

static bool is_full(const struct relay_buffer *buffer)
{
	return buffer->to == RELAY_BUFFER;
}

static bool has_data(const struct relay_buffer *buffer)
{
	return buffer->from < buffer->to;
}

static struct pollfd entry(int fd, bool is_wanted, short events)
{
	return (struct pollfd){ .fd = is_wanted ? fd : -1, .events = events };
}

void relay_watch(const struct relay *relay, struct pollfd fds[RELAY_POLLS])
{
	bool is_on = relay->master >= 0;

	fds[FROM_IN] = entry(relay->in, is_on && !relay->in_ended && !is_full(&relay->to_master),
			     POLLIN);
	fds[TO_MASTER] = entry(relay->master, is_on && has_data(&relay->to_master), POLLOUT);
	fds[FROM_MASTER] = entry(relay->master, is_on && !is_full(&relay->to_out), POLLIN);
	fds[TO_OUT] = entry(relay->out, is_on && has_data(&relay->to_out), POLLOUT);
}

/* false at end of file or on an error that will not go away. */
static bool fill(struct relay_buffer *buffer, int fd)
{
	ssize_t n = read(fd, buffer->data + buffer->to, RELAY_BUFFER - buffer->to);

	if (n > 0)
		buffer->to += (size_t)n;
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static bool empty(struct relay_buffer *buffer, int fd)
{
	ssize_t n = write(fd, buffer->data + buffer->from, buffer->to - buffer->from);

	if (n > 0)
		buffer->from += (size_t)n;
	if (buffer->from == buffer->to)
		buffer->from = buffer->to = 0;
	return n >= 0 || errno == EINTR || errno == EAGAIN;
}

void relay_move(struct relay *relay, const struct pollfd fds[RELAY_POLLS])
{
	if (fds[FROM_IN].revents && !fill(&relay->to_master, relay->in)) {
		relay->in_ended = true;
		/* A pipe that has ended is the terminal's end of input. */
		if (!is_full(&relay->to_master))
			relay->to_master.data[relay->to_master.to++] = END_OF_INPUT;
	}
	if (fds[TO_MASTER].revents && !empty(&relay->to_master, relay->master))
		relay->to_master.from = relay->to_master.to = 0;
	/* EIO: nobody has the other end open just now, or ever again. */
	if (fds[FROM_MASTER].revents && !fill(&relay->to_out, relay->master) && errno != EIO)
		fd_close(&relay->master);
	else if (fds[FROM_MASTER].revents & POLLHUP && !(fds[FROM_MASTER].revents & POLLIN))
		(void)poll(NULL, 0, 1); /* its session is ending: init's pidfd will say so */
	if (fds[TO_OUT].revents && !empty(&relay->to_out, relay->out))
		relay->to_out.from = relay->to_out.to = 0;
}

void relay_drain(struct relay *relay)
{
	struct pollfd fd = { .fd = relay->master, .events = POLLIN };

	while (relay->master >= 0) {
		while (has_data(&relay->to_out))
			if (!empty(&relay->to_out, relay->out))
				return;
		if (poll(&fd, 1, DRAIN_MS) <= 0 || !(fd.revents & POLLIN))
			return;
		if (!fill(&relay->to_out, relay->master))
			return;
	}
}
