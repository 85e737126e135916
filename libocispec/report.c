/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See report.h. */
#include "libocispec/report.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_name(const char *key)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return *key && !key[strspn(key, letters)];
}

void path_add_key(char *path, size_t size, const char *key)
{
	size_t n = strlen(path);

	if (is_name(key))
		snprintf(path + n, size - n, "%s%s", n ? "." : "", key);
	else
		snprintf(path + n, size - n, "[\"%s\"]", key);
}

void path_of(const struct place *place, char *path, size_t size)
{
	size_t n;

	if (!place) {
		*path = 0;
		return;
	}
	path_of(place->up, path, size);
	n = strlen(path);
	if (place->key)
		path_add_key(path, size, place->key);
	else
		snprintf(path + n, size - n, "[%zu]", place->index);
}

static void find_lines(struct report *r)
{
	struct arena *arena = r->problems->arena;
	const char *at = r->text, *end = r->text + r->n;

	r->room_lines = 64;
	r->lines = arena_array(arena, r->room_lines, sizeof(*r->lines));
	r->n_lines = 1; /* the first begins at 0 */
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at))))
		*arena_push(arena, r->lines, r->n_lines, r->room_lines) =
			(size_t)(++at - r->text);
}

void report_locate(struct report *r, size_t offset, unsigned *line, unsigned *column)
{
	size_t low = 0, high;

	if (!r->lines)
		find_lines(r);
	high = r->n_lines;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (r->lines[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	*line = (unsigned)low + 1;
	*column = (unsigned)(offset - r->lines[low]) + 1;
}

/* Names come from the document: nothing in them may end the line or move the cursor. */
static void make_printable(char *out, size_t size, const char *s)
{
	size_t n = 0;

	for (; *s && n + 5 < size; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f)
			n += (size_t)snprintf(out + n, size - n, "\\x%02x", c);
		else
			out[n++] = *s;
	}
	/* Not the first half of a character. */
	if (*s)
		while (n && ((unsigned char)*s & 0xc0) == 0x80 && --n)
			s--;
	out[n] = 0;
}

/* Warnings leave room for errors: what fails must always be told. */
bool report_has_room(struct report *r, bool is_warning)
{
	struct oci_problems *problems = r->problems;

	problems->errors += !is_warning;
	if (problems->n < (is_warning ? MOST_WARNINGS : MOST_PROBLEMS))
		return true;
	problems->dropped++;
	return false;
}

void report_at(struct report *r, const char *path, size_t offset, bool is_warning,
	       const char *format, ...)
{
	struct oci_problems *problems = r->problems;
	struct oci_problem *p;
	char what[4 * sizeof(p->what)];
	va_list ap;

	p = arena_push(problems->arena, problems->items, problems->n, problems->room);
	*p = (struct oci_problem){ .is_warning = is_warning };
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	make_printable(p->what, sizeof(p->what), what);
	make_printable(p->path, sizeof(p->path), path);
	report_locate(r, offset, &p->line, &p->column);
}

/* The child that the path's next component names; *path moves behind it. */
static const struct json *step(const struct json *v, const char **path)
{
	const char *at = *path;
	size_t n, index;

	if (has_prefix(at, "[\"")) {
		for (v = v->first; v; v = v->next) {
			n = strlen(v->key);
			if (strncmp(at + 2, v->key, n) == 0 &&
			    has_prefix(at + 2 + n, "\"]"))
				break;
		}
		*path = at + (v ? n + 4 : 0);
	} else if (*at == '[') {
		index = strtoul(at + 1, NULL, 10);
		for (v = v->first; v && index; v = v->next)
			index--;
		*path = at + strcspn(at, "]") + 1;
	} else {
		at += *at == '.';
		n = strcspn(at, ".[");
		v = v->type == JSON_OBJECT ? json_member(v, at, n) : NULL;
		*path = at + n;
	}
	return v;
}

void report_path(struct report *r, const char *path, bool is_warning, const char *what)
{
	const struct json *v = r->root, *next;
	char shown[sizeof(r->problems->items->path)];
	const char *rest = path;

	make_printable(shown, sizeof(shown), path);
	for (size_t i = 0; i < r->problems->n; i++)
		if (!r->problems->items[i].is_warning &&
		    is_equal(r->problems->items[i].path, shown))
			return;
	if (!report_has_room(r, is_warning))
		return;
	while (*rest && (next = step(v, &rest)))
		v = next;
	report_at(r, path, json_offset(v, r->text), is_warning, "%s", what);
}

static int in_order(const void *a, const void *b)
{
	const struct oci_problem *p = a, *q = b;

	if (p->line != q->line)
		return p->line < q->line ? -1 : 1;
	if (p->column != q->column)
		return p->column < q->column ? -1 : 1;
	if (strcmp(p->path, q->path))
		return strcmp(p->path, q->path);
	return strcmp(p->what, q->what);
}

void report_sort(struct oci_problems *problems)
{
	if (problems->n > 1)
		qsort(problems->items, problems->n, sizeof(*problems->items), in_order);
}

bool oci_problems_failed(const struct oci_problems *problems)
{
	return problems->errors > 0;
}

void oci_problem_format(char *buffer, size_t size, const char *file,
			const struct oci_problem *p)
{
	snprintf(buffer, size, "%s:%u:%u: %s%s%s", file, p->line, p->column, p->path,
		 *p->path ? ": " : "", p->what);
}
