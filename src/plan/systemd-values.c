/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See systemd-values.h. */
#include "plan/systemd-values.h"
#include "base/text.h"

enum { MOST_BIT = 8191 };

static const struct {
	const char *word;
	enum property_kind kind;
} number_kinds[] = {
	{ "int32 ", PROPERTY_I32 },   { "uint32 ", PROPERTY_U32 }, { "int64 ", PROPERTY_I64 },
	{ "uint64 ", PROPERTY_U64 },
};

static const char *skip(const char *at)
{
	return at + strspn(at, " \t");
}

static bool parse_number(const char *at, struct unit_property *out)
{
	bool is_signed;
	int64_t number;

	out->kind = PROPERTY_I32;
	for (size_t i = 0; i < ARRAY_SIZE(number_kinds); i++)
		if (has_prefix(at, number_kinds[i].word)) {
			out->kind = number_kinds[i].kind;
			at = skip(at + strlen(number_kinds[i].word));
		}
	is_signed = out->kind == PROPERTY_I32 || out->kind == PROPERTY_I64;
	if (!is_signed)
		return text_to_u64(at, out->kind == PROPERTY_U32 ? UINT32_MAX : UINT64_MAX,
				   &out->number);
	if (!text_to_i64(at, out->kind == PROPERTY_I32 ? INT32_MIN : INT64_MIN,
			 out->kind == PROPERTY_I32 ? INT32_MAX : INT64_MAX, &number))
		return false;
	out->number = (uint64_t)number;
	return true;
}

/* A text in quotes; *at moves behind it.  NULL: there is none. */
static const char *take_text(struct arena *arena, const char **at)
{
	struct text text = { .arena = arena };
	char quote = **at;
	const char *s = *at + 1;

	if (quote != '\'' && quote != '"')
		return NULL;
	text_add_bytes(&text, "", 0);
	for (; *s && *s != quote; s++) {
		if (*s == '\\' && s[1])
			s++;
		text_add_bytes(&text, s, 1);
	}
	if (!*s)
		return NULL;
	*at = skip(s + 1);
	return text.s ? text.s : "";
}

static bool parse_words(struct arena *arena, const char *at, struct unit_property *out)
{
	const char **words = NULL;
	size_t n = 0, room = 0;

	out->kind = PROPERTY_STRINGS;
	at = skip(at + 1);
	while (*at != ']') {
		const char *word = take_text(arena, &at);

		if (!word)
			return false;
		*arena_push(arena, words, n, room) = word;
		if (*at == ',')
			at = skip(at + 1);
		else if (*at != ']')
			return false;
	}
	out->words = words;
	out->n = n;
	return !*skip(at + 1);
}

static bool parse(struct arena *arena, const char *at, struct unit_property *out)
{
	if (is_equal(at, "true") || is_equal(at, "false")) {
		out->kind = PROPERTY_BOOL;
		out->number = is_equal(at, "true");
		return true;
	}
	if (*at == '[')
		return parse_words(arena, at, out);
	if (*at != '\'' && *at != '"')
		return parse_number(at, out);
	out->kind = PROPERTY_STRING;
	out->text = take_text(arena, &at);
	return out->text && !*at;
}

int systemd_parse_value(struct arena *arena, const char *text, struct unit_property *out,
			struct error *err)
{
	if (parse(arena, skip(text), out))
		return 0;
	return fail(err, ERROR_CONFIG,
		    "'%.80s' is no value of a property: expected true, 'text', ['a', 'b'], 5, "
		    "or uint64 5", text);
}

/* "3" or "0-3" */
static bool take_range(char *word, uint64_t *first, uint64_t *last)
{
	char *dash = strchr(word, '-');

	if (dash)
		*dash = 0;
	return text_to_u64(word, MOST_BIT, first) &&
	       text_to_u64(dash ? dash + 1 : word, MOST_BIT, last) && *first <= *last;
}

const char *systemd_bits(struct arena *arena, const char *list, size_t *out_n)
{
	char *bits = arena_alloc(arena, MOST_BIT / 8 + 1), *at = arena_strdup(arena, list);
	char *word;

	*out_n = 0;
	while ((word = strsep(&at, ", \n"))) {
		uint64_t first, last;

		if (!*word)
			continue;
		if (!take_range(word, &first, &last))
			return NULL;
		for (uint64_t bit = first; bit <= last; bit++)
			bits[bit / 8] = (char)(bits[bit / 8] | 1 << bit % 8);
		if (*out_n < last / 8 + 1)
			*out_n = last / 8 + 1;
	}
	return *out_n ? bits : NULL;
}

uint64_t systemd_quota(int64_t quota, uint64_t period)
{
	enum { USUAL_PERIOD = 100000, SECOND = 1000000, STEP = 10000 };
	uint64_t a_second;

	if (quota <= 0)
		return PROPERTY_NO_LIMIT;
	if (__builtin_mul_overflow((uint64_t)quota, (uint64_t)SECOND, &a_second))
		return PROPERTY_NO_LIMIT;
	a_second /= period ? period : USUAL_PERIOD;
	return (a_second / STEP + (a_second % STEP != 0)) * STEP;
}

static void show_words(struct text *text, const struct unit_property *property)
{
	for (size_t i = 0; i < property->n; i++) {
		text_add(text, "%s%s", i ? "," : "", property->words[i]);
		if (property->rates)
			text_add(text, " %llu", (unsigned long long)property->rates[i]);
		if (property->letters)
			text_add(text, " %s", property->letters[i]);
	}
}

const char *systemd_show(struct arena *arena, const struct unit_property *property)
{
	struct text text = { .arena = arena };

	text_add(&text, "%s=", property->name);
	switch (property->kind) {
	case PROPERTY_BOOL:
		text_add(&text, "%s", property->number ? "yes" : "no");
		break;
	case PROPERTY_I32:
	case PROPERTY_I64:
		text_add(&text, "%lld", (long long)property->number);
		break;
	case PROPERTY_U32:
	case PROPERTY_U64:
		if (property->number == PROPERTY_NO_LIMIT)
			text_add(&text, "infinity");
		else
			text_add(&text, "%llu", (unsigned long long)property->number);
		break;
	case PROPERTY_STRING:
		text_add(&text, "%s", property->text);
		break;
	case PROPERTY_BYTES:
		for (size_t i = property->n; i-- > 0;)
			text_add(&text, "%02x", (unsigned char)property->text[i]);
		break;
	case PROPERTY_STRINGS:
	case PROPERTY_RATES:
	case PROPERTY_DEVICES:
		show_words(&text, property);
		break;
	case PROPERTY_KIND_COUNT:
		break;
	}
	return text.s;
}
