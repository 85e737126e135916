/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* create: everything but the program, which waits for the command start. */
#include "container/launch.h"

static int create(struct arena *arena, const struct request *request, struct error *err)
{
	struct launch launch = { 0 };
	int result;

	TRY(launch_plan(arena, request, false, &launch, err));
	TRY(launch_begin(arena, request, &launch, err));
	result = run_host(&launch.run, err);
	if (result < 0)
		launch_explain(arena, request, err);
	launch_report(arena, request, &launch.run);
	run_end(&launch.run);
	return result;
}

int container_create(struct arena *arena, const struct request *request, struct error *err)
{
	return create(arena, request, err);
}
