/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hooks: programs that others hang into the life of a container.  Rows: tables/hooks.def.
 * Each gets exactly the arguments and environment that were configured; the runtime's own
 * environment never leaks into one.
 */
#include "plan/planner.h"
#include "base/text.h"
#include "tables/version.h"

static char *const *strings_of(struct planner *p, const char *const *items, size_t n,
			       const char *first)
{
	char **strings = arena_array(p->arena, n + 2, sizeof(*strings));

	for (size_t i = 0; i < n; i++)
		strings[i] = arena_strdup(p->arena, items[i]);
	if (!n && first)
		strings[0] = arena_strdup(p->arena, first);
	return strings;
}

/* The state document, open at its end so that the pid can be put in. */
static void add_state(struct planner *p, struct hook_list *list, const char *status)
{
	struct oci_state state = {
		.oci_version = OCI_VERSION,
		.id = p->in->request->id,
		.status = status,
		.bundle = p->in->request->bundle,
		.annotations = p->config->annotations,
	};
	char *text = oci_state_write(p->arena, &state, false);

	list->state_tail = "}";
	if (is_equal(status, "stopped")) {
		list->state_head = text;
		list->state_tail = NULL;
		return;
	}
	text[strlen(text) - 1] = 0;
	list->state_head = arena_printf(p->arena, "%s,\"pid\":", text);
}

/* Files of the host, opened before any process that may run hooks is there. */
void plan_hook_outputs(struct planner *p)
{
	static const char *const keys[] = { "run.oci.hooks.stdout", "run.oci.hooks.stderr" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *path = plan_annotation(p, keys[i]);

		if (!path || p->hook_output[i])
			continue;
		p->hook_output[i] = plan_slot(p->plan);
		HOST(p, WHY(p, "annotations[\"%s\"]", keys[i]), open_output, p->hook_output[i],
		     path);
	}
}

static struct hook_list *list_of(struct planner *p, const struct oci_hook *hooks, size_t n,
				 const char *kind, const char *status)
{
	struct hook_list *list = arena_new(p->arena, struct hook_list);
	struct hook *items = arena_array(p->arena, n, sizeof(*items));

	for (size_t i = 0; i < n; i++) {
		items[i].path = hooks[i].path;
		items[i].argv = strings_of(p, (const char *const *)hooks[i].args,
					   hooks[i].n_args, hooks[i].path);
		items[i].envp = strings_of(p, (const char *const *)hooks[i].env,
					   hooks[i].n_env, NULL);
		items[i].timeout = hooks[i].timeout > INT32_MAX ? INT32_MAX
								: (unsigned)hooks[i].timeout;
	}
	list->hooks = items;
	list->n = n;
	list->path = WHY(p, "hooks.%s", kind);
	plan_hook_outputs(p);
	for (size_t i = 0; i < ARRAY_SIZE(list->output); i++)
		list->output[i] = p->hook_output[i] ? p->hook_output[i] : SLOT_NONE;
	add_state(p, list, status);
	return list;
}

struct hook_list *plan_hook_list(struct planner *p, const char *kind)
{
	const struct oci_hooks *hooks = p->config->hooks;

	if (!hooks)
		return NULL;
#define HOOKS(member, name, status)                                                        \
	if (is_equal(kind, name))                                                          \
		return hooks->n_##member ? list_of(p, hooks->member, hooks->n_##member,    \
						   name, status)                           \
					 : NULL;
#include "tables/hooks.def"
#undef HOOKS
	return NULL;
}

void plan_create_hooks(struct planner *p)
{
	struct hook_list *prestart = plan_hook_list(p, "prestart");
	struct hook_list *runtime = plan_hook_list(p, "createRuntime");
	struct hook_list *container = plan_hook_list(p, "createContainer");

	if (prestart || runtime)
		plan_meet(p->plan, ROLE_INIT, ROLE_HOST, MILESTONE_ROOT_READY, "hooks");
	if (prestart)
		HOST(p, prestart->path, run_hooks, "prestart", prestart);
	if (runtime)
		HOST(p, runtime->path, run_hooks, "createRuntime", runtime);
	if (prestart || runtime)
		plan_meet(p->plan, ROLE_HOST, ROLE_INIT, MILESTONE_HOOKS_DONE, "hooks");
	if (container)
		INIT(p, container->path, run_hooks, "createContainer", container);
}
