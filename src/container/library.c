/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libocirt: the verbs behind an opaque handle; see include/ocirt.h.  Each call has an arena
 * of its own, and what outlives it is copied.
 */
#include "ocirt.h"
#include "base/text.h"
#include "build-info.h"
#include "container/container.h"
#include "container/store.h"
#include "plan/plan.h"
#include <assert.h>
#include <limits.h>
#include <stdlib.h>

struct ocirt {
	struct arena arena;	/* of the settings */
	struct request request;
	struct error error;
};

static_assert((int)OCIRT_ERROR_BUG == (int)ERROR_BUG &&
	      (int)ERROR_BUG == ERROR_KIND_COUNT - 1, "the kinds of errors are the same");

struct ocirt *ocirt_new(const char *root)
{
	struct ocirt *rt = calloc(1, sizeof(*rt));

	if (!rt)
		return NULL;
	rt->request.root = is_empty(root) ? store_default_root(&rt->arena) :
					    arena_strdup(&rt->arena, root);
	rt->request.config = "config.json";
	rt->request.rootless = store_is_rootless();
	return rt;
}

void ocirt_free(struct ocirt *rt)
{
	if (!rt)
		return;
	arena_free(&rt->arena);
	free(rt);
}

const char *ocirt_error(const struct ocirt *rt)
{
	return rt->error.text;
}

enum ocirt_error_kind ocirt_error_kind(const struct ocirt *rt)
{
	return (enum ocirt_error_kind)rt->error.kind;
}

int ocirt_error_errno(const struct ocirt *rt)
{
	return rt->error.code;
}

const char *ocirt_version(void)
{
	return OCI_RT_VERSION;
}

/* The settings: a name, and where in the request it goes. */
enum setting_kind { SETTING_TEXT, SETTING_FLAG, SETTING_NUMBER, SETTING_MANAGER,
		    SETTING_KIND_COUNT };

static const struct {
	const char *name;
	enum setting_kind kind;
	size_t offset;
} settings[] = {
	{ "config", SETTING_TEXT, offsetof(struct request, config) },
	{ "pid-file", SETTING_TEXT, offsetof(struct request, pid_file) },
	{ "console-socket", SETTING_TEXT, offsetof(struct request, console_socket) },
	{ "pidfd-socket", SETTING_TEXT, offsetof(struct request, pidfd_socket) },
	{ "trace", SETTING_TEXT, offsetof(struct request, trace) },
	{ "work-path", SETTING_TEXT, offsetof(struct request, criu.work_path) },
	{ "leave-running", SETTING_FLAG, offsetof(struct request, criu.leave_running) },
	{ "tcp-established", SETTING_FLAG, offsetof(struct request, criu.tcp_established) },
	{ "ext-unix-sk", SETTING_FLAG, offsetof(struct request, criu.ext_unix_sk) },
	{ "shell-job", SETTING_FLAG, offsetof(struct request, criu.shell_job) },
	{ "file-locks", SETTING_FLAG, offsetof(struct request, criu.file_locks) },
	{ "cgroup-manager", SETTING_MANAGER, offsetof(struct request, manager) },
	{ "preserve-fds", SETTING_NUMBER, offsetof(struct request, preserve_fds) },
	{ "no-pivot", SETTING_FLAG, offsetof(struct request, no_pivot) },
	{ "no-new-keyring", SETTING_FLAG, offsetof(struct request, no_new_keyring) },
	{ "no-subreaper", SETTING_FLAG, offsetof(struct request, no_subreaper) },
	{ "detach", SETTING_FLAG, offsetof(struct request, detach) },
	{ "keep", SETTING_FLAG, offsetof(struct request, keep) },
	{ "rootless", SETTING_FLAG, offsetof(struct request, rootless) },
	{ "process", SETTING_TEXT, offsetof(struct request, exec.file) },
	{ "cwd", SETTING_TEXT, offsetof(struct request, exec.cwd) },
	{ "user", SETTING_TEXT, offsetof(struct request, exec.user) },
	{ "apparmor", SETTING_TEXT, offsetof(struct request, exec.apparmor) },
	{ "process-label", SETTING_TEXT, offsetof(struct request, exec.label) },
	{ "tty", SETTING_FLAG, offsetof(struct request, exec.terminal) },
	{ "no-new-privs", SETTING_FLAG, offsetof(struct request, exec.no_new_privs) },
	{ "ignore-paused", SETTING_FLAG, offsetof(struct request, exec.ignore_paused) },
};

static bool set_text(struct ocirt *rt, void *field, const char *value)
{
	*(const char **)field = value ? arena_strdup(&rt->arena, value) : NULL;
	return true;
}

static bool set_flag(struct ocirt *rt, void *field, const char *value)
{
	(void)rt; /* the shape of a setter */
	*(bool *)field = is_equal(value, "true");
	return !value || *(bool *)field || is_equal(value, "false");
}

static bool set_number(struct ocirt *rt, void *field, const char *value)
{
	uint64_t number = 0;

	(void)rt; /* the shape of a setter */
	if (value && !text_to_u64(value, INT_MAX, &number))
		return false;
	*(unsigned *)field = (unsigned)number;
	return true;
}

static bool set_manager(struct ocirt *rt, void *field, const char *value)
{
	(void)field; /* two of them belong together */
	rt->request.has_manager = false;
	for (enum cgroup_manager i = 0; value && i < MANAGER_COUNT; i++)
		if (is_equal(value, cgroup_manager_names[i])) {
			rt->request.manager = i;
			rt->request.has_manager = true;
		}
	return !value || rt->request.has_manager;
}

static bool (*const setters[])(struct ocirt *, void *, const char *) = {
	[SETTING_TEXT] = set_text,
	[SETTING_FLAG] = set_flag,
	[SETTING_NUMBER] = set_number,
	[SETTING_MANAGER] = set_manager,
};
static_assert(ARRAY_SIZE(setters) == SETTING_KIND_COUNT, "every kind of setting has a setter");

int ocirt_set(struct ocirt *rt, const char *name, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!is_equal(settings[i].name, name))
			continue;
		if (setters[settings[i].kind](rt, (char *)&rt->request + settings[i].offset, value))
			return 0;
		return fail(&rt->error, ERROR_USAGE, "'%s' is no value for the setting '%s'", value,
			    name);
	}
	return fail(&rt->error, ERROR_USAGE, "there is no setting '%s'", name);
}

/* The request of one call: the settings, an id and a bundle. */
static int make_request(struct ocirt *rt, struct arena *arena, const char *id,
			const char *bundle, struct request *out)
{
	char path[PATH_MAX];

	rt->error = (struct error){ 0 };
	*out = rt->request;
	out->id = id;
	if (is_empty(id))
		return fail(&rt->error, ERROR_USAGE, "container id cannot be empty");
	if (!bundle)
		return 0;
	if (!realpath(bundle, path))
		return fail_errno(&rt->error, "find the bundle '%s'", bundle);
	out->bundle = arena_strdup(arena, path);
	return 0;
}

int ocirt_create(struct ocirt *rt, const char *id, const char *bundle)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, bundle ? bundle : ".", &request));
	return container_create(&arena, &request, &rt->error);
}

int ocirt_run(struct ocirt *rt, const char *id, const char *bundle, int *out_status)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, bundle ? bundle : ".", &request));
	return container_run(&arena, &request, out_status, &rt->error);
}

int ocirt_exec(struct ocirt *rt, const char *id, char *const argv[], int *out_status)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	request.command = argv;
	while (argv && argv[request.n_command])
		request.n_command++;
	return container_exec(&arena, &request, out_status, &rt->error);
}

int ocirt_start(struct ocirt *rt, const char *id)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	return container_start(&arena, &request, &rt->error);
}

int ocirt_kill(struct ocirt *rt, const char *id, const char *signal)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	request.signal = signal;
	return container_kill(&arena, &request, &rt->error);
}

int ocirt_delete(struct ocirt *rt, const char *id, bool force)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	request.force = force;
	return container_delete(&arena, &request, &rt->error);
}

int ocirt_checkpoint(struct ocirt *rt, const char *id, const char *images)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	request.criu.image_path = images;
	return container_checkpoint(&arena, &request, &rt->error);
}

int ocirt_restore(struct ocirt *rt, const char *id, const char *bundle, const char *images)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;
	int status;

	TRY(make_request(rt, &arena, id, bundle ? bundle : ".", &request));
	request.criu.image_path = images;
	request.detach = true;
	return container_restore(&arena, &request, &status, &rt->error);
}

int ocirt_pause(struct ocirt *rt, const char *id)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	return container_pause(&arena, &request, &rt->error);
}

int ocirt_resume(struct ocirt *rt, const char *id)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	return container_resume(&arena, &request, &rt->error);
}

int ocirt_update(struct ocirt *rt, const char *id, const char *resources_json)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	request.resources_text = resources_json;
	return container_update(&arena, &request, &rt->error);
}

int ocirt_pids(struct ocirt *rt, const char *id, int **out_pids, size_t *out_n)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;
	pid_t *pids = NULL;

	TRY(make_request(rt, &arena, id, NULL, &request));
	TRY(container_pids(&arena, &request, &pids, out_n, &rt->error));
	*out_pids = calloc(*out_n + 1, sizeof(**out_pids));
	if (!*out_pids)
		return fail_errno(&rt->error, "copy a list");
	for (size_t i = 0; i < *out_n; i++)
		(*out_pids)[i] = pids[i];
	return 0;
}

/* A copy for the caller to free. */
static int give(struct ocirt *rt, const char *text, char **out)
{
	*out = strdup(text);
	return *out ? 0 : fail_errno(&rt->error, "copy a document");
}

int ocirt_state(struct ocirt *rt, const char *id, char **out_json)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;
	char *text;

	TRY(make_request(rt, &arena, id, NULL, &request));
	TRY(container_state(&arena, &request, &text, &rt->error));
	return give(rt, text, out_json);
}

int ocirt_mounts_add(struct ocirt *rt, const char *id, const char *mounts_json)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	request.mounts_text = mounts_json;
	return container_mounts(&arena, &request, &rt->error);
}

int ocirt_mounts_remove(struct ocirt *rt, const char *id, const char *mounts_json)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	request.mounts_text = mounts_json;
	request.removes = true;
	return container_mounts(&arena, &request, &rt->error);
}

struct kept_event {
	struct arena *arena;
	const char *json;
};

static int keep_event(void *context, const char *json, struct error *err)
{
	struct kept_event *event = context;

	(void)err; /* the shape of a visit */
	event->json = arena_strdup(event->arena, json);
	return 0;
}

int ocirt_stats(struct ocirt *rt, const char *id, char **out_json)
{
	struct arena scoped_arena arena = { 0 };
	struct kept_event event = { &arena, "" };
	struct request request;

	TRY(make_request(rt, &arena, id, NULL, &request));
	request.once = true;
	TRY(container_events(&arena, &request, keep_event, &event, &rt->error));
	return give(rt, event.json, out_json);
}

int ocirt_features(struct ocirt *rt, char **out_json)
{
	struct arena scoped_arena arena = { 0 };

	return give(rt, container_features(&arena, OCI_RT_VERSION, OCI_RT_COMMIT), out_json);
}

int ocirt_list(struct ocirt *rt, ocirt_container_visit *visit, void *context)
{
	struct arena scoped_arena arena = { 0 };
	struct container_summary *items;
	size_t n;

	rt->error = (struct error){ 0 };
	TRY(container_list(&arena, &rt->request, &items, &n, &rt->error));
	for (size_t i = 0; i < n; i++) {
		const struct ocirt_container container = {
			.id = items[i].id, .status = items[i].status, .bundle = items[i].bundle,
			.rootfs = items[i].rootfs, .created = items[i].created,
			.owner = items[i].owner, .pid = items[i].pid,
		};

		if (visit(context, &container) != 0)
			break;
	}
	return 0;
}

/* The steps of one role; other than 0 when the visitor has seen enough. */
static int visit_steps(const struct plan *plan, enum role role, ocirt_step_visit *visit,
		       void *context)
{
	const struct step_list *list = &plan->of[role];
	char sentence[1024];

	for (size_t i = 0; i < list->n; i++) {
		const struct ocirt_step step = {
			.role = role_names[role],
			.kind = step_names[list->items[i].kind],
			.because = list->items[i].because,
			.sentence = sentence,
		};

		step_describe(&list->items[i], sentence, sizeof(sentence));
		if (visit(context, &step) != 0)
			return 1;
	}
	return 0;
}

int ocirt_plan(struct ocirt *rt, const char *id, const char *bundle, ocirt_step_visit *visit,
	       void *context)
{
	struct arena scoped_arena arena = { 0 };
	struct request request;
	struct plan *plan;

	TRY(make_request(rt, &arena, id, bundle ? bundle : ".", &request));
	TRY(container_plan(&arena, &request, &plan, &rt->error));
	for (enum role role = 0; role < ROLE_COUNT; role++)
		if (visit_steps(plan, role, visit, context) != 0)
			break;
	return 0;
}

/* The problems of the document; other than 0 when the visitor has seen enough. */
static int visit_problems(const struct oci_problems *problems, const char *file,
			  ocirt_problem_visit *visit, void *context)
{
	char line[1024];

	for (size_t i = 0; i < problems->n; i++) {
		const struct ocirt_problem problem = {
			.text = line,
			.is_warning = problems->items[i].is_warning,
		};

		oci_problem_format(line, sizeof(line), file, &problems->items[i]);
		if (visit(context, &problem) != 0)
			return 1;
	}
	return 0;
}

int ocirt_check(struct ocirt *rt, const char *bundle, ocirt_problem_visit *visit,
		void *context)
{
	struct arena scoped_arena arena = { 0 };
	struct host_problem *host;
	struct request request;
	struct bundle read;
	size_t n;

	TRY(make_request(rt, &arena, "ID", bundle ? bundle : ".", &request));
	TRY(container_check(&arena, &request, &read, &host, &n, &rt->error));
	if (visit_problems(&read.problems, request.config, visit, context) != 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct ocirt_problem problem = {
			.text = arena_printf(&arena, "%s%s%s", host[i].path,
					     *host[i].path ? ": " : "", host[i].what),
			.is_host = true,
		};

		if (visit(context, &problem) != 0)
			break;
	}
	return 0;
}
