/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON text as a tree of values that remember where in the text they stand.
 * Stricter than the parser below it: exact UTF-8, no NUL, no lone surrogates, at most 64
 * levels.  Duplicate names are left for the decoder, which knows the path to them.
 */
#pragma once
#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum { JSON_MAX_DEPTH = 64 };

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
	JSON_TYPE_COUNT,
};

struct json {
	const char *key;  /* set when this value is a member of an object */
	const char *text; /* a string, terminated; the n digits of a number, not so */
	struct json *first, *next;
	size_t n;    /* children; bytes of a string or number */
	size_t mark; /* see json_offset */
	enum json_type type;
	bool truth;
};

struct json_error {
	size_t offset;
	char what[160];
};

/* Parse one whole document; -1 with *error.  The text may go away, the tree is a copy. */
int json_parse(struct arena *arena, const char *text, size_t n, const struct json **out,
	       struct json_error *error);

/* Where the value's first byte stands in the text that was parsed. */
size_t json_offset(const struct json *value, const char *text);

/* The member of that name (n bytes) of an object, or NULL. */
const struct json *json_member(const struct json *object, const char *name, size_t n);

/* "a list", "an object", ...: for messages. */
const char *json_type_name(enum json_type type);
