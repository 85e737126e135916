/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a bundle: config.json must be a plain file, whatever else a path could name, and
 * all that is wrong with it stays at hand for whoever wants more than the first line.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/container.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MAX_CONFIG = 64 * 1024 * 1024 };

static int open_config(const char *path, struct error *err)
{
	/* Not to hang on a fifo, nor to make a terminal ours. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return fail(err, ERROR_CONFIG, "config.json is missing: '%s' is not there (is the "
			    "bundle right? oci-rt spec makes a config.json)", path);
	return TRY(fd, err, "open the configuration '%s'", path);
}

static int read_text(struct arena *arena, const char *path, char **out, size_t *out_n,
		     struct error *err)
{
	int scoped_fd fd = TRY(open_config(path, err));
	struct stat st;

	TRY(fstat(fd, &st), err, "look at the configuration '%s'", path);
	if (!S_ISREG(st.st_mode))
		return fail(err, ERROR_CONFIG, "the configuration '%s' is %s, not a file", path,
			    S_ISDIR(st.st_mode) ? "a directory" : "a device, fifo or socket");
	if (file_read_fd(fd, arena, MAX_CONFIG, out, out_n) == 0)
		return 0;
	if (errno == EFBIG)
		return fail(err, ERROR_CONFIG, "the configuration '%s' is larger than %d MiB", path,
			    MAX_CONFIG / 1024 / 1024);
	return fail_errno(err, "read the configuration '%s'", path);
}

/* As many errors as fit in the one line that callers show, and how many more there are. */
static int fail_problems(const struct oci_problems *problems, const char *file,
			 struct error *err)
{
	enum { MORE = 96 };
	size_t left = problems->dropped, n = 0, most = sizeof(err->text) - MORE;
	char line[1024];

	(void)fail(err, ERROR_CONFIG, "%s was refused", file);
	for (size_t i = 0; i < problems->n; i++) {
		if (problems->items[i].is_warning)
			continue;
		oci_problem_format(line, sizeof(line), file, &problems->items[i]);
		if (left || n + strlen(line) + 2 >= most)
			left++;
		else
			n += (size_t)snprintf(err->text + n, most - n, "%s%s", n ? "; " : "", line);
	}
	n = strlen(err->text);
	if (left)
		snprintf(err->text + n, MORE, " (and %zu more: oci-rt check shows all)", left);
	return -1;
}

/* The command line's own command takes the place of the configuration's. */
static const struct oci_config *with_command(struct arena *arena,
					     const struct oci_config *config,
					     const struct request *request)
{
	struct oci_process *process;
	struct oci_config *copy;

	if (!request->n_command || !config->process)
		return config;
	copy = arena_new(arena, struct oci_config);
	process = arena_new(arena, struct oci_process);
	*copy = *config;
	*process = *config->process;
	copy->process = process;
	process->args = arena_array(arena, request->n_command, sizeof(*process->args));
	process->n_args = request->n_command;
	for (size_t i = 0; i < request->n_command; i++)
		process->args[i] = request->command[i];
	return copy;
}

int bundle_read(struct arena *arena, const struct request *request, struct bundle *out,
		struct error *err)
{
	const char *file = request->config ? request->config : "config.json";
	const struct oci_config *config = NULL;
	char *text = NULL;

	out->path = request->bundle;
	out->problems.arena = arena;
	out->problems.has_agent = !is_empty(getenv("RUN_OCI_SECCOMP_RECEIVER"));
	if (request->config_text) {
		out->text = request->config_text;
		out->n_text = strlen(out->text);
	} else {
		TRY(read_text(arena, text_join_path(arena, request->bundle, file), &text,
			      &out->n_text, err));
		out->text = text;
	}
	if (oci_config_read(arena, out->text, out->n_text, &config, &out->problems) < 0)
		return fail_problems(&out->problems, file, err);
	out->config = with_command(arena, config, request);
	return 0;
}
