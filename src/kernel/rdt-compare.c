/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schemata as sets of (resource, domain) -> value, because the kernel writes them in its
 * own way: other blanks, all domains in their order, masks in hexadecimal without leading
 * zeros, bandwidth rounded up to the granularity of the processor.
 */
#include "base/file.h"
#include "base/text.h"
#include "kernel/rdt.h"
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>

/* "L3:0=7ff;1=3f" is two of these. */
struct share {
	const char *resource, *domain, *value;
};

struct shares {
	struct arena *arena;
	struct share *items;
	size_t n, room;
};

/* Without the blanks around it. */
static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	for (n = strlen(s); n && isspace((unsigned char)s[n - 1]);)
		s[--n] = 0;
	return s;
}

/* Domain ids are decimal: "01" and "1" are the same. */
static bool is_domain(const char *a, const char *b)
{
	uint64_t x, y;

	return text_to_u64(a, UINT32_MAX, &x) && text_to_u64(b, UINT32_MAX, &y)
		       ? x == y
		       : is_equal(a, b);
}

static const char *find(const struct shares *shares, const char *resource,
			const char *domain)
{
	/* What is written last holds. */
	for (size_t i = shares->n; i-- > 0;)
		if (is_equal(shares->items[i].resource, resource) &&
		    is_domain(shares->items[i].domain, domain))
			return shares->items[i].value;
	return NULL;
}

static bool read_line(struct shares *shares, char *line)
{
	char *rest = line, *resource;

	line = trim(line);
	if (!*line)
		return true;
	rest = line;
	resource = trim(strsep(&rest, ":"));
	for (char *part; rest && (part = strsep(&rest, ";"));) {
		char *value = part, *domain = trim(strsep(&value, "="));

		if (!value && !*domain)
			continue; /* behind a last semicolon */
		if (!value || !*domain)
			return false;
		*arena_push(shares->arena, shares->items, shares->n, shares->room) =
			(struct share){ resource, domain, trim(value) };
	}
	return true;
}

static bool read_text(struct shares *shares, const char *text)
{
	char *rest = arena_strdup(shares->arena, text);

	for (char *line; (line = strsep(&rest, "\n"));)
		if (!read_line(shares, line))
			return false;
	return true;
}

/* Bandwidth is decimal, everything else a mask. */
static bool to_number(const struct share *share, const char *value, uint64_t *out)
{
	bool is_bandwidth =
		has_suffix(share->resource, "MB") || has_suffix(share->resource, "MBA");
	char *end;

	if (!isxdigit((unsigned char)*value))
		return false;
	*out = strtoull(value, &end, is_bandwidth ? 10 : 16);
	return !*end;
}

/* The step in which the processor gives this resource; 1 where it does not matter. */
static uint64_t granularity(struct arena *arena, const char *root, const char *resource)
{
	struct error ignored;
	uint64_t n;
	char *text;
	const char *path =
		arena_printf(arena, "%s/info/%s/bandwidth_gran", root, resource);

	if (file_read_at(AT_FDCWD, path, arena, &text, &ignored) < 0 ||
	    !text_to_u64(trim(text), UINT32_MAX, &n) || n == 0)
		return 1;
	return n;
}

static bool is_same(struct arena *arena, const char *root, const struct share *asked,
		    const char *present)
{
	uint64_t a, b, step;

	if (!present || !to_number(asked, asked->value, &a) ||
	    !to_number(asked, present, &b))
		return is_equal(asked->value, present);
	if (a == b)
		return true;
	step = granularity(arena, root, asked->resource);
	return (a + step - 1) / step * step == b;
}

int rdt_compare(struct arena *arena, const struct rdt_group *group, const char *present,
		struct error *err)
{
	struct shares asked = { .arena = arena }, have = { .arena = arena };

	for (size_t i = 0; i < group->n_lines; i++)
		if (!read_text(&asked, group->lines[i]))
			return fail(err, ERROR_CONFIG,
				    "'%s' is no line of schemata: expected "
				    "\"L3:0=7ff;1=7ff\" and the like",
				    group->lines[i]);
	if (!read_text(&have, present))
		return fail(err, ERROR_KERNEL,
			    "the schemata of '%s' cannot be read as such", group->path);
	for (size_t i = 0; i < asked.n; i++) {
		struct share last = asked.items[i];
		const char *there = find(&have, last.resource, last.domain);

		last.value = find(&asked, last.resource, last.domain);
		if (!is_same(arena, group->root, &last, there))
			return fail(err, ERROR_CONFIG,
				    "the resctrl group '%s' is there with "
				    "%s:%s=%s, and not the %s that is asked for",
				    group->path, last.resource, last.domain,
				    there ?: "(nothing)", last.value);
	}
	return 0;
}
