/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capabilities by raw system calls.  Order: caps_drop_bounding and caps_keep, then the
 * set*id calls, then caps_apply; a seccomp filter without no_new_privs is loaded before
 * caps_apply takes CAP_SYS_ADMIN away.
 */
#pragma once
#include "base/error.h"
#include "tables/capability-sets.h"
#include "tables/facts.h"

/* Fill last_capability, bounding and permitted. */
int caps_current(struct facts *facts, struct error *err);

/* Drop from the bounding set what is not in `bounding`. */
int caps_drop_bounding(uint64_t bounding, struct error *err);

/* Keep the permitted set over a change to another user. */
int caps_keep(struct error *err);

/* Set permitted, effective, inheritable and ambient exactly; caps_keep is taken back. */
int caps_apply(const struct capability_sets *sets, struct error *err);
