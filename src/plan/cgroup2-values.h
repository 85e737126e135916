/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits that config.json states in the terms of cgroup v1, in those of version 2.  Pure;
 * tables/cgroup2.def calls them.
 */
#pragma once
#include "libocispec/ocispec.h"
#include <stdbool.h>
#include <stdint.h>

/* cpu.weight, 1 to 10000, of shares: 2 is 1, 1024 (the default) is 100 (the default). */
unsigned cgroup2_cpu_weight(uint64_t shares);

/* io.weight, 1 to 10000, of a weight from 10 to 1000. */
unsigned cgroup2_io_weight(unsigned weight);

/* A number, "max" below 0. */
const char *cgroup2_amount(struct arena *arena, int64_t amount);

/* cpu.max: a quota alone leaves the period as it is. */
const char *cgroup2_cpu_max(struct arena *arena, const struct oci_cpu *cpu);

/* Whether memory.swap.max is to be written; whether swap makes no sense beside limit. */
bool cgroup2_has_swap(const struct oci_memory *memory);
bool cgroup2_is_bad_swap(const struct oci_memory *memory);

/* memory.swap.max, which counts swap alone. */
const char *cgroup2_swap(struct arena *arena, const struct oci_memory *memory);

/* A line of io.max; a rate of 0 lifts the limit. */
const char *cgroup2_io_max(struct arena *arena, const struct oci_throttle_device *device,
			   const char *key);
