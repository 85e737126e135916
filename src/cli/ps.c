/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ps: the host's ps(1) shows all processes, and we keep the container's. */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "container/container.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

struct pid_set {
	const pid_t *items; /* sorted */
	size_t n;
};

static int print_json(struct call *call, const struct pid_set *pids)
{
	struct text text = { .arena = call->arena };

	text_add(&text, "[");
	for (size_t i = 0; i < pids->n; i++)
		text_add(&text, "%s%d", i ? "," : "", pids->items[i]);
	text_add(&text, "]\n");
	return print_text(text.s, call->err);
}

/* Start ps(1) with its standard output in the pipe; the caller reaps it. */
static int spawn(char *const *argv, int output, pid_t *out, struct error *err)
{
	posix_spawn_file_actions_t actions;
	int code;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return fail(err, ERROR_KERNEL, "run '%s': no memory", argv[0]);
	code = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (code == 0)
		code = posix_spawnp(out, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (code == ENOENT)
		return fail(err, ERROR_KERNEL, "the command 'ps' is not installed on this host: "
			    "install it (procps), or take --format json");
	errno = code;
	return code ? fail_errno(err, "run '%s'", argv[0]) : 0;
}

static int read_ps(struct arena *arena, char *const *argv, char **out, struct error *err)
{
	enum { MOST = 64 << 20 };
	int pair[2], status = 0, result;
	size_t n;
	pid_t pid = -1;

	TRY(pipe2(pair, O_CLOEXEC), err, "make a pipe");
	int scoped_fd reader = pair[0], scoped_fd writer = pair[1];
	TRY(spawn(argv, writer, &pid, err));
	fd_close(&writer);
	result = file_read_fd(reader, arena, MOST, out, &n);
	fd_close(&reader);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (result < 0)
		return fail_errno(err, "read what ps prints");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail(err, ERROR_USAGE, "ps failed: look at the options behind the id");
	return 0;
}

/* The number of the column with that title, or -1. */
static int find_column(const char *head, const char *title)
{
	size_t n = strlen(title);

	for (int column = 0;; column++) {
		size_t width;

		head += strspn(head, " \t");
		width = strcspn(head, " \t");
		if (!width)
			return -1;
		if (width == n && strncmp(head, title, n) == 0)
			return column;
		head += width;
	}
}

static bool has_pid(const struct pid_set *pids, long pid)
{
	for (size_t i = 0; i < pids->n; i++)
		if (pids->items[i] == pid)
			return true;
	return false;
}

static long number_at(const char *line, int column)
{
	for (; column > 0; column--) {
		line += strspn(line, " \t");
		line += strcspn(line, " \t");
	}
	return strtol(line, NULL, 10);
}

static int print_table(struct call *call, const struct pid_set *pids)
{
	char *usual[] = { (char[]){ "ps" }, (char[]){ "-ef" }, NULL };
	char **words = call->options->operands; /* the id makes room for the name */
	struct text text = { .arena = call->arena };
	char *output, *line;
	int column;

	if (is_equal(words[1], "--"))
		words++;
	words[0] = usual[0];
	TRY(read_ps(call->arena, words[1] ? words : usual, &output, call->err));
	line = strsep(&output, "\n");
	column = find_column(line, "PID");
	if (column < 0)
		return fail(call->err, ERROR_USAGE, "what ps prints has no column PID to tell the "
			    "container's processes by: ask it for one, like -o pid,cmd");
	text_add(&text, "%s\n", line);
	while ((line = strsep(&output, "\n")))
		if (has_pid(pids, number_at(line, column)))
			text_add(&text, "%s\n", line);
	return print_text(text.s, call->err);
}

int command_ps(struct call *call)
{
	struct pid_set pids;
	pid_t *items;

	TRY(container_pids(call->arena, call->request, &items, &pids.n, call->err));
	pids.items = items;
	return is_equal(call->request->format, "json") ? print_json(call, &pids) :
							 print_table(call, &pids);
}
