/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plan as people read it, one step a line, or as JSON.
 */
#pragma once
#include "plan/plan.h"

/* "host  3  linux.cgroupsPath  make cgroup ..." lines, or an array of objects. */
char *plan_explain(struct arena *arena, const struct plan *plan, bool json);
