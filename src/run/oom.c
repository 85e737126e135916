/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why init ended without a word: it may have been killed because the container's memory
 * limit does not even hold what making it takes.  Asked of the kernel only then, before
 * undo removes the cgroup that can tell.
 */
#include "base/text.h"
#include "kernel/cgroup-stats.h"
#include "run/steps.h"

enum { INIT_NEEDS_KIB = 64 }; /* measured: 56 KiB do on cgroup v1 */

/* The step that limited memory, of those that were done. */
static const struct step_set_cgroup *limit_of(const struct run *run)
{
	const struct step_list *list = &run->plan->of[ROLE_HOST];
	const struct step_set_cgroup *found = NULL;

	for (size_t i = 0; i < run->done; i++) {
		const struct step_set_cgroup *step = &list->items[i].set_cgroup;

		if (list->items[i].kind == STEP_set_cgroup &&
		    (is_equal(step->file, "memory.max") ||
		     is_equal(step->file, "memory.limit_in_bytes")))
			found = step;
	}
	return found;
}

/* How often the kernel has killed somebody in the cgroup for want of memory. */
static uint64_t count_kills(const struct stats_reader *reader)
{
	uint64_t n = 0;

	return stats_number(reader, reader->dirs, "memory.events", "oom_kill", &n) ||
	       stats_number(reader, reader->dirs, "memory.oom_control", "oom_kill", &n) ? n : 0;
}

void oom_explain(const struct run *run, struct error *err)
{
	const struct step_set_cgroup *limit = limit_of(run);
	struct stats_dir dir = { .path = limit ? limit->dir : NULL };
	struct stats_reader reader = { .arena = run->arena, .dirs = &dir, .n = 1 };

	if (!limit || !count_kills(&reader))
		return;
	(void)fail(err, ERROR_STATE, "linux.resources.memory.limit: init was killed, since the "
		   "container may use no more than %s bytes (%s of '%s'): making it takes "
		   "about %d KiB, and its program comes on top", limit->value, limit->file,
		   limit->dir, INIT_NEEDS_KIB);
	err->is_placed = true;
}
