/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a request to a plan that is ready to run: what create, run and the dry run share.
 */
#pragma once
#include "container/container.h"
#include "plan/create.h"
#include "run/run.h"
#include "tables/facts.h"

struct launch {
	struct bundle bundle;
	struct facts facts;
	struct plan_input input;
	struct plan *plan;
	struct run run;
	struct systemd *systemd; /* NULL: not asked */
};

/* Read the bundle, probe the host, plan; nothing is changed yet. */
int launch_plan(struct arena *arena, const struct request *request, bool starts,
		struct launch *out, struct error *err);

/* The same without a plan: what the planner is to know. */
int launch_inputs(struct arena *arena, const struct request *request, bool starts,
		  struct launch *out, struct error *err);

/* Complete the error of a plan that was refused; -1. */
int launch_refuse(struct arena *arena, const struct request *request, struct error *err);

/*
 * In the foreground: wait for the program's end, then remove the container unless it is to
 * be kept.  What goes wrong then is only logged.
 */
int launch_wait(struct arena *arena, const struct request *request, struct run *run,
		int signals, int *out_status);

/* Ready the run: the root directory, the cache, faults and traces that were asked for. */
int launch_begin(struct arena *arena, const struct request *request, struct launch *launch,
		 struct error *err);

/* Ready the run of a plan for a container that exists. */
int launch_run(struct arena *arena, const struct request *request, const struct plan *plan,
	       struct run *run, struct error *err);

/* Where compiled seccomp filters are kept; negative: they are compiled each time. */
int launch_open_cache(struct arena *arena, const char *root);

/* Complete the error of a create or run: a taken id by whom, and how to get it back. */
void launch_explain(struct arena *arena, const struct request *request, struct error *err);

/* The trace and the timing chart, where they were asked for. */
void launch_report(struct arena *arena, const struct request *request, struct run *run);
