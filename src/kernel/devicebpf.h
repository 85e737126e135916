/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The device filter of a cgroup v2: rules made into a small program that the kernel asks at
 * every open and mknod of a device in the cgroup and below it.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/device-rules.h"
#include <stddef.h>

/* Attach a filter of the rules to the cgroup, instead of one that we attached before. */
int devicebpf_attach(struct arena *arena, const char *cgroup, const struct device_rule *rules,
		     size_t n_rules, struct error *err);

/* Take our filter away again, from a cgroup that stays. */
void devicebpf_detach(const char *cgroup);
