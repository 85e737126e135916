/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See json.h.  yajl splits the text into tokens; its callbacks build the tree here.  The
 * parser works on a copy of the text, so that a string without escapes needs no copy of
 * its own: its closing quote, which the parser has passed, becomes its terminator.
 */
#include "libocispec/json.h"
#include "base/text.h"
#include "libocispec/utf8.h"
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum { NODES_AT_ONCE = 128 };

struct builder {
	struct arena *arena;
	yajl_handle yajl;
	const char *text; /* as it was given */
	char *copy;       /* what yajl reads, and strings point into */
	size_t n;
	struct json *nodes, *nodes_end;
	struct json *open[JSON_MAX_DEPTH];
	struct json **tail[JSON_MAX_DEPTH];
	unsigned depth;
	const char *key;
	struct json *root;
	const char *complaint;
	size_t complaint_at;
};

static const char *const type_names[] = {
	[JSON_NULL] = "null",       [JSON_BOOL] = "true or false",
	[JSON_NUMBER] = "a number", [JSON_STRING] = "a string",
	[JSON_ARRAY] = "a list",    [JSON_OBJECT] = "an object",
};
static_assert(ARRAY_SIZE(type_names) == JSON_TYPE_COUNT, "every type has a name");

const char *json_type_name(enum json_type type)
{
	return type_names[type];
}

static int complain(struct builder *b, size_t at, const char *what)
{
	b->complaint = what;
	b->complaint_at = at;
	return 0;
}

static struct json *add(struct builder *b, enum json_type type)
{
	struct json *v;

	if (b->nodes == b->nodes_end) {
		b->nodes = arena_array(b->arena, NODES_AT_ONCE, sizeof(*v));
		b->nodes_end = b->nodes + NODES_AT_ONCE;
	}
	v = b->nodes++;
	v->type = type;
	v->mark = yajl_get_bytes_consumed(b->yajl);
	if (b->depth) {
		v->key = b->key;
		b->key = NULL;
		*b->tail[b->depth - 1] = v;
		b->tail[b->depth - 1] = &v->next;
		b->open[b->depth - 1]->n++;
	} else {
		b->root = v;
	}
	return v;
}

/* The opening quote of the string that ends before `end`: the one with no backslash. */
static size_t string_start(const char *text, size_t end)
{
	size_t at = end - 1;

	do
		at--;
	while (text[at] != '"' || (at && text[at - 1] == '\\'));
	return at;
}

static int hex4(const char *s)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		int c = s[i] | 0x20;

		value = value * 16 + (c >= 'a' ? c - 'a' + 10 : c - '0');
	}
	return value;
}

/* yajl decodes lone surrogates and NUL to something else: look at the text itself. */
static int check_escapes(struct builder *b, size_t end)
{
	size_t at = string_start(b->text, end) + 1;

	for (; at + 1 < end; at++) {
		int code;

		if (b->text[at] != '\\')
			continue;
		if (b->text[++at] != 'u')
			continue;
		code = hex4(b->text + at + 1);
		if (!code)
			return complain(b, at - 1, "a string must not contain a NUL");
		if (code >= 0xd800 && code < 0xdc00 && b->text[at + 5] == '\\' &&
		    b->text[at + 6] == 'u' && (hex4(b->text + at + 7) & 0xfc00) == 0xdc00)
			at += 6;
		else if (code >= 0xd800 && code < 0xe000)
			return complain(b, at - 1,
					"half of a surrogate pair stands alone");
		at += 4;
	}
	return 1;
}

/* The string that the parser has just passed, terminated; NULL once complained. */
static const char *take_string(struct builder *b, const unsigned char *bytes, size_t n)
{
	char *s = (char *)bytes;

	if ((uintptr_t)s >= (uintptr_t)b->copy &&
	    (uintptr_t)s < (uintptr_t)b->copy + b->n) {
		s[n] = 0;
		return s;
	}
	if (!check_escapes(b, yajl_get_bytes_consumed(b->yajl)))
		return NULL;
	return arena_strndup(b->arena, s, n);
}

static int on_null(void *b)
{
	add(b, JSON_NULL);
	return 1;
}

static int on_bool(void *b, int truth)
{
	add(b, JSON_BOOL)->truth = truth;
	return 1;
}

static int on_number(void *b, const char *digits, size_t n)
{
	struct json *v = add(b, JSON_NUMBER);

	v->text = digits;
	v->n = n;
	return 1;
}

static int on_string(void *b, const unsigned char *bytes, size_t n)
{
	const char *s = take_string(b, bytes, n);
	struct json *v;

	if (!s)
		return 0;
	v = add(b, JSON_STRING);
	v->text = s;
	v->n = n;
	return 1;
}

static int on_key(void *p, const unsigned char *bytes, size_t n)
{
	struct builder *b = p;

	b->key = take_string(b, bytes, n);
	return b->key != NULL;
}

static int open_value(struct builder *b, enum json_type type)
{
	struct json *v;

	if (b->depth == JSON_MAX_DEPTH)
		return complain(b, yajl_get_bytes_consumed(b->yajl) - 1,
				"nested deeper than 64 levels");
	v = add(b, type);
	v->mark--;
	b->open[b->depth] = v;
	b->tail[b->depth] = &v->first;
	b->depth++;
	return 1;
}

static int on_object(void *b)
{
	return open_value(b, JSON_OBJECT);
}

static int on_array(void *b)
{
	return open_value(b, JSON_ARRAY);
}

static int on_close(void *b)
{
	((struct builder *)b)->depth--;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_close,
	.yajl_start_array = on_array,
	.yajl_end_array = on_close,
};

/*
 * The parser's complaints in our words.  Mostly it has passed the token that it complains
 * about; before: it stands in front of it; in_string: at the character itself.
 */
static const struct {
	const char *theirs, *ours;
	bool before, in_string;
} complaints[] = {
	{ "trailing garbage", "the document goes on after its end", false, false },
	{ "invalid object key", "expected a name in quotes", false, false },
	{ "object key and value", "expected ':' after the name", false, false },
	{ "after key and value", "expected ',' or '}'", true, false },
	{ "after array element", "expected ',' or ']'", true, false },
	{ "unallowed token", "expected a value", false, false },
	{ "malformed number", "malformed number", false, false },
	{ "comment", "comments are not allowed", true, false },
	{ "invalid character inside", "a control character in a string must be escaped",
	  false, true },
	{ "after '\\u'", "\\u takes four hexadecimal digits", false, true },
	{ "inside a string, '\\'", "unknown escape in a string", false, true },
	{ "", "this is no JSON", false, false },
};

static size_t token_end(const char *text, size_t n, size_t at)
{
	if (strchr("{}[],:", text[at]))
		return at + 1;
	if (text[at] != '"') {
		while (at < n && !strchr(" \t\r\n{}[],:\"", text[at]))
			at++;
		return at;
	}
	for (at++; at < n && text[at] != '"'; at++)
		at += text[at] == '\\';
	return at < n ? at + 1 : n;
}

/* Where the token starts that ends at or behind the place (behind it, if is_before). */
static size_t token_start(const char *text, size_t n, size_t place, bool is_before)
{
	size_t start = 0, end = 0;

	while (end < n && end < place + is_before) {
		for (start = end; start < n && strchr(" \t\r\n", text[start]);)
			start++;
		if (start == n)
			break;
		end = token_end(text, n, start);
	}
	return start;
}

static void describe(struct builder *b, struct json_error *error)
{
	size_t place = yajl_get_bytes_consumed(b->yajl), i = 0;
	unsigned char *theirs = yajl_get_error(b->yajl, 0, NULL, 0);

	while (!strstr((const char *)theirs, complaints[i].theirs))
		i++;
	yajl_free_error(b->yajl, theirs);
	snprintf(error->what, sizeof(error->what), "%s", complaints[i].ours);
	if (complaints[i].in_string)
		error->offset = place - (place && b->text[place - 1] == '\\');
	else
		error->offset = token_start(b->text, b->n, place, complaints[i].before);
}

static bool is_blank(const char *text, size_t n)
{
	while (n && strchr(" \t\r\n", *text))
		text++, n--;
	return n == 0;
}

static int refuse(struct json_error *error, size_t offset, const char *what)
{
	error->offset = offset;
	snprintf(error->what, sizeof(error->what), "%s", what);
	return -1;
}

static int parse(struct builder *b, struct json_error *error)
{
	yajl_status status =
		yajl_parse(b->yajl, (const unsigned char *)b->copy, b->n + 1);

	if (status != yajl_status_ok && b->complaint)
		return refuse(error, b->complaint_at, b->complaint);
	if (status == yajl_status_ok) {
		status = yajl_complete_parse(b->yajl);
		return status == yajl_status_ok
			       ? 0
			       : refuse(error, b->n, "the document is cut off");
	}
	describe(b, error);
	return -1;
}

int json_parse(struct arena *arena, const char *text, size_t n, const struct json **out,
	       struct json_error *error)
{
	struct builder b = { .arena = arena, .text = text, .n = n };
	size_t bad = utf8_bad(text, n);
	int result;

	if (bad < n && !text[bad])
		return refuse(error, bad, "a NUL byte in the text");
	if (bad < n)
		return refuse(error, bad, "not valid UTF-8");
	if (is_blank(text, n))
		return refuse(error, 0, "the document is empty");
	/* A blank behind it ends a number that is the last thing there. */
	b.copy = arena_alloc(arena, n + 2);
	memcpy(b.copy, text, n);
	b.copy[n] = ' ';
	b.yajl = yajl_alloc(&callbacks, NULL, &b);
	if (!b.yajl)
		return refuse(error, 0, "out of memory");
	yajl_config(b.yajl, yajl_dont_validate_strings, 1);
	result = parse(&b, error);
	yajl_free(b.yajl);
	*out = b.root;
	return result;
}

size_t json_offset(const struct json *value, const char *text)
{
	switch (value->type) {
	case JSON_NULL:
		return value->mark - 4;
	case JSON_BOOL:
		return value->mark - (value->truth ? 4 : 5);
	case JSON_NUMBER:
		return value->mark - value->n;
	case JSON_STRING:
		return string_start(text, value->mark);
	default:
		return value->mark;
	}
}

const struct json *json_member(const struct json *object, const char *name, size_t n)
{
	for (const struct json *v = object->first; v; v = v->next)
		if (v->key && strncmp(v->key, name, n) == 0 && !v->key[n])
			return v;
	return NULL;
}
