/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ps: which processes a container has. */
#include "container/container.h"
#include "container/store.h"
#include "kernel/cgroup.h"
#include "kernel/proc.h"
#include <stdlib.h>

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* Without a cgroup those that descend from the first process. */
static int find_descendants(struct arena *arena, const struct container *container,
			    pid_t **out, size_t *out_n, struct error *err)
{
	const struct oci_record *record = container->record;

	*out_n = 0;
	if (!record || !proc_is_alive((pid_t)record->pid, record->start_time))
		return 0;
	return proc_descendants(arena, (pid_t)record->pid, out, out_n, err);
}

int container_pids(struct arena *arena, const struct request *request, pid_t **out,
		   size_t *out_n, struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	const struct oci_record *record;

	TRY(store_open(arena, request->root, request->id, &container, err));
	record = container.record;
	/* Every hierarchy tells the same. */
	if (record && record->n_cgroups)
		TRY(cgroup_pids(arena, record->cgroups[0].path, true, out, out_n, err));
	else
		TRY(find_descendants(arena, &container, out, out_n, err));
	if (*out_n)
		qsort(*out, *out_n, sizeof(**out), compare_pids);
	return 0;
}
