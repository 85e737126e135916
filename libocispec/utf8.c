/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See utf8.h. */
#include "libocispec/utf8.h"
#include <stdint.h>
#include <string.h>

/* How many bytes the character at s takes; 0 when it is none. */
static size_t character(const unsigned char *s, size_t n)
{
	size_t length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	unsigned char low = 0x80, high = 0xbf;

	if (s[0] < 0xc2 || s[0] > 0xf4 || n < length)
		return 0;
	/* The second byte tells overlong forms, surrogates and what is past U+10FFFF. */
	if (s[0] == 0xe0)
		low = 0xa0;
	if (s[0] == 0xed)
		high = 0x9f;
	if (s[0] == 0xf0)
		low = 0x90;
	if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* Whether eight bytes are all ASCII and not NUL; a false no costs only time. */
static int is_plain(const unsigned char *s)
{
	uint64_t word;

	memcpy(&word, s, sizeof(word));
	return !((word | (word - 0x0101010101010101)) & 0x8080808080808080);
}

size_t utf8_bad(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t at = 0;

	while (at < n) {
		size_t length = 1;

		if (n - at >= 8 && is_plain(s + at))
			length = 8;
		else if (!s[at])
			return at;
		else if (s[at] >= 0x80)
			length = character(s + at, n - at);
		if (!length)
			return at;
		at += length;
	}
	return n;
}
