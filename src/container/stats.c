/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The statistics of a container as the document that engines know: the rows of
 * tables/stats.def, one after another.
 */
#include "container/stats.h"
#include "base/text.h"
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

enum row_kind {
	ROW_OBJECT, ROW_END, ROW_NUMBER, ROW_SUM, ROW_PER_CPU, ROW_SET, ROW_FLAT,
	ROW_PRESSURE, ROW_BLOCKS, ROW_PAGES, ROW_CONSTANT, ROW_KIND_COUNT,
};

enum row_when { WHEN_ALWAYS, WHEN_SET_ONLY, WHEN_FINITE };

struct row {
	enum row_kind kind;
	enum row_when when;
	const char *name, *controller, *v1, *v1_key, *v2, *v2_key;
	uint64_t v1_scale, v2_scale;
};

static const struct row rows[] = {
#define OBJECT(name_) { .kind = ROW_OBJECT, .name = name_ },
#define END { .kind = ROW_END },
#define NUMBER(name_, when_, controller_, v1_, key1, scale1, v2_, key2, scale2)          \
	{ ROW_NUMBER, WHEN_##when_, name_, #controller_, v1_, key1, v2_, key2, scale1, scale2 },
#define SUM(name_, when_, controller_, v1_, v2_, more)                                   \
	{ ROW_SUM, WHEN_##when_, name_, #controller_, v1_, NULL, v2_, more, 1, 1 },
#define PER_CPU(name_, controller_, v1_, column)                                         \
	{ .kind = ROW_PER_CPU, .name = name_, .controller = #controller_, .v1 = v1_,     \
	  .v1_scale = column },
#define SET(name_, controller_, v1_, v2_)                                                \
	{ .kind = ROW_SET, .name = name_, .controller = #controller_, .v1 = v1_, .v2 = v2_ },
#define FLAT(name_, controller_, both)                                                   \
	{ .kind = ROW_FLAT, .name = name_, .controller = #controller_, .v1 = both, .v2 = both },
#define PRESSURE(name_, v2_) { .kind = ROW_PRESSURE, .name = name_, .v2 = v2_ },
#define BLOCKS(name_, controller_, v1_, other, keys)                                     \
	{ .kind = ROW_BLOCKS, .name = name_, .controller = #controller_, .v1 = v1_,      \
	  .v1_key = other, .v2_key = keys },
#define PAGES(name_) { .kind = ROW_PAGES, .name = name_ },
#define CONSTANT(name_, text) { .kind = ROW_CONSTANT, .name = name_, .v1 = text },
#include "tables/stats.def"
};

struct writer {
	const struct stats_reader *reader;
	struct text text;
	bool needs_comma;
};

static void begin_member(struct writer *w, const char *name)
{
	text_add(&w->text, "%s", w->needs_comma ? "," : "");
	if (name)
		text_add(&w->text, "\"%s\":", name);
	w->needs_comma = true;
}

static void open_brace(struct writer *w, const char *name, char brace)
{
	begin_member(w, name);
	text_add(&w->text, "%c", brace);
	w->needs_comma = false;
}

static void close_brace(struct writer *w, char brace)
{
	text_add(&w->text, "%c", brace);
	w->needs_comma = true;
}

static void add_u64(struct writer *w, const char *name, uint64_t value)
{
	begin_member(w, name);
	text_add(&w->text, "%llu", (unsigned long long)value);
}

static void write_value(struct writer *w, const struct row *row, uint64_t value)
{
	if ((row->when != WHEN_ALWAYS && !value) ||
	    (row->when == WHEN_FINITE && value == UINT64_MAX))
		return;
	add_u64(w, row->name, value);
}

static void write_number(struct writer *w, const struct row *row)
{
	const struct stats_dir *dir = stats_find(w->reader, row->controller);
	uint64_t value = 0;

	if (dir && dir->is_v2) {
		if (stats_number(w->reader, dir, row->v2, row->v2_key, &value) &&
		    value != UINT64_MAX)
			value *= row->v2_scale;
	} else if (dir && stats_number(w->reader, dir, row->v1, row->v1_key, &value)) {
		value *= row->v1_scale;
	}
	/* The one number that may be -1. */
	if (is_equal(row->name, "sched_relax_domain_level") && dir && !dir->is_v2) {
		const char *text = stats_text(w->reader, dir, row->v1);

		begin_member(w, row->name);
		text_add(&w->text, "%lld", text ? strtoll(text, NULL, 10) : 0);
		return;
	}
	write_value(w, row, value);
}

static void write_sum(struct writer *w, const struct row *row)
{
	const struct stats_dir *dir = stats_find(w->reader, row->controller);
	uint64_t value = 0, more = 0;

	if (dir && !dir->is_v2)
		(void)stats_number(w->reader, dir, row->v1, NULL, &value); /* or 0 */
	else if (dir && stats_number(w->reader, dir, row->v2, NULL, &value)) {
		(void)stats_number(w->reader, dir, row->v2_key, NULL, &more); /* or 0 */
		value = value == UINT64_MAX || more == UINT64_MAX ? UINT64_MAX : value + more;
	}
	write_value(w, row, value);
}

/* One number a blank in the only line, or a column of lines below a head. */
static void write_per_cpu(struct writer *w, const struct row *row)
{
	const struct stats_dir *dir = stats_find(w->reader, row->controller);
	char *text = dir && !dir->is_v2 ? stats_text(w->reader, dir, row->v1) : NULL, *line;

	if (!text)
		return;
	open_brace(w, row->name, '[');
	if (row->v1_scale)
		(void)strsep(&text, "\n");
	while ((line = strsep(&text, row->v1_scale ? "\n" : " \n"))) {
		for (uint64_t i = 0; line && i < row->v1_scale; i++)
			(void)strsep(&line, " ");
		if (line && *line)
			add_u64(w, NULL, strtoull(line, NULL, 10));
	}
	close_brace(w, ']');
}

static void write_set(struct writer *w, const struct row *row)
{
	const struct stats_dir *dir = stats_find(w->reader, row->controller);
	char *text = dir ? stats_text(w->reader, dir, dir->is_v2 ? row->v2 : row->v1) : NULL;

	if (!text || !strtok(arena_strdup(w->reader->arena, text), "\n"))
		return;
	open_brace(w, row->name, '[');
	for (char *at = text; *at >= '0' && *at <= '9';) {
		uint64_t first = strtoull(at, &at, 10), last = first;

		if (*at == '-')
			last = strtoull(at + 1, &at, 10);
		for (; first <= last; first++)
			add_u64(w, NULL, first);
		at += *at == ',';
	}
	close_brace(w, ']');
}

static void write_flat(struct writer *w, const struct row *row)
{
	char *text = stats_text(w->reader, stats_find(w->reader, row->controller), row->v1);
	char *line;

	if (!text)
		return;
	open_brace(w, row->name, '{');
	while ((line = strsep(&text, "\n"))) {
		const char *key = strsep(&line, " ");

		if (line)
			add_u64(w, key, strtoull(line, NULL, 10));
	}
	close_brace(w, '}');
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static void write_pressure(struct writer *w, const struct row *row)
{
	char *text = stats_text(w->reader, stats_unified(w->reader), row->v2), *line, *pair;

	if (is_empty(text))
		return;
	open_brace(w, row->name, '{');
	while ((line = strsep(&text, "\n")) && *line) {
		open_brace(w, strsep(&line, " "), '{');
		while ((pair = strsep(&line, " "))) {
			const char *key = strsep(&pair, "=");

			begin_member(w, key);
			text_add(&w->text, "%s", pair && *pair ? pair : "0");
		}
		close_brace(w, '}');
	}
	close_brace(w, '}');
}

static void write_blocks(struct writer *w, const struct row *row)
{
	const struct stats_dir *dir = stats_find(w->reader, row->controller);
	struct stats_block *blocks = NULL;
	size_t n = 0;
	char *text;

	if (!dir || (dir->is_v2 && !row->v2_key))
		return;
	text = stats_text(w->reader, dir, dir->is_v2 ? "io.stat" : row->v1);
	if (is_empty(text) && !dir->is_v2)
		text = stats_text(w->reader, dir, row->v1_key);
	if (text && dir->is_v2)
		stats_io(w->reader, text, row->v2_key, &blocks, &n);
	else if (text)
		stats_blocks(w->reader, text, &blocks, &n);
	if (!n)
		return;
	open_brace(w, row->name, '[');
	for (size_t i = 0; i < n; i++) {
		open_brace(w, NULL, '{');
		add_u64(w, "major", blocks[i].major);
		add_u64(w, "minor", blocks[i].minor);
		if (*blocks[i].operation) {
			begin_member(w, "op");
			text_add(&w->text, "\"%s\"", blocks[i].operation);
		}
		add_u64(w, "value", blocks[i].value);
		close_brace(w, '}');
	}
	close_brace(w, ']');
}

static void write_page(struct writer *w, const struct stats_dir *dir, const char *size)
{
	struct arena *arena = w->reader->arena;
	const char *key = dir->is_v2 ? "max" : NULL;
	uint64_t usage, most = 0, failures = 0;

	if (!stats_number(w->reader, dir,
			  arena_printf(arena, "hugetlb.%s.%s", size,
				       dir->is_v2 ? "current" : "usage_in_bytes"), NULL, &usage))
		return;
	(void)stats_number(w->reader, dir, arena_printf(arena, "hugetlb.%s.max_usage_in_bytes",
							size), NULL, &most); /* or 0 */
	(void)stats_number(w->reader, dir,
			   arena_printf(arena, "hugetlb.%s.%s", size,
					dir->is_v2 ? "events" : "failcnt"), key, &failures);
	open_brace(w, size, '{');
	if (usage)
		add_u64(w, "usage", usage);
	if (most)
		add_u64(w, "max", most);
	add_u64(w, "failcnt", failures);
	close_brace(w, '}');
}

static void write_pages(struct writer *w, const struct row *row)
{
	const struct stats_dir *dir = stats_find(w->reader, "hugetlb");
	const char **sizes;
	size_t n;

	stats_page_sizes(w->reader->arena, &sizes, &n);
	open_brace(w, row->name, '{');
	for (size_t i = 0; dir && i < n; i++)
		write_page(w, dir, sizes[i]);
	close_brace(w, '}');
}

static void write_object(struct writer *w, const struct row *row)
{
	open_brace(w, row->name, '{');
}

static void write_end(struct writer *w, const struct row *row)
{
	(void)row; /* the shape of a writer */
	close_brace(w, '}');
}

static void write_constant(struct writer *w, const struct row *row)
{
	begin_member(w, row->name);
	text_add(&w->text, "%s", row->v1);
}

static void (*const writers[])(struct writer *, const struct row *) = {
	[ROW_OBJECT] = write_object,	 [ROW_END] = write_end,
	[ROW_NUMBER] = write_number,	 [ROW_SUM] = write_sum,
	[ROW_PER_CPU] = write_per_cpu,	 [ROW_SET] = write_set,
	[ROW_FLAT] = write_flat,	 [ROW_PRESSURE] = write_pressure,
	[ROW_BLOCKS] = write_blocks,	 [ROW_PAGES] = write_pages,
	[ROW_CONSTANT] = write_constant,
};
static_assert(ARRAY_SIZE(writers) == ROW_KIND_COUNT, "every kind of row has a writer");

void stats_reader_of(struct arena *arena, const struct oci_record *record,
		     struct stats_reader *out)
{
	struct stats_dir *dirs = arena_array(arena, record->n_cgroups + 1, sizeof(*dirs));

	for (size_t i = 0; i < record->n_cgroups; i++) {
		const char *path = record->cgroups[i].path;

		dirs[i].path = path;
		dirs[i].controllers =
			record->cgroups[i].controllers ? record->cgroups[i].controllers : "";
		dirs[i].is_v2 =
			access(text_join_path(arena, path, "cgroup.controllers"), F_OK) == 0;
	}
	*out = (struct stats_reader){ arena, dirs, record->n_cgroups };
}

char *stats_document(const struct stats_reader *reader)
{
	struct writer w = { .reader = reader, .text = { .arena = reader->arena } };

	open_brace(&w, NULL, '{');
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		writers[rows[i].kind](&w, &rows[i]);
	close_brace(&w, '}');
	return w.text.s;
}
