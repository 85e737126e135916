/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See request.h. */
#include "tables/request.h"
#include "base/text.h"
#include <assert.h>

const char *const cgroup_manager_names[] = {
	[MANAGER_CGROUPFS] = "cgroupfs",
	[MANAGER_SYSTEMD] = "systemd",
	[MANAGER_DISABLED] = "disabled",
};
static_assert(ARRAY_SIZE(cgroup_manager_names) == MANAGER_COUNT, "every manager has a name");
