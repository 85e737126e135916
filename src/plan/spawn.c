/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the clone to a process that is in all its namespaces and has its ids.  The common
 * container needs one clone; some combinations (namespaces.h) need a process between.
 */
#include "plan/planner.h"
#include "base/text.h"

int plan_wishes(struct planner *p, struct error *err)
{
	const struct oci_linux *lin = p->lin;

	for (size_t i = 0; i < lin->n_namespaces; i++) {
		enum ns ns = ns_by_name(lin->namespaces[i].type);

		if (ns == NS_COUNT)
			return fail(err, ERROR_BUG, "a namespace type passed validation");
		p->ns_why[ns] = WHY(p, "linux.namespaces[%zu]", i);
		p->wish[ns] = is_empty(lin->namespaces[i].path) ? NS_NEW : NS_JOIN;
		if (p->wish[ns] == NS_JOIN)
			p->ns_path[ns] = lin->namespaces[i].path;
	}
	if (!p->facts->is_privileged && p->facts->euid != 0 && p->wish[NS_user] == NS_INHERIT)
		return plan_refuse(err, "linux.namespaces",
				   "user %u needs a new user namespace: add "
				   "{\"type\": \"user\"}, or see `oci-rt spec --rootless`",
				   p->facts->euid);
	p->ns = ns_plan_of(p->wish, p->facts->is_privileged);
	p->root_point = plan_root_point(p);
	p->own_mounts = p->wish[NS_mount] == NS_NEW || p->root_point;
	p->own_user = p->wish[NS_user] == NS_NEW;
	p->mounter = p->facts->is_privileged ? ROLE_HOST : ROLE_INIT;
	return 0;
}

/* All of them before anything changes: their paths are the runtime's. */
int plan_open_namespaces(struct planner *p, struct error *err)
{
	(void)err; /* a path that is no namespace is found out by the executor */
	for (enum ns ns = 0; ns < NS_COUNT; ns++) {
		if (p->wish[ns] != NS_JOIN)
			continue;
		HOST(p, p->ns_why[ns], open_namespace, plan_slot(p->plan), ns,
		     p->ns_path[ns]);
	}
	return 0;
}

int plan_slot_of_namespace(const struct planner *p, enum ns ns)
{
	const struct step_list *host = &p->plan->of[ROLE_HOST];

	for (size_t i = 0; i < host->n; i++)
		if (host->items[i].kind == STEP_open_namespace &&
		    host->items[i].open_namespace.ns == ns)
			return host->items[i].open_namespace.slot;
	return SLOT_NONE;
}

static void join(struct planner *p, enum role role, unsigned set)
{
	for (enum ns ns = 0; ns < NS_COUNT; ns++)
		if (set & NS_BIT(ns))
			PLAN_ADD(p->plan, role, p->ns_why[ns], join_namespace,
				 plan_slot_of_namespace(p, ns), ns);
}

static unsigned root_id(const struct oci_id_map *maps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (maps[i].container_id == 0)
			return 0;
	return n ? maps[0].container_id : 0;
}

void plan_become_root(struct planner *p, enum role role)
{
	PLAN_ADD(p->plan, role, "linux.uidMappings", become_root,
		 root_id(p->lin->uid_mappings, p->lin->n_uid_mappings),
		 root_id(p->lin->gid_mappings, p->lin->n_gid_mappings));
}

static void map_ids(struct planner *p, enum role role)
{
	HOST(p, "linux.uidMappings", map_ids, role, p->uid_map, p->gid_map,
	     p->maps_with_helpers, !plan_maps_freely(p) && !p->maps_with_helpers);
	plan_meet(p->plan, ROLE_HOST, role, MILESTONE_IDS_MAPPED, "linux.uidMappings");
}

static const char *time_offsets(struct planner *p)
{
	struct text text = { .arena = p->arena };

	for (size_t i = 0; i < p->lin->n_time_offsets; i++) {
		const struct oci_time_offset_entry *entry = &p->lin->time_offsets[i];

		text_add(&text, "%s%s %lld %u", i ? "\n" : "", entry->key,
			 (long long)entry->value.secs, entry->value.nanosecs);
	}
	return text.s;
}

void plan_favour_init(struct planner *p, bool has_intermediate)
{
	enum role role = has_intermediate ? ROLE_INTERMEDIATE
			 : p->facts->is_privileged ? ROLE_HOST : ROLE_INIT;

	if (p->process && p->process->has_oom_score_adj)
		PLAN_ADD(p->plan, role, "process.oomScoreAdj", set_oom_score,
			 p->process->oom_score_adj);
}

static void plan_intermediate(struct planner *p)
{
	const struct ns_plan *ns = &p->ns;

	HOST(p, "linux.namespaces", spawn, ROLE_INTERMEDIATE, 0, SLOT_NONE, false);
	plan_favour_init(p, true);
	join(p, ROLE_INTERMEDIATE, ns->join_first);
	if (ns->makes_user) {
		INTERMEDIATE(p, p->ns_why[NS_user], unshare, NS_BIT(NS_user));
		plan_meet(p->plan, ROLE_INTERMEDIATE, ROLE_HOST, MILESTONE_USER_NS_READY,
			  p->ns_why[NS_user]);
		map_ids(p, ROLE_INTERMEDIATE);
	}
	if (ns->joins_user)
		join(p, ROLE_INTERMEDIATE, NS_BIT(NS_user));
	join(p, ROLE_INTERMEDIATE, ns->join_after);
	if (ns->makes_time) {
		INTERMEDIATE(p, p->ns_why[NS_time], unshare, NS_BIT(NS_time));
		if (p->lin->n_time_offsets)
			INTERMEDIATE(p, "linux.timeOffsets", set_time_offsets,
				     time_offsets(p));
	}
	/* Behind the offsets: a change of user takes our own files in /proc from us. */
	if (ns->makes_user || ns->joins_user)
		plan_become_root(p, ROLE_INTERMEDIATE);
	INTERMEDIATE(p, "linux.namespaces", spawn, ROLE_INIT, ns->clone, SLOT_NONE, true);
	plan_meet(p->plan, ROLE_INTERMEDIATE, ROLE_HOST, MILESTONE_CHILD_MADE,
		  "linux.namespaces");
}

int plan_spawn(struct planner *p, struct error *err)
{
	const struct ns_plan *ns = &p->ns;

	if (ns->needs_intermediate) {
		plan_intermediate(p);
	} else {
		HOST(p, "linux.namespaces", spawn, ROLE_INIT, ns->clone, p->cgroup_slot,
		     false);
		plan_favour_init(p, false);
	}
	plan_rdt_tasks(p);
	if (p->facts->is_privileged)
		INIT(p, "request", not_dumpable, 0);
	if (p->unit)
		TRY(plan_start_unit(p, ROLE_INIT, err));
	plan_enter_cgroups(p, ROLE_INIT);
	if (p->lin->resources && p->lin->resources->cpu &&
	    !is_empty(p->lin->resources->cpu->cpus))
		INIT(p, "linux.resources.cpu.cpus", reset_affinity, 0);
	if (!ns->needs_intermediate && p->own_user) {
		map_ids(p, ROLE_INIT);
		plan_become_root(p, ROLE_INIT);
	}
	join(p, ROLE_INIT, ns->init_join);
	if (ns->init_unshare)
		INIT(p, p->ns_why[NS_cgroup], unshare, ns->init_unshare);
	if (!p->facts->is_privileged)
		INIT(p, "request", not_dumpable, 0);
	INIT(p, "process", new_session, 0);
	if (!p->in->request->no_new_keyring)
		INIT(p, "process", new_keyring, WHY(p, "_ses.%s", p->in->request->id),
		     plan_selinux_label(p));
	if (p->wish[NS_network] == NS_NEW)
		INIT(p, p->ns_why[NS_network], loopback_up, 0);
	return 0;
}
