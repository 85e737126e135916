/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the two files on checkpoint and restore share.
 */
#pragma once
#include "plan/planner.h"

/* The options of a request, from the planner's wishes, mounts and record. */
int plan_criu_options(struct planner *p, enum criu_job job, struct criu_options **out,
		      struct error *err);
