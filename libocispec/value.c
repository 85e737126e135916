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
		snprintf(shown.text, sizeof(shown.text), "the string \"%.*s%s\"", n,
			 v->text, is_long ? "..." : "");
	} else if (v->type == JSON_NUMBER) {
		snprintf(shown.text, sizeof(shown.text), "the number %.*s%s", n, v->text,
			 is_long ? "..." : "");
	} else if (v->type == JSON_BOOL) {
		snprintf(shown.text, sizeof(shown.text), "%s",
			 v->truth ? "true" : "false");
	} else {
		snprintf(shown.text, sizeof(shown.text), "%s", json_type_name(v->type));
	}
	return shown;
}

static bool is_whole(const struct json *v)
{
	size_t sign = v->text[0] == '-';

	return sign + strspn(v->text + sign, "0123456789") >= v->n;
}

/* The digits of a whole number; false when they are more than 64 bits hold. */
static bool read_magnitude(const struct json *v, uint64_t *magnitude)
{
	*magnitude = 0;
	for (size_t i = v->text[0] == '-'; i < v->n; i++)
		if (__builtin_mul_overflow(*magnitude, 10, magnitude) ||
		    __builtin_add_overflow(*magnitude, (uint64_t)(v->text[i] - '0'),
					   magnitude))
			return false;
	return true;
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

static bool is_within(bool is_negative, uint64_t magnitude, int64_t min, uint64_t max)
{
	if (is_negative && magnitude)
		return min < 0 && magnitude <= 0 - (uint64_t)min;
	return magnitude <= max && (min <= 0 || magnitude >= (uint64_t)min);
}

static bool decode_number(struct decoder *d, const struct field *f, const struct json *v,
			  const struct place *place, char *out)
{
	const struct kind_info *info = &kind_infos[f->kind];
	int64_t min = f->min || f->max ? f->min : info->min;
	uint64_t max = f->min || f->max ? f->max : info->max, magnitude;
	bool is_negative = v->type == JSON_NUMBER && v->text[0] == '-';

	if (v->type != JSON_NUMBER || !is_whole(v)) {
		decode_complain(d, place, v, "expected an integer, got %s",
				decode_shown(v).text);
		return false;
	}
	if (!read_magnitude(v, &magnitude) ||
	    !is_within(is_negative, magnitude, min, max)) {
		decode_complain(
			d, place, v,
			"expected an integer from %" PRId64 " to %" PRIu64 ", got %.*s",
			min, max, v->n > SHOWN_MOST ? SHOWN_MOST : (int)v->n, v->text);
		return false;
	}
	store(out, f->kind, is_negative, magnitude);
	return true;
}

/* "mount, pid or time": short sets are shown whole, of long ones the nearest name. */
static void refuse_name(struct decoder *d, const struct oci_names *names,
			const struct json *v, const struct place *place)
{
	const char *nearest = names_nearest(names->names, names->n, v->text);
	struct text list = { .arena = d->arena };

	if (!report_has_room(d->report, !names->is_strict))
		return;
	if (names->n <= LIST_MOST) {
		text_add(&list, "; expected ");
		for (size_t i = 0; i < names->n; i++)
			text_add(&list, "%s%s", names->names[i],
				 i + 1 == names->n   ? ""
				 : i + 2 == names->n ? " or "
						     : ", ");
	} else if (nearest) {
		text_add(&list, "; did you mean %s?", nearest);
	}
	decode_report(d, place, v, !names->is_strict, "unknown %s, got %s%s", names->what,
		      decode_shown(v).text, list.n ? list.s : "");
}

static bool decode_string(struct decoder *d, const struct field *f, const struct json *v,
			  const struct place *place, char *out)
{
	if (v->type != JSON_STRING) {
		decode_complain(d, place, v, "expected a string, got %s",
				decode_shown(v).text);
		return false;
	}
	*(const char **)out = v->text;
	if (!v->n && f->need == OPTIONAL && f->shape == SHAPE_VALUE)
		return true;
	if (f->names && !names_have(f->names, v->text))
		refuse_name(d, f->names, v, place);
	if (f->kind == KIND_path && v->text[0] != '/')
		decode_complain(d, place, v, "expected an absolute path, got %s",
				decode_shown(v).text);
	return true;
}

bool decode_value(struct decoder *d, const struct field *f, const struct json *v,
		  const struct place *place, char *out)
{
	if (kind_infos[f->kind].is_number)
		return decode_number(d, f, v, place, out);
	if (f->kind != KIND_bool)
		return decode_string(d, f, v, place, out);
	*(bool *)out = v->truth;
	if (v->type != JSON_BOOL)
		decode_complain(d, place, v, "expected true or false, got %s",
				decode_shown(v).text);
	return v->type == JSON_BOOL;
}
