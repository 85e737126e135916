/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See edit.h.  The text is known to be JSON, so little has to be looked at. */
#include "libocispec/edit.h"
#include "base/text.h"

static const char blanks[] = " \t\r\n";

static size_t skip_blanks(const char *text, size_t at)
{
	return at + strspn(text + at, blanks);
}

static size_t skip_string(const char *text, size_t at)
{
	while (text[++at] != '"')
		if (text[at] == '\\')
			at++;
	return at + 1;
}

/* Behind the value that begins there. */
static size_t end_of(const char *text, size_t at)
{
	size_t depth = 0;

	if (!strchr("\"{[", text[at]))
		return at + strcspn(text + at, " \t\r\n,]}");
	do {
		if (text[at] == '"') {
			at = skip_string(text, at);
			continue;
		}
		depth += text[at] == '{' || text[at] == '[';
		depth -= text[at] == '}' || text[at] == ']';
		at++;
	} while (depth);
	return at;
}

/* The quote that begins the name of the value there. */
static size_t start_of_name(const char *text, size_t at)
{
	while (text[--at] != ':')
		;
	while (text[--at] != '"')
		;
	/* A quote in a name has an odd number of backslashes in front. */
	for (;;) {
		size_t escapes = 0;

		while (text[--at] != '"')
			;
		while (text[at - escapes - 1] == '\\')
			escapes++;
		if (escapes % 2 == 0)
			return at;
	}
}

char *json_edit_add(struct arena *arena, const char *text, const struct json *object,
		    const char *member, const char *indent)
{
	int at = (int)json_offset(object, text) + 1;

	if (object->first)
		return arena_printf(arena, "%.*s\n%s%s,%s", at, text, indent, member, text + at);
	return arena_printf(arena, "%.*s\n%s%s\n%.*s%s", at, text, indent, member,
			    (int)strlen(indent) - 2, indent,
			    text + skip_blanks(text, (size_t)at));
}

char *json_edit_remove(struct arena *arena, const char *text, const struct json *member)
{
	size_t value = json_offset(member, text), begin = start_of_name(text, value);
	size_t end = end_of(text, value), next = skip_blanks(text, end);

	while (strchr(blanks, text[begin - 1]))
		begin--;
	if (text[next] == ',')
		end = next + 1;
	else if (text[begin - 1] == ',')
		begin--;
	else
		end = next; /* it was the only one: nothing stays between the brackets */
	return arena_printf(arena, "%.*s%s", (int)begin, text, text + end);
}
