/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plans of the verbs.  Pure functions: configuration, request and facts in, plan out.
 */
#pragma once
#include "plan/planner.h"

/* create, and run when in->starts.  CONFIG: the configuration cannot be had on this host. */
int plan_create(struct arena *arena, const struct plan_input *in, struct plan **out,
		struct error *err);

/* start of a created container, whose state directory is open in SLOT_STATE. */
struct plan *plan_start(struct arena *arena, const struct plan_input *in);

/*
 * update of a running container: in->config holds nothing but the new limits, in->record
 * says where they are set.  CONFIG: this host cannot do it.
 */
int plan_update(struct arena *arena, const struct plan_input *in, struct plan **out,
		struct error *err);

/*
 * Mounts of a running container: in->config has its ids and the mounts to add or to remove.
 * *out_slot: where its mount namespace is to be put before the plan runs.
 */
int plan_mounts_add(struct arena *arena, const struct plan_input *in, struct plan **out,
		    int *out_slot, struct error *err);
int plan_mounts_remove(struct arena *arena, const struct plan_input *in, struct plan **out,
		       int *out_slot, struct error *err);

/*
 * One more process in a running container: in->record, in->joins and in->process (see
 * plan_exec_process) say in which, and what.
 */
int plan_exec(struct arena *arena, const struct plan_input *in, struct plan **out,
	      struct error *err);

/*
 * What exec runs: the process of a file or, without one, that of the configuration, with
 * what the request says in its stead.  Confinement that a file leaves out is that of the
 * container.  USAGE: an option's value; CONFIG: there is nothing to run.
 */
int plan_exec_process(struct arena *arena, const struct oci_config *config,
		      const struct oci_process *file, const struct request *request,
		      struct oci_process **out, struct error *err);

/* The poststop hooks of a deleted container. */
struct plan *plan_poststop(struct arena *arena, const struct plan_input *in);

/*
 * checkpoint of the running container of in->record, whose pid is put into the run; restore
 * of a new one.  CONFIG: criu has no way to do it.
 */
int plan_checkpoint(struct arena *arena, const struct plan_input *in, struct plan **out,
		    struct error *err);
int plan_restore(struct arena *arena, const struct plan_input *in, struct plan **out,
		 struct error *err);
