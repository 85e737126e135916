/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pause and resume: the container's processes stand still, and go on. */
#include "base/text.h"
#include "container/container.h"
#include "container/store.h"
#include "kernel/cgroup.h"

enum { FREEZE_DEADLINE_MS = 5000 };

/* The words that engines match, then ours. */
static int check_status(const struct container *container, bool pauses, struct error *err)
{
	enum container_status status = store_status(container);

	if (pauses && status != STATUS_CREATED && status != STATUS_RUNNING)
		return fail(err, ERROR_STATE, "container not running: '%s' is %s", container->id,
			    container_status_names[status]);
	if (!pauses && status != STATUS_PAUSED)
		return fail(err, ERROR_STATE, "container not paused: '%s' is %s", container->id,
			    container_status_names[status]);
	return 0;
}

static int freeze(struct arena *arena, const struct request *request, bool pauses,
		  struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	const char *freezer;

	TRY(store_open(arena, request->root, request->id, &container, err));
	/* Its creator has the lock, and may be waiting for a hook. */
	if (store_status(&container) == STATUS_CREATING)
		return check_status(&container, pauses, err);
	TRY(store_lock(&container, err));
	TRY(store_reload(arena, &container, err));
	TRY(check_status(&container, pauses, err));
	freezer = store_freezer(container.record);
	if (!freezer)
		return fail(err, ERROR_STATE,
			    "container '%s' has no cgroup that can be frozen: create it with "
			    "cgroups of its own", container.id);
	return cgroup_freeze(freezer, pauses, FREEZE_DEADLINE_MS, err);
}

int container_pause(struct arena *arena, const struct request *request, struct error *err)
{
	return freeze(arena, request, true, err);
}

int container_resume(struct arena *arena, const struct request *request, struct error *err)
{
	return freeze(arena, request, false, err);
}
