/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A structure to JSON text, by the tables.  Absent members are left out.
 */
#include "base/text.h"
#include "libocispec/schema.h"
#include "libocispec/utf8.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <yajl/yajl_gen.h>

struct writer {
	struct arena *arena;
	struct text text;
	yajl_gen gen;
};

static void on_text(void *text, const char *bytes, size_t n)
{
	text_add_bytes(text, bytes, n);
}

/* Bytes that are no UTF-8 (a path may hold any) would make a document nobody can read. */
static const char *make_utf8(struct writer *w, const char *s, size_t n)
{
	struct text text = { .arena = w->arena };

	while (n) {
		size_t good = utf8_bad(s, n);

		text_add_bytes(&text, s, good);
		if (good < n)
			text_add_bytes(&text, "\xef\xbf\xbd", 3), good++;
		s += good;
		n -= good;
	}
	return text.s;
}

static void write_string(struct writer *w, const char *s)
{
	size_t n = strlen(s);

	if (utf8_bad(s, n) < n) {
		s = make_utf8(w, s, n);
		n = strlen(s);
	}
	yajl_gen_string(w->gen, (const unsigned char *)s, n);
}

/* yajl would put an empty line between the brackets. */
static void write_empty(struct writer *w, const char *brackets)
{
	yajl_gen_number(w->gen, brackets, 2);
}

static void write_number(struct writer *w, enum kind kind, const char *at)
{
	char digits[32];
	int n;

	switch (kind) {
	case KIND_u16:
		n = snprintf(digits, sizeof(digits), "%u", *(const uint16_t *)at);
		break;
	case KIND_u32:
	case KIND_id:
		n = snprintf(digits, sizeof(digits), "%" PRIu32, *(const uint32_t *)at);
		break;
	case KIND_i32:
		n = snprintf(digits, sizeof(digits), "%" PRId32, *(const int32_t *)at);
		break;
	case KIND_i64:
		n = snprintf(digits, sizeof(digits), "%" PRId64, *(const int64_t *)at);
		break;
	default:
		n = snprintf(digits, sizeof(digits), "%" PRIu64, *(const uint64_t *)at);
		break;
	}
	yajl_gen_number(w->gen, digits, (size_t)n);
}

static void write_value(struct writer *w, enum kind kind, const char *at)
{
	if (kind_infos[kind].is_number)
		write_number(w, kind, at);
	else if (kind == KIND_bool)
		yajl_gen_bool(w->gen, *(const bool *)at);
	else if (*(const char *const *)at)
		write_string(w, *(const char *const *)at);
	else
		yajl_gen_null(w->gen);
}

static void write_object(struct writer *w, const struct oci_schema *schema,
			 const char *at);

static void write_list(struct writer *w, const struct field *f, const char *items,
		       size_t n)
{
	size_t size = f->of ? f->of->size : kind_infos[f->kind].size;

	if (!n) {
		write_empty(w, "[]");
		return;
	}
	yajl_gen_array_open(w->gen);
	for (; n; n--, items += size) {
		if (f->of)
			write_object(w, f->of, items);
		else
			write_value(w, f->kind, items);
	}
	yajl_gen_array_close(w->gen);
}

static void write_map(struct writer *w, const struct field *f, const char *items,
		      size_t n)
{
	size_t size = f->of ? f->of->entry_size : sizeof(struct oci_string_entry);
	size_t at = f->of ? f->of->entry_value : offsetof(struct oci_string_entry, value);

	if (!n) {
		write_empty(w, "{}");
		return;
	}
	yajl_gen_map_open(w->gen);
	for (; n; n--, items += size) {
		write_string(w, *(const char *const *)items);
		if (f->of)
			write_object(w, f->of, items + at);
		else
			write_value(w, f->kind, items + at);
	}
	yajl_gen_map_close(w->gen);
}

static bool is_present(const struct field *f, const char *at)
{
	if (f->shape == SHAPE_IGNORED)
		return false;
	if (f->shape == SHAPE_VALUE && f->extra)
		return *(const bool *)(at + f->extra);
	return *(const void *const *)(at + f->offset) != NULL;
}

static void write_field(struct writer *w, const struct field *f, const char *at)
{
	const char *items = *(const char *const *)(at + f->offset);

	yajl_gen_string(w->gen, (const unsigned char *)f->key, f->key_length);
	switch (f->shape) {
	case SHAPE_CHILD:
		write_object(w, f->of, items);
		break;
	case SHAPE_LIST:
	case SHAPE_LIST_OF_OBJECTS:
		write_list(w, f, items, *(const size_t *)(at + f->extra));
		break;
	case SHAPE_MAP:
	case SHAPE_MAP_OF_OBJECTS:
		write_map(w, f, items, *(const size_t *)(at + f->extra));
		break;
	default:
		break;
	}
}

static void write_object(struct writer *w, const struct oci_schema *schema,
			 const char *at)
{
	bool is_open = false;

	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];

		if (!is_present(f, at))
			continue;
		if (!is_open)
			yajl_gen_map_open(w->gen);
		is_open = true;
		if (f->shape == SHAPE_VALUE) {
			yajl_gen_string(w->gen, (const unsigned char *)f->key,
					f->key_length);
			write_value(w, f->kind, at + f->offset);
		} else {
			write_field(w, f, at);
		}
	}
	if (is_open)
		yajl_gen_map_close(w->gen);
	else
		write_empty(w, "{}");
}

char *oci_write_indented(const struct oci_schema *schema, struct arena *arena,
			 const void *value, const char *indent)
{
	struct writer w = { .arena = arena, .text = { .arena = arena } };

	w.gen = yajl_gen_alloc(NULL);
	if (!w.gen)
		abort();
	yajl_gen_config(w.gen, yajl_gen_print_callback, on_text, &w.text);
	if (indent) {
		yajl_gen_config(w.gen, yajl_gen_beautify, 1);
		yajl_gen_config(w.gen, yajl_gen_indent_string, indent);
	}
	write_object(&w, schema, value);
	yajl_gen_free(w.gen);
	while (w.text.n && w.text.s[w.text.n - 1] == '\n')
		w.text.s[--w.text.n] = 0;
	return w.text.s;
}

char *oci_write(const struct oci_schema *schema, struct arena *arena, const void *value,
		bool pretty)
{
	return oci_write_indented(schema, arena, value, pretty ? "  " : NULL);
}
