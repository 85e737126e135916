/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The documents of tests/spec/documents: each is read, the messages it causes are
 * compared with those that stand behind it, and the good ones are written and read again.
 */
#include "base/file.h"
#include "base/text.h"
#include "libocispec/json.h"
#include "libocispec/ocispec.h"
#include "tests/unit/suite.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *name;
	const struct oci_schema *schema;
} kinds[] = {
	{ "[process] ", &oci_process_schema },
	{ "[resources] ", &oci_resources_schema },
	{ "[seccomp] ", &oci_seccomp_schema },
	{ "[state] ", &oci_state_schema },
	{ "[features] ", &oci_features_schema },
	{ "[containerProcessState] ", &oci_container_process_state_schema },
	{ "[record] ", &oci_record_schema },
	{ "[status] ", &oci_status_schema },
};

struct document {
	const char *title, *text, *messages;
	const struct oci_schema *schema;
};

/* Cut the file's text behind the mark; what comes before it, terminated. */
static char *until(char **at, const char *mark)
{
	char *start = *at, *end = strstr(start, mark);

	if (!end)
		return NULL;
	*end = 0;
	*at = end + strlen(mark);
	return start;
}

static size_t read_documents(struct arena *arena, const char *path, struct document **out)
{
	struct document *documents = NULL, *d;
	size_t n = 0, room = 0;
	struct error err;
	char *text;

	ck_assert_int_eq(file_read_at(AT_FDCWD, path, arena, &text, &err), 0);
	(void)until(&text, "\n=== ");
	while (*text) {
		d = arena_push(arena, documents, n, room);
		d->schema = &oci_config_schema;
		d->title = until(&text, "\n");
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			if (has_prefix(d->title, kinds[i].name))
				d->schema = kinds[i].schema;
		d->text = until(&text, "\n---\n");
		ck_assert_ptr_nonnull(d->text);
		/* The last one ends with the file, not with another's title. */
		text--;
		*text = '\n';
		d->messages = until(&text, "\n=== ");
		if (!d->messages) {
			d->messages = text;
			text += strlen(text);
		}
		d->messages += *d->messages == '\n';
	}
	*out = documents;
	return n;
}

static void compare_messages(struct arena *arena, const struct document *d,
			     const struct oci_problems *problems)
{
	struct text all = { .arena = arena };
	char line[1024];
	size_t n = strlen(d->messages);

	text_add(&all, "%s", "");
	for (size_t i = 0; i < problems->n; i++) {
		oci_problem_format(line, sizeof(line), "", &problems->items[i]);
		text_add(&all, "%s%s%s", i ? "\n" : "", line + 1,
			 problems->items[i].is_warning ? " (warning)" : "");
	}
	while (n && d->messages[n - 1] == '\n')
		n--;
	ck_assert_msg(all.n == n && memcmp(all.s, d->messages, n) == 0,
		      "%s: expected\n%s\ngot\n%s", d->title, d->messages, all.s);
}

/* Documents end with a line break in a file; the position of "cut off" depends on it. */
static int read_one(struct arena *arena, const struct document *d, const void **out,
		    struct oci_problems *problems)
{
	char *text = arena_printf(arena, "%s\n", d->text);

	*problems = (struct oci_problems){ .want_unknown = true };
	return oci_read(d->schema, arena, text, strlen(text), out, problems);
}

START_TEST(bad_documents)
{
	struct arena scoped_arena arena = { 0 };
	struct oci_problems problems;
	struct document *documents;
	const void *value;
	size_t n = read_documents(&arena, "tests/spec/documents/bad.txt", &documents);

	ck_assert_uint_ge(n, 400);
	for (size_t i = 0; i < n; i++) {
		ck_assert_msg(read_one(&arena, &documents[i], &value, &problems) < 0,
			      "accepted: %s", documents[i].title);
		ck_assert_ptr_null(value);
		ck_assert(oci_problems_failed(&problems));
		compare_messages(&arena, &documents[i], &problems);
	}
}
END_TEST

static bool is_same(const struct json *a, const struct json *b, bool is_partial);

/* All of b is in a; what b lacks is null in a, or unknown (is_partial). */
static bool is_same_object(const struct json *a, const struct json *b, bool is_partial)
{
	for (const struct json *m = b->first; m; m = m->next) {
		const struct json *other = json_member(a, m->key, strlen(m->key));

		if (!other || !is_same(other, m, is_partial))
			return false;
	}
	for (const struct json *m = a->first; m; m = m->next)
		if (m->type != JSON_NULL && !is_partial &&
		    !json_member(b, m->key, strlen(m->key)))
			return false;
	return true;
}

static bool is_same(const struct json *a, const struct json *b, bool is_partial)
{
	const struct json *x = a->first, *y = b->first;

	if (a->type != b->type || a->truth != b->truth)
		return false;
	if (a->type == JSON_OBJECT)
		return is_same_object(a, b, is_partial);
	if (a->n != b->n)
		return false;
	if (a->type != JSON_ARRAY)
		return a->n == 0 || memcmp(a->text, b->text, a->n) == 0;
	for (; x && y; x = x->next, y = y->next)
		if (!is_same(x, y, is_partial))
			return false;
	return x == y;
}

static void check_round_trip(struct arena *arena, const struct document *d,
			     const void *value, bool is_partial)
{
	const char *indents[] = { NULL, "\t", "  " };

	for (size_t i = 0; i < ARRAY_SIZE(indents); i++) {
		struct oci_problems problems = { 0 };
		const struct json *before, *after;
		struct json_error error;
		const void *again;
		char *text = oci_write_indented(d->schema, arena, value, indents[i]);
		size_t n = strlen(text);

		ck_assert_msg(text[n - 1] == '}' && !strstr(text, "\n\n"), "%s: %s",
			      d->title, text);
		ck_assert_msg(!oci_read(d->schema, arena, text, n, &again, &problems),
			      "%s: %s", d->title, text);
		ck_assert_msg(oci_equal(d->schema, value, again), "%s: %s", d->title,
			      text);
		ck_assert_int_eq(
			json_parse(arena, d->text, strlen(d->text), &before, &error), 0);
		ck_assert_int_eq(json_parse(arena, text, n, &after, &error), 0);
		ck_assert_msg(is_same(before, after, is_partial), "%s: %s", d->title,
			      text);
	}
}

/* encode(decode(x)) is x: the same tree of values, and the same structure once more. */
START_TEST(good_documents)
{
	struct arena scoped_arena arena = { 0 };
	struct oci_problems problems;
	struct document *documents;
	const void *value;
	size_t n = read_documents(&arena, "tests/spec/documents/good.txt", &documents);

	ck_assert_uint_ge(n, 90);
	for (size_t i = 0; i < n; i++) {
		int result = read_one(&arena, &documents[i], &value, &problems);

		compare_messages(&arena, &documents[i], &problems);
		ck_assert_msg(result == 0 && value, "refused: %s", documents[i].title);
		check_round_trip(&arena, &documents[i], value, problems.n > 0);
	}
}
END_TEST

/* No document equals one before it: oci_equal sees every member. */
START_TEST(documents_differ)
{
	struct arena scoped_arena arena = { 0 };
	struct oci_problems problems;
	struct document *documents;
	size_t n = read_documents(&arena, "tests/spec/documents/good.txt", &documents);
	const void **values = arena_array(&arena, n, sizeof(*values));

	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(read_one(&arena, &documents[i], &values[i], &problems),
				 0);
		for (size_t j = 0; j < i && !problems.n; j++)
			ck_assert_msg(documents[i].schema != documents[j].schema ||
					      strstr(documents[i].title, "null is") ||
					      strstr(documents[j].title, "64 levels") ||
					      !oci_equal(documents[i].schema, values[i],
							 values[j]),
				      "%s equals %s", documents[i].title,
				      documents[j].title);
	}
}
END_TEST

/* A document cut off anywhere, or with any byte of it spoiled, is refused or read; no
 * more. */
START_TEST(spoiled_documents)
{
	struct arena scoped_arena arena = { 0 };
	struct document *documents;
	size_t n = read_documents(&arena, "tests/spec/documents/good.txt", &documents);

	for (size_t i = 0; i < n; i += 3) {
		size_t length = strlen(documents[i].text);

		for (size_t at = 0; at < length; at++) {
			struct arena scoped_arena once = { 0 };
			struct oci_problems problems = { 0 };
			char *text = arena_strdup(&once, documents[i].text);
			const void *value;

			if (at < length - 3)
				ck_assert_int_lt(oci_read(documents[i].schema, &once,
							  text, at, &value, &problems),
						 0);
			text[at] = "\"\\{]x\xff 0"[at % 8];
			problems = (struct oci_problems){ 0 };
			(void)oci_read(documents[i].schema, &once, text, length, &value,
				       &problems);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, bad_documents);
	tcase_add_test(tc, good_documents);
	tcase_add_test(tc, documents_differ);
	tcase_add_test(tc, spoiled_documents);
	return run_cases("documents of the specification", tc);
}
