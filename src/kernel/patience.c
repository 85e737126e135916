/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See patience.h. */
#include "kernel/patience.h"
#include <time.h>

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

struct patience patience_of(unsigned deadline_ms)
{
	return (struct patience){ now_us() + (uint64_t)deadline_ms * 1000, 50 };
}

bool patience_wait(struct patience *patience)
{
	enum { LONGEST_US = 10000 };
	struct timespec pause = { .tv_nsec = (long)patience->pause_us * 1000 };

	if (now_us() >= patience->deadline)
		return false;
	nanosleep(&pause, NULL);
	patience->pause_us = patience->pause_us < LONGEST_US / 2 ? patience->pause_us * 2
								 : LONGEST_US;
	return true;
}

int patience_left(const struct patience *patience)
{
	uint64_t now = now_us();

	return now >= patience->deadline ? 0 : (int)((patience->deadline - now + 999) / 1000);
}
