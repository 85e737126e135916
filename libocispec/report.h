/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Collecting problems: where in the document (a chain of places, or a path in words), and
 * what.  Lines and columns are worked out only once there is something to report.
 */
#pragma once
#include "libocispec/json.h"
#include "libocispec/ocispec.h"

struct report {
	struct oci_problems *problems;
	const struct json *root;
	const char *text;
	size_t n;
	size_t *lines; /* where each line starts, once needed */
	size_t n_lines, room_lines;
};

/* A member or an element on the way down from the root; key NULL: the element [index]. */
struct place {
	const struct place *up;
	const char *key;
	size_t index;
};

enum { PATH_ROOM = 1024, MOST_PROBLEMS = 1000, MOST_WARNINGS = 500 };

/* Whether there is room for one more; counts it either way. */
bool report_has_room(struct report *report, bool is_warning);

/* Add ".key", or "[\"key\"]" where it has other characters than a name has. */
void path_add_key(char *path, size_t size, const char *key);
void path_of(const struct place *place, char *path, size_t size);

/* Line and column, from 1, of an offset. */
void report_locate(struct report *report, size_t offset, unsigned *line,
		   unsigned *column);

/* One problem at an offset; the caller has asked whether there is room. */
void report_at(struct report *report, const char *path, size_t offset, bool is_warning,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * One problem at the value that the path leads to, or as near to it as there is one;
 * nothing where an error has been reported for that path already.
 */
void report_path(struct report *report, const char *path, bool is_warning,
		 const char *what);

/* In the order of the document. */
void report_sort(struct oci_problems *problems);
