/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a container: its processes, its cgroups, its state, then the poststop hooks.
 * For delete, for run when its program has ended, and for start when that failed.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "container/store.h"

/*
 * Kill what is left and remove all that was made; the container is locked.  Safe to do
 * again after a crash at any point: the state directory goes last.
 */
int container_destroy(struct arena *arena, struct container *container, const char *root,
		      struct error *err);

/* The poststop hooks of the snapshot (hooks.c); they cannot fail: warnings go to the log. */
void container_run_poststop(struct arena *arena, const struct oci_record *record,
			    const char *config_text, size_t n_config_text);
