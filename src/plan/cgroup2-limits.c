/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux.resources as writes to files of the unified hierarchy: rows of tables/cgroup2.def,
 * for the controllers that no v1 hierarchy has.  A controller is enabled on the way to the
 * first limit that needs it.
 */
#include "base/text.h"
#include "plan/cgroup2-values.h"
#include "plan/planner.h"

/* One limit on its way to a file, or to the other one. */
struct limit {
	const char *controller, *file, *why, *value;
	const char *other, *other_value;
};

/* The controller's name on version 1. */
static bool is_unified(const struct planner *p, const char *controller)
{
	return plan_is_unified(p, is_equal(controller, "io") ? "blkio" : controller);
}

/* Without swap accounting there is nothing to lift, and nothing to take away. */
static bool is_optional(const struct limit *limit)
{
	return is_equal(limit->file, "memory.swap.max") &&
	       (is_equal(limit->value, "max") || is_equal(limit->value, "0"));
}

static int add(struct planner *p, const struct limit *limit, struct error *err)
{
	const char *dir;

	if (!is_unified(p, limit->controller))
		return 0;
	dir = plan_limit_dir(p, limit->controller, true);
	if (!dir)
		return plan_refuse_controller(p, err, limit->why, limit->controller);
	plan_enable_controller(p, limit->why, limit->controller);
	if (p->updates)
		HOST(p, limit->why, change_cgroup, limit->why, dir, limit->file, limit->value,
		     limit->other, limit->other_value, is_optional(limit));
	else if (limit->other)
		HOST(p, limit->why, set_either, dir, limit->file, limit->value,
		     limit->other, limit->other_value);
	else
		HOST(p, limit->why, set_cgroup, dir, limit->file, NULL, limit->value,
		     is_optional(limit));
	return 0;
}

static int refuse(const struct planner *p, const struct limit *limit, struct error *err)
{
	if (!is_unified(p, limit->controller))
		return 0;
	return plan_refuse(err, limit->why, "cgroup v2 cannot do this: %s", limit->value);
}

#define ADD(function, controller_, file_, why_, ...)                                     \
	{                                                                                \
		struct limit limit = { .controller = #controller_,                       \
				       .file = file_,                                    \
				       .why = why_,                                      \
				       .value = __VA_ARGS__ };                           \
                                                                                         \
		TRY(function(p, &limit, err));                                           \
	}
#define ADD_ONE(function, controller, file, place, condition, ...)                       \
	if (condition)                                                                   \
	ADD(function, controller, file, "linux.resources." place, __VA_ARGS__)
#define ADD_EACH(function, controller, file, place, object, list, condition, ...)        \
	for (size_t i = 0; r->object && i < r->object->n_##list; i++) {                  \
		const __typeof__(r->object->list[0]) *e = &r->object->list[i];           \
                                                                                         \
		if (condition)                                                           \
			ADD(function, controller, file,                                  \
			    WHY(p, "linux.resources." place "[%zu]", i), __VA_ARGS__)    \
	}
#define LIMIT(controller, ...)	     ADD_ONE(add, controller, __VA_ARGS__)
#define EITHER(controller, ...)	     ADD_ONE(add, controller, __VA_ARGS__)
#define EACH(controller, ...)	     ADD_EACH(add, controller, __VA_ARGS__)
#define EACH_EITHER(controller, ...) ADD_EACH(add, controller, __VA_ARGS__)
#define NEVER(controller, ...)	     ADD_ONE(refuse, controller, NULL, __VA_ARGS__)
#define NEVER_EACH(controller, ...)  ADD_EACH(refuse, controller, NULL, __VA_ARGS__)

int plan_cgroup2_limits(struct planner *p, struct error *err)
{
	const struct oci_resources *r = p->lin->resources;
	struct arena *a = p->arena;

#include "tables/cgroup2.def"
	return 0;
}
