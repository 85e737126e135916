/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What other layers may ask the planner about resctrl groups.
 */
#pragma once
#include "libocispec/ocispec.h"
#include "tables/facts.h"
#include "tables/request.h"

/* The directory of the container's group; the configuration has intelRdt. */
const char *plan_rdt_path(struct arena *arena, const struct oci_config *config,
			  const struct request *request, const struct facts *facts);
