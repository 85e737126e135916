/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The facts that planning needs, each by the cheapest question to the kernel.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/facts.h"

/* Fill all of *out. */
int probe_facts(struct arena *arena, struct facts *out, struct error *err);

/* Only who we are, what we may, and what our environment says: all that exec needs. */
int probe_caller(struct facts *out, struct error *err);
