/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion scripts for the shells: commands, options, the values of choices, directories
 * and files where an option takes one, and the ids of the containers there are.
 */
#include "base/text.h"
#include "cli/help.h"
#include <assert.h>

static bool is_shown(const struct option_row *row, enum command command)
{
	return row->doc && option_is_for(row, command);
}

static bool takes_id(enum command command)
{
	return has_prefix(command_rows[command].operands, "ID") && command != COMMAND_create &&
	       command != COMMAND_run;
}

static void add_command_names(struct text *text)
{
	for (enum command i = 1; i < COMMAND_COUNT; i++)
		if (!(command_rows[i].flags & COMMAND_HIDDEN))
			text_add(text, "%s%s", i > 1 ? " " : "", command_rows[i].name);
}

/* What may stand as an operand of the commands that are not about containers. */
static void add_operand_names(struct text *text, enum command command)
{
	if (command == COMMAND_help)
		add_command_names(text);
	if (command == COMMAND_completion)
		text_add(text, "bash zsh fish");
	if (command == COMMAND_mounts)
		text_add(text, "add remove");
}

static void add_option_names(struct text *text, enum command command)
{
	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++) {
		if (!is_shown(row, command))
			continue;
		text_add(text, "--%s ", row->name);
		if (row->letter)
			text_add(text, "-%c ", row->letter);
	}
}

static void add_choices(struct text *text, const char *choices)
{
	for (; *choices; choices++)
		text_add(text, "%c", *choices == '|' ? ' ' : *choices);
}

/* What bash offers behind an option, one line of its case. */
static void add_bash_values(struct text *text, const struct option_row *row)
{
	if (!row->doc || row->kind == OPTION_FLAG)
		return;
	text_add(text, "\t--%s) ", row->name);
	if (row->argument && strchr(row->argument, '|')) {
		text_add(text, "COMPREPLY=($(compgen -W \"");
		add_choices(text, row->argument);
		text_add(text, "\" -- \"$cur\")); ");
	} else if (row->kind == OPTION_PATH) {
		text_add(text, "COMPREPLY=($(compgen -%c -- \"$cur\")); ",
			 is_equal(row->argument, "DIR") ? 'd' : 'f');
	}
	text_add(text, "return ;;\n");
}

static char *bash_script(struct arena *arena)
{
	struct text text = { .arena = arena };

	text_add(&text, "# bash completion for oci-rt; made by: oci-rt completion bash\n"
			"_oci_rt()\n{\n"
			"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
			"\tlocal word command= ids= options=\n"
			"\tCOMPREPLY=()\n"
			"\tcase $prev in\n");
	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++)
		add_bash_values(&text, row);
	text_add(&text, "\tesac\n"
			"\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
			"\t\tcase $word in\n\t\t");
	for (enum command i = 1; i < COMMAND_COUNT; i++)
		text_add(&text, "%s%s", i > 1 ? "|" : "", command_rows[i].name);
	text_add(&text, ") command=$word; break ;;\n\t\tesac\n\tdone\n\tcase $command in\n\t'') "
			"options=\"");
	add_option_names(&text, COMMAND_none);
	add_command_names(&text);
	text_add(&text, "\" ;;\n");
	for (enum command i = 1; i < COMMAND_COUNT; i++) {
		text_add(&text, "\t%s) options=\"", command_rows[i].name);
		add_option_names(&text, i);
		add_operand_names(&text, i);
		text_add(&text, "\"%s ;;\n", takes_id(i) ? "; ids=1" : "");
	}
	text_add(&text, "\tesac\n"
			"\t[ -z \"$ids\" ] || options+=\" $(oci-rt list --quiet 2>/dev/null)\"\n"
			"\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
			"}\ncomplete -F _oci_rt oci-rt\n");
	return text.s;
}

/* Text inside '...' of zsh's specifications, whose brackets and colons have a meaning. */
static void add_zsh_text(struct text *text, const char *s)
{
	for (; *s; s++) {
		if (*s == '[' || *s == ']' || *s == ':')
			text_add(text, "\\%c", *s);
		else if (*s == '\'')
			text_add(text, "'\\''");
		else
			text_add_bytes(text, s, 1);
	}
}

static void add_zsh_option(struct text *text, const struct option_row *row)
{
	text_add(text, " \\\n\t\t\t'--%s[", row->name);
	add_zsh_text(text, row->doc);
	text_add(text, "]");
	if (row->kind != OPTION_FLAG) {
		text_add(text, ":");
		add_zsh_text(text, row->argument);
		text_add(text, ":");
		if (strchr(row->argument, '|')) {
			text_add(text, "(");
			add_choices(text, row->argument);
			text_add(text, ")");
		} else if (row->kind == OPTION_PATH) {
			text_add(text, is_equal(row->argument, "DIR") ? "_files -/" : "_files");
		}
	}
	text_add(text, "'");
}

static void add_zsh_command(struct text *text, enum command command)
{
	text_add(text, "\t\t%s) _arguments", command_rows[command].name);
	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++)
		if (is_shown(row, command))
			add_zsh_option(text, row);
	if (takes_id(command))
		text_add(text, " \\\n\t\t\t'1:id:($(oci-rt list --quiet 2>/dev/null))'");
	if (command == COMMAND_completion)
		text_add(text, " \\\n\t\t\t'1:shell:(bash zsh fish)'");
	text_add(text, " ;;\n");
}

static char *zsh_script(struct arena *arena)
{
	struct text text = { .arena = arena };

	text_add(&text, "#compdef oci-rt\n"
			"# zsh completion for oci-rt; made by: oci-rt completion zsh\n"
			"_oci_rt()\n{\n\tlocal -a commands\n\tlocal state line\n\tcommands=(\n");
	for (enum command i = 1; i < COMMAND_COUNT; i++) {
		text_add(&text, "\t\t'%s:", command_rows[i].name);
		add_zsh_text(&text, command_rows[i].doc);
		text_add(&text, "'\n");
	}
	text_add(&text, "\t)\n\t_arguments -C");
	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++)
		if (is_shown(row, COMMAND_none))
			add_zsh_option(&text, row);
	text_add(&text, " \\\n\t\t\t'1:command:->command' '*::operand:->operand'\n"
			"\tcase $state in\n\tcommand) _describe command commands ;;\n"
			"\toperand)\n\t\tcase $line[1] in\n");
	for (enum command i = 1; i < COMMAND_COUNT; i++)
		add_zsh_command(&text, i);
	text_add(&text, "\t\tesac ;;\n\tesac\n}\n_oci_rt \"$@\"\n");
	return text.s;
}

static void add_fish_text(struct text *text, const char *s)
{
	for (; *s; s++)
		text_add(text, *s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
}

/* What fish is told of an option's argument, by its kind. */
static const char *const fish_arguments[] = {
	[OPTION_FLAG] = "",  [OPTION_TEXT] = " -x",  [OPTION_PATH] = " -r -F",
	[OPTION_NUMBER] = " -x", [OPTION_WORDS] = " -x", [OPTION_CHOICE] = " -x",
	[OPTION_OFTEN] = " -x",
};
static_assert(ARRAY_SIZE(fish_arguments) == OPTION_KIND_COUNT, "every kind is completed");

static void add_fish_option(struct text *text, const struct option_row *row,
			    const char *condition)
{
	text_add(text, "complete -c oci-rt%s -l %s", condition, row->name);
	if (row->letter)
		text_add(text, " -s %c", row->letter);
	text_add(text, "%s", fish_arguments[row->kind]);
	if (row->kind != OPTION_FLAG && strchr(row->argument, '|')) {
		text_add(text, " -a '");
		add_choices(text, row->argument);
		text_add(text, "'");
	}
	text_add(text, " -d '");
	add_fish_text(text, row->doc);
	text_add(text, "'\n");
}

static void add_fish_command(struct text *text, enum command command)
{
	char *seen = arena_printf(text->arena, " -n '__fish_seen_subcommand_from %s'",
				  command_rows[command].name);

	text_add(text, "complete -c oci-rt -n __fish_use_subcommand -a %s -d '",
		 command_rows[command].name);
	add_fish_text(text, command_rows[command].doc);
	text_add(text, "'\n");
	if (takes_id(command))
		text_add(text, "complete -c oci-rt%s -a '(oci-rt list --quiet 2>/dev/null)'\n",
			 seen);
	if (command == COMMAND_completion)
		text_add(text, "complete -c oci-rt%s -a 'bash zsh fish'\n", seen);
	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++)
		if (is_shown(row, command) && !option_is_global(row))
			add_fish_option(text, row, seen);
}

static char *fish_script(struct arena *arena)
{
	struct text text = { .arena = arena };

	text_add(&text, "# fish completion for oci-rt; made by: oci-rt completion fish\n"
			"complete -c oci-rt -f\n");
	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++)
		if (is_shown(row, COMMAND_none))
			add_fish_option(&text, row, "");
	for (enum command i = 1; i < COMMAND_COUNT; i++)
		if (!(command_rows[i].flags & COMMAND_HIDDEN))
			add_fish_command(&text, i);
	return text.s;
}

char *completion_script(struct arena *arena, const char *shell)
{
	if (is_equal(shell, "bash"))
		return bash_script(arena);
	if (is_equal(shell, "zsh"))
		return zsh_script(arena);
	if (is_equal(shell, "fish"))
		return fish_script(arena);
	return NULL;
}
