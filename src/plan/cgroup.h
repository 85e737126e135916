/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What other layers may ask the planner about cgroups.
 */
#pragma once
#include "libocispec/ocispec.h"
#include "tables/facts.h"
#include "tables/request.h"

/* The container's cgroup below each hierarchy's mount point, "/..."; clean, never climbing. */
const char *plan_cgroup_relative(struct arena *arena, const struct oci_config *config,
				 const struct request *request);

/* Whether the hierarchy has the controller. */
bool plan_has_controller(const struct cgroup_hierarchy *h, const char *controller);
