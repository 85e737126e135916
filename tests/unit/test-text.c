/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts: timestamps against the C library's calendar, words in lists, strict numbers,
 * clean paths, distances.
 */
#include "base/text.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
#include <time.h>

static struct arena arena;

START_TEST(test_timestamp)
{
	/* Every 13 hours or so, over more than a cycle of 400 years. */
	for (uint64_t seconds = 0; seconds < 13000000000u; seconds += 48611) {
		struct arena local = { 0 };
		time_t t = (time_t)seconds;
		char expected[64];
		struct tm utc;

		gmtime_r(&t, &utc);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S.000000042Z", &utc);
		ck_assert_str_eq(text_timestamp(&local, seconds, 42), expected);
		arena_free(&local);
	}
}
END_TEST

START_TEST(test_has_word)
{
	ck_assert(text_has_word("cpu,cpuacct", "cpu"));
	ck_assert(text_has_word("cpu,cpuacct", "cpuacct"));
	ck_assert(text_has_word("cpuset memory", "memory"));
	ck_assert(!text_has_word("cpuset memory", "cpu"));
	ck_assert(!text_has_word("cpuacct", "cpu"));
	ck_assert(!text_has_word("", "cpu"));
	ck_assert(!text_has_word(NULL, "cpu"));
}
END_TEST

START_TEST(test_numbers)
{
	uint64_t u;
	int64_t i;

	ck_assert(text_to_u64("18446744073709551615", UINT64_MAX, &u) && u == UINT64_MAX);
	ck_assert(!text_to_u64("18446744073709551616", UINT64_MAX, &u));
	ck_assert(!text_to_u64("", UINT64_MAX, &u) && !text_to_u64("-1", UINT64_MAX, &u));
	ck_assert(!text_to_u64("1x", UINT64_MAX, &u) && !text_to_u64(" 1", UINT64_MAX, &u));
	ck_assert(!text_to_u64("65536", 65535, &u));
	ck_assert(text_to_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &i));
	ck_assert(i == INT64_MIN);
	ck_assert(!text_to_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &i));
	ck_assert(!text_to_i64("-", INT64_MIN, INT64_MAX, &i));
}
END_TEST

/* CGP-form: ".." never climbs above the root. */
START_TEST(test_clean_path)
{
	ck_assert_str_eq(text_clean_path(&arena, "/../../x"), "/x");
	ck_assert_str_eq(text_clean_path(&arena, "a//b/./c/.."), "/a/b");
	ck_assert_str_eq(text_clean_path(&arena, ".."), "/");
	ck_assert_str_eq(text_clean_path(&arena, ""), "/");
	ck_assert_str_eq(text_clean_path(&arena, "/a/../../b"), "/b");
	ck_assert_str_eq(text_clean_path(&arena, "/..a/b.."), "/..a/b..");
	ck_assert_str_eq(text_join_path(&arena, "/a/", "/b"), "/a/b");
}
END_TEST

START_TEST(test_distance)
{
	ck_assert_uint_eq(text_distance("hostname", "hostname"), 0);
	ck_assert_uint_eq(text_distance("hostnam", "hostname"), 1);
	ck_assert_uint_eq(text_distance("", "abc"), 3);
	ck_assert_uint_eq(text_distance("kitten", "sitting"), 3);
}
END_TEST

START_TEST(test_base64)
{
	static const char *const wrong[] = { "A", "AA", "AAA", "A===", "AA=A", "AA==AAAA",
					     "AA A", "=AAA", "AA-_", "====" };
	static const char *const right[][2] = {
		{ "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" }, { "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" }, { "Zm9vYmFy", "foobar" }, { "+/+/", "\xfb\xff\xbf" },
	};
	char *out;
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
		ck_assert(text_from_base64(&arena, right[i][0], &out, &n));
		ck_assert_uint_eq(n, strlen(right[i][1]));
		ck_assert(memcmp(out, right[i][1], n) == 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ck_assert_msg(!text_from_base64(&arena, wrong[i], &out, &n), "%s", wrong[i]);
}
END_TEST

/* After a reset the memory is given out anew, and is zeroed as it was at first. */
START_TEST(test_arena_reset)
{
	enum { LARGE = 100000 };

	arena_reset(&arena);
	memset(arena_alloc(&arena, 100), 'x', 100);
	for (int i = 0; i < 3; i++) {
		char *large = arena_alloc(&arena, LARGE);

		for (size_t at = 0; at < LARGE; at++)
			ck_assert_int_eq(large[at], 0);
		memset(large, 'x', LARGE);
		arena_reset(&arena);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, test_timestamp);
	tcase_add_test(tc, test_has_word);
	tcase_add_test(tc, test_numbers);
	tcase_add_test(tc, test_clean_path);
	tcase_add_test(tc, test_distance);
	tcase_add_test(tc, test_base64);
	tcase_add_test(tc, test_arena_reset);
	return run_cases("text", tc);
}
