/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two forms of list. */
#include "base/text.h"
#include "cli/commands.h"
#include "container/container.h"

enum { COLUMNS = 6, LEAST_WIDTH = 12, PADDING = 3 };

struct table_row {
	const char *cells[COLUMNS];
};

static struct table_row row_of(struct arena *arena, const struct container_summary *item)
{
	return (struct table_row){ {
		item->id,
		arena_printf(arena, "%d", item->pid),
		item->status,
		item->bundle,
		item->created,
		item->owner ? item->owner : "",
	} };
}

static size_t column_width(const struct table_row *rows, size_t n, size_t column)
{
	size_t width = LEAST_WIDTH;

	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(rows[i].cells[column]) + PADDING;

		width = length > width ? length : width;
	}
	return width;
}

char *list_table(struct arena *arena, const struct container_summary *items, size_t n)
{
	struct table_row *rows = arena_array(arena, n + 1, sizeof(*rows));
	struct text text = { .arena = arena };
	size_t widths[COLUMNS];

	rows[0] = (struct table_row){ { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" } };
	for (size_t i = 0; i < n; i++)
		rows[i + 1] = row_of(arena, &items[i]);
	for (size_t i = 0; i < COLUMNS; i++)
		widths[i] = column_width(rows, n + 1, i);
	for (size_t i = 0; i < n + 1; i++) {
		for (size_t j = 0; j < COLUMNS - 1; j++)
			text_add(&text, "%-*s", (int)widths[j], rows[i].cells[j]);
		text_add(&text, "%s\n", rows[i].cells[COLUMNS - 1]);
	}
	return text.s;
}

char *list_json(struct arena *arena, const struct container_summary *items, size_t n)
{
	struct text text = { .arena = arena };

	text_add(&text, "[");
	for (size_t i = 0; i < n; i++) {
		struct oci_status document;

		container_document(&items[i], &document);
		text_add(&text, "%s%s", i ? "," : "", oci_status_write(arena, &document, false));
	}
	text_add(&text, "]");
	return text.s;
}
