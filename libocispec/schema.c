/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See schema.h.  The tables are read a second time here, to become data; ocispec.h read
 * them to become structures.
 */
#include "libocispec/schema.h"
#include "base/text.h"
#include <assert.h>

const struct kind_info kind_infos[] = {
	[KIND_bool] = { "boolean", sizeof(bool), false, 0, 0 },
	[KIND_u16] = { "uint16", sizeof(uint16_t), true, 0, UINT16_MAX },
	[KIND_u32] = { "uint32", sizeof(uint32_t), true, 0, UINT32_MAX },
	/* The last one is what the kernel's calls take for "leave it". */
	[KIND_id] = { "id", sizeof(uint32_t), true, 0, UINT32_MAX - 1 },
	[KIND_i32] = { "int32", sizeof(int32_t), true, INT32_MIN, INT32_MAX },
	[KIND_i64] = { "int64", sizeof(int64_t), true, INT64_MIN, INT64_MAX },
	[KIND_u64] = { "uint64", sizeof(uint64_t), true, 0, UINT64_MAX },
	[KIND_string] = { "string", sizeof(char *), false, 0, 0 },
	[KIND_path] = { "path", sizeof(char *), false, 0, 0 },
};
static_assert(ARRAY_SIZE(kind_infos) == KIND_COUNT, "every kind has its row");

#define STRICT                true
#define LENIENT               false
#define SET(s, strict, words) static const char *const names_##s[] = {
#define NAME(name)            name,
#define END_SET(s)                                                                       \
	}                                                                                \
	;
#include "libocispec/enums.def"
#undef SET
#undef NAME
#undef END_SET

#define SET(s, strict, words)                                                            \
	static const struct oci_names set_##s = { .set = #s,                             \
						  .what = words,                         \
						  .is_strict = strict,                   \
						  .n = ARRAY_SIZE(names_##s),            \
						  .names = names_##s };
#define NAME(name)
#define END_SET(s)
#include "libocispec/enums.def"
#undef SET

static const struct oci_names *const all_sets[] = {
#define SET(s, strict, words) &set_##s,
#include "libocispec/enums.def"
};
#undef SET
#undef NAME
#undef END_SET
#define NAMES_any   NULL
#define NAMES_clock &set_clock

const struct oci_names *oci_names_of(const char *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(all_sets); i++)
		if (is_equal(all_sets[i]->set, set))
			return all_sets[i];
	return NULL;
}

bool names_have(const struct oci_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->names[i], name) == 0)
			return true;
	return false;
}

/* NOFILE was meant to be RLIMIT_NOFILE. */
static bool is_ending(const char *name, const char *word)
{
	size_t n = strlen(name), m = strlen(word);

	return m && n > m && name[n - m - 1] == '_' && has_suffix(name, word);
}

const char *names_nearest(const char *const *names, size_t n, const char *name)
{
	unsigned best = (unsigned)strnlen(name, 60) / 3 + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned distance = text_distance(names[i], name);

		if (is_ending(names[i], name))
			return names[i];
		if (distance < best || (distance == best && !nearest)) {
			best = distance;
			nearest = names[i];
		}
	}
	return nearest;
}

/* Where the has_ flag of a value stands; strings have none. */
#define EXTRA_bool(t, m)   offsetof(struct t, has_##m)
#define EXTRA_u16(t, m)    offsetof(struct t, has_##m)
#define EXTRA_u32(t, m)    offsetof(struct t, has_##m)
#define EXTRA_id(t, m)     offsetof(struct t, has_##m)
#define EXTRA_i32(t, m)    offsetof(struct t, has_##m)
#define EXTRA_i64(t, m)    offsetof(struct t, has_##m)
#define EXTRA_u64(t, m)    offsetof(struct t, has_##m)
#define EXTRA_string(t, m) 0
#define EXTRA_path(t, m)   0

#define KEY(text) .key = text, .key_length = sizeof(text) - 1
#define ROW(t, m, text, needed, words)                                                   \
	KEY(text), .doc = words, .need = needed, .offset = offsetof(struct t, m)

#define OBJECT(t) static const struct field t##_fields[] = {
#define VALUE(t, m, k, text, needed, words)                                              \
	{ ROW(t, m, text, needed, words), .shape = SHAPE_VALUE, .kind = KIND_##k,        \
	  .extra = EXTRA_##k(t, m) },
#define RANGE(t, m, k, text, needed, low, high, words)                                   \
	{ ROW(t, m, text, needed, words), .shape = SHAPE_VALUE, .kind = KIND_##k,        \
	  .extra = EXTRA_##k(t, m),       .min = low,           .max = high },
#define NAMED(t, m, s, text, needed, words)                                              \
	{ ROW(t, m, text, needed, words), .shape = SHAPE_VALUE, .kind = KIND_string,     \
	  .names = &set_##s },
#define CHILD(t, m, c, text, needed, words)                                              \
	{ ROW(t, m, text, needed, words), .shape = SHAPE_CHILD, .of = &c##_schema },
#define LIST(t, m, k, text, needed, words)                                               \
	{ ROW(t, m, text, needed, words), .shape = SHAPE_LIST, .kind = KIND_##k,         \
	  .extra = offsetof(struct t, n_##m) },
#define LISTN(t, m, s, text, needed, words)                                              \
	{ ROW(t, m, text, needed, words), .shape = SHAPE_LIST, .kind = KIND_string,      \
	  .extra = offsetof(struct t, n_##m), .names = &set_##s },
#define LISTO(t, m, c, text, needed, words)                                              \
	{ ROW(t, m, text, needed, words), .shape = SHAPE_LIST_OF_OBJECTS,                \
	  .of = &c##_schema, .extra = offsetof(struct t, n_##m) },
#define MAP(t, m, text, needed, words)                                                   \
	{ KEY(text),                                                                     \
	  .doc = words,                                                                  \
	  .need = needed,                                                                \
	  .shape = SHAPE_MAP,                                                            \
	  .kind = KIND_string,                                                           \
	  .offset = offsetof(struct t, m.items),                                         \
	  .extra = offsetof(struct t, m.n) },
#define MAPO(t, m, c, text, needed, s, words)                                            \
	{ ROW(t, m, text, needed, words), .shape = SHAPE_MAP_OF_OBJECTS,                 \
	  .of = &c##_schema, .extra = offsetof(struct t, n_##m), .names = NAMES_##s },
#define IGNORED(t, text, why) { KEY(text), .doc = why, .shape = SHAPE_IGNORED },
#define END(t)                                                                           \
	}                                                                                \
	;                                                                                \
	static_assert(ARRAY_SIZE(t##_fields) <= 64, "the decoder's sets have 64 bits");  \
	const struct oci_schema t##_schema = { .name = #t,                               \
					       .size = sizeof(struct t),                 \
					       .entry_value = offsetof(struct t##_entry, \
								       value),           \
					       .entry_size = sizeof(struct t##_entry),   \
					       .n = ARRAY_SIZE(t##_fields),              \
					       .fields = t##_fields };
#include "libocispec/documents.def"
