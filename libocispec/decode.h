/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A tree of JSON values to a structure, by the tables.  Everything wrong is reported and
 * the rest goes on, so that one reading shows all problems.
 */
#pragma once
#include "libocispec/report.h"
#include "libocispec/schema.h"

struct decoder {
	struct arena *arena;
	struct report *report;
};

/* Fill the zeroed structure at out. */
void decode_object(struct decoder *d, const struct oci_schema *schema,
		   const struct json *v, const struct place *place, char *out);

/* Fill one number, boolean or string; false when it is of another type or range. */
bool decode_value(struct decoder *d, const struct field *field, const struct json *v,
		  const struct place *place, char *out);

/* Report at the value, with the path of its place; costs nothing once there are many. */
#define decode_complain(d, place, v, ...)                                                \
	(report_has_room((d)->report, false)                                             \
		 ? decode_report((d), (place), (v), false, __VA_ARGS__)                  \
		 : (void)0)
#define decode_warn(d, place, v, ...)                                                    \
	(report_has_room((d)->report, true)                                              \
		 ? decode_report((d), (place), (v), true, __VA_ARGS__)                   \
		 : (void)0)
void decode_report(struct decoder *d, const struct place *place, const struct json *v,
		   bool is_warning, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* "the string \"many\"", "the number 1.5", "a list": what stands there instead. */
struct shown {
	char text[80];
};
struct shown decode_shown(const struct json *v);
