/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What other layers may ask the planner about cgroups.
 */
#pragma once
#include "base/error.h"
#include "libocispec/ocispec.h"
#include "tables/facts.h"
#include "tables/request.h"
#include "tables/systemd.h"

struct plan_input;

/* The unit that systemd is to start, from the configuration, the request and the facts. */
int plan_unit_of(struct arena *arena, const struct plan_input *in, struct unit *out,
		 struct error *err);

/* The container's directory in the hierarchy; NULL: it has none there. */
const char *plan_cgroup_dir(struct arena *arena, const struct plan_input *in,
			    const struct cgroup_hierarchy *h);

/* Whether the hierarchy has the controller. */
bool plan_has_controller(const struct cgroup_hierarchy *h, const char *controller);
