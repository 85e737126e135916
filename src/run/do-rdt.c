/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on the resctrl file system.  Host only; what was made is noted in the run, for
 * undo must not touch a group that others have made.
 */
#include "kernel/rdt.h"
#include "run/steps.h"

int do_make_rdt_group(struct run *run, const struct step_make_rdt_group *step,
		      struct error *err)
{
	return rdt_make_group(run->arena, step->group, &run->made_rdt_group, err);
}

int do_make_rdt_monitor(struct run *run, const struct step_make_rdt_monitor *step,
			struct error *err)
{
	TRY(rdt_make_monitor(step->path, err));
	run->made_rdt_monitor = true;
	return 0;
}

int do_add_rdt_task(struct run *run, const struct step_add_rdt_task *step,
		    struct error *err)
{
	return rdt_add_task(step->path, run->pid[ROLE_INIT], err);
}
