/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* restore: a container from its bundle and criu's images; in the foreground as run is. */
#include "base/fd.h"
#include "base/log.h"
#include "container/criu.h"
#include "container/launch.h"
#include "run/monitor.h"

static int plan_of(struct arena *arena, const struct request *request,
		   struct launch *launch, struct error *err)
{
	TRY(launch_inputs(arena, request, true, launch, err));
	if (plan_restore(arena, &launch->input, &launch->plan, err) < 0)
		return launch_refuse(arena, request, err);
	for (size_t i = 0; i < launch->plan->n_warnings; i++)
		log_warning("%s", launch->plan->warnings[i]);
	return 0;
}

int container_restore(struct arena *arena, const struct request *request, int *out_status,
		      struct error *err)
{
	struct launch launch = { 0 };
	struct request own = *request;
	int scoped_fd signals = -1;
	int result;

	*out_status = 0;
	criu_fill_request(&own);
	TRY(plan_of(arena, &own, &launch, err));
	TRY(launch_begin(arena, &own, &launch, err));
	if (!own.detach)
		signals = TRY(monitor_prepare(!own.no_subreaper, err));
	result = run_host(&launch.run, err);
	if (result < 0)
		launch_explain(arena, &own, err);
	launch_report(arena, &own, &launch.run);
	if (result == 0 && !own.detach)
		return launch_wait(arena, &own, &launch.run, signals, out_status);
	run_end(&launch.run);
	return result;
}
