/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of a container's life, and those that tell about ourselves. */
#include "cli/commands.h"
#include "base/text.h"
#include "build-info.h"
#include "cli/help.h"
#include "container/container.h"
#include "kernel/self.h"
#include "plan/explain.h"
#include <stdlib.h>
#include <unistd.h>

static int print_plan(struct call *call, bool json)
{
	struct plan *plan;

	TRY(container_plan(call->arena, call->request, &plan, call->err));
	return print_text(plan_explain(call->arena, plan, json), call->err);
}

int command_create(struct call *call)
{
	if (call->request->dry_run)
		return print_plan(call, false);
	TRY(self_seal(call->argv, call->err));
	return container_create(call->arena, call->request, call->err);
}

/* Without a bundle the configuration is made from the options, as spec would write it. */
static int prepare_rootfs(struct call *call)
{
	struct spec_options *spec = &call->options->spec;
	struct request *request = call->request;
	bool has_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	char *text;

	if (is_empty(request->id))
		request->id = arena_printf(call->arena, "run-%d", getpid());
	if (!spec->terminal || is_equal(spec->terminal, "auto"))
		spec->terminal = has_terminal && !request->detach ? "true" : "false";
	spec->rootless = geteuid() != 0;
	spec->command = request->command;
	spec->n_command = request->n_command;
	TRY(container_spec(call->arena, spec, &text, call->err));
	request->config_text = text;
	return 0;
}

static int prepare_run(struct call *call)
{
	if (call->options->spec.rootfs)
		return prepare_rootfs(call);
	if (is_empty(call->request->id))
		return fail(call->err, ERROR_USAGE, "\"run\" requires exactly 1 argument: oci-rt "
			    "run [options] ID, or oci-rt run --rootfs DIR -- COMMAND");
	return 0;
}

int command_run(struct call *call)
{
	int status = 0;

	TRY(prepare_run(call));
	if (call->request->dry_run)
		return print_plan(call, false);
	TRY(self_seal(call->argv, call->err));
	TRY(container_run(call->arena, call->request, &status, call->err));
	return status;
}

static int exec_process(struct call *call)
{
	struct plan *plan;
	int status = 0;

	if (call->request->dry_run) {
		TRY(container_exec_plan(call->arena, call->request, &plan, call->err));
		return print_text(plan_explain(call->arena, plan, false), call->err);
	}
	TRY(self_seal(call->argv, call->err));
	TRY(container_exec(call->arena, call->request, &status, call->err));
	return status;
}

int command_exec(struct call *call)
{
	int status = exec_process(call);

	if (status >= 0)
		return status;
	error_context(call->err, "exec failed");
	return COMMAND_EXEC_FAILED;
}

int command_checkpoint(struct call *call)
{
	return container_checkpoint(call->arena, call->request, call->err);
}

int command_restore(struct call *call)
{
	int status = 0;

	TRY(container_restore(call->arena, call->request, &status, call->err));
	return status;
}

int command_start(struct call *call)
{
	return container_start(call->arena, call->request, call->err);
}

/* No newline at the end: that is how callers know this document. */
int command_state(struct call *call)
{
	char *text;

	TRY(container_state(call->arena, call->request, &text, call->err));
	return print_text(text, call->err);
}

int command_kill(struct call *call)
{
	return container_kill(call->arena, call->request, call->err);
}

int command_pause(struct call *call)
{
	return container_pause(call->arena, call->request, call->err);
}

int command_resume(struct call *call)
{
	return container_resume(call->arena, call->request, call->err);
}

int command_mounts(struct call *call)
{
	char **words = call->options->operands;
	struct request *request = call->request;
	struct plan *plan;

	request->removes = is_equal(words[0], "remove");
	if (!request->removes && !is_equal(words[0], "add"))
		return fail(call->err, ERROR_USAGE, "mounts knows add and remove, not '%s'",
			    words[0]);
	TRY(read_document(call, words[2], &request->mounts_text));
	if (!request->dry_run)
		return container_mounts(call->arena, request, call->err);
	TRY(container_mounts_plan(call->arena, request, &plan, call->err));
	return print_text(plan_explain(call->arena, plan, false), call->err);
}

int command_delete(struct call *call)
{
	return container_delete(call->arena, call->request, call->err);
}

static int print_ids(struct call *call, const struct container_summary *items, size_t n)
{
	struct text text = { .arena = call->arena };

	for (size_t i = 0; i < n; i++)
		text_add(&text, "%s\n", items[i].id);
	return n ? print_text(text.s, call->err) : 0;
}

int command_list(struct call *call)
{
	struct container_summary *items;
	size_t n;

	TRY(container_list(call->arena, call->request, &items, &n, call->err));
	if (call->request->quiet)
		return print_ids(call, items, n);
	if (is_equal(call->request->format, "json"))
		return print_text_line(list_json(call->arena, items, n), call->err);
	return print_text(list_table(call->arena, items, n), call->err);
}

int command_features(struct call *call)
{
	return print_text(container_features(call->arena, OCI_RT_VERSION, OCI_RT_COMMIT),
			  call->err);
}

int command_explain(struct call *call)
{
	if (is_empty(call->request->id))
		call->request->id = "ID";
	return print_plan(call, is_equal(call->request->format, "json"));
}

int command_completion(struct call *call)
{
	char *script = completion_script(call->arena, call->options->operands[0]);

	if (!script)
		return fail(call->err, ERROR_USAGE, "no completion for the shell '%s': bash, zsh "
			    "and fish there are", call->options->operands[0]);
	return print_text(script, call->err);
}

int command_help(struct call *call)
{
	const char *name = call->options->operands[0];
	enum command command = COMMAND_none;

	if (call->options->manual)
		return print_text(help_manual(call->arena), call->err);
	if (name)
		command = command_by_name(name);
	if (name && !command) {
		(void)fail(call->err, ERROR_USAGE, "no help for '%s': there is no such command",
			   name);
		return OPTIONS_UNKNOWN_COMMAND;
	}
	return print_text(help_text(call->arena, command, wants_colour()), call->err);
}

int command_version(struct call *call)
{
	return print_text(version_text(call->arena, call->argv[0]), call->err);
}
