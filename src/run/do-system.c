/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on what belongs to the container's namespaces: parameters and names.
 */
#include "kernel/proc.h"
#include "run/steps.h"
#include <string.h>
#include <unistd.h>

int do_open_proc(struct run *run, const struct step_open_proc *step, struct error *err)
{
	run->slots[step->slot] = TRY(proc_open_own(err));
	return 0;
}

int do_set_sysctl(struct run *run, const struct step_set_sysctl *step, struct error *err)
{
	const char *path = arena_printf(run->arena, "sys/%s", step->path);

	return proc_write(run->slots[SLOT_PROC], path, step->value, err);
}

int do_set_hostname(struct run *run, const struct step_set_hostname *step,
		    struct error *err)
{
	(void)run;
	TRY(sethostname(step->name, strlen(step->name)), err, "sethostname");
	return 0;
}

int do_set_domainname(struct run *run, const struct step_set_domainname *step,
		      struct error *err)
{
	(void)run;
	TRY(setdomainname(step->name, strlen(step->name)), err, "setdomainname");
	return 0;
}

int do_run_hooks(struct run *run, const struct step_run_hooks *step, struct error *err)
{
	run->hooks_began = true;
	return hooks_run(run, step->hooks, err);
}
