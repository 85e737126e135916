/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See explain.h.  The sentences stand in tables/steps.def; here are only the words for
 * sets and flags, and the layout.
 */
#include "plan/explain.h"
#include "base/text.h"
#include <stdio.h>
#include <sys/mount.h>

/* The sentences need texts of sets; a few small buffers in turn are enough for one line. */
struct words {
	char text[4][256];
	unsigned turn;
};

static char *next_buffer(struct words *words)
{
	char *buffer = words->text[words->turn++ % ARRAY_SIZE(words->text)];

	buffer[0] = 0;
	return buffer;
}

static void add_word(char *buffer, size_t size, const char *word)
{
	size_t n = strlen(buffer);

	snprintf(buffer + n, size - n, "%s%s", n ? ", " : "", word);
}

static const char *words_of_namespaces(struct words *words, unsigned set)
{
	char *buffer = next_buffer(words);

	for (enum ns ns = 0; ns < NS_COUNT; ns++)
		if (set & NS_BIT(ns))
			add_word(buffer, sizeof(words->text[0]), ns_table[ns].name);
	return *buffer ? buffer : "none";
}

static const char *words_of_propagation(struct words *words, unsigned long flags)
{
	char *buffer = next_buffer(words);
	const char *kind = flags & MS_SHARED ? "shared"
			   : flags & MS_SLAVE ? "slave"
			   : flags & MS_UNBINDABLE ? "unbindable"
						   : "private";

	snprintf(buffer, sizeof(words->text[0]), "%s%s", kind,
		 flags & MS_REC ? " with all below" : "");
	return buffer;
}

static const char *words_of_mount(struct words *words, const struct mount_options *options)
{
	struct arena scoped_arena arena = { 0 };
	char *buffer = next_buffer(words);
	const char *text = mount_options_describe(&arena, options);

	snprintf(buffer, sizeof(words->text[0]), "%s", is_empty(text) ? "defaults" : text);
	return buffer;
}

void step_describe(const struct step *step, char *buffer, size_t size)
{
	struct words words = { 0 };

	buffer[0] = 0;
#define text_of_namespaces(set) words_of_namespaces(&words, set)
#define text_of_propagation(flags) words_of_propagation(&words, flags)
#define text_of_mount(options) words_of_mount(&words, options)
	switch (step->kind) {
#define STEP(name_, fields, ...)                                                           \
	case STEP_##name_: {                                                               \
		const struct step_##name_ *s = &step->name_;                               \
                                                                                           \
		(void)s; /* some sentences have no operand */                              \
		snprintf(buffer, size, __VA_ARGS__);                                       \
		break;                                                                     \
	}
#include "tables/steps.def"
#undef STEP
	case STEP_COUNT:
		break;
	}
	(void)words; /* most sentences name no set */
}

static void add_json_string(struct text *out, const char *s)
{
	text_add(out, "\"");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			text_add(out, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			text_add(out, "\\u%04x", (unsigned char)*s);
		else
			text_add_bytes(out, s, 1);
	}
	text_add(out, "\"");
}

static void explain_step(struct text *out, enum role role, size_t i,
			 const struct step *step, bool json)
{
	char what[1024];

	step_describe(step, what, sizeof(what));
	if (!json) {
		text_add(out, "%-12s %3zu  %-34s %s\n", role_names[role], i, step->because,
			 what);
		return;
	}
	text_add(out, "%s\n  {\"role\":\"%s\",\"index\":%zu,\"step\":\"%s\",\"because\":",
		 out->n > 1 ? "," : "", role_names[role], i, step_names[step->kind]);
	add_json_string(out, step->because);
	text_add(out, ",\"what\":");
	add_json_string(out, what);
	text_add(out, "}");
}

char *plan_explain(struct arena *arena, const struct plan *plan, bool json)
{
	struct text out = { .arena = arena };

	text_add(&out, "%s", json ? "[" : "");
	for (enum role role = 0; role < ROLE_COUNT; role++)
		for (size_t i = 0; i < plan->of[role].n; i++)
			explain_step(&out, role, i, &plan->of[role].items[i], json);
	text_add(&out, "%s", json ? "\n]\n" : "");
	return out.s;
}
