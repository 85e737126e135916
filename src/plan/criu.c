/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of a checkpoint and of a restore.  criu runs in the place of the intermediate:
 * in the container's cgroups and, to restore, in a mount namespace of its own, in which
 * the root file system is a mount, as criu wants it; all that goes with it.
 */
#include "plan/criu.h"
#include "base/text.h"
#include "plan/cgroup.h"
#include "plan/create.h"
#include <sys/mount.h>

#define STDIO_FILE "descriptors.json"

/* Where the images and the log are, open. */
struct folders {
	int images, work;
	const char *work_path;
};

static struct folders plan_folders(struct planner *p, bool make)
{
	const struct criu_wishes *wishes = &p->in->request->criu;
	struct folders folders;

	folders.images = folders.work = plan_slot(p->plan);
	folders.work_path = wishes->work_path ? wishes->work_path : wishes->image_path;
	HOST(p, "request", open_images, folders.images, wishes->image_path, make);
	if (wishes->work_path) {
		folders.work = plan_slot(p->plan);
		HOST(p, "request", open_images, folders.work, wishes->work_path, true);
	}
	return folders;
}

/* A network or pid namespace that is not the container's own is handed over as an fd. */
static bool is_handed_over(enum ns ns)
{
	return ns == NS_network || ns == NS_pid;
}

static void add_namespaces(struct planner *p, struct criu_options *options)
{
	struct criu_namespace *external = arena_array(p->arena, NS_COUNT, sizeof(*external));
	struct criu_namespace *joined = arena_array(p->arena, NS_COUNT, sizeof(*joined));
	bool restores = options->job == CRIU_RESTORE;

	options->external = external;
	options->joined = joined;
	for (enum ns ns = 0; ns < NS_COUNT; ns++) {
		int slot = SLOT_NONE;

		if (p->wish[ns] != NS_JOIN)
			continue;
		if (restores)
			slot = plan_slot_of_namespace(p, ns);
		else if (is_handed_over(ns))
			HOST(p, p->ns_why[ns], open_init_namespace,
			     slot = plan_slot(p->plan), ns);
		if (is_handed_over(ns))
			external[options->n_external++] =
				(struct criu_namespace){ ns, slot, p->ns_path[ns] };
		else if (restores)
			joined[options->n_joined++] =
				(struct criu_namespace){ ns, slot, p->ns_path[ns] };
	}
}

/*
 * criu looks for the directories among the files of whoever made the pair of sockets, and
 * must find them in its own mount namespace: so its own process makes the pair.
 */
static int become_criu(struct planner *p, const struct folders *folders,
		       const struct criu_options *options)
{
	int near = plan_slot(p->plan), far = plan_slot(p->plan);

	INTERMEDIATE(p, "request", make_criu_socket, near, far);
	INTERMEDIATE(p, "request", tell, ROLE_HOST, MILESTONE_READY, near);
	HOST(p, "request", await, ROLE_INTERMEDIATE, MILESTONE_READY, near);
	INTERMEDIATE(p, "request", exec_criu, far, folders->images, folders->work, options,
		     options->job != CRIU_RESTORE);
	HOST(p, "request", await_exec, ROLE_INTERMEDIATE);
	return near;
}

/* What freezes the container: the freezer of version 1 where there is one. */
static const char *freezer_of(const struct oci_record *record)
{
	for (size_t i = 0; i < record->n_cgroups; i++)
		if (text_has_word(record->cgroups[i].controllers, "freezer"))
			return record->cgroups[i].path;
	for (size_t i = 0; i < record->n_cgroups; i++)
		if (record->cgroups[i].has_version && record->cgroups[i].version == 2)
			return record->cgroups[i].path;
	return NULL;
}

int plan_checkpoint(struct arena *arena, const struct plan_input *in, struct plan **out,
		    struct error *err)
{
	enum criu_job job = in->request->criu.pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP;
	int near;
	struct criu_options *options;
	struct folders folders;
	struct planner planner, *p = &planner;

	plan_inputs(p, arena, in);
	TRY(plan_derive(p, err));
	*p->record = *in->record;
	TRY(plan_criu_options(p, job, &options, err));
	options->root = in->record->rootfs;
	options->freeze_cgroup = freezer_of(in->record);
	folders = plan_folders(p, true);
	if (job == CRIU_DUMP)
		HOST(p, "request", record_stdio, folders.images, STDIO_FILE);
	add_namespaces(p, options);
	HOST(p, "request", spawn, ROLE_INTERMEDIATE, 0, SLOT_NONE, false);
	near = become_criu(p, &folders, options);
	HOST(p, "request", ask_criu, near, folders.images, folders.work, options,
	     folders.work_path, { NULL, NULL }, false, NULL);
	TRY(plan_check(p->plan, err));
	*out = p->plan;
	return 0;
}

/* Whether a mount of the configuration covers the place, so that it is not the root's. */
static bool is_covered(const struct planner *p, size_t i)
{
	const char *target = p->mounts[i].target;

	for (size_t j = 0; j < i; j++) {
		size_t n = strlen(p->mounts[j].target);

		if (strncmp(target, p->mounts[j].target, n) == 0 && target[n] == '/')
			return true;
	}
	return false;
}

/* The root may be a new one: every mount finds its place. */
static void make_places(struct planner *p)
{
	HOST(p, "root.path", open_root, SLOT_ROOT, p->rootfs);
	for (size_t i = 0; i < p->n_mounts; i++)
		if (!p->mounts[i].options.remount && !is_covered(p, i))
			HOST(p, p->mounts[i].why, make_place, SLOT_ROOT, p->mounts[i].target,
			     p->mounts[i].is_bind ? p->mounts[i].source : NULL);
}

/* Whatever criu makes is born where it is: in the cgroups, and so in the unit. */
static int spawn_criu(struct planner *p, const struct criu_options *options,
		      struct error *err)
{
	HOST(p, "root.path", make_mount_point, options->root);
	HOST(p, "request", spawn, ROLE_INTERMEDIATE, NS_BIT(NS_mount), p->cgroup_slot, false);
	if (p->unit)
		TRY(plan_start_unit(p, ROLE_INTERMEDIATE, err));
	plan_enter_cgroups(p, ROLE_INTERMEDIATE);
	return 0;
}

/* In its own mount namespace, where the root is a mount; returns the slot of its socket. */
static int start_criu(struct planner *p, const struct folders *folders,
		      const struct criu_options *options)
{
	INTERMEDIATE(p, "root.path", set_propagation, "/", MS_SLAVE | MS_REC);
	INTERMEDIATE(p, "root.path", bind_root, p->rootfs, options->root);
	INTERMEDIATE(p, "request", reopen_images, folders->images,
		     p->in->request->criu.image_path);
	if (folders->work != folders->images)
		INTERMEDIATE(p, "request", reopen_images, folders->work, folders->work_path);
	return become_criu(p, folders, options);
}

static int check_console(const struct planner *p, struct error *err)
{
	const struct request *request = p->in->request;
	bool terminal = p->process && p->process->terminal;

	if (terminal && request->detach && !request->console_socket)
		return plan_refuse(err, "process.terminal",
				   "cannot allocate tty if the runtime will detach without setting "
				   "console socket: use --console-socket");
	if (request->console_socket && !(terminal && request->detach))
		return plan_refuse(err, "request", "cannot use console socket if the runtime will "
				   "not detach or allocate tty");
	return 0;
}

int plan_restore(struct arena *arena, const struct plan_input *in, struct plan **out,
		 struct error *err)
{
	const struct request *request = in->request;
	int near;
	struct criu_options *options;
	struct folders folders;
	struct planner planner, *p = &planner;

	plan_inputs(p, arena, in);
	TRY(plan_derive(p, err));
	p->notifies = false;
	TRY(check_console(p, err));
	TRY(plan_criu_options(p, CRIU_RESTORE, &options, err));
	options->root = text_join_path(arena, p->state_dir, "criu-root");
	if (p->own_user)
		options->search_group =
			plan_host_id(p->lin->gid_mappings, p->lin->n_gid_mappings, 0);
	if (p->record->n_cgroups && options->cgroup_mode != CRIU_CGROUP_IGNORE)
		options->cgroup_root =
			p->record->cgroups[0].path + strlen(p->facts->hierarchies[0].mount);
	folders = plan_folders(p, false);
	plan_begin(p);
	if (!p->unit) {
		TRY(plan_cgroups(p, err));
		TRY(plan_net_shares(p, err));
	}
	plan_rdt_groups(p);
	TRY(plan_open_namespaces(p, err));
	add_namespaces(p, options);
	make_places(p);
	TRY(spawn_criu(p, options, err));
	near = start_criu(p, &folders, options);
	HOST(p, "request", ask_criu, near, folders.images, folders.work, options,
	     folders.work_path,
	     { plan_hook_list(p, "prestart"), plan_hook_list(p, "createRuntime") },
	     p->process && p->process->terminal, request->console_socket);
	plan_rdt_tasks(p);
	plan_record(p, "running", "state");
	if (request->pid_file)
		HOST(p, "request", write_pid_file, request->pid_file);
	TRY(plan_check(p->plan, err));
	*out = p->plan;
	return 0;
}
