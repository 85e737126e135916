/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* delete: destroy a container that has stopped or never ran; with force, any. */
#include "container/container.h"
#include "container/destroy.h"
#include "container/each.h"
#include "container/store.h"
#include <errno.h>

static int fail_not_stopped(const struct container *container,
			    enum container_status status, struct error *err)
{
	return fail(err, ERROR_STATE, "cannot delete container %s that is not stopped: %s (%s)",
		    container->id, container_status_names[status],
		    status == STATUS_CREATING ? "wait for its create, or delete it with --force" :
						"kill it first, or delete it with --force");
}

static int delete_open(struct arena *arena, const struct request *request,
		       struct container *container, struct error *err)
{
	enum container_status status;

	/* Its creator has the lock, and may be waiting for a hook. */
	if (!request->force && store_status(container) == STATUS_CREATING)
		return fail_not_stopped(container, STATUS_CREATING, err);
	TRY(request->force ? store_seize(container, err) : store_lock(container, err));
	TRY(store_reload(arena, container, err));
	status = store_status(container);
	if (!request->force && status != STATUS_STOPPED && status != STATUS_CREATED)
		return fail_not_stopped(container, status, err);
	return container_destroy(arena, container, request->root, err);
}

static int delete_one(struct arena *arena, const struct request *request, const char *id,
		      struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	int result = store_open(arena, request->root, id, &container, err);

	if (result == 0)
		result = delete_open(arena, request, &container, err);
	/* Somebody else was faster, or it never was: with force that is what is wanted. */
	if (result < 0 && request->force && err->kind == ERROR_STATE && err->code == ENOENT)
		return 0;
	return result;
}

int container_delete(struct arena *arena, const struct request *request, struct error *err)
{
	return container_each(arena, request, delete_one, err);
}
