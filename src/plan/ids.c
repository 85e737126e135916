/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Id maps of a new user namespace, as the text that the kernel takes.  An unprivileged
 * caller may map its own id alone, or has newuidmap and newgidmap do more.
 */
#include "plan/planner.h"
#include "base/text.h"
#include <linux/capability.h>

unsigned plan_host_id(const struct oci_id_map *maps, size_t n, unsigned id)
{
	for (size_t i = 0; i < n; i++)
		if (id >= maps[i].container_id && id - maps[i].container_id < maps[i].size)
			return maps[i].host_id + (id - maps[i].container_id);
	return id;
}

const char *plan_map_text(struct planner *p, const struct oci_id_map *maps, size_t n)
{
	struct text text = { .arena = p->arena };

	for (size_t i = 0; i < n; i++)
		text_add(&text, "%s%u %u %u", i ? "\n" : "", maps[i].container_id,
			 maps[i].host_id, maps[i].size);
	return text.s;
}

/* No maps given: root inside is the caller outside, and with helpers its subordinate ids. */
static const char *default_map(struct planner *p, uint32_t own, const struct id_range *sub)
{
	if (p->facts->is_privileged || !p->facts->has_new_maps || !sub->count)
		return arena_printf(p->arena, "0 %u 1", own);
	return arena_printf(p->arena, "0 %u 1\n1 %u %u", own, sub->first, sub->count);
}

/* Root of a user namespace of somebody else's gives its ids on without help, as the kernel
 * asks for the two capabilities in the namespace that the ids come from. */
bool plan_maps_freely(const struct planner *p)
{
	const uint64_t needed = UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID;

	return p->facts->is_privileged || (p->facts->permitted & needed) == needed;
}

/* One id, and the caller's own: what the kernel lets anybody map. */
static bool is_own_only(const struct oci_id_map *maps, size_t n, uint32_t own)
{
	return n == 1 && maps[0].size == 1 && maps[0].host_id == own;
}

static bool are_simple(const struct planner *p)
{
	const struct oci_linux *lin = p->lin;

	if (!lin->n_uid_mappings)
		return !strchr(p->uid_map, '\n') && !strchr(p->gid_map, '\n');
	return is_own_only(lin->uid_mappings, lin->n_uid_mappings, p->facts->euid) &&
	       is_own_only(lin->gid_mappings, lin->n_gid_mappings, p->facts->egid);
}

int plan_ids(struct planner *p, struct error *err)
{
	const struct oci_linux *lin = p->lin;

	if (!p->own_user)
		return 0;
	if (!lin->n_uid_mappings && p->facts->is_privileged)
		return plan_refuse(err, "linux.uidMappings",
				   "a new user namespace needs its users mapped: add "
				   "uidMappings and gidMappings");
	p->uid_map = lin->n_uid_mappings
			     ? plan_map_text(p, lin->uid_mappings, lin->n_uid_mappings)
			     : default_map(p, p->facts->euid, &p->facts->sub_uid);
	p->gid_map = lin->n_gid_mappings
			     ? plan_map_text(p, lin->gid_mappings, lin->n_gid_mappings)
			     : default_map(p, p->facts->egid, &p->facts->sub_gid);
	p->maps_with_helpers = !plan_maps_freely(p) && !are_simple(p);
	if (p->maps_with_helpers && !p->facts->has_new_maps)
		return plan_refuse(err, "linux.uidMappings",
				   "user %u may map only its own id without newuidmap and "
				   "newgidmap: install the package uidmap",
				   p->facts->euid);
	return 0;
}
