/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See spec-values.h. */
#include "container/spec-values.h"
#include "base/text.h"
#include <limits.h>
#include <strings.h>
#include <unistd.h>

/* One word from *at on, unquoted; NULL for a quote without its end. */
static const char *next_word(struct arena *arena, const char **at)
{
	char *word = arena_alloc(arena, strlen(*at) + 1), *end = word, quote = 0;
	const char *s = *at;

	for (; *s && (quote || !strchr(" \t\n", *s)); s++) {
		if (quote && *s == quote)
			quote = 0;
		else if (!quote && (*s == '\'' || *s == '"'))
			quote = *s;
		else if (*s == '\\' && quote != '\'' && s[1])
			*end++ = *++s;
		else
			*end++ = *s;
	}
	*at = s;
	return quote ? NULL : word;
}

int spec_split(struct arena *arena, const char *text, const char ***out, size_t *out_n,
	       struct error *err)
{
	const char **words = NULL, *at = text;
	size_t n = 0, room = 0;

	for (;;) {
		at += strspn(at, " \t\n");
		if (!*at)
			break;
		const char *word = next_word(arena, &at);

		if (!word)
			return fail(err, ERROR_USAGE, "a quote in '%s' has no end", text);
		*arena_push(arena, words, n, room) = word;
	}
	if (!n)
		return fail(err, ERROR_USAGE, "option '--args' needs at least one word");
	*out = words;
	*out_n = n;
	return 0;
}

/* How far to shift for "k", "MiB", "gb", ...; -1 for anything else. */
static int unit_shift(const char *unit)
{
	static const char letters[] = "bkmgtp";
	const char *at;

	if (!*unit)
		return 0;
	at = strchr(letters, *unit | 0x20);
	if (!at)
		return -1;
	if (unit[1] && strcasecmp(unit + 1, "b") != 0 && strcasecmp(unit + 1, "ib") != 0)
		return -1;
	return unit[1] && at == letters ? -1 : (int)(at - letters) * 10;
}

int spec_bytes(const char *text, int64_t *out, struct error *err)
{
	size_t digits = strspn(text, "0123456789");
	struct arena scoped_arena arena = { 0 };
	int shift = unit_shift(text + digits);
	uint64_t number;

	if (shift < 0 || !text_to_u64(arena_strndup(&arena, text, digits), INT64_MAX, &number) ||
	    number > (uint64_t)INT64_MAX >> shift)
		return fail(err, ERROR_USAGE, "'%s' is no amount of memory: write bytes, or a "
			    "number with k, m or g behind it, like 512m", text);
	*out = (int64_t)(number << shift);
	return 0;
}

int spec_cpu_quota(const char *text, int64_t *out, struct error *err)
{
	const char *dot = strchr(text, '.');
	size_t whole_digits = dot ? (size_t)(dot - text) : strlen(text);
	struct arena scoped_arena arena = { 0 };
	uint64_t whole = 0, scale = SPEC_CPU_PERIOD, quota;
	bool is_good = text_to_u64(whole_digits ? arena_strndup(&arena, text, whole_digits) : "0",
				   INT_MAX, &whole);

	quota = whole * SPEC_CPU_PERIOD;
	for (const char *at = dot ? dot + 1 : ""; *at; at++) {
		is_good = is_good && *at >= '0' && *at <= '9';
		scale /= 10;
		quota += (uint64_t)(*at - '0') * scale;
	}
	/* The kernel takes no less than a millisecond. */
	if (!is_good || quota < 1000)
		return fail(err, ERROR_USAGE, "'%s' is no number of processors: write one like 2 "
			    "or 0.5, and 0.01 at least", text);
	*out = (int64_t)quota;
	return 0;
}

static int absolute_source(struct arena *arena, const char *source, const char **out,
			   struct error *err)
{
	char here[PATH_MAX];

	*out = source;
	if (source[0] == '/')
		return 0;
	if (!getcwd(here, sizeof(here)))
		return fail_errno(err, "tell the current directory");
	*out = text_clean_path(arena, text_join_path(arena, here, source));
	return 0;
}

static void add_options(struct arena *arena, const char *list, struct oci_mount *out)
{
	size_t room = out->n_options;

	for (const char *at = list; *at; at += *at == ',') {
		size_t n = strcspn(at, ",");

		if (n)
			*arena_push(arena, out->options, out->n_options, room) =
				arena_strndup(arena, at, n);
		at += n;
	}
}

int spec_mount(struct arena *arena, const char *text, struct oci_mount *out,
	       struct error *err)
{
	const char *target = strchr(text, ':'), *options;
	const char *source;
	size_t n;

	if (!target || target == text || target[1] != '/')
		return fail(err, ERROR_USAGE, "'%s' is no mount: write SOURCE:TARGET or "
			    "SOURCE:TARGET:OPTIONS with an absolute TARGET", text);
	source = arena_strndup(arena, text, (size_t)(target - text));
	n = strcspn(++target, ":");
	options = target[n] ? target + n + 1 : "";
	out->destination = arena_strndup(arena, target, n);
	if (is_equal(source, "tmpfs")) {
		out->type = out->source = "tmpfs";
		add_options(arena, "nosuid,nodev", out);
	} else {
		out->type = "bind";
		TRY(absolute_source(arena, source, &out->source, err));
		add_options(arena, "rbind,rprivate", out);
	}
	add_options(arena, options, out);
	return 0;
}
