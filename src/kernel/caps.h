/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capabilities by raw system calls.  Order: caps_before_setid, the set*id calls, then
 * caps_after_setid; a seccomp filter without no_new_privs goes between those two.
 */
#pragma once
#include "base/error.h"
#include "tables/capability-sets.h"
#include "tables/facts.h"

/* Fill last_capability, bounding and permitted. */
int caps_current(struct facts *facts, struct error *err);

/* Drop from the bounding set what sets->bounding lacks; keep the rest over set*id. */
int caps_before_setid(const struct capability_sets *sets, struct error *err);

/* Set permitted, effective, inheritable, ambient exactly; keepcaps is reset. */
int caps_after_setid(const struct capability_sets *sets, struct error *err);
