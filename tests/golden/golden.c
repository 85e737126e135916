/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Golden plans: a configuration, a request and facts written by hand -> the plan as text.
 *     golden [--update] FILE...
 * A file begins with "# " lines for the reader, then "request: " and "facts: " lines of the
 * words below, then a whole config.json (for update linux.resources alone), then "---" and
 * the plan that must come out of it
 * (or "refused: " and the error).  --update writes what comes out, to be read and committed.
 */
#include "base/file.h"
#include "base/text.h"
#include "plan/create.h"
#include "plan/explain.h"
#include <fcntl.h>
#include <stdio.h>

static struct cgroup_hierarchy v1_hierarchies[] = {
	{ "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct", "/", false, NULL, NULL },
	{ "/sys/fs/cgroup/cpuset", "cpuset", "/", false, NULL, NULL },
	{ "/sys/fs/cgroup/memory", "memory", "/", false, NULL, NULL },
	{ "/sys/fs/cgroup/devices", "devices", "/", false, NULL, NULL },
	{ "/sys/fs/cgroup/freezer", "freezer", "/", false, NULL, NULL },
	{ "/sys/fs/cgroup/blkio", "blkio", "/", false, NULL, NULL },
	{ "/sys/fs/cgroup/pids", "pids", "/", false, NULL, NULL },
	{ "/sys/fs/cgroup/systemd", "name=systemd", "/", false, NULL, NULL },
	{ "/sys/fs/cgroup/unified", "hugetlb", "/", true, NULL, NULL },
};

static struct cgroup_hierarchy v2_hierarchies[] = {
	{ "/sys/fs/cgroup", "cpuset cpu io memory hugetlb pids rdma misc", "/", true, NULL, NULL },
};

static void set_cgroups(struct facts *facts, enum cgroup_mode mode,
			struct cgroup_hierarchy *hierarchies, size_t n)
{
	facts->cgroup_mode = mode;
	facts->hierarchies = hierarchies;
	facts->n_hierarchies = n;
}

static void set_user(struct facts *facts)
{
	facts->euid = facts->egid = 1000;
	facts->is_privileged = false;
	facts->permitted = 0;
	facts->user_name = "user";
}

/* Root of a user namespace that somebody else made: below podman without root. */
static void set_nested(struct facts *facts)
{
	facts->in_user_namespace = true;
	facts->is_privileged = false;
}

static bool set_fact(struct facts *facts, const char *word)
{
	if (is_equal(word, "v1"))
		set_cgroups(facts, CGROUP_V1, v1_hierarchies, ARRAY_SIZE(v1_hierarchies) - 1);
	else if (is_equal(word, "hybrid"))
		set_cgroups(facts, CGROUP_HYBRID, v1_hierarchies, ARRAY_SIZE(v1_hierarchies));
	else if (is_equal(word, "v2"))
		set_cgroups(facts, CGROUP_V2, v2_hierarchies, ARRAY_SIZE(v2_hierarchies));
	else if (is_equal(word, "user"))
		set_user(facts);
	else if (is_equal(word, "systemd"))
		facts->systemd_root = "/";
	else if (is_equal(word, "user-systemd"))
		facts->systemd_root = "/user.slice/user-1000.slice/user@1000.service";
	else if (is_equal(word, "delegated"))
		v2_hierarchies[0].delegated = "/user.slice/mine.service";
	else if (is_equal(word, "old-mounts"))
		facts->has_mount_api = false;
	else if (is_equal(word, "nested"))
		set_nested(facts);
	else if (is_equal(word, "notify"))
		facts->notify_socket = "/run/systemd/notify";
	else if (is_equal(word, "apparmor"))
		facts->has_apparmor = true;
	else if (is_equal(word, "selinux"))
		facts->has_selinux = true;
	else if (is_equal(word, "resctrl")) {
		facts->resctrl = "/sys/fs/resctrl";
		facts->rdt_is_missing = true;
	} else if (is_equal(word, "resctrl-group"))
		facts->resctrl = "/sys/fs/resctrl";
	else if (is_equal(word, "terminal"))
		facts->has_terminal = true;
	else if (is_equal(word, "sub-ids")) {
		facts->has_new_maps = true;
		facts->sub_uid = facts->sub_gid = (struct id_range){ 100000, 65536 };
	} else if (is_equal(word, "listen-fds"))
		facts->listen_fds = 2;
	else
		return false;
	return true;
}

static const struct facts usual_facts = {
	.is_privileged = true,
	.has_mount_api = true,
	.has_time_namespace = true,
	.last_capability = 40,
	.bounding = (1ull << 41) - 1,
	.permitted = (1ull << 41) - 1,
};

static bool set_request(struct plan_input *in, struct request *request, const char *word)
{
	if (is_equal(word, "run"))
		in->starts = true;
	else if (is_equal(word, "no-pivot"))
		request->no_pivot = true;
	else if (is_equal(word, "no-new-keyring"))
		request->no_new_keyring = true;
	else if (is_equal(word, "rootless"))
		request->rootless = true;
	else if (is_equal(word, "preserve-fds"))
		request->preserve_fds = 3;
	else if (is_equal(word, "pid-file"))
		request->pid_file = "/tmp/pid";
	else if (is_equal(word, "pidfd-socket"))
		request->pidfd_socket = "/tmp/pidfd";
	else if (is_equal(word, "console-socket"))
		request->console_socket = "/tmp/console";
	else if (is_equal(word, "systemd"))
		request->manager = MANAGER_SYSTEMD;
	else if (is_equal(word, "no-cgroups"))
		request->manager = MANAGER_DISABLED;
	else
		return false;
	return true;
}

/* A case: the head's words set, the configuration read, the rest is what is expected. */
struct golden {
	char *head; /* up to and with "---\n" */
	const char *expected;
	struct facts facts;
	struct request request;
	struct plan_input in;
	/* The plan of that command, not of create or run. */
	bool is_start, is_update, is_exec, adds_mounts, removes_mounts;
	bool is_checkpoint, is_restore;
	struct oci_intel_rdt rdt; /* update: what its options say */
};

/* Words of the request of update; the limits as they are come with it. */
static bool set_update(struct golden *golden, const char *word)
{
	if (is_equal(word, "update"))
		golden->is_update = true;
	else if (is_equal(word, "mounts-add"))
		golden->adds_mounts = true;
	else if (is_equal(word, "mounts-remove"))
		golden->removes_mounts = true;
	else if (is_equal(word, "l3-cache"))
		golden->rdt.l3_cache_schema = "L3:0=f;1=f0";
	else if (is_equal(word, "present-memory"))
		golden->in.present.memory = 64 << 20;
	else if (is_equal(word, "present-quota"))
		golden->in.present.quota = 50000;
	else if (is_equal(word, "present-period"))
		golden->in.present.period = 50000;
	else
		return false;
	return true;
}

/* Words of an exec; options of the process are those of the command line. */
static bool set_exec(struct golden *golden, struct arena *arena, const char *word)
{
	struct exec_request *exec = &golden->request.exec;

	if (is_equal(word, "exec"))
		golden->is_exec = true;
	else if (is_equal(word, "shown"))
		golden->in.is_shown = true;
	else if (is_equal(word, "detach"))
		golden->request.detach = true;
	else if (is_equal(word, "tty"))
		exec->terminal = true;
	else if (has_prefix(word, "user="))
		exec->user = arena_strdup(arena, word + 5);
	else if (has_prefix(word, "cap="))
		*arena_push(arena, exec->capabilities.items, exec->capabilities.n,
			    exec->capabilities.room) = arena_strdup(arena, word + 4);
	else if (has_prefix(word, "cgroup="))
		*arena_push(arena, exec->cgroups.items, exec->cgroups.n,
			    exec->cgroups.room) = arena_strdup(arena, word + 7);
	else
		return false;
	return true;
}

/* Words of checkpoint and restore. */
static bool set_criu(struct golden *golden, const char *word)
{
	struct criu_wishes *wishes = &golden->request.criu;

	if (is_equal(word, "checkpoint"))
		golden->is_checkpoint = true;
	else if (is_equal(word, "restore"))
		golden->is_restore = true;
	else if (is_equal(word, "pre-dump"))
		wishes->pre_dump = true;
	else if (is_equal(word, "work-path"))
		wishes->work_path = "/work";
	else if (has_prefix(word, "page-server"))
		wishes->page_server = "nowhere";
	else
		return false;
	wishes->image_path = "/images";
	return true;
}

static int read_words(struct golden *golden, struct arena *arena, char *line, bool are_facts,
		      struct error *err)
{
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		bool is_known;

		if (!are_facts && is_equal(word, "start")) {
			golden->is_start = golden->in.asks_agent = true;
			continue;
		}
		if (!are_facts && (set_update(golden, word) || set_criu(golden, word) ||
				   set_exec(golden, arena, word)))
			continue;
		is_known = are_facts ? set_fact(&golden->facts, word)
					  : set_request(&golden->in, &golden->request, word);

		if (!is_known)
			return fail(err, ERROR_USAGE, "unknown word '%s'", word);
	}
	return 0;
}

static int read_head(struct golden *golden, struct arena *arena, const char **config,
		     struct error *err)
{
	const char *at = golden->head;

	while (*at && *at != '{') {
		size_t n = strcspn(at, "\n");
		char *line = arena_strndup(arena, at, n);

		if (has_prefix(line, "facts: "))
			TRY(read_words(golden, arena, line + 7, true, err));
		else if (has_prefix(line, "request: "))
			TRY(read_words(golden, arena, line + 9, false, err));
		at += n + (at[n] == '\n');
	}
	*config = at;
	return 0;
}

/* Nothing of the container's cgroups is there yet. */
static void set_missing(struct golden *golden, struct arena *arena)
{
	const struct oci_linux *lin = golden->in.config->linux_;
	const char *path = lin && lin->cgroups_path ? lin->cgroups_path : "/box";
	int first = (int)strcspn(path + 1, "/") + 1;

	for (size_t i = 0; i < golden->facts.n_hierarchies; i++) {
		struct cgroup_hierarchy *h = &golden->facts.hierarchies[i];

		h->missing = arena_printf(arena, "%s%s%.*s", h->mount,
					  path[0] == '/' ? "" : "/", first, path);
	}
}

/* A running container, whose cgroups are called /box. */
static int update_text(struct golden *golden, struct arena *arena, char **out,
		       struct error *err)
{
	struct oci_record *record = arena_new(arena, struct oci_record);
	struct oci_config *config = arena_new(arena, struct oci_config);
	struct oci_problems problems = { .arena = arena };
	const struct oci_resources *resources;
	char line[1024];
	struct plan *plan;

	if (oci_resources_read(arena, golden->in.config_text, golden->in.config_size,
			       &resources, &problems) < 0) {
		oci_problem_format(line, sizeof(line), "resources", &problems.items[0]);
		return fail(err, ERROR_CONFIG, "%s", line);
	}
	config->linux_ = arena_new(arena, struct oci_linux);
	config->linux_->resources = arena_new(arena, struct oci_resources);
	*config->linux_->resources = *resources;
	if (golden->rdt.l3_cache_schema)
		config->linux_->intel_rdt = &golden->rdt;
	if (golden->facts.systemd_root)
		record->unit = "oci-rt-box.scope";
	record->n_cgroups = golden->facts.n_hierarchies;
	record->cgroups = arena_array(arena, record->n_cgroups + 1, sizeof(*record->cgroups));
	for (size_t i = 0; i < record->n_cgroups; i++) {
		record->cgroups[i].path =
			text_join_path(arena, golden->facts.hierarchies[i].mount, "box");
		record->cgroups[i].controllers = golden->facts.hierarchies[i].controllers;
	}
	if (golden->facts.resctrl) {
		record->intel_rdt = arena_new(arena, struct oci_record_intel_rdt);
		record->intel_rdt->path = text_join_path(arena, golden->facts.resctrl, "box");
	}
	golden->in.config = config;
	golden->in.record = record;
	TRY(plan_update(arena, &golden->in, &plan, err));
	*out = plan_explain(arena, plan, false);
	return 0;
}

static struct oci_record *running_record(const struct facts *facts, struct arena *arena)
{
	struct oci_record *record = arena_new(arena, struct oci_record);

	*record = (struct oci_record){ .pid = 42, .start_time = 7, .rootfs = "/bundle/rootfs" };
	record->n_cgroups = facts->n_hierarchies;
	record->cgroups = arena_array(arena, facts->n_hierarchies, sizeof(*record->cgroups));
	for (size_t i = 0; i < facts->n_hierarchies; i++)
		record->cgroups[i] = (struct oci_record_cgroup){
			.path = arena_printf(arena, "%s/box", facts->hierarchies[i].mount),
			.controllers = facts->hierarchies[i].controllers,
			.has_version = true,
			.version = facts->hierarchies[i].is_v2 ? 2 : 1,
		};
	return record;
}

/* A running container in all the namespaces that its configuration names. */
static int exec_plan(struct golden *golden, struct arena *arena, struct plan **out,
		     struct error *err)
{
	static char id[] = "id", *command[] = { id, NULL };
	const struct oci_linux *lin = golden->in.config->linux_;
	struct oci_record *record = running_record(&golden->facts, arena);
	struct oci_process *process;

	for (size_t i = 0; i < lin->n_namespaces; i++)
		golden->in.joins |= NS_BIT(ns_by_name(lin->namespaces[i].type));
	golden->request.command = command;
	golden->request.n_command = 1;
	TRY(plan_exec_process(arena, golden->in.config, NULL, &golden->request, &process, err));
	golden->in.record = record;
	golden->in.process = process;
	golden->in.starts = true;
	return plan_exec(arena, &golden->in, out, err);
}

static int plan_text(struct golden *golden, struct arena *arena, char **out,
		     struct error *err)
{
	struct oci_problems problems = { .arena = arena };
	struct plan *plan;
	const char *config;
	char text[1024];
	int slot;

	TRY(read_head(golden, arena, &config, err));
	golden->in.config_text = arena_strndup(arena, config, strlen(config) - 4);
	golden->in.config_size = strlen(golden->in.config_text);
	golden->in.request = &golden->request;
	golden->in.facts = &golden->facts;
	if (golden->is_update)
		return update_text(golden, arena, out, err);
	if (oci_config_read(arena, golden->in.config_text, golden->in.config_size,
			    &golden->in.config, &problems)) {
		oci_problem_format(text, sizeof(text), "config.json", &problems.items[0]);
		return fail(err, ERROR_CONFIG, "%s", text);
	}
	set_missing(golden, arena);
	if (golden->adds_mounts)
		TRY(plan_mounts_add(arena, &golden->in, &plan, &slot, err));
	else if (golden->removes_mounts)
		TRY(plan_mounts_remove(arena, &golden->in, &plan, &slot, err));
	else if (golden->is_checkpoint) {
		golden->in.record = running_record(&golden->facts, arena);
		TRY(plan_checkpoint(arena, &golden->in, &plan, err));
	} else if (golden->is_restore)
		TRY(plan_restore(arena, &golden->in, &plan, err));
	else if (golden->is_exec)
		TRY(exec_plan(golden, arena, &plan, err));
	else if (golden->is_start)
		plan = plan_start(arena, &golden->in);
	else
		TRY(plan_create(arena, &golden->in, &plan, err));
	*out = plan_explain(arena, plan, false);
	return 0;
}

static int read_golden(struct golden *golden, struct arena *arena, const char *path,
		       struct error *err)
{
	char *text, *mark;

	TRY(file_read_at(AT_FDCWD, path, arena, &text, err));
	mark = strstr(text, "\n---\n");
	if (!mark)
		return fail(err, ERROR_USAGE, "no line of --- in '%s'", path);
	golden->head = arena_strndup(arena, text, (size_t)(mark - text) + 5);
	golden->expected = mark + 5;
	golden->facts = usual_facts;
	golden->request = (struct request){
		.root = "/run/oci-rt", .id = "box", .bundle = "/bundle", .config = "config.json",
	};
	set_cgroups(&golden->facts, CGROUP_NONE, NULL, 0);
	return 0;
}

/* The first line that differs, as comments of TAP. */
static void print_difference(const char *expected, const char *text)
{
	for (unsigned line = 1; *expected || *text; line++) {
		size_t n = strcspn(expected, "\n"), m = strcspn(text, "\n");

		if (n != m || strncmp(expected, text, n) != 0) {
			printf("# line %u of the plan:\n#   expected: %.*s\n#   got:      %.*s\n",
			       line, (int)n, expected, (int)m, text);
			return;
		}
		expected += n + (expected[n] == '\n');
		text += m + (text[m] == '\n');
	}
}

static bool check_file(const char *path, bool update)
{
	struct arena scoped_arena arena = { 0 };
	struct golden golden = { 0 };
	struct error err = { 0 };
	char *text = NULL;

	if (read_golden(&golden, &arena, path, &err)) {
		printf("# %s\n", err.text);
		return false;
	}
	if (plan_text(&golden, &arena, &text, &err))
		text = arena_printf(&arena, "refused: %s\n", err.text);
	if (is_equal(text, golden.expected))
		return true;
	if (update) {
		text = arena_printf(&arena, "%s%s", golden.head, text);
		return file_replace_at(AT_FDCWD, path, text, strlen(text), 0644, &err) == 0;
	}
	print_difference(golden.expected, text);
	return false;
}

int main(int argc, char **argv)
{
	bool update = argc > 1 && is_equal(argv[1], "--update");
	int failed = 0, first = update ? 2 : 1;

	for (int i = first; i < argc; i++) {
		bool ok = check_file(argv[i], update);

		failed += !ok;
		printf("%sok %d - %s\n", ok ? "" : "not ", i - first + 1, argv[i]);
	}
	printf("1..%d\n", argc - first);
	return failed > 0;
}
