/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes between our standard streams and a terminal's master, both ways, without ever
 * blocking on one while the other could move.
 */
#pragma once
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

enum { RELAY_POLLS = 4, RELAY_BUFFER = 16 * 1024 };

struct relay_buffer {
	char data[RELAY_BUFFER];
	size_t from, to;
};

struct relay {
	int master;	/* -1: there is nothing to relay */
	int in, out;
	bool in_ended;
	struct relay_buffer to_master, to_out;
};

/* Nothing is to be written yet; the buffers are not touched. */
void relay_begin(struct relay *relay, int master, int in, int out);

/* Set up four entries of a poll. */
void relay_watch(const struct relay *relay, struct pollfd fds[RELAY_POLLS]);

/* Move what the poll said can be moved. */
void relay_move(struct relay *relay, const struct pollfd fds[RELAY_POLLS]);

/* What is left in the terminal once everybody in it has gone. */
void relay_drain(struct relay *relay);
