/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See ocispec.h: reading a document is parse, decode, then the rules across fields;
 * comparing and documenting walk the same tables.
 */
#include "libocispec/ocispec.h"
#include "base/text.h"
#include "libocispec/decode.h"
#include "libocispec/validate.h"
#include <stdio.h>

int oci_read(const struct oci_schema *schema, struct arena *arena, const char *text,
	     size_t n, const void **out, struct oci_problems *problems)
{
	struct report report = { .problems = problems, .text = text, .n = n };
	struct decoder decoder = { .arena = arena, .report = &report };
	struct json_error error;
	void *value;

	if (!problems->arena)
		problems->arena = arena;
	*out = NULL;
	if (json_parse(arena, text, n, &report.root, &error) < 0) {
		(void)report_has_room(&report, false);
		report_at(&report, "", error.offset, false, "%s", error.what);
		return -1;
	}
	value = arena_alloc(arena, schema->size);
	decode_object(&decoder, schema, report.root, NULL, value);
	if (report.root->type == JSON_OBJECT)
		validate(&report, schema, value);
	report_sort(problems);
	if (oci_problems_failed(problems))
		return -1;
	*out = value;
	return 0;
}

static bool equal_object(const struct oci_schema *schema, const char *a, const char *b);

static bool equal_value(enum kind kind, const char *a, const char *b)
{
	if (kind != KIND_string && kind != KIND_path)
		return memcmp(a, b, kind_infos[kind].size) == 0;
	a = *(const char *const *)a;
	b = *(const char *const *)b;
	return a == b || is_equal(a, b);
}

static bool equal_list(const struct field *f, const char *a, const char *b, size_t n)
{
	size_t size = f->of ? f->of->size : kind_infos[f->kind].size;

	for (size_t i = 0; i < n; i++, a += size, b += size)
		if (f->of ? !equal_object(f->of, a, b) : !equal_value(f->kind, a, b))
			return false;
	return true;
}

/* Every name of a is in b, with the same value; as many in both makes them equal. */
static bool equal_map(const struct field *f, const char *a, const char *b, size_t n)
{
	size_t size = f->of ? f->of->entry_size : sizeof(struct oci_string_entry);
	size_t at = f->of ? f->of->entry_value : offsetof(struct oci_string_entry, value);

	for (size_t i = 0; i < n; i++) {
		const char *p = a + i * size, *q = NULL;

		for (size_t j = 0; j < n && !q; j++) {
			q = b + (i + j) % n * size;
			if (!is_equal(*(const char *const *)p, *(const char *const *)q))
				q = NULL;
		}
		if (!q || (f->of ? !equal_object(f->of, p + at, q + at)
				 : !equal_value(f->kind, p + at, q + at)))
			return false;
	}
	return true;
}

static bool equal_many(const struct field *f, const char *a, const char *b)
{
	const char *p = *(const char *const *)(a + f->offset);
	const char *q = *(const char *const *)(b + f->offset);
	size_t n = *(const size_t *)(a + f->extra);

	if (!p != !q || n != *(const size_t *)(b + f->extra))
		return false;
	if (!p)
		return true;
	if (f->shape == SHAPE_LIST || f->shape == SHAPE_LIST_OF_OBJECTS)
		return equal_list(f, p, q, n);
	return equal_map(f, p, q, n);
}

static bool equal_field(const struct field *f, const char *a, const char *b)
{
	const char *p, *q;

	switch (f->shape) {
	case SHAPE_VALUE:
		if (f->extra &&
		    *(const bool *)(a + f->extra) != *(const bool *)(b + f->extra))
			return false;
		return equal_value(f->kind, a + f->offset, b + f->offset);
	case SHAPE_CHILD:
		p = *(const char *const *)(a + f->offset);
		q = *(const char *const *)(b + f->offset);
		return p && q ? equal_object(f->of, p, q) : p == q;
	case SHAPE_IGNORED:
		return true;
	default:
		return equal_many(f, a, b);
	}
}

static bool equal_object(const struct oci_schema *schema, const char *a, const char *b)
{
	for (size_t i = 0; i < schema->n; i++)
		if (!equal_field(&schema->fields[i], a, b))
			return false;
	return true;
}

bool oci_equal(const struct oci_schema *schema, const void *a, const void *b)
{
	return a && b ? equal_object(schema, a, b) : a == b;
}
