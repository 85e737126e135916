/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See decode.h.  The path to a value is a chain of places on the stack, and becomes text
 * only for a problem.
 */
#include "libocispec/decode.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void decode_report(struct decoder *d, const struct place *place, const struct json *v,
		   bool is_warning, const char *format, ...)
{
	char path[PATH_ROOM], what[2 * sizeof(((struct oci_problem *)0)->what)];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	path_of(place, path, sizeof(path));
	report_at(d->report, path, json_offset(v, d->report->text), is_warning, "%s",
		  what);
}

static int by_name(const void *a, const void *b)
{
	const struct json *v = *(const struct json *const *)a;
	const struct json *w = *(const struct json *const *)b;
	int order = strcmp(v->key, w->key);

	return order ? order : v->mark < w->mark ? -1 : 1;
}

/* Sorted, not hashed: no document can make this slow. */
static void report_duplicates(struct decoder *d, const struct json *object,
			      const struct place *place)
{
	const struct json **members;
	size_t n = 0;

	if (object->n < 2)
		return;
	members = arena_array(d->arena, object->n, sizeof(*members));
	for (const struct json *v = object->first; v; v = v->next)
		members[n++] = v;
	qsort(members, n, sizeof(*members), by_name);
	for (size_t i = 1; i < n; i++) {
		struct place here = { .up = place, .key = members[i]->key };
		unsigned line, column;

		if (strcmp(members[i - 1]->key, members[i]->key))
			continue;
		report_locate(d->report, json_offset(members[i - 1], d->report->text),
			      &line, &column);
		decode_complain(d, &here, members[i],
				"duplicate name; the one before is at line %u, column %u",
				line, column);
	}
}

/* What no table knows is not decoded, but must still be well formed. */
static void check_unknown(struct decoder *d, const struct json *v,
			  const struct place *place)
{
	size_t index = 0;

	if (v->type == JSON_OBJECT)
		report_duplicates(d, v, place);
	for (const struct json *child = v->first; child; child = child->next, index++) {
		struct place here = { .up = place, .key = child->key, .index = index };

		if (child->first)
			check_unknown(d, child, &here);
	}
}

static bool expect(struct decoder *d, enum json_type type, const struct json *v,
		   const struct place *place)
{
	if (v->type == type)
		return true;
	decode_complain(d, place, v, "expected %s, got %s", json_type_name(type),
			decode_shown(v).text);
	return false;
}

static void decode_list(struct decoder *d, const struct field *f, const struct json *v,
			const struct place *place, char *out)
{
	size_t size = f->of ? f->of->size : kind_infos[f->kind].size, i = 0;
	char *items;

	if (!expect(d, JSON_ARRAY, v, place))
		return;
	if (!v->n && f->need == FILLED)
		decode_complain(d, place, v, "must hold at least one entry: %s", f->doc);
	items = arena_array(d->arena, v->n + 1, size);
	for (const struct json *child = v->first; child; child = child->next, i++) {
		struct place here = { .up = place, .index = i };

		if (f->of)
			decode_object(d, f->of, child, &here, items + i * size);
		else
			(void)decode_value(d, f, child, &here, items + i * size);
	}
	*(void **)(out + f->offset) = items;
	*(size_t *)(out + f->extra) = i;
}

static void check_map_key(struct decoder *d, const struct field *f, const struct json *v,
			  const struct place *place)
{
	if (!*v->key)
		decode_complain(d, place, v, "the name must not be empty");
	else if (f->names && !names_have(f->names, v->key))
		decode_complain(d, place, v, "unknown %s; expected %s or %s",
				f->names->what, f->names->names[0], f->names->names[1]);
}

static void decode_map(struct decoder *d, const struct field *f, const struct json *v,
		       const struct place *place, char *out)
{
	size_t size = f->of ? f->of->entry_size : sizeof(struct oci_string_entry), i = 0;
	size_t at = f->of ? f->of->entry_value : offsetof(struct oci_string_entry, value);
	char *items;

	if (!expect(d, JSON_OBJECT, v, place))
		return;
	report_duplicates(d, v, place);
	items = arena_array(d->arena, v->n + 1, size);
	for (const struct json *child = v->first; child; child = child->next, i++) {
		struct place here = { .up = place, .key = child->key };

		/* The key is the first member of every entry. */
		*(const char **)(items + i * size) = child->key;
		check_map_key(d, f, child, &here);
		if (f->of)
			decode_object(d, f->of, child, &here, items + i * size + at);
		else
			(void)decode_value(d, f, child, &here, items + i * size + at);
	}
	*(void **)(out + f->offset) = items;
	*(size_t *)(out + f->extra) = i;
}

static void decode_ignored(struct decoder *d, const struct field *f, const struct json *v,
			   const struct place *place)
{
	check_unknown(d, v, place);
	if (d->report->problems->want_unknown)
		decode_warn(d, place, v, "ignored: it is %s", f->doc);
}

static void decode_field(struct decoder *d, const struct field *f, const struct json *v,
			 const struct place *place, char *out)
{
	bool is_good;

	switch (f->shape) {
	case SHAPE_VALUE:
		is_good = decode_value(d, f, v, place, out + f->offset);
		if (f->extra)
			*(bool *)(out + f->extra) = is_good;
		break;
	case SHAPE_CHILD:
		if (expect(d, JSON_OBJECT, v, place)) {
			void *child = arena_alloc(d->arena, f->of->size);

			*(void **)(out + f->offset) = child;
			decode_object(d, f->of, v, place, child);
		}
		break;
	case SHAPE_LIST:
	case SHAPE_LIST_OF_OBJECTS:
		decode_list(d, f, v, place, out);
		break;
	case SHAPE_MAP:
	case SHAPE_MAP_OF_OBJECTS:
		decode_map(d, f, v, place, out);
		break;
	case SHAPE_IGNORED:
	case SHAPE_COUNT:
		decode_ignored(d, f, v, place);
		break;
	}
}

static void decode_unknown(struct decoder *d, const struct oci_schema *schema,
			   const struct json *v, const struct place *place)
{
	const char *keys[64], *nearest;
	char meant[96] = "";

	check_unknown(d, v, place);
	if (!d->report->problems->want_unknown || !report_has_room(d->report, true))
		return;
	for (size_t i = 0; i < schema->n; i++)
		keys[i] = schema->fields[i].key;
	nearest = names_nearest(keys, schema->n, v->key);
	if (nearest)
		snprintf(meant, sizeof(meant), "; did you mean %s?", nearest);
	decode_report(d, place, v, true, "unknown name, ignored%s", meant);
}

/* Members mostly come in the same order as the rows: look on from the last one. */
static size_t find_field(const struct oci_schema *schema, const char *key, size_t hint)
{
	size_t at = hint;

	for (size_t i = 0; i < schema->n; i++, at++) {
		if (at >= schema->n)
			at = 0;
		if (strcmp(schema->fields[at].key, key) == 0)
			return at;
	}
	return schema->n;
}

static void report_missing(struct decoder *d, const struct oci_schema *schema,
			   const struct json *v, const struct place *place, uint64_t has)
{
	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];
		struct place here = { .up = place, .key = f->key };

		if (f->need != OPTIONAL && !(has >> i & 1))
			decode_complain(d, &here, v, "required, but missing: %s", f->doc);
	}
}

void decode_object(struct decoder *d, const struct oci_schema *schema,
		   const struct json *v, const struct place *place, char *out)
{
	uint64_t seen = 0, has = 0;
	unsigned unknown = 0;
	bool repeated = false;
	size_t at = 0;

	if (!expect(d, JSON_OBJECT, v, place))
		return;
	for (const struct json *child = v->first; child; child = child->next) {
		struct place here = { .up = place, .key = child->key };
		size_t i = find_field(schema, child->key, at);

		if (i == schema->n) {
			unknown++;
			decode_unknown(d, schema, child, &here);
			continue;
		}
		repeated = repeated || (seen >> i & 1);
		seen |= (uint64_t)1 << i;
		at = i + 1;
		if (child->type == JSON_NULL)
			continue;
		has |= (uint64_t)1 << i;
		decode_field(d, &schema->fields[i], child, &here, out);
	}
	if (repeated || unknown > 1)
		report_duplicates(d, v, place);
	report_missing(d, schema, v, place, has);
}
