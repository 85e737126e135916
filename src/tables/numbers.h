/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows of a name and a number, shared by the small tables.
 */
#pragma once
#include "base/text.h"
#include <stddef.h>
#include <stdint.h>

struct number_row {
	const char *name;
	uint32_t number;
};

/* The row of that name among n, or NULL. */
static inline const struct number_row *number_find(const struct number_row *rows, size_t n,
						    const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (is_equal(rows[i].name, name))
			return &rows[i];
	return NULL;
}
