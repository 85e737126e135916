/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line: what is written in a row, and what it means or why it is refused.
 * Words of a row stand between blanks; "" is written as ''.
 */
#include "cli/help.c"
#include "cli/options.c"
#include "tests/unit/suite.h"
#include <stdlib.h>

struct parsed_line {
	const char *words;
	const char *means;	/* fields that are set, in the order of describe() */
	const char *error;
};

static const struct parsed_line lines[] = {
	/* Options and operands in every order and spelling. */
	{ "state c1", "state id=c1", NULL },
	{ "--root /r state c1", "state root=/r id=c1", NULL },
	{ "--root=/r state c1", "state root=/r id=c1", NULL },
	{ "-root /r state c1", "state root=/r id=c1", NULL },
	{ "state c1 --root /r", "state root=/r id=c1", NULL },
	{ "--root /a --root /b state c1", "state root=/b id=c1", NULL },
	{ "--root /a state --root /b c1", "state root=/b id=c1", NULL },
	{ "--root '' state c1", "state root= id=c1", NULL },
	{ "delete c1 --force", "delete id=c1 force", NULL },
	{ "delete -f c1", "delete id=c1 force", NULL },
	{ "delete --force=false c1", "delete id=c1", NULL },
	{ "delete --force=T c1", "delete id=c1 force", NULL },
	{ "delete -f=0 c1", "delete id=c1", NULL },
	{ "delete -fr c1", "delete id=c1 force regex", NULL },
	{ "delete -- -f", "delete id=-f", NULL },
	{ "create -b /b c1", "create bundle=/b id=c1", NULL },
	{ "create -b/b c1", "create bundle=/b id=c1", NULL },
	{ "create -b=/b c1", "create bundle=/b id=c1", NULL },
	{ "create --bundle /b --no-pivot c1 --pid-file p",
	  "create bundle=/b pid-file=p no-pivot id=c1", NULL },
	{ "create -no-new-keyring c1", "create no-new-keyring id=c1", NULL },
	{ "create --preserve-fds 3 c1", "create preserve-fds=3 id=c1", NULL },
	{ "run -db /b c1", "run bundle=/b id=c1 detach", NULL },
	{ "run -no-subreaper c1", "run no-subreaper id=c1", NULL },
	{ "run c1 -- sh -c --root", "run id=c1 command=sh,-c,--root", NULL },
	{ "run -- sh", "run command=sh", NULL },
	{ "kill -a c1 9", "kill id=c1 signal=9 all", NULL },
	{ "kill c1 SIGTERM", "kill id=c1 signal=SIGTERM", NULL },
	{ "kill c1", "kill id=c1", NULL },
	{ "list -q", "list quiet", NULL },
	{ "list -f json", "list format=json", NULL },
	{ "list --format=table", "list format=table", NULL },
	{ "explain --format json -f x.json", "explain config=x.json format=json", NULL },

	/* Global options that other runtimes have. */
	{ "--systemd-cgroup --systemd-cgroup state c1", "state id=c1 systemd-cgroup", NULL },
	{ "--cgroup-manager disabled state c1", "state id=c1 manager=disabled", NULL },
	{ "--log l --log-format json --log-level debug state c1", "state id=c1 log=l/json/debug",
	  NULL },
	{ "--rootless true state c1", "state id=c1 rootless=true", NULL },
	{ "--rootless=auto state c1", "state id=c1 rootless=auto", NULL },
	{ "--rootless state c1", "state id=c1 rootless=true", NULL },
	{ "spec --rootless", "spec spec-rootless", NULL },
	{ "-v", "version", NULL },
	{ "--version", "version", NULL },
	{ "state --help", "state help", NULL },
	{ "-h", "help", NULL },
	{ "spec -e A=1 --env B=2", "spec env=A=1,B=2", NULL },
	{ "spec --terminal=false", "spec terminal=false", NULL },
	{ "help", "help", NULL },

	/* What is refused, and how it is told. */
	{ "state", NULL, "\"state\" requires exactly 1 argument: oci-rt state [options] ID" },
	{ "state a b", NULL, "\"state\" requires exactly 1 argument: oci-rt state [options] ID" },
	{ "kill", NULL,
	  "\"kill\" requires a minimum of 1 argument: oci-rt kill [options] ID [SIGNAL]" },
	{ "kill a b c", NULL,
	  "\"kill\" requires a maximum of 2 arguments: oci-rt kill [options] ID [SIGNAL]" },
	{ "list x", NULL, "\"list\" requires exactly 0 arguments: oci-rt list [options]" },
	{ "sate c1", NULL, "unknown command 'sate' (did you mean 'state'?); see oci-rt --help" },
	{ "foobar", NULL, "unknown command 'foobar'; see oci-rt --help" },
	{ "--criu x", NULL, "unknown option '--criu'; see oci-rt --help" },
	{ "delete --forze c1", NULL,
	  "unknown option '--forze' (did you mean '--force'?); see oci-rt delete --help" },
	{ "delete -x c1", NULL, "unknown option '-x'; see oci-rt delete --help" },
	{ "create c1 --bundle", NULL,
	  "option '--bundle' requires an argument: --bundle DIR" },
	{ "create c1 -b", NULL, "option '--bundle' requires an argument: --bundle DIR" },
	{ "create --preserve-fds many c1", NULL,
	  "option '--preserve-fds' takes a number, not 'many'" },
	{ "create --preserve-fds -1 c1", NULL,
	  "option '--preserve-fds' takes a number, not '-1'" },
	{ "list -f xml", NULL, "option '--format' is one of table|json, not 'xml'" },
	{ "list -f tab", NULL, "option '--format' is one of table|json, not 'tab'" },
	{ "list -f ''", NULL, "option '--format' is one of table|json, not ''" },
	{ "delete --force=maybe c1", NULL, "option '--force' is true or false, not 'maybe'" },
};

static char **split(struct arena *arena, const char *words)
{
	char **list = NULL;
	size_t n = 0, room = 0;

	for (const char *at = words; *at; at += *at == ' ') {
		size_t length = strcspn(at, " ");
		char *word = arena_strndup(arena, at, length);

		*arena_push(arena, list, n, room) =
			is_equal(word, "''") ? arena_strdup(arena, "") : word;
		at += length;
	}
	*arena_push(arena, list, n, room) = NULL;
	return list;
}

static void add_value(struct text *out, const char *name, const char *value)
{
	if (value)
		text_add(out, " %s=%s", name, value);
}

static void add_flag(struct text *out, const char *name, bool value)
{
	if (value)
		text_add(out, " %s", name);
}

static void add_list(struct text *out, const char *name, const char *const *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_add(out, i ? ",%s" : " %s=%s", i ? items[i] : name, items[i]);
}

static void describe_request(struct text *out, const struct request *request)
{
	add_value(out, "root", request->root);
	add_value(out, "bundle", request->bundle);
	add_value(out, "config", request->config);
	add_value(out, "pid-file", request->pid_file);
	if (request->preserve_fds)
		text_add(out, " preserve-fds=%u", request->preserve_fds);
	add_flag(out, "no-pivot", request->no_pivot);
	add_flag(out, "no-new-keyring", request->no_new_keyring);
	add_flag(out, "no-subreaper", request->no_subreaper);
	add_value(out, "id", request->id);
	add_value(out, "signal", request->signal);
	add_value(out, "format", request->format);
	add_flag(out, "force", request->force);
	add_flag(out, "all", request->all);
	add_flag(out, "regex", request->is_regex);
	add_flag(out, "quiet", request->quiet);
	add_flag(out, "detach", request->detach);
	add_list(out, "command", (const char *const *)request->command, request->n_command);
}

static const char *describe(struct arena *arena, const struct options *options)
{
	struct text out = { .arena = arena };

	if (options->command)
		text_add(&out, " %s", command_rows[options->command].name);
	describe_request(&out, &options->request);
	add_flag(&out, "systemd-cgroup", options->systemd_cgroup);
	add_value(&out, "manager", options->cgroup_manager);
	if (options->log)
		text_add(&out, " log=%s/%s/%s", options->log, options->log_format,
			 options->log_level);
	add_value(&out, "rootless", options->rootless);
	add_flag(&out, "spec-rootless", options->spec.rootless);
	add_list(&out, "env", options->spec.env.items, options->spec.env.n);
	add_value(&out, "terminal", options->spec.terminal);
	add_flag(&out, "help", options->help);
	add_flag(&out, "version", options->version);
	return out.n ? out.s + 1 : "";
}

START_TEST(line_means)
{
	struct arena scoped_arena arena = { 0 };
	const struct parsed_line *line = &lines[_i];
	struct options options = { 0 };
	struct error err = { 0 };
	int result = options_parse(&arena, split(&arena, line->words), &options, &err);

	if (line->error) {
		ck_assert_msg(result < 0, "%s: accepted", line->words);
		ck_assert_str_eq(err.text, line->error);
		ck_assert_int_eq(err.kind, ERROR_USAGE);
	} else {
		ck_assert_msg(result == 0, "%s: %s", line->words, err.text);
		ck_assert_str_eq(describe(&arena, &options), line->means);
	}
}
END_TEST

/* runc ends with 3 there, and callers probe for commands. */
START_TEST(unknown_command_is_told_apart)
{
	struct arena scoped_arena arena = { 0 };
	struct options options = { 0 };
	struct error err = { 0 };

	ck_assert_int_eq(options_parse(&arena, split(&arena, "nope"), &options, &err),
			 OPTIONS_UNKNOWN_COMMAND);
}
END_TEST

/* An engine looks for the reason in the log that it named. */
START_TEST(log_is_known_in_spite_of_an_error)
{
	struct arena scoped_arena arena = { 0 };
	struct options options = { 0 };
	struct error err = { 0 };

	ck_assert_int_lt(options_parse(&arena, split(&arena, "--log /l state --nope c1"),
				       &options, &err), 0);
	ck_assert_str_eq(options.log, "/l");
}
END_TEST

/* A letter or a name stands for one option in a command. */
START_TEST(rows_do_not_clash)
{
	for (enum command command = 0; command < COMMAND_COUNT; command++)
		for (size_t i = 0; i < n_option_rows; i++)
			for (size_t j = i + 1; j < n_option_rows; j++) {
				const struct option_row *a = &option_rows[i], *b = &option_rows[j];

				if (!option_is_for(a, command) || !option_is_for(b, command))
					continue;
				ck_assert_str_ne(a->name, b->name);
				ck_assert_msg(!a->letter || a->letter != b->letter,
					      "-%c: --%s and --%s", a->letter, a->name, b->name);
			}
}
END_TEST

START_TEST(help_of_every_command)
{
	struct arena scoped_arena arena = { 0 };
	const char *text = help_text(&arena, (enum command)_i, false);

	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		ck_assert_uint_le(strcspn(line, "\n"), 100);
	for (size_t i = 0; i < n_option_rows; i++)
		if (option_rows[i].doc && option_is_for(&option_rows[i], (enum command)_i))
			ck_assert_ptr_nonnull(strstr(text, option_rows[i].name));
	ck_assert_ptr_null(strstr(text, "kill-at"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("options");

	tcase_add_loop_test(tc, line_means, 0, ARRAY_SIZE(lines));
	tcase_add_test(tc, unknown_command_is_told_apart);
	tcase_add_test(tc, log_is_known_in_spite_of_an_error);
	tcase_add_test(tc, rows_do_not_clash);
	tcase_add_loop_test(tc, help_of_every_command, 0, COMMAND_COUNT);
	return run_cases("options", tc);
}
