/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * update: limits of a running container.  The tables of create say what is written where;
 * every step keeps the old value, so that a failure takes all of it back.  Whatever the
 * kernel takes only after something else (a memory limit above the old one of memory and
 * swap, say) is tried again at the end.
 */
#include "base/text.h"
#include "plan/create.h"

/* Engines send what is not to change as 0. */
static struct oci_memory *changed_memory(struct planner *p, const struct oci_memory *given)
{
	struct oci_memory *memory = arena_new(p->arena, struct oci_memory);

	*memory = *given;
	memory->has_limit &= memory->limit != 0;
	memory->has_swap &= memory->swap != 0;
	memory->has_reservation &= memory->reservation != 0;
	memory->has_kernel &= memory->kernel != 0;
	memory->has_kernel_tcp &= memory->kernel_tcp != 0;
	/* Without a limit of memory none of memory and swap makes sense. */
	if (memory->has_limit && memory->limit < 0 && !memory->has_swap) {
		memory->has_swap = true;
		memory->swap = -1;
	}
	/* Version 2 counts swap alone: it takes both to know how much that is. */
	if (memory->has_swap && memory->swap > 0 && !memory->has_limit &&
	    p->in->present.memory > 0) {
		memory->has_limit = true;
		memory->limit = p->in->present.memory;
	}
	return memory;
}

static struct oci_cpu *changed_cpu(struct planner *p, const struct oci_cpu *given)
{
	struct oci_cpu *cpu = arena_new(p->arena, struct oci_cpu);

	*cpu = *given;
	cpu->has_quota &= cpu->quota != 0;
	cpu->has_period &= cpu->period != 0;
	cpu->has_realtime_period &= cpu->realtime_period != 0;
	cpu->has_realtime_runtime &= cpu->realtime_runtime != 0;
	/* Version 2 has both in one file. */
	if (cpu->has_period && !cpu->has_quota && p->in->present.quota &&
	    plan_is_unified(p, "cpu")) {
		cpu->has_quota = true;
		cpu->quota = p->in->present.quota;
	}
	return cpu;
}

static struct oci_block_io *changed_block_io(struct planner *p,
					     const struct oci_block_io *given)
{
	struct oci_block_io *block_io = arena_new(p->arena, struct oci_block_io);

	*block_io = *given;
	block_io->has_weight &= block_io->weight != 0;
	block_io->has_leaf_weight &= block_io->leaf_weight != 0;
	return block_io;
}

static void keep_what_changes(struct planner *p)
{
	struct oci_resources *r = arena_new(p->arena, struct oci_resources);
	struct oci_linux *lin = arena_new(p->arena, struct oci_linux);

	*lin = *p->lin;
	if (!lin->resources)
		return;
	*r = *lin->resources;
	if (r->memory)
		r->memory = changed_memory(p, r->memory);
	if (r->cpu)
		r->cpu = changed_cpu(p, r->cpu);
	if (r->block_io)
		r->block_io = changed_block_io(p, r->block_io);
	lin->resources = r;
	p->lin = lin;
}

/* memory.checkBeforeUpdate: nothing is to be killed for the sake of a lower limit. */
static void check_usage(struct planner *p)
{
	const struct oci_memory *memory = p->lin->resources->memory;
	bool is_v2 = plan_is_unified(p, "memory");
	const char *dir = plan_limit_dir(p, "memory", is_v2);

	if (!memory || !memory->check_before_update || !dir)
		return;
	if (memory->has_limit && memory->limit > 0)
		HOST(p, "linux.resources.memory.limit", check_usage, dir,
		     is_v2 ? "memory.current" : "memory.usage_in_bytes", memory->limit);
	if (!memory->has_swap || memory->swap < 0)
		return;
	if (!is_v2)
		HOST(p, "linux.resources.memory.swap", check_usage, dir,
		     "memory.memsw.usage_in_bytes", memory->swap);
	else if (memory->has_limit && memory->limit > 0)
		HOST(p, "linux.resources.memory.swap", check_usage, dir,
		     "memory.swap.current", memory->swap - memory->limit);
}

static void change_schema(struct planner *p, const char *why, const char *lines)
{
	const char *path = p->record->intel_rdt->path;

	while (!is_empty(lines)) {
		size_t n = strcspn(lines, "\n");

		if (n)
			HOST(p, why, change_rdt, p->facts->resctrl, path,
			     arena_strndup(p->arena, lines, n));
		lines += n + (lines[n] == '\n');
	}
}

static int change_rdt(struct planner *p, struct error *err)
{
	const struct oci_intel_rdt *rdt = p->lin->intel_rdt;

	if (!rdt)
		return 0;
	if (!p->record->intel_rdt)
		return plan_refuse(err, "linux.intelRdt",
				   "the container has no resctrl group: create it with "
				   "linux.intelRdt in its config.json");
	change_schema(p, "linux.intelRdt.l3CacheSchema", rdt->l3_cache_schema);
	change_schema(p, "linux.intelRdt.memBwSchema", rdt->mem_bw_schema);
	return 0;
}

/* systemd first: it would write its own idea of them at the next reload. */
static int change_unit(struct planner *p, struct error *err)
{
	const char *path = NULL, *freezer = NULL;
	size_t before = p->plan->of[ROLE_HOST].n;

	if (is_empty(p->record->unit))
		return 0;
	for (size_t i = 0; i < p->record->n_cgroups; i++)
		if (p->facts->hierarchies[i].is_v2 || !path)
			path = p->record->cgroups[i].path;
	plan_unit_limits(p);
	if (p->lin->resources && p->lin->resources->n_devices) {
		/* On version 1 systemd empties the list for a moment. */
		bool is_v1 = plan_limit_dir(p, "devices", false) != NULL;

		freezer = is_v1 ? plan_limit_dir(p, "freezer", false) : NULL;
		if (!is_v1 || freezer)
			TRY(plan_unit_devices(p, err));
	}
	if (p->plan->of[ROLE_HOST].n > before)
		HOST(p, "linux.resources", update_unit, p->record->unit, path, freezer);
	return 0;
}

static bool has_limits(const struct oci_resources *r)
{
	return r->memory || r->cpu || r->pids || r->block_io || r->n_hugepage_limits ||
	       r->network || r->n_rdma || r->unified.n || r->n_devices;
}

int plan_update(struct arena *arena, const struct plan_input *in, struct plan **out,
		struct error *err)
{
	struct planner planner;

	plan_inputs(&planner, arena, in);
	planner.updates = true;
	planner.record = arena_new(arena, struct oci_record);
	*planner.record = *in->record;
	keep_what_changes(&planner);
	if (planner.lin->resources && has_limits(planner.lin->resources)) {
		if (!planner.record->n_cgroups)
			return plan_refuse(err, "linux.resources",
					   "the container has no cgroups to limit it by");
		check_usage(&planner);
	}
	TRY(change_unit(&planner, err));
	if (planner.lin->resources && has_limits(planner.lin->resources))
		TRY(plan_cgroup_limits(&planner, err));
	TRY(change_rdt(&planner, err));
	HOST(&planner, "linux.resources", settle_changes, 0);
	/* The last one: it is done as a whole, and nothing has to take it back. */
	if (planner.lin->resources && planner.lin->resources->n_devices)
		TRY(plan_limit_devices(&planner, err));
	*out = planner.plan;
	return 0;
}
