/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of id maps: of a user namespace, of mounts; and of the ids that must be in them.
 */
#include "base/text.h"
#include "libocispec/validate.h"
#include <inttypes.h>
#include <stdio.h>

enum { MOST_MAPS = 340 };

/* A map as the rules see it: where it stands, and its extents. */
struct map {
	const char *path;
	const struct oci_id_map *items;
	size_t n;
};

static bool is_overlap(uint64_t a, uint64_t b, uint64_t a_size, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* What the kernel refuses with nothing but EINVAL. */
static void check_extent(struct validation *v, const struct map *map, size_t i)
{
	const struct oci_id_map *m = &map->items[i];

	rule_at(v, "%s[%zu].size", map->path, i);
	if (!m->size)
		rule_refuse(v, "must be at least 1");
	rule_at(v, "%s[%zu]", map->path, i);
	if ((uint64_t)m->container_id + m->size > UINT32_MAX ||
	    (uint64_t)m->host_id + m->size > UINT32_MAX)
		rule_refuse(v, "goes beyond the last id, 4294967294");
	for (size_t j = 0; j < i; j++) {
		const struct oci_id_map *o = &map->items[j];

		if (is_overlap(m->container_id, o->container_id, m->size, o->size))
			rule_refuse(v, "maps ids of the container that %s[%zu] maps too",
				    map->path, j);
		else if (is_overlap(m->host_id, o->host_id, m->size, o->size))
			rule_refuse(v, "maps ids of the host that %s[%zu] maps too",
				    map->path, j);
	}
}

static void check_map(struct validation *v, const struct map *map)
{
	rule_at(v, "%s", map->path);
	if (map->n > MOST_MAPS) {
		rule_refuse(v, "%zu entries; the kernel takes at most %d", map->n,
			    MOST_MAPS);
		return;
	}
	for (size_t i = 0; i < map->n; i++)
		check_extent(v, map, i);
}

static void check_namespace_maps(struct validation *v)
{
	const struct oci_linux *l = v->linux_;

	check_map(v, &(struct map){ "uidMappings", l->uid_mappings, l->n_uid_mappings });
	check_map(v, &(struct map){ "gidMappings", l->gid_mappings, l->n_gid_mappings });
}

static void check_mount_maps(struct validation *v)
{
	char path[64];

	for (size_t i = 0; i < v->config->n_mounts; i++) {
		const struct oci_mount *m = &v->config->mounts[i];

		if (!m->n_uid_mappings && !m->n_gid_mappings)
			continue;
		(void)snprintf(path, sizeof(path), "mounts[%zu].uidMappings", i);
		check_map(v, &(struct map){ path, m->uid_mappings, m->n_uid_mappings });
		(void)snprintf(path, sizeof(path), "mounts[%zu].gidMappings", i);
		check_map(v, &(struct map){ path, m->gid_mappings, m->n_gid_mappings });
	}
}

/* Some engines give the maps of the namespace that they have us join: only a warning. */
static void check_owner(struct validation *v, const char *path, size_t n)
{
	const struct oci_namespace *user = rule_namespace(v, "user");

	if (!n)
		return;
	rule_at(v, "%s", path);
	if (!user)
		rule_refuse(v, "needs a user namespace; add {\"type\": \"user\"} to "
			       "linux.namespaces");
	else if (!rule_is_new(user))
		rule_warn(v, "ignored: the user namespace that is joined has its own");
}

static void check_owners(struct validation *v)
{
	const struct oci_linux *l = v->linux_;

	check_owner(v, "uidMappings", l->n_uid_mappings);
	check_owner(v, "gidMappings", l->n_gid_mappings);
	if (!rule_is_new(rule_namespace(v, "user")))
		return;
	rule_at(v, "gidMappings");
	if (l->n_uid_mappings && !l->n_gid_mappings)
		rule_refuse(v, "required beside uidMappings, but missing");
	rule_at(v, "uidMappings");
	if (l->n_gid_mappings && !l->n_uid_mappings)
		rule_refuse(v, "required beside gidMappings, but missing");
}

static bool is_mapped(const struct map *map, uint32_t id)
{
	for (size_t i = 0; i < map->n; i++)
		if (id >= map->items[i].container_id &&
		    id - map->items[i].container_id < map->items[i].size)
			return true;
	return !map->n;
}

static void check_mapped(struct validation *v, const struct map *map, uint32_t id)
{
	if (!is_mapped(map, id))
		rule_refuse(v, "%" PRIu32 " is not in %s; add a mapping for it", id,
			    map->path);
}

static void check_user(struct validation *v)
{
	const struct oci_linux *l = v->linux_;
	const struct oci_user *user = v->process->user;
	struct map uids, gids;

	if (!l || !user || !rule_is_new(rule_namespace(v, "user")))
		return;
	uids = (struct map){ "linux.uidMappings", l->uid_mappings, l->n_uid_mappings };
	gids = (struct map){ "linux.gidMappings", l->gid_mappings, l->n_gid_mappings };
	rule_at(v, "user.uid");
	check_mapped(v, &uids, user->uid);
	rule_at(v, "user.gid");
	check_mapped(v, &gids, user->gid);
	for (size_t i = 0; i < user->n_additional_gids; i++) {
		rule_at(v, "user.additionalGids[%zu]", i);
		check_mapped(v, &gids, user->additional_gids[i]);
	}
}

static const struct rule rules[] = {
	{ SCOPE_LINUX, "uidMappings", check_owners },
	{ SCOPE_LINUX, "uidMappings", check_namespace_maps },
	{ SCOPE_CONFIG, "mounts", check_mount_maps },
	{ SCOPE_PROCESS, "user", check_user },
};
const struct rules id_rules = { rules, ARRAY_SIZE(rules) };
