/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See options.h.  One pass over the words; what a name means depends on the command seen
 * so far, and a command's own option hides a global one of the same name.
 */
#include "cli/options.h"
#include "base/text.h"
#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <strings.h>

const struct command_row command_rows[COMMAND_COUNT] = {
	[COMMAND_none] = { .name = "", .operands = "", .doc = "" },
#define TAKES_COMMAND COMMAND_TAKES_COMMAND
#define STOPS COMMAND_STOPS
#define HIDDEN COMMAND_HIDDEN
#define COMMAND(name, operands, least, most, flags, doc)                                   \
	[COMMAND_##name] = { #name, operands, least, most, flags, doc },
#include "tables/commands.def"
#undef TAKES_COMMAND
#undef STOPS
#undef HIDDEN
};
static_assert(ARRAY_SIZE(command_rows) == COMMAND_COUNT, "every command has a row");
static_assert(COMMAND_COUNT < 32, "a set of commands is a bit mask");

const struct option_row option_rows[] = {
#define ANY COMMAND_ANY
#define IN(command) (1u << COMMAND_##command)
#define OPTION(commands, name, letter, kind, argument, field, doc)                         \
	{ commands, name, letter, OPTION_##kind, argument,                                 \
	  offsetof(struct options, field), doc },
#include "tables/commands.def"
#undef ANY
#undef IN
};
const size_t n_option_rows = ARRAY_SIZE(option_rows);

struct parser {
	struct arena *arena;
	char **at;		/* the next word */
	struct options *out;
	size_t operand_room;
	bool ended;		/* "--" was seen */
};

enum command command_by_name(const char *name)
{
	for (enum command i = 1; i < COMMAND_COUNT; i++)
		if (is_equal(command_rows[i].name, name))
			return i;
	return COMMAND_none;
}

/*
 * " (did you mean '--NAME'?)" for the nearest of n names, or "" when none is near: one
 * that begins like the word, or that differs in less than a third of its letters.
 */
static const char *did_you_mean(struct arena *arena, const char *dashes, const char *word,
				const char *const *names, size_t n)
{
	unsigned least = (unsigned)strlen(word) / 3 + 1;
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned distance = text_distance(word, names[i]);
		bool begins = word[0] && word[1] && has_prefix(names[i], word);

		if (distance < least || (begins && !best)) {
			least = distance < least ? distance : least;
			best = names[i];
		}
	}
	return best ? arena_printf(arena, " (did you mean '%s%s'?)", dashes, best) : "";
}

static const struct option_row *find_long(enum command command, const char *name, size_t n)
{
	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++)
		if (option_is_for(row, command) && strlen(row->name) == n &&
		    memcmp(row->name, name, n) == 0)
			return row;
	return NULL;
}

static const struct option_row *find_letter(enum command command, char letter)
{
	const struct option_row *global = NULL;

	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++) {
		if (row->letter != letter || !option_is_for(row, command))
			continue;
		if (!option_is_global(row))
			return row;
		global = row;
	}
	return global;
}

static int unknown_option(struct parser *p, const char *word, struct error *err)
{
	enum command command = p->out->command;
	const char **names = arena_array(p->arena, n_option_rows, sizeof(*names));
	size_t n = 0, dashes = strspn(word, "-");
	const char *name = arena_strndup(p->arena, word + dashes, strcspn(word + dashes, "="));

	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++)
		if (option_is_for(row, command) && row->doc)
			names[n++] = row->name;
	return fail(err, ERROR_USAGE, "unknown option '%s'%s; see oci-rt %s%s--help", word,
		    did_you_mean(p->arena, "--", name, names, n),
		    command ? command_rows[command].name : "", command ? " " : "");
}

/* What Go's flag package takes for a truth value, and yes and no. */
static bool text_to_bool(const char *s, bool *out)
{
	static const char *const words[2][5] = {
		{ "false", "0", "f", "no", "off" },
		{ "true", "1", "t", "yes", "on" },
	};

	for (size_t truth = 0; truth < 2; truth++)
		for (size_t i = 0; i < ARRAY_SIZE(words[0]); i++)
			if (strcasecmp(s, words[truth][i]) == 0) {
				*out = truth;
				return true;
			}
	return false;
}

/* Whether the value is one of "a|b|c". */
static bool is_choice(const char *choices, const char *value)
{
	size_t n = strlen(value);

	for (const char *at = choices; n; at += 1) {
		size_t length = strcspn(at, "|");

		if (length == n && memcmp(at, value, n) == 0)
			return true;
		at += length;
		if (!*at)
			break;
	}
	return false;
}

static int set_flag(const struct option_row *row, const char *value, bool *field,
		    struct error *err)
{
	*field = true;
	if (value && !text_to_bool(value, field))
		return fail(err, ERROR_USAGE, "option '--%s' is true or false, not '%s'",
			    row->name, value);
	return 0;
}

static int set_number(const struct option_row *row, const char *value, unsigned *field,
		      struct error *err)
{
	uint64_t number;

	if (!text_to_u64(value, INT_MAX, &number))
		return fail(err, ERROR_USAGE, "option '--%s' takes a number, not '%s'",
			    row->name, value);
	*field = (unsigned)number;
	return 0;
}

/* OFTEN: the next word belongs to the option only when it is one of its values. */
static const char *often_value(struct parser *p, const struct option_row *row)
{
	if (*p->at && is_choice(row->argument, *p->at))
		return *p->at++;
	return "true";
}

/* Set the field; value is NULL when none stood in the same word. */
static int set_option(struct parser *p, const struct option_row *row, const char *value,
		      struct error *err)
{
	void *field = (char *)p->out + row->offset;

	if (row->kind == OPTION_FLAG)
		return set_flag(row, value, field, err);
	if (!value && row->kind == OPTION_OFTEN)
		value = often_value(p, row);
	if (!value && !*p->at)
		return fail(err, ERROR_USAGE, "option '--%s' requires an argument: --%s %s",
			    row->name, row->name, row->argument);
	if (!value)
		value = *p->at++;
	if (row->kind == OPTION_NUMBER)
		return set_number(row, value, field, err);
	if ((row->kind == OPTION_CHOICE || row->kind == OPTION_OFTEN) &&
	    !is_choice(row->argument, value))
		return fail(err, ERROR_USAGE, "option '--%s' is one of %s, not '%s'", row->name,
			    row->argument, value);
	if (row->kind == OPTION_WORDS) {
		struct word_list *list = field;

		*arena_push(p->arena, list->items, list->n, list->room) = value;
		return 0;
	}
	*(const char **)field = value;
	return 0;
}

/* "-abVALUE": letters, of which the first that takes a value takes the rest. */
static int parse_letters(struct parser *p, const char *word, struct error *err)
{
	for (const char *at = word + 1; *at; at++) {
		const struct option_row *row = find_letter(p->out->command, *at);
		const char *value = NULL;

		if (!row)
			return unknown_option(p, word, err);
		if (at[1] == '=')
			value = at + 2;
		else if (at[1] && row->kind != OPTION_FLAG && row->kind != OPTION_OFTEN)
			value = at + 1;
		TRY(set_option(p, row, value, err));
		if (value)
			return 0;
	}
	return 0;
}

static int parse_option(struct parser *p, const char *word, struct error *err)
{
	bool is_double = word[1] == '-';
	const char *name = word + 1 + is_double;
	size_t n = strcspn(name, "=");
	const struct option_row *row = find_long(p->out->command, name, n);

	if (row)
		return set_option(p, row, name[n] ? name + n + 1 : NULL, err);
	if (is_double)
		return unknown_option(p, word, err);
	return parse_letters(p, word, err);
}

static int parse_command(struct parser *p, const char *word, struct error *err)
{
	const char *names[COMMAND_COUNT];
	size_t n = 0;

	p->out->command = command_by_name(word);
	if (p->out->command)
		return 0;
	for (enum command i = 1; i < COMMAND_COUNT; i++)
		if (!(command_rows[i].flags & COMMAND_HIDDEN))
			names[n++] = command_rows[i].name;
	(void)fail(err, ERROR_USAGE, "unknown command '%s'%s; see oci-rt --help", word,
		   did_you_mean(p->arena, "", word, names, n));
	return OPTIONS_UNKNOWN_COMMAND;
}

static int parse_operand(struct parser *p, char *word, struct error *err)
{
	struct options *out = p->out;

	if (!out->command)
		return parse_command(p, word, err);
	*arena_push(p->arena, out->operands, out->n_operands, p->operand_room) = word;
	if (command_rows[out->command].flags & COMMAND_STOPS)
		p->ended = true;
	return 0;
}

/* What follows "--". */
static void end_options(struct parser *p)
{
	struct request *request = &p->out->request;

	p->ended = true;
	if (!(command_rows[p->out->command].flags & COMMAND_TAKES_COMMAND))
		return;
	request->command = p->at;
	while (*p->at) {
		p->at++;
		request->n_command++;
	}
}

static const char *how_many(const struct command_row *row, size_t n)
{
	if (row->least == row->most)
		return "exactly";
	return n < row->least ? "a minimum of" : "a maximum of";
}

static int check_operands(const struct options *options, struct error *err)
{
	const struct command_row *row = &command_rows[options->command];
	size_t n = options->n_operands, bound = n < row->least ? row->least : row->most;

	if (!options->command || (n >= row->least && n <= row->most))
		return 0;
	return fail(err, ERROR_USAGE, "\"%s\" requires %s %zu argument%s: oci-rt %s [options]%s%s",
		    row->name, how_many(row, n), bound, bound == 1 ? "" : "s", row->name,
		    *row->operands ? " " : "", row->operands);
}

/* The list always ends in NULL, and the usual operands have their places. */
static void finish(struct parser *p)
{
	struct options *out = p->out;

	*arena_push(p->arena, out->operands, out->n_operands, p->operand_room) = NULL;
	out->n_operands--;
	if (has_prefix(command_rows[out->command].operands, "ID"))
		out->request.id = out->operands[0];
	if (out->command == COMMAND_exec && out->n_operands > 1) {
		size_t skip = is_equal(out->operands[1], "--") ? 2 : 1;

		out->request.command = out->operands + skip;
		out->request.n_command = out->n_operands - skip;
	}
	if (out->command == COMMAND_mounts && out->n_operands > 1)
		out->request.id = out->operands[1];
	if (out->command == COMMAND_kill && out->n_operands > 1)
		out->request.signal = out->operands[1];
}

int options_parse(struct arena *arena, char **argv, struct options *out, struct error *err)
{
	struct parser p = { .arena = arena, .at = argv, .out = out };

	while (*p.at) {
		char *word = *p.at++;

		if (p.ended || word[0] != '-' || !word[1])
			TRY(parse_operand(&p, word, err));
		else if (is_equal(word, "--"))
			end_options(&p);
		else
			TRY(parse_option(&p, word, err));
	}
	finish(&p);
	if (out->help || out->version)
		return 0;
	return check_operands(out, err);
}
