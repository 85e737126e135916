/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands that help with a bundle: spec writes one, check looks through one. */
#include "base/file.h"
#include "base/fd.h"
#include "base/text.h"
#include "cli/commands.h"
#include "container/container.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { CHECK_CONFIG = 1, CHECK_HOST = 2 };

static int write_new(const char *dir, const char *path, const char *text, struct error *err)
{
	int scoped_fd fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 && errno == EEXIST)
		return fail(err, ERROR_USAGE, "file config.json exists in '%s': remove it first",
			    dir);
	TRY(fd, err, "create '%s'", path);
	TRY(write_all(fd, text, strlen(text)), err, "write '%s'", path);
	return 0;
}

int command_spec(struct call *call)
{
	struct spec_options *spec = &call->options->spec;
	struct request *request = call->request;
	char *text;

	spec->command = request->command;
	spec->n_command = request->n_command;
	TRY(container_spec(call->arena, spec, &text, call->err));
	return write_new(request->bundle,
			 text_join_path(call->arena, request->bundle, "config.json"), text,
			 call->err);
}

static const char *mark(bool colour, bool is_warning)
{
	if (!colour)
		return is_warning ? "warning: " : "";
	return is_warning ? "\033[33mwarning:\033[0m " : "\033[31merror:\033[0m ";
}

static size_t add_problems(struct text *text, const struct oci_problems *problems,
			   const char *file, bool colour)
{
	size_t errors = problems->dropped;
	char line[1024];

	for (size_t i = 0; i < problems->n; i++) {
		const struct oci_problem *problem = &problems->items[i];

		oci_problem_format(line, sizeof(line), file, problem);
		text_add(text, "%s%s\n", mark(colour, problem->is_warning), line);
		errors += !problem->is_warning;
	}
	if (problems->dropped)
		text_add(text, "and %zu more\n", problems->dropped);
	return errors;
}

static void add_host_problems(struct text *text, const struct host_problem *problems,
			      size_t n, bool colour)
{
	for (size_t i = 0; i < n; i++)
		text_add(text, "%sthis host: %s%s%s\n", mark(colour, false), problems[i].path,
			 *problems[i].path ? ": " : "", problems[i].what);
}

int command_check(struct call *call)
{
	struct text text = { .arena = call->arena };
	struct request *request = call->request;
	struct host_problem *host;
	struct bundle bundle;
	size_t n, errors;

	request->id = "ID";
	TRY(container_check(call->arena, request, &bundle, &host, &n, call->err));
	errors = add_problems(&text, &bundle.problems, request->config, wants_colour());
	add_host_problems(&text, host, n, wants_colour());
	if (!errors && !n)
		text_add(&text, "no problem found in %s/%s\n", request->bundle, request->config);
	TRY(print_text(text.s, call->err));
	if (errors)
		return CHECK_CONFIG;
	return n ? CHECK_HOST : 0;
}
