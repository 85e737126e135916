/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The five capability sets of a process, a bit a capability.
 */
#pragma once
#include <stdint.h>

struct capability_sets {
	uint64_t bounding, effective, permitted, inheritable, ambient;
};
