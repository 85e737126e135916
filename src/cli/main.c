/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * oci-rt: words in, exit status out.  Errors are told here and nowhere else: one line on
 * standard error, and one in the log where there is one.
 */
#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/settings.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { EXIT_ERROR = 1, EXIT_UNKNOWN_COMMAND = 3, EXIT_EXEC = 255 };

static int (*const handlers[COMMAND_COUNT])(struct call *) = {
#define COMMAND(name, ...) [COMMAND_##name] = command_##name,
#include "tables/commands.def"
};

/* A closed standard stream would be taken by the next open, and a container given that. */
static void fill_standard_streams(void)
{
	struct pollfd streams[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(streams, 3, 0) <= 0)
		return;
	for (int i = 0; i < 3; i++) {
		if (!(streams[i].revents & POLLNVAL))
			continue;
		/* Lower ones are open, so this one is i; children are to have it. */
		if (open("/dev/null", O_RDWR | O_CLOEXEC) != i || fcntl(i, F_SETFD, 0) < 0)
			_exit(EXIT_ERROR);
	}
}

/* Where a caller ignores the end of children, the kernel keeps no status of ours either. */
static void see_children_end(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	(void)sigaction(SIGCHLD, &action, NULL); /* fails for bad numbers only */
}

static void tell(const struct error *err)
{
	if (err->kind == ERROR_NONE)
		return;
	log_line(LOG_ERROR, "%s", err->text);
	if (log_has_file())
		fprintf(stderr, "oci-rt: %s\n", err->text);
}

static int dispatch(struct call *call)
{
	const struct options *options = call->options;

	if (options->version)
		return command_version(call);
	if (options->help || !options->command)
		return print_text(help_text(call->arena, options->command, wants_colour()),
				  call->err);
	TRY(settings_resolve(call->arena, call->options, call->err));
	return handlers[options->command](call);
}

/* Before anything is opened: what we open ourselves would be handed on in their place. */
static int check_preserved(const struct request *request, struct error *err)
{
	for (unsigned i = 0; i < request->preserve_fds; i++)
		if (fcntl(STDERR_FILENO + 1 + (int)i, F_GETFD) < 0)
			return fail(err, ERROR_USAGE,
				    "--preserve-fds %u hands on the file descriptor %u, which "
				    "is not open",
				    request->preserve_fds, STDERR_FILENO + 1 + i);
	return 0;
}

static int run(struct call *call)
{
	struct error log_error = { 0 };
	int result = options_parse(call->arena, (char **)call->argv + 1, call->options, call->err);
	int log_result;

	if (result >= 0)
		result = check_preserved(call->request, call->err);
	log_result = settings_open_log(call->options, &log_error);
	if (result < 0)
		return result;
	if (log_result < 0) {
		*call->err = log_error;
		return log_result;
	}
	return dispatch(call);
}

int main(int argc, char **argv)
{
	struct arena scoped_arena arena = { 0 };
	struct options options = { 0 };
	struct error err = { 0 };
	struct call call = { &arena, &options, &options.request, argv, &err };
	int status;

	if (argc < 1)
		return EXIT_ERROR;
	fill_standard_streams();
	see_children_end();
	status = run(&call);
	if (status >= 0)
		return status;
	tell(&err);
	if (status == COMMAND_EXEC_FAILED)
		return EXIT_EXEC;
	return status == OPTIONS_UNKNOWN_COMMAND ? EXIT_UNKNOWN_COMMAND : EXIT_ERROR;
}
