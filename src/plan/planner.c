/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See planner.h: the helpers that every part uses. */
#include "plan/planner.h"
#include "base/text.h"
#include <stdio.h>

int plan_refuse(struct error *err, const char *path, const char *format, ...)
{
	char what[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	return fail(err, ERROR_CONFIG, "%s: %s", path, what);
}

void plan_warn(struct planner *p, const char *format, ...)
{
	struct plan *plan = p->plan;
	va_list ap;

	va_start(ap, format);
	*arena_push(p->arena, plan->warnings, plan->n_warnings, plan->room_warnings) =
		arena_vprintf(p->arena, format, ap);
	va_end(ap);
}

const char *plan_host_path(const struct planner *p, const char *path)
{
	if (path[0] == '/')
		return path;
	return text_join_path(p->arena, p->in->request->bundle, path);
}
