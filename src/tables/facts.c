/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See facts.h. */
#include "tables/facts.h"
#include "base/text.h"
#include <assert.h>

static const char *const mode_names[] = {
	[CGROUP_NONE] = "none", [CGROUP_V1] = "v1", [CGROUP_HYBRID] = "hybrid", [CGROUP_V2] = "v2",
};
static_assert(ARRAY_SIZE(mode_names) == CGROUP_MODE_COUNT, "every cgroup mode has a name");

const char *cgroup_mode_name(enum cgroup_mode mode)
{
	return mode_names[mode];
}
