/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What criu is asked for: the caller's wishes as they are, and which parts of a container
 * are not its own (binds, bound devices, joined namespaces), so that a dump leaves them
 * out and a restore puts them in.  Keys are those of other runtimes.
 */
#include "plan/criu.h"
#include "base/text.h"
#include "plan/cgroup.h"
#include "tables/names.h"

enum { USUAL_TIMEOUT = 120, MOST_PORT = 65535 };

/* A key that fits nothing in the container costs nothing, so devices are listed all. */
static void add_mount(struct planner *p, struct criu_options *out, const char *target,
		      const char *source, bool is_mask)
{
	*arena_push(p->arena, out->mounts, out->n_mounts, out->room_mounts) =
		(struct criu_mount){ target, source, is_mask };
}

/* Without a cgroup namespace the container's directories are bound (cgroup-mount.c). */
static void add_cgroup_mounts(struct planner *p, const struct planned_mount *mount,
			      struct criu_options *out)
{
	if (p->wish[NS_cgroup] == NS_NEW && p->facts->is_privileged)
		return;
	for (size_t i = 0; i < p->facts->n_hierarchies && i < p->record->n_cgroups; i++) {
		const struct cgroup_hierarchy *h = &p->facts->hierarchies[i];
		const char *target = mount->target;

		if (p->facts->cgroup_mode != CGROUP_V2)
			target = text_join_path(p->arena, target, strrchr(h->mount, '/') + 1);
		add_mount(p, out, target, p->record->cgroups[i].path, false);
	}
}

static int add_mounts(struct planner *p, struct criu_options *out, struct error *err)
{
	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct planned_mount *mount = &p->mounts[i];

		if (mount->entry->n_uid_mappings || mount->options.idmap ||
		    mount->options.ridmap)
			return plan_refuse(err, mount->why,
					   "criu cannot keep a mount whose ids are mapped");
		if (mount->is_cgroup)
			add_cgroup_mounts(p, mount, out);
		else if (mount->is_bind)
			add_mount(p, out, mount->target, mount->source, false);
	}
	for (size_t i = 0; i < p->lin->n_devices; i++)
		add_mount(p, out, text_clean_path(p->arena, p->lin->devices[i].path),
			  p->lin->devices[i].path, false);
	for (size_t i = 0; i < n_default_devices; i++)
		add_mount(p, out, default_devices[i].path, default_devices[i].path, false);
	for (size_t i = 0; i < p->lin->n_masked_paths; i++)
		add_mount(p, out, p->lin->masked_paths[i], "/dev/null", true);
	return 0;
}

static void add_flags(const struct criu_wishes *in, struct criu_options *out)
{
	out->leave_running = in->leave_running;
	out->tcp_established = in->tcp_established;
	out->tcp_skip_in_flight = in->tcp_skip_in_flight;
	out->tcp_close = in->tcp_close;
	out->link_remap = in->link_remap;
	out->ext_unix_sk = in->ext_unix_sk;
	out->shell_job = in->shell_job;
	out->lazy_pages = in->lazy_pages;
	out->file_locks = in->file_locks;
	out->auto_dedup = in->auto_dedup;
}

static int add_server(struct planner *p, const char *text, struct criu_options *out,
		      struct error *err)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	uint64_t port;

	if (!text)
		return 0;
	if (!colon || colon == text || !text_to_u64(colon + 1, MOST_PORT, &port) || !port)
		return fail(err, ERROR_USAGE,
			    "--page-server '%s': expected ADDRESS:PORT, like 10.0.0.1:2000", text);
	out->server = arena_strndup(p->arena, text, (size_t)(colon - text));
	out->server_port = (int)port;
	return 0;
}

static int cgroup_mode_of(const char *name)
{
	return is_equal(name, "full")	  ? CRIU_CGROUP_FULL
	       : is_equal(name, "strict") ? CRIU_CGROUP_STRICT
	       : is_equal(name, "ignore") ? CRIU_CGROUP_IGNORE
					  : CRIU_CGROUP_SOFT;
}

static int lock_of(const char *name)
{
	return is_equal(name, "iptables")   ? CRIU_LOCK_IPTABLES
	       : is_equal(name, "nftables") ? CRIU_LOCK_NFTABLES
	       : is_equal(name, "skip")	    ? CRIU_LOCK_SKIP
					    : CRIU_LOCK_DEFAULT;
}

/* Hooks make a network that has an end elsewhere; after restore they make it again. */
static bool has_hooked_network(const struct planner *p)
{
	const struct oci_hooks *hooks = p->config->hooks;

	return p->wish[NS_network] == NS_NEW && hooks &&
	       (hooks->n_prestart || hooks->n_create_runtime);
}

static int add_values(struct planner *p, const struct criu_wishes *in,
		      struct criu_options *out, struct error *err)
{
	const char *config = plan_annotation(p, "org.criu.config");
	uint64_t number;

	out->config_file = !config ? in->config_file : *config ? config : NULL;
	out->parent_image = in->parent_path;
	out->lsm_profile = in->lsm_profile;
	out->lsm_mount_context = in->lsm_mount_context;
	out->cgroup_mode = cgroup_mode_of(in->manage_cgroups);
	out->network_lock = lock_of(in->network_lock);
	out->timeout = in->timeout ? in->timeout : USUAL_TIMEOUT;
	out->status_fd = -1;
	for (size_t i = 0; i < in->empty_ns.n; i++)
		if (!is_equal(in->empty_ns.items[i], "network"))
			return fail(err, ERROR_USAGE,
				    "--empty-ns '%s': only network can be left empty",
				    in->empty_ns.items[i]);
	out->empty_network = in->empty_ns.n > 0 || has_hooked_network(p);
	if (in->lsm_profile && !strchr(in->lsm_profile, ':'))
		return fail(err, ERROR_USAGE,
			    "--lsm-profile '%s': expected TYPE:NAME, like selinux:LABEL",
			    in->lsm_profile);
	if (in->status_fd && !text_to_u64(in->status_fd, INT32_MAX, &number))
		return fail(err, ERROR_USAGE, "--status-fd '%s' is no number", in->status_fd);
	if (in->status_fd)
		out->status_fd = (int)number;
	return add_server(p, in->page_server, out, err);
}

int plan_criu_options(struct planner *p, enum criu_job job, struct criu_options **out,
		      struct error *err)
{
	const struct criu_wishes *wishes = &p->in->request->criu;
	struct criu_options *options = arena_new(p->arena, struct criu_options);

	if (p->wish[NS_mount] != NS_NEW)
		return plan_refuse(err, "linux.namespaces",
				   "criu needs a container with a mount namespace of its own");
	if (!p->facts->is_privileged)
		return plan_refuse(err, "request", "criu needs root to dump and to restore");
	options->job = job;
	options->log_file = job == CRIU_RESTORE ? "restore.log" : "dump.log";
	add_flags(wishes, options);
	TRY(add_values(p, wishes, options, err));
	if (job != CRIU_PRE_DUMP)
		TRY(add_mounts(p, options, err));
	*out = options;
	return 0;
}
