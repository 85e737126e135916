/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What --help shows: names to the left, sentences wrapped to the right of them. */
#include "cli/help.h"
#include "base/text.h"

enum { NAME_COLUMN = 2, TEXT_COLUMN = 32, LAST_COLUMN = 88 };

struct page {
	struct text text;
	bool colour;
};

static void add_heading(struct page *page, const char *heading)
{
	text_add(&page->text, page->colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", heading);
}

/* Words of a sentence from a column on; the cursor stands at `column`. */
static void add_wrapped(struct text *text, const char *words, size_t column)
{
	while (*words) {
		size_t n = strcspn(words, " ");

		if (column > TEXT_COLUMN && column + 1 + n > LAST_COLUMN) {
			text_add(text, "\n%*s", TEXT_COLUMN, "");
			column = TEXT_COLUMN;
		} else if (column > TEXT_COLUMN) {
			text_add(text, " ");
			column++;
		}
		text_add_bytes(text, words, n);
		column += n;
		words += n + (words[n] == ' ');
	}
	text_add(text, "\n");
}

static void add_row(struct page *page, const char *name, const char *doc)
{
	text_add(&page->text, "%*s%s", NAME_COLUMN, "", name);
	if (NAME_COLUMN + strlen(name) + 2 > TEXT_COLUMN)
		text_add(&page->text, "\n%*s", TEXT_COLUMN, "");
	else
		text_add(&page->text, "%*s", (int)(TEXT_COLUMN - NAME_COLUMN - strlen(name)), "");
	add_wrapped(&page->text, doc, TEXT_COLUMN);
}

static char *option_synopsis(struct arena *arena, const struct option_row *row)
{
	struct text name = { .arena = arena };

	if (row->letter)
		text_add(&name, "-%c, ", row->letter);
	else
		text_add(&name, "    ");
	text_add(&name, "--%s", row->name);
	if (row->kind == OPTION_OFTEN)
		text_add(&name, "[=%s]", row->argument);
	else if (row->argument)
		text_add(&name, " %s", row->argument);
	return name.s;
}

/* The options of a command, or those of every command. */
static void add_options(struct page *page, enum command command, bool global)
{
	bool any = false;

	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++) {
		if (!row->doc || !option_is_for(row, command) || option_is_global(row) != global)
			continue;
		if (!any)
			add_heading(page, global ? "Global options:" : "Options:");
		any = true;
		add_row(page, option_synopsis(page->text.arena, row), row->doc);
	}
}

static void add_commands(struct page *page)
{
	add_heading(page, "Commands:");
	for (enum command i = 1; i < COMMAND_COUNT; i++) {
		const struct command_row *row = &command_rows[i];
		bool has_operands = *row->operands;

		if (row->flags & COMMAND_HIDDEN)
			continue;
		add_row(page,
			arena_printf(page->text.arena, "%s%s%s", row->name,
				     has_operands ? " " : "", row->operands),
			row->doc);
	}
}

char *help_text(struct arena *arena, enum command command, bool colour)
{
	struct page page = { .text.arena = arena, .colour = colour };
	const struct command_row *row = &command_rows[command];

	if (!command) {
		text_add(&page.text, "oci-rt: a runtime for OCI containers\n\n"
				     "Usage: oci-rt [global options] COMMAND [options] ...\n");
		add_commands(&page);
		add_options(&page, command, true);
		text_add(&page.text, "\noci-rt COMMAND --help shows what a command takes.\n");
		return page.text.s;
	}
	text_add(&page.text, "oci-rt %s: %s\n\nUsage: oci-rt %s [options]%s%s\n", row->name,
		 row->doc, row->name, *row->operands ? " " : "", row->operands);
	add_options(&page, command, false);
	add_options(&page, command, true);
	return page.text.s;
}
