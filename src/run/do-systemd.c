/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps that talk to systemd: properties are collected and sent with the unit.  Host only.
 */
#include "base/log.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/systemd.h"
#include "run/steps.h"
#include <stdio.h>
#include <unistd.h>

enum { FREEZE_DEADLINE_MS = 5000 };

int do_set_property(struct run *run, const struct step_set_property *step, struct error *err)
{
	(void)err;
	*arena_push(run->arena, run->properties, run->n_properties, run->room_properties) =
		step->property;
	return 0;
}

int do_start_unit(struct run *run, const struct step_start_unit *step, struct error *err)
{
	const struct unit_request request = {
		.unit = step->unit,
		.properties = run->properties,
		.n_properties = run->n_properties,
		.pid = run->pid[step->role],
	};

	TRY(systemd_start(run->systemd, &request, &run->made_unit, err));
	if (access(step->path, F_OK) < 0)
		return fail(err, ERROR_PEER,
			    "systemd started '%s', but its cgroup is not '%s'; is the cgroup "
			    "namespace ours?", step->unit->name, step->path);
	return 0;
}

/* Frozen by us, not by a pause. */
static int freeze(struct run *run, const char *freezer, bool *out_is_frozen, struct error *err)
{
	const char *state = freezer ? cgroup_old_value(run->arena, freezer, "freezer.state", "")
				    : NULL;

	*out_is_frozen = state && has_prefix(state, "THAWED");
	return *out_is_frozen ? cgroup_freeze(freezer, true, FREEZE_DEADLINE_MS, err) : 0;
}

int do_update_unit(struct run *run, const struct step_update_unit *step, struct error *err)
{
	const struct unit_change change = { step->unit, run->properties, run->n_properties };
	struct error late;
	bool is_frozen;
	int result;

	/* systemd counts in steps of 10 ms: what it would give back is not always what was. */
	run->old_quota = (struct limit_change){
		step->path, "cpu.max", cgroup_old_value(run->arena, step->path, "cpu.max", "")
	};
	TRY(freeze(run, step->freezer, &is_frozen, err));
	result = systemd_change(run->systemd, &change, &run->unit_past, err);
	if (is_frozen && cgroup_freeze(step->freezer, false, FREEZE_DEADLINE_MS, &late) < 0)
		log_warning("%s", late.text);
	return result;
}

void unit_undo(struct run *run)
{
	struct error err;

	if (systemd_change_back(run->systemd, run->unit_past, &err) < 0)
		log_warning("while undoing: %s", err.text);
	run->unit_past = NULL;
}

int do_move_role(struct run *run, const struct step_move_role *step, struct error *err)
{
	char text[16];
	pid_t *pids;
	size_t n;

	TRY(cgroup_pids(run->arena, step->path, false, &pids, &n, err));
	for (size_t i = 0; i < n; i++)
		if (pids[i] == run->pid[step->role])
			return 0;
	snprintf(text, sizeof(text), "%d", run->pid[step->role]);
	return cgroup_write(step->path, "cgroup.procs", text, err);
}
