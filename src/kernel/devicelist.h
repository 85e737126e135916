/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The device list of a cgroup v1 that is in use.  To write it anew would take every device
 * away for a moment, and openings in that moment would fail: only what differs is written.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/device-rules.h"

/*
 * Make the list of the cgroup the given one.  A list that is refused on the way is as it
 * was, unless everything was allowed before: the kernel does not tell what was excepted
 * from that, and so the container keeps what it has got of the new list.
 * Returns how many rules were written.  Errors: ERROR_STATE where the way leads through
 * "everything is allowed"; the kernel's.
 */
int devicelist_replace(struct arena *arena, const char *dir, const struct device_list *list,
		       struct error *err);
