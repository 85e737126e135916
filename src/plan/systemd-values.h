/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits as values of systemd's properties, and values written in annotations.  Pure.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/systemd.h"

/*
 * A value in GVariant's text format, as far as properties need it: true, 'text', ["a", "b"],
 * 5, int32 5, uint64 5.  *out gets the kind and the value; the error says what is wrong.
 */
int systemd_parse_value(struct arena *arena, const char *text, struct unit_property *out,
			struct error *err);

/* "0-3,7" as a set of bits, the least byte first; NULL: not understood. */
const char *systemd_bits(struct arena *arena, const char *list, size_t *out_n);

/* Microseconds of CPU time a second, in systemd's steps of 10 ms; period 0: the usual. */
uint64_t systemd_quota(int64_t quota, uint64_t period);

/* "MemoryMax=67108864" */
const char *systemd_show(struct arena *arena, const struct unit_property *property);
