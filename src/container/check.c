/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check: the problems of the document, then those of the host, then those of the plan. */
#include "container/check-host.h"
#include "container/container.h"
#include "kernel/probe.h"

/* What only the planner knows; asked when nothing else was found, to say nothing twice. */
static void check_plan(struct host_check *check, const struct request *request)
{
	struct error err = { 0 };
	struct plan *plan;

	if (!check->n && container_plan(check->arena, request, &plan, &err) < 0)
		check_add(check, "", "%s", err.text);
}

int container_check(struct arena *arena, const struct request *request,
		    struct bundle *out_bundle, struct host_problem **out, size_t *out_n,
		    struct error *err)
{
	struct host_check check = { .arena = arena, .bundle = request->bundle };
	struct facts facts = { 0 };

	*out_bundle = (struct bundle){ .problems.want_unknown = true };
	*out_n = 0;
	if (bundle_read(arena, request, out_bundle, err) < 0)
		return out_bundle->problems.n ? 0 : -1;
	TRY(probe_facts(arena, &facts, err));
	check.config = out_bundle->config;
	check.facts = &facts;
	check_host(&check);
	check_plan(&check, request);
	*out = check.problems;
	*out_n = check.n;
	return 0;
}
