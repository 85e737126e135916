/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on identity and rights.
 */
#include "kernel/caps.h"
#include "kernel/lsm.h"
#include "run/steps.h"
#include <errno.h>
#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

int do_set_exec_label(struct run *run, const struct step_set_exec_label *step,
		      struct error *err)
{
	int proc = run->slots[SLOT_PROC];

	return step->is_apparmor ? lsm_set_apparmor_profile(proc, step->label, err)
				 : lsm_set_selinux_label(proc, step->label, err);
}

int do_keep_capabilities(struct run *run, const struct step_keep_capabilities *step,
			 struct error *err)
{
	(void)run, (void)step;
	return caps_keep(err);
}

int do_drop_bounding(struct run *run, const struct step_drop_bounding *step,
		     struct error *err)
{
	(void)run;
	return caps_drop_bounding(step->bounding, err);
}

int do_set_ids(struct run *run, const struct step_set_ids *step, struct error *err)
{
	(void)run;
	if (!step->keep_groups && setgroups(step->n_groups, step->groups) < 0)
		return fail_errno(err, "set the additional groups");
	TRY(setresgid(step->gid, step->gid, step->gid), err, "set the group %u", step->gid);
	TRY(setresuid(step->uid, step->uid, step->uid), err, "set the user %u", step->uid);
	return 0;
}

int do_set_capabilities(struct run *run, const struct step_set_capabilities *step,
			struct error *err)
{
	(void)run;
	return caps_apply(step->sets, err);
}

int do_no_new_privs(struct run *run, const struct step_no_new_privs *step,
		    struct error *err)
{
	(void)run, (void)step;
	TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), err, "prctl");
	return 0;
}
