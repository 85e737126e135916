/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One verb for one container, or for all whose id a regular expression matches.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/request.h"

typedef int container_verb(struct arena *arena, const struct request *request,
			   const char *id, struct error *err);

/* With request->is_regex all matches are done, whatever fails; the first error is told. */
int container_each(struct arena *arena, const struct request *request, container_verb *verb,
		   struct error *err);
