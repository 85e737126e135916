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
#include <signal.h>
#include <sys/prctl.h>

int do_survive(struct run *run, const struct step_survive *step, struct error *err)
{
	(void)run, (void)step;
	TRY(prctl(PR_SET_PDEATHSIG, 0), err, "outlive the runtime");
	return 0;
}

int do_wait_start(struct run *run, const struct step_wait_start *step, struct error *err)
{
	fd_close(&run->channel[ROLE_HOST]);
	for (;;) {
		struct error ignored;
		pid_t pid;
		int passed = -1;
		int scoped_fd fd = TRY(socket_accept(run->slots[step->slot], -1, err));

		/* A connection that says nothing only asks whether we still wait. */
		if (channel_await(fd, MILESTONE_START, &pid, &passed, &ignored) < 0)
			continue;
		fd_close(&passed);
		run->channel[ROLE_HOST] = take_fd(fd);
		fd_close(&run->slots[step->slot]);
		return 0;
	}
}
