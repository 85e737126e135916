/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Init between create and start.  The connection of the command start takes the place of
 * the channel: what fails from then on is reported to start, and its end when the program
 * is executed (close-on-exec) tells start that it runs.
 */
#include "base/fd.h"
#include "kernel/socket.h"
#include "run/channel.h"
#include "run/steps.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

int do_survive(struct run *run, const struct step_survive *step, struct error *err)
{
	(void)run, (void)step;
	TRY(prctl(PR_SET_PDEATHSIG, 0), err, "outlive the runtime");
	return 0;
}

/*
 * For an exec without privileges, which may join only whom it may look at.  It hangs up when
 * it has; nobody in the container with fewer capabilities can trace us meanwhile.
 */
static void show(int fd)
{
	enum { LONGEST_MS = 10000 };
	struct pollfd end = { .fd = fd, .events = POLLIN };
	struct error ignored;

	if (prctl(PR_SET_DUMPABLE, 1) == 0 &&
	    channel_tell(fd, MILESTONE_SHOWN, 0, -1, &ignored) == 0)
		(void)poll(&end, 1, LONGEST_MS);
	(void)prctl(PR_SET_DUMPABLE, 0);
}

int do_wait_start(struct run *run, const struct step_wait_start *step, struct error *err)
{
	fd_close(&run->channel[ROLE_HOST]);
	for (;;) {
		enum milestone wanted;
		struct error ignored;
		int scoped_fd fd = TRY(socket_accept(run->slots[step->slot], -1, err));

		/* A connection that says nothing only asks whether we still wait. */
		if (channel_next(fd, &wanted, &ignored) < 0)
			continue;
		if (wanted == MILESTONE_LOOK)
			show(fd);
		if (wanted != MILESTONE_START)
			continue;
		run->channel[ROLE_HOST] = take_fd(fd);
		fd_close(&run->slots[step->slot]);
		return 0;
	}
}
