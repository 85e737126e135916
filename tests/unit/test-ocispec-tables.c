/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables beside the list of all fields that the specification has: every field is
 * there with its type, its need and its names; and nothing that the list does not have.
 */
#include "base/file.h"
#include "base/text.h"
#include "libocispec/ocispec.h"
#include "tests/unit/suite.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const documents[] = { "config", "state", "features",
					 "containerProcessState" };

struct row {
	char path[256];
	struct oci_document_row row;
	bool is_listed;
};

struct table {
	struct row rows[600];
	size_t n;
	const char *prefix;
};

/* Our paths in the words of the list: linux.netDevices{*}.name, features.linux. */
static void add_row(void *context, const struct oci_document_row *row)
{
	struct table *table = context;
	struct row *r = &table->rows[table->n++];
	const char *s = row->path;
	size_t n = (size_t)snprintf(r->path, sizeof(r->path), "%s", table->prefix);

	ck_assert_uint_lt(table->n, ARRAY_SIZE(table->rows));
	for (; *s && n + 4 < sizeof(r->path); s++) {
		bool is_last = !s[1] || !s[2];

		if ((*s == '[' || *s == ']' || *s == '{' || *s == '}') && is_last)
			continue;
		r->path[n++] = *s;
		if (*s == '{')
			r->path[n++] = '*';
	}
	r->path[n] = 0;
	r->row = *row;
	ck_assert_msg(!is_empty(row->doc) && row->doc[strlen(row->doc) - 1] != '.', "%s",
		      r->path);
}

static void read_tables(struct table *table)
{
	char prefix[64];

	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		snprintf(prefix, sizeof(prefix), "%s.", documents[i]);
		table->prefix = i ? prefix : "";
		ck_assert_int_eq(oci_document(documents[i], add_row, table), 0);
	}
}

static struct row *find_row(struct table *table, const char *path)
{
	for (size_t i = 0; i < table->n; i++)
		if (is_equal(table->rows[i].path, path))
			return &table->rows[i];
	return NULL;
}

/* The list's C type, and ours: "array of char *" holds strings or paths. */
static bool is_type(const char *listed, const char *ours)
{
	static const struct {
		const char *listed, *ours;
	} types[] = {
		{ "char *", "string" },
		{ "char *", "path" },
		{ "uint32_t", "uint32" },
		{ "uint32_t", "id" },
		{ "int32_t", "int32" },
		{ "int", "int32" },
		{ "int", "int64" },
		{ "int64_t", "int64" },
		{ "uint64_t", "uint64" },
		{ "uint16_t", "uint16" },
		{ "bool", "boolean" },
		{ "struct", "object" },
		{ "map<char *, char *>", "string" },
		{ "map<char *, struct>", "object" },
	};

	if (has_prefix(listed, "array of "))
		listed += strlen("array of ");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (is_equal(types[i].listed, listed) && is_equal(types[i].ours, ours))
			return true;
	return false;
}

/* "a,b,c" against the set of the row; other texts in that column are no sets. */
static void check_names(const struct row *row, const char *listed)
{
	size_t n = 1;

	if (!row->row.n_names)
		return;
	for (size_t i = 0; i < row->row.n_names; i++)
		if (!strchr(listed, ',') && !is_equal(listed, row->row.names[i]))
			return;
	for (const char *s = listed; *s; s++)
		n += *s == ',';
	for (size_t i = 0; i < row->row.n_names; i++)
		n -= strstr(listed, row->row.names[i]) != NULL;
	ck_assert_msg(n == 0, "%s: %s", row->path, listed);
}

static bool is_required(const char *need)
{
	return has_prefix(need, "yes");
}

/* Prose and schema differ here; what the specification's own Go type says, stands. */
static bool is_free(const char *path)
{
	return strstr(path, "annotations") || is_equal(path, "linux.timeOffsets") ||
	       has_prefix(path, "linux.timeOffsets.") || has_suffix(path, ".status") ||
	       is_equal(path, "linux.rootfsPropagation");
}

static void check_field(struct table *table, char *line)
{
	const char *path = strsep(&line, "\t"), *type = strsep(&line, "\t");
	const char *need = strsep(&line, "\t"), *names = strsep(&line, "\t");
	struct row *row = find_row(table, path);

	/* The documents themselves; the clocks are keys of a map; and two former members.
	 */
	if (is_equal(path, "state") || is_equal(path, "features") ||
	    is_equal(path, "containerProcessState") ||
	    has_prefix(path, "linux.timeOffsets.") ||
	    strstr(path, "intelRdt.enableCMT") || strstr(path, "intelRdt.enableMBM"))
		return;
	ck_assert_msg(row != NULL, "no row for %s", path);
	row->is_listed = true;
	if (is_equal(row->row.type, "ignored"))
		return;
	ck_assert_msg(is_type(type, row->row.type), "%s: %s, %s", path, type,
		      row->row.type);
	ck_assert_msg(is_required(need) == !is_equal(row->row.need, "optional"),
		      "%s: %s, %s", path, need, row->row.need);
	if (!is_free(path))
		check_names(row, names);
}

/* EXT-subset: every value that the specification names is known, none is left out. */
START_TEST(tables_hold_every_field)
{
	struct arena scoped_arena arena = { 0 };
	static struct table table;
	struct error err;
	char *text, *line;
	size_t n = 0;

	read_tables(&table);
	ck_assert_int_eq(
		file_read_at(AT_FDCWD, "tests/spec/fields.tsv", &arena, &text, &err), 0);
	while ((line = strsep(&text, "\n"))) {
		if (is_empty(line) || *line == '#' || has_prefix(line, "path\t"))
			continue;
		check_field(&table, line);
		n++;
	}
	ck_assert_uint_ge(n, 300);
	for (size_t i = 0; i < table.n; i++)
		ck_assert_msg(table.rows[i].is_listed || is_free(table.rows[i].path) ||
				      is_equal(table.rows[i].row.type, "ignored") ||
				      strstr(table.rows[i].path, "{*}"),
			      "%s is in no list", table.rows[i].path);
}
END_TEST

START_TEST(sets_by_name)
{
	ck_assert_uint_eq(oci_names_of("namespace_type")->n, 8);
	ck_assert_uint_eq(oci_names_of("capability")->n, 41);
	ck_assert(!oci_names_of("capability")->is_strict);
	ck_assert_uint_eq(oci_names_of("seccomp_arch")->n, 23);
	ck_assert_ptr_null(oci_names_of("colour"));
	ck_assert_int_eq(oci_document("colour", add_row, NULL), -1);
}
END_TEST

/* DV-mode: engines pass stat(2)'s mode; what is no permission is not ours to refuse. */
START_TEST(device_modes_are_masked)
{
	static const char text[] =
		"{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"r\"}, \"linux\": "
		"{\"devices\":"
		" [{\"type\": \"c\", \"path\": \"/dev/x\", \"major\": 1, \"minor\": 3,"
		" \"fileMode\": 8630}]}}";
	struct arena scoped_arena arena = { 0 };
	struct oci_problems problems = { 0 };
	const struct oci_config *config;

	ck_assert_int_eq(oci_config_read(&arena, text, strlen(text), &config, &problems),
			 0);
	ck_assert(config->linux_->devices[0].has_file_mode);
	ck_assert_uint_eq(config->linux_->devices[0].file_mode, 0666);
}
END_TEST

/* A path that is no UTF-8 must not make a record that cannot be read again. */
START_TEST(written_text_is_utf8)
{
	struct arena scoped_arena arena = { 0 };
	struct oci_record record = { .id = "a", .bundle = "/b\xff\xc3/\xe2\x82\xac" };
	struct oci_problems problems = { 0 };
	const struct oci_record *again;
	char *text = oci_record_write(&arena, &record, false);

	ck_assert_int_eq(oci_record_read(&arena, text, strlen(text), &again, &problems),
			 0);
	ck_assert_str_eq(again->bundle, "/b\xef\xbf\xbd\xef\xbf\xbd/\xe2\x82\xac");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, tables_hold_every_field);
	tcase_add_test(tc, sets_by_name);
	tcase_add_test(tc, device_modes_are_masked);
	tcase_add_test(tc, written_text_is_utf8);
	return run_cases("tables of the specification", tc);
}
