/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Single values: exact integers within the range of their row, booleans, strings that are
 * paths or out of a set of names.
 */
#include "base/text.h"
#include "libocispec/decode.h"
#include <inttypes.h>
#include <stdio.h>

enum { SHOWN_MOST = 40, LIST_MOST = 9 };

struct shown decode_shown(const struct json *v)
{
	struct shown shown;
	bool is_long = v->n > SHOWN_MOST;
	int n = is_long ? SHOWN_MOST : (int)v->n;

	if (v->type == JSON_STRING) {
		/* Not the first half of a character. */
		while (is_long && n && ((unsigned char)v->text[n] & 0xc0) == 0x80)
			n--;
		snprintf(shown.text, sizeof(shown.text), "the string \"%.*s%s\"", n, v->text,
			 is_long ? "..." : "");
	} else if (v->type == JSON_NUMBER) {
		snprintf(shown.text, sizeof(shown.text), "the number %.*s%s", n, v->text,
			 is_long ? "..." : "");
	} else if (v->type == JSON_BOOL) {
		snprintf(shown.text, sizeof(shown.text), "%s", v->truth ? "true" : "false");
	} else {
		snprintf(shown.text, sizeof(shown.text), "%s", json_type_name(v->type));
	}
	return shown;
}

/* An integer as sign and magnitude; false when it is none, or beyond 64 bits. */
static bool parse_integer(const struct json *v, bool *negative, uint64_t *magnitude)
{
	size_t i = v->text[0] == '-';

	*negative = i;
	*magnitude = 0;
	for (; i < v->n; i++) {
		if (v->text[i] < '0' || v->text[i] > '9')
			return false;
		if (__builtin_mul_overflow(*magnitude, 10, magnitude) ||
		    __builtin_add_overflow(*magnitude, (uint64_t)(v->text[i] - '0'),
					   magnitude))
			*magnitude = UINT64_MAX, i = v->n;
	}
	return true;
}

static bool is_whole(const struct json *v)
{
	for (size_t i = v->text[0] == '-'; i < v->n; i++)
		if (v->text[i] < '0' || v->text[i] > '9')
			return false;
	return true;
}

/* 20 digits and more may be beyond what 64 bits hold; parse_integer then gives the most. */
static bool is_beyond(const struct json *v, uint64_t magnitude)
{
	return magnitude == UINT64_MAX &&
	       (v->n != 20 || strncmp(v->text, "18446744073709551615", 20));
}

static void store(char *out, enum kind kind, bool negative, uint64_t magnitude)
{
	uint64_t value = negative ? 0 - magnitude : magnitude;

	if (kind == KIND_u16)
		*(uint16_t *)out = (uint16_t)value;
	else if (kind == KIND_u32 || kind == KIND_id || kind == KIND_i32)
		*(uint32_t *)out = (uint32_t)value;
	else
		*(uint64_t *)out = value;
}

static void decode_number(struct decoder *d, const struct field *f, const struct json *v,
			  const struct place *place, char *out)
{
	const struct kind_info *info = &kind_infos[f->kind];
	int64_t min = f->min || f->max ? f->min : info->min;
	uint64_t max = f->min || f->max ? f->max : info->max, magnitude;
	bool negative;

	if (v->type != JSON_NUMBER || !is_whole(v)) {
		decode_complain(d, place, v, "expected an integer, got %s",
				decode_shown(v).text);
		return;
	}
	(void)parse_integer(v, &negative, &magnitude);
	if (is_beyond(v, magnitude) || (!negative && magnitude > max) ||
	    (!negative && min > 0 && magnitude < (uint64_t)min) ||
	    (negative && magnitude && (min >= 0 || magnitude > 0 - (uint64_t)min))) {
		decode_complain(d, place, v,
				"expected an integer from %" PRId64 " to %" PRIu64 ", got %.*s",
				min, max, v->n > SHOWN_MOST ? SHOWN_MOST : (int)v->n, v->text);
		return;
	}
	store(out, f->kind, negative, magnitude);
}

/* "mount, pid or time": short sets are shown whole, of long ones the nearest name. */
static void refuse_name(struct decoder *d, const struct oci_names *names,
			const struct json *v, const struct place *place)
{
	const char *nearest = names_nearest(names->names, names->n, v->text);
	struct text list = { .arena = d->arena };

	if (names->n <= LIST_MOST) {
		text_add(&list, "; expected ");
		for (size_t i = 0; i < names->n; i++)
			text_add(&list, "%s%s", names->names[i],
				 i + 1 == names->n ? "" : i + 2 == names->n ? " or " : ", ");
	} else if (nearest) {
		text_add(&list, "; did you mean %s?", nearest);
	}
	decode_report(d, place, v, !names->is_strict, "unknown %s, got %s%s", names->what,
		      decode_shown(v).text, list.n ? list.s : "");
}

static void decode_string(struct decoder *d, const struct field *f, const struct json *v,
			  const struct place *place, char *out)
{
	if (v->type != JSON_STRING) {
		decode_complain(d, place, v, "expected a string, got %s", decode_shown(v).text);
		return;
	}
	*(const char **)out = v->text;
	if (!v->n && f->need == OPTIONAL && f->shape == SHAPE_VALUE)
		return;
	if (f->names && !names_have(f->names, v->text))
		refuse_name(d, f->names, v, place);
	if (f->kind == KIND_path && v->text[0] != '/')
		decode_complain(d, place, v, "expected an absolute path, got %s",
				decode_shown(v).text);
}

void decode_value(struct decoder *d, const struct field *f, const struct json *v,
		  const struct place *place, char *out)
{
	if (kind_infos[f->kind].is_number)
		decode_number(d, f, v, place, out);
	else if (f->kind != KIND_bool)
		decode_string(d, f, v, place, out);
	else if (v->type == JSON_BOOL)
		*(bool *)out = v->truth;
	else
		decode_complain(d, place, v, "expected true or false, got %s",
				decode_shown(v).text);
}
