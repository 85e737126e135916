/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for what the kernel tells nobody of: in pauses that grow from microseconds, up
 * to a deadline.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct patience {
	uint64_t deadline; /* microseconds of CLOCK_MONOTONIC */
	unsigned pause_us;
};

/* A wait that ends so many milliseconds from now. */
struct patience patience_of(unsigned deadline_ms);

/* Sleep a little; false, without sleeping, when the time is over. */
bool patience_wait(struct patience *patience);

/* Milliseconds that are left, rounded up; 0 when the time is over. */
int patience_left(const struct patience *patience);
