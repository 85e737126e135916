/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strings and numbers as text: comparisons, strict numbers, growing buffers.
 */
#pragma once
#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool is_equal(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}
bool has_prefix(const char *s, const char *prefix);
bool has_suffix(const char *s, const char *suffix);
static inline bool is_empty(const char *s)
{
	return !s || !*s;
}

/* Whether a list with commas or blanks between its words holds the word. */
bool text_has_word(const char *list, const char *word);

/* The whole string as a decimal number in [min, max]; false for anything else. */
bool text_to_u64(const char *s, uint64_t max, uint64_t *out);
bool text_to_i64(const char *s, int64_t min, int64_t max, int64_t *out);

/* The bytes of a text in base64 (RFC 4648, padded); false for anything else. */
bool text_from_base64(struct arena *arena, const char *s, char **out, size_t *out_n);

/* A growing text in an arena; .s is always terminated once something was added. */
struct text {
	struct arena *arena;
	char *s;
	size_t n, room;
};
void text_add(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const char *bytes, size_t n);

/* The distance (edits) between two words, for "did you mean"; at most 255. */
unsigned text_distance(const char *a, const char *b);

/*
 * "2026-11-23T21:54:48.588534858Z" of seconds since 1970 (RFC 3339).  The C library's
 * own functions read the time zone's files first, also for UTC.
 */
char *text_timestamp(struct arena *arena, uint64_t seconds, uint32_t nanoseconds);

/* A path without '//', '/./' and '..' (which never climbs above the root); absolute. */
char *text_clean_path(struct arena *arena, const char *path);

/* "dir/name", with one slash between. */
char *text_join_path(struct arena *arena, const char *dir, const char *name);

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
