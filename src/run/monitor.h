/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The foreground run: what the host role becomes once the program runs.
 */
#pragma once
#include "run/run.h"

/*
 * Take the signals that are to be forwarded; before init exists, so that none is lost.
 * Returns an fd for monitor_wait.
 */
int monitor_prepare(bool is_subreaper, struct error *err);

/*
 * Forward signals, relay the terminal (master fd in SLOT_CONSOLE, or none), reap, until
 * init has ended: its exit status, or 128 + signal.  What the container notifies of is
 * passed on.
 */
int monitor_wait(struct run *run, int signals, int *out_status, struct error *err);
