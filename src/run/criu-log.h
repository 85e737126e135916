/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why criu failed: the first error of its log.
 */
#pragma once
#include "base/arena.h"

/* One line in words that no engine mistakes, or NULL where the log has none. */
const char *criu_log_reason(struct arena *arena, int dir, const char *name);
