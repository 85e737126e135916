/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See text.h. */
#include "base/text.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool text_has_word(const char *list, const char *word)
{
	size_t length = strlen(word), n;

	for (const char *at = list; at && *at; at += n) {
		at += strspn(at, ", ");
		n = strcspn(at, ", ");
		if (n == length && memcmp(at, word, n) == 0)
			return true;
	}
	return false;
}

bool text_to_u64(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (is_empty(s))
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value))
			return false;
	}
	*out = value;
	return value <= max;
}

bool text_to_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = s && *s == '-';
	uint64_t magnitude;

	if (!text_to_u64(s ? s + negative : s, (uint64_t)INT64_MAX + negative, &magnitude))
		return false;
	*out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return *out >= min && *out <= max;
}

static void reserve(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : 128;

	if (text->n + more + 1 <= text->room)
		return;
	while (room < text->n + more + 1)
		room *= 2;
	text->s = arena_grow(text->arena, text->s, text->n, room);
	text->room = room;
}

void text_add_bytes(struct text *text, const char *bytes, size_t n)
{
	reserve(text, n);
	memcpy(text->s + text->n, bytes, n);
	text->n += n;
	text->s[text->n] = 0;
}

void text_add(struct text *text, const char *format, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0)
		abort();
	reserve(text, (size_t)n);
	vsnprintf(text->s + text->n, (size_t)n + 1, format, again);
	va_end(again);
	text->n += (size_t)n;
}

unsigned text_distance(const char *a, const char *b)
{
	enum { LONGEST = 63 };
	unsigned row[LONGEST + 1], n = (unsigned)strnlen(b, LONGEST + 1);

	if (n > LONGEST || strnlen(a, LONGEST + 1) > LONGEST)
		return 255;
	for (unsigned j = 0; j <= n; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= n; j++) {
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = row[j] + 1 < change ? row[j] + 1 : change;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
		}
	}
	return row[n];
}

/* Days since 1970 to a date of the Gregorian calendar, by its cycle of 400 years. */
static void civil_date(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	enum { DAYS_IN_ERA = 146097, DAYS_TO_1970 = 719468 }; /* from 0000-03-01 */
	uint64_t shifted = days + DAYS_TO_1970, era = shifted / DAYS_IN_ERA;
	unsigned in_era = (unsigned)(shifted % DAYS_IN_ERA);
	unsigned y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	unsigned in_year = in_era - (365 * y + y / 4 - y / 100);
	unsigned from_march = (5 * in_year + 2) / 153;

	*day = in_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = (unsigned)(y + era * 400) + (*month <= 2);
}

char *text_timestamp(struct arena *arena, uint64_t seconds, uint32_t nanoseconds)
{
	enum { DAY = 24 * 60 * 60 };
	unsigned year, month, day, rest = (unsigned)(seconds % DAY);

	civil_date(seconds / DAY, &year, &month, &day);
	return arena_printf(arena, "%04u-%02u-%02uT%02u:%02u:%02u.%09uZ", year, month, day,
			    rest / 3600, rest / 60 % 60, rest % 60, nanoseconds);
}

char *text_clean_path(struct arena *arena, const char *path)
{
	char *out = arena_alloc(arena, strlen(path) + 2);
	size_t n = 0;

	while (*path) {
		size_t part = strcspn(path, "/");

		if (part == 2 && path[0] == '.' && path[1] == '.') {
			while (n && out[--n] != '/')
				;
		} else if (part && !(part == 1 && path[0] == '.')) {
			out[n++] = '/';
			memcpy(out + n, path, part);
			n += part;
		}
		path += part + (path[part] == '/');
	}
	if (!n)
		out[n++] = '/';
	out[n] = 0;
	return out;
}

char *text_join_path(struct arena *arena, const char *dir, const char *name)
{
	size_t n = strlen(dir);

	while (n && dir[n - 1] == '/')
		n--;
	name += strspn(name, "/");
	return arena_printf(arena, "%.*s/%s", (int)n, dir, name);
}

static int base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool text_from_base64(struct arena *arena, const char *s, char **out, size_t *out_n)
{
	size_t n = strlen(s), digits = n;
	uint32_t bits = 0;
	char *bytes = arena_alloc(arena, n / 4 * 3 + 1);

	while (digits && n - digits < 2 && s[digits - 1] == '=')
		digits--;
	if (n % 4)
		return false;
	*out_n = 0;
	for (size_t i = 0; i < digits; i++) {
		int value = base64_value(s[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4)
			bytes[(*out_n)++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	*out = bytes;
	return true;
}
