/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One function a step: do_<name>, found by its row in tables/steps.def.  All return 0 or
 * negative with *err filled in.
 */
#pragma once
#include "run/run.h"

#define STEP(name, ...)                                                                    \
	int do_##name(struct run *run, const struct step_##name *step, struct error *err);
#include "tables/steps.def"
#undef STEP

/* Take a network device back that the step has moved. */
void network_undo(struct run *run, const struct step_move_net_device *step);

/* Take back every change of a limit, the last one first. */
void changes_undo(struct run *run);

/* do-systemd.c: the properties of the unit as they were. */
void unit_undo(struct run *run);

/* The home directory of the user in the container's /etc/passwd; "/" if it names none. */
const char *home_of(struct arena *arena, unsigned uid);

/* Init ended without a word: if that was for want of memory, *err says so instead. */
void oom_explain(const struct run *run, struct error *err);

/* Hooks of a list, one after another; for `init` the pid that they are told is our own. */
int hooks_run(struct run *run, const struct hook_list *list, struct error *err);
