/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the container may not read or write, and everything that becomes read-only only
 * once nothing has to be written there any more.
 */
#include "plan/planner.h"

void plan_masks(struct planner *p)
{
	if (!p->own_mounts)
		return;
	for (size_t i = 0; i < p->lin->n_readonly_paths; i++)
		INIT(p, WHY(p, "linux.readonlyPaths[%zu]", i), make_readonly,
		     p->lin->readonly_paths[i]);
	for (size_t i = 0; i < p->lin->n_masked_paths; i++)
		INIT(p, WHY(p, "linux.maskedPaths[%zu]", i), mask_path,
		     p->lin->masked_paths[i]);
	plan_late_readonly(p);
}
