/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What exec runs, put together from the configuration or a process file and the options.
 * Nothing that confines the container's first process is lost by leaving it out of a file:
 * limits, rights and labels are then those of the container.
 */
#include "plan/create.h"
#include "base/text.h"
#include "tables/names.h"
#include <ctype.h>

/* 4294967295 means "none" to the kernel and is nobody's id. */
enum { LAST_ID = 4294967294u };

static void add_word(struct arena *arena, const char ***list, size_t *n, const char *word)
{
	const char **more = arena_array(arena, *n + 1, sizeof(*more));

	if (*n)
		memcpy(more, *list, *n * sizeof(*more));
	more[(*n)++] = word;
	*list = more;
}

/* Whatever a process file does not say. */
static void inherit(struct oci_process *process, const struct oci_process *own)
{
	if (!process->capabilities)
		process->capabilities = own->capabilities;
	if (!process->rlimits) {
		process->rlimits = own->rlimits;
		process->n_rlimits = own->n_rlimits;
	}
	if (!process->has_no_new_privileges)
		process->no_new_privileges = own->no_new_privileges;
	if (is_empty(process->apparmor_profile))
		process->apparmor_profile = own->apparmor_profile;
	if (is_empty(process->selinux_label))
		process->selinux_label = own->selinux_label;
	if (!process->has_oom_score_adj) {
		process->oom_score_adj = own->oom_score_adj;
		process->has_oom_score_adj = own->has_oom_score_adj;
	}
	if (!process->scheduler)
		process->scheduler = own->scheduler;
	if (!process->io_priority)
		process->io_priority = own->io_priority;
	if (!process->exec_cpu_affinity)
		process->exec_cpu_affinity = own->exec_cpu_affinity;
}

static void inherit_umask(struct arena *arena, struct oci_process *process,
			  const struct oci_process *own)
{
	struct oci_user *user = arena_new(arena, struct oci_user);

	if (process->user)
		*user = *process->user;
	process->user = user;
	if (user->has_umask || !own->user || !own->user->has_umask)
		return;
	user->umask = own->user->umask;
	user->has_umask = true;
}

static int set_user(struct arena *arena, const struct exec_request *options,
		    struct oci_user *user, struct error *err)
{
	const char *text = options->user, *colon = text ? strchr(text, ':') : NULL;
	uint64_t uid = user->uid, gid = user->gid;

	if (!text)
		return 0;
	if (!text_to_u64(colon ? arena_strndup(arena, text, (size_t)(colon - text)) : text,
			 LAST_ID, &uid) ||
	    (colon && !text_to_u64(colon + 1, LAST_ID, &gid)))
		return fail(err, ERROR_USAGE, "option '--user' is UID or UID:GID, in numbers up "
			    "to %u, not '%s'", LAST_ID, text);
	user->uid = (uint32_t)uid;
	user->gid = (uint32_t)gid;
	return 0;
}

static int add_groups(struct arena *arena, const struct exec_request *options,
		      struct oci_user *user, struct error *err)
{
	size_t n = user->n_additional_gids;
	uint32_t *gids;

	if (!options->groups.n)
		return 0;
	gids = arena_array(arena, n + options->groups.n, sizeof(*gids));
	if (n)
		memcpy(gids, user->additional_gids, n * sizeof(*gids));
	for (size_t i = 0; i < options->groups.n; i++) {
		uint64_t gid;

		if (!text_to_u64(options->groups.items[i], LAST_ID, &gid))
			return fail(err, ERROR_USAGE, "option '--additional-gids' is a number up "
				    "to %u, not '%s'", LAST_ID, options->groups.items[i]);
		gids[n++] = (uint32_t)gid;
	}
	user->additional_gids = gids;
	user->n_additional_gids = n;
	return 0;
}

/* "CAP_KILL" of "kill", "KILL" or "cap_kill". */
static const char *capability_of(struct arena *arena, const char *text)
{
	char *name = arena_printf(arena, "%s", text);

	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return has_prefix(name, "CAP_") ? name : arena_printf(arena, "CAP_%s", name);
}

/* Never inheritable, and so only ambient where the container has inheritable ones. */
static int add_capabilities(struct arena *arena, const struct exec_request *options,
			    struct oci_process *process, struct error *err)
{
	struct oci_capabilities *caps;

	if (!options->capabilities.n)
		return 0;
	caps = arena_new(arena, struct oci_capabilities);
	if (process->capabilities)
		*caps = *process->capabilities;
	process->capabilities = caps;
	for (size_t i = 0; i < options->capabilities.n; i++) {
		const char *name = capability_of(arena, options->capabilities.items[i]);

		if (capability_by_name(name) < 0)
			return fail(err, ERROR_USAGE,
				    "option '--cap' is a capability like CAP_KILL, not '%s'",
				    options->capabilities.items[i]);
		add_word(arena, &caps->bounding, &caps->n_bounding, name);
		add_word(arena, &caps->effective, &caps->n_effective, name);
		add_word(arena, &caps->permitted, &caps->n_permitted, name);
		if (caps->n_inheritable)
			add_word(arena, &caps->ambient, &caps->n_ambient, name);
	}
	return 0;
}

static bool is_same_variable(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strncmp(a, b, n) == 0 && (b[n] == '=' || !b[n]);
}

/* In the place of one of that name: programs take the first that they find. */
static int add_variables(struct arena *arena, const struct exec_request *options,
			 struct oci_process *process, struct error *err)
{
	for (size_t i = 0; i < options->env.n; i++) {
		const char *word = options->env.items[i], **env;
		size_t n = 0;

		if (!strchr(word, '=') || word[0] == '=')
			return fail(err, ERROR_USAGE, "option '--env' is NAME=VALUE, not '%s'",
				    word);
		env = arena_array(arena, process->n_env + 1, sizeof(*env));
		for (size_t j = 0; j < process->n_env; j++)
			if (!is_same_variable(word, process->env[j]))
				env[n++] = process->env[j];
		env[n++] = word;
		process->env = env;
		process->n_env = n;
	}
	return 0;
}

static int set_texts(struct arena *arena, const struct request *request,
		     struct oci_process *process, struct error *err)
{
	const struct exec_request *options = &request->exec;

	if (options->cwd && options->cwd[0] != '/')
		return fail(err, ERROR_USAGE, "option '--cwd' is an absolute path, not '%s'",
			    options->cwd);
	if (options->cwd)
		process->cwd = options->cwd;
	if (options->terminal)
		process->terminal = true;
	if (options->no_new_privs)
		process->no_new_privileges = true;
	if (!is_empty(options->apparmor))
		process->apparmor_profile = options->apparmor;
	if (!is_empty(options->label))
		process->selinux_label = options->label;
	if (!request->n_command)
		return 0;
	process->args = arena_array(arena, request->n_command, sizeof(*process->args));
	process->n_args = request->n_command;
	for (size_t i = 0; i < request->n_command; i++)
		process->args[i] = request->command[i];
	return 0;
}

int plan_exec_process(struct arena *arena, const struct oci_config *config,
		      const struct oci_process *file, const struct request *request,
		      struct oci_process **out, struct error *err)
{
	static const struct oci_process nothing = { .cwd = "/" };
	const struct oci_process *own = config->process ? config->process : &nothing;
	const struct exec_request *options = &request->exec;
	struct oci_process *process = arena_new(arena, struct oci_process);

	*process = file ? *file : *own;
	if (file) {
		inherit(process, own);
	} else {
		process->terminal = false;
		process->n_args = 0;
	}
	inherit_umask(arena, process, own);
	TRY(set_texts(arena, request, process, err));
	if (!process->n_args)
		return fail(err, ERROR_USAGE, "process args cannot be empty: name a command, or "
			    "a file with --process");
	TRY(set_user(arena, options, process->user, err));
	TRY(add_groups(arena, options, process->user, err));
	TRY(add_capabilities(arena, options, process, err));
	TRY(add_variables(arena, options, process, err));
	*out = process;
	return 0;
}
