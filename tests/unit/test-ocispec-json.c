/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON text: bytes that no text file can hold, the exact position of every value, and the
 * work that documents of ten megabytes are.
 */
#include "base/text.h"
#include "libocispec/json.h"
#include "libocispec/ocispec.h"
#include "libocispec/utf8.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* G-utf8: what is not UTF-8, and where; then what is. */
static const struct {
	const char *text;
	size_t n, bad;
} bytes[] = {
	{ "{\"a\":\"\xff\"}", 9, 6 },
	{ "{\"a\":\"\xc0\x80\"}", 10, 6 },
	{ "{\"a\":\"\xc1\xbf\"}", 10, 6 },
	{ "{\"a\":\"\xe0\x9f\xbf\"}", 11, 6 },
	{ "{\"a\":\"\xed\xa0\x80\"}", 11, 6 },
	{ "{\"a\":\"\xf0\x8f\xbf\xbf\"}", 12, 6 },
	{ "{\"a\":\"\xf4\x90\x80\x80\"}", 12, 6 },
	{ "{\"a\":\"\xf5\x80\x80\x80\"}", 12, 6 },
	{ "{\"a\":\"\xc3\"}", 9, 6 },
	{ "{\"a\":\"\xe2\x82\"}", 10, 6 },
	{ "{\"a\":\"12345678\x80\"}", 17, 14 },
	{ "{\"a\":\"b\0c\"}", 11, 7 },
	{ "{\"a\":1}\0", 8, 7 },
	{ "\xc3", 1, 0 },
	{ "\xff\xfe{\0}\0", 6, 0 },
	{ "{\"a\":\"\xc2\x80\xdf\xbf\"}", 12, 12 },
	{ "{\"a\":\"\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\"}", 17, 17 },
	{ "{\"a\":\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"}", 16, 16 },
};

START_TEST(bytes_are_utf8)
{
	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
		struct arena scoped_arena arena = { 0 };
		struct json_error error = { 0 };
		const struct json *root;
		int result;

		ck_assert_uint_eq(utf8_bad(bytes[i].text, bytes[i].n), bytes[i].bad);
		result = json_parse(&arena, bytes[i].text, bytes[i].n, &root, &error);
		ck_assert_int_eq(result, bytes[i].bad < bytes[i].n ? -1 : 0);
		if (result < 0)
			ck_assert_uint_eq(error.offset, bytes[i].bad);
	}
}
END_TEST

START_TEST(no_byte_order_mark)
{
	struct arena scoped_arena arena = { 0 };
	struct json_error error;
	const struct json *root;

	ck_assert_int_eq(json_parse(&arena, "\xef\xbb\xbf{}", 5, &root, &error), -1);
	ck_assert_uint_eq(error.offset, 0);
	ck_assert_int_eq(json_parse(&arena, "", 0, &root, &error), -1);
	ck_assert_str_eq(error.what, "the document is empty");
}
END_TEST

/* Each value below is an array's element that begins where its mark stands. */
START_TEST(values_know_where_they_stand)
{
	struct arena scoped_arena arena = { 0 };
	static const char text[] =
		" [ null,true , false,0,-12.5e+3 ,\"\", \"a\\\"b\\\\\" ,\n"
		"\"\\\\\",\"\\u00e9\\ud83d\\ude00\",[ ] ,{\"k\\\"\": {}}, \"z\"]";
	static const size_t offsets[] = { 3, 8, 15, 21, 23, 33, 37, 48, 53, 74, 79, 92 };
	struct json_error error;
	const struct json *root, *v;
	size_t i = 0;

	ck_assert_int_eq(json_parse(&arena, text, strlen(text), &root, &error), 0);
	ck_assert_uint_eq(json_offset(root, text), 1);
	for (v = root->first; v; v = v->next)
		ck_assert_uint_eq(json_offset(v, text), offsets[i++]);
	ck_assert_uint_eq(i, ARRAY_SIZE(offsets));
	ck_assert_uint_eq(root->n, i);
}
END_TEST

/* The text need not be terminated: nothing behind its end is looked at. */
START_TEST(text_without_an_end)
{
	static const char *const texts[] = { "{",          "{\"a", "{\"a\\", "{\"a\\u",
					     "[1",         "[tru", "[-",     "17",
					     "[\"\\ud83d", "{} x", "[1 2",   "/" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct arena scoped_arena arena = { 0 };
		size_t n = strlen(texts[i]);
		char *exact = malloc(n);
		struct json_error error = { 0 };
		const struct json *root;

		memcpy(exact, texts[i], n);
		if (json_parse(&arena, exact, n, &root, &error) < 0)
			ck_assert_uint_le(error.offset, n);
		free(exact);
	}
}
END_TEST

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A document of n of the parts, numbered at the '#', and how long reading it took. */
static double read_large(size_t n, const char *start, const char *part, int expected)
{
	struct arena scoped_arena arena = { 0 };
	struct oci_problems problems = { .want_unknown = true };
	struct text text = { .arena = &arena };
	const struct oci_config *config;
	double before;

	text_add(&text,
		 "{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"rootfs\"},"
		 "\"linux\": {\"namespaces\": [{\"type\": \"mount\"}]}, %s",
		 start);
	for (size_t i = 0; i < n; i++)
		text_add(&text, "%s%.*s%zu%s", i ? "," : "", (int)strcspn(part, "#"),
			 part, i, strchr(part, '#') + 1);
	text_add(&text, "%s}", strchr(start, '[') ? "]" : strchr(start, '{') ? "}" : "");
	before = seconds();
	ck_assert_int_eq(oci_config_read(&arena, text.s, text.n, &config, &problems),
			 expected);
	ck_assert_uint_le(problems.n, 1000);
	return seconds() - before;
}

/* What would be slow if anything in it were quadratic: a hundred times a second, then. */
static const struct {
	const char *what, *start, *part;
	int expected;
} large[] = {
	{ "mounts", "\"mounts\": [",
	  "{\"destination\": \"/m#\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", "
	  "\"options\": [\"nosuid\", \"size=4k\"]}",
	  0 },
	{ "relative mounts", "\"mounts\": [", "{\"destination\": \"m#\"}", 0 },
	{ "bad mounts", "\"mounts\": [", "{\"destinatoin\": #}", -1 },
	{ "annotations", "\"annotations\": {", "\"a#\": \"\"", 0 },
	{ "bad annotations", "\"annotations\": {", "\"a#\": 1", -1 },
	{ "one annotation", "\"annotations\": {", "\"a\": \"#\"", -1 },
	{ "unknown members", "", "\"u#\": []", 0 },
	{ "unknown members in one", "\"x\": {", "\"u#\": {\"a\": 1}", 0 },
	{ "one unknown member", "", "\"u\": #", -1 },
	{ "one known member", "", "\"hostname\": \"#\"", -1 },
};

START_TEST(large_documents)
{
	enum { MANY = 100000 };
	double time =
		read_large(MANY, large[_i].start, large[_i].part, large[_i].expected);

	ck_assert_msg(time < 5, "%s: %.2f s", large[_i].what, time);
}
END_TEST

/* Errors are told even where a thousand warnings came before them. */
START_TEST(warnings_leave_room)
{
	struct arena scoped_arena arena = { 0 };
	struct oci_problems problems = { .want_unknown = true };
	struct text text = { .arena = &arena };
	const struct oci_config *config;

	text_add(&text, "{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"rootfs\"}");
	for (size_t i = 0; i < 3000; i++)
		text_add(&text, ",\"u%zu\": 1", i);
	text_add(&text, ", \"hostname\": 5}");
	ck_assert_int_eq(oci_config_read(&arena, text.s, text.n, &config, &problems), -1);
	ck_assert_uint_eq(problems.errors, 1);
	ck_assert_uint_eq(problems.n + problems.dropped, 3001);
	ck_assert(!problems.items[problems.n - 1].is_warning);
	ck_assert_str_eq(problems.items[problems.n - 1].path, "hostname");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, bytes_are_utf8);
	tcase_add_test(tc, no_byte_order_mark);
	tcase_add_test(tc, values_know_where_they_stand);
	tcase_add_test(tc, text_without_an_end);
	tcase_add_loop_test(tc, large_documents, 0, ARRAY_SIZE(large));
	tcase_add_test(tc, warnings_leave_room);
	return run_cases("JSON", tc);
}
