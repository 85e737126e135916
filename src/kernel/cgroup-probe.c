/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the cgroup hierarchies are.  By convention they are below /sys/fs/cgroup, so one
 * statfs each says whether they are; the table of mounts, which is long on a host of many
 * containers, is read only where convention fails.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/mountinfo.h"
#include "kernel/path.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statfs.h>
#include <unistd.h>

#define CGROUP_DIR "/sys/fs/cgroup"

static unsigned long magic_of(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 ? (unsigned long)fs.f_type : 0;
}

/* Whether all the controllers are among the options of the file system. */
static bool has_all(struct arena *arena, const char *super, const char *controllers)
{
	char *list = arena_strdup(arena, controllers), *word;

	while ((word = strsep(&list, ",")))
		if (!text_has_word(super, word))
			return false;
	return true;
}

/* "/docker/x/y" as seen from a mount whose root is "/docker/x": "/y". */
static const char *below_root(const char *own, const char *root)
{
	if (is_equal(root, "/") || !path_is_below(own, root))
		return is_equal(root, "/") ? own : "/";
	own += strlen(root);
	return *own ? own : "/";
}

/* The conventional place, if our own cgroup is really there. */
static const char *conventional_mount(struct arena *arena, const struct cgroup_hierarchy *h,
				      bool is_unified)
{
	unsigned long magic = h->is_v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;
	const char *name = h->controllers;
	char *path;

	if (h->is_v2)
		name = is_unified ? "" : "unified";
	else if (has_prefix(name, "name="))
		name += strlen("name=");
	path = *name ? arena_printf(arena, CGROUP_DIR "/%s", name)
		     : arena_strdup(arena, CGROUP_DIR);
	return magic_of(arena_printf(arena, "%s%s", path, h->own)) == magic ? path : NULL;
}

/* "ID:CONTROLLERS:PATH" of /proc/self/cgroup. */
static bool parse_own(char *line, struct cgroup_hierarchy *out)
{
	char *at = line;

	(void)strsep(&at, ":");
	out->controllers = strsep(&at, ":");
	out->own = at;
	out->is_v2 = out->controllers && !*out->controllers;
	return out->own && out->own[0] == '/';
}

struct prober {
	struct arena *arena;
	struct facts *facts;
	struct mount_entry *mounts; /* read once they are needed */
	size_t n_mounts;
	size_t room;
	bool is_unified;	/* CGROUP_DIR itself is a cgroup2 */
};

/* Look through all mounts for one of version 1; false when it is not among them. */
static bool find_mount(struct prober *p, struct cgroup_hierarchy *h)
{
	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct mount_entry *mount = &p->mounts[i];

		if (!is_equal(mount->type, "cgroup") ||
		    !has_all(p->arena, mount->super, h->controllers))
			continue;
		h->mount = mount->point;
		h->own = below_root(h->own, mount->root);
		return true;
	}
	return false;
}

int cgroup_controllers(struct arena *arena, const char *path, const char **out,
		       struct error *err)
{
	char *list;

	TRY(file_read_at(AT_FDCWD, text_join_path(arena, path, "cgroup.controllers"), arena,
			 &list, err));
	list[strcspn(list, "\n")] = 0;
	*out = list;
	return 0;
}

/* Whether we may make cgroups below it and move processes into them. */
static bool is_ours(struct arena *arena, const struct cgroup_hierarchy *h, const char *own)
{
	const char *path = text_join_path(arena, h->mount, own);

	return access(path, W_OK) == 0 &&
	       access(text_join_path(arena, path, "cgroup.procs"), W_OK) == 0;
}

/* From our own cgroup upwards as far as it is ours. */
static void find_delegated(struct arena *arena, struct cgroup_hierarchy *h)
{
	char *at = arena_strdup(arena, h->own), *slash;

	while (is_ours(arena, h, *at ? at : "/")) {
		h->delegated = *at ? arena_strdup(arena, at) : "/";
		slash = strrchr(at, '/');
		if (!*at || !slash)
			return;
		*slash = 0;
	}
}

static int add_hierarchy(struct prober *p, struct cgroup_hierarchy h, struct error *err)
{
	h.mount = conventional_mount(p->arena, &h, p->is_unified);
	/* The kernel always tells of a cgroup2; one that is mounted nowhere usual is unused. */
	if (!h.mount && h.is_v2)
		return 0;
	if (!h.mount) {
		if (!p->mounts)
			TRY(mountinfo_read(p->arena, &p->mounts, &p->n_mounts, err));
		if (!find_mount(p, &h))
			return 0;
	}
	if (h.is_v2)
		TRY(cgroup_controllers(p->arena, h.mount, &h.controllers, err));
	if (!p->facts->is_privileged)
		find_delegated(p->arena, &h);
	*arena_push(p->arena, p->facts->hierarchies, p->facts->n_hierarchies, p->room) = h;
	return 0;
}

static enum cgroup_mode mode_of(const struct facts *facts)
{
	bool has_v1 = false, has_v2 = false;

	for (size_t i = 0; i < facts->n_hierarchies; i++) {
		has_v1 |= !facts->hierarchies[i].is_v2;
		has_v2 |= facts->hierarchies[i].is_v2;
	}
	if (has_v1)
		return has_v2 ? CGROUP_HYBRID : CGROUP_V1;
	return has_v2 ? CGROUP_V2 : CGROUP_NONE;
}

int cgroup_probe(struct arena *arena, struct facts *facts, struct error *err)
{
	struct prober p = { .arena = arena, .facts = facts };
	struct cgroup_hierarchy h = { 0 };
	char *own, *line;

	facts->hierarchies = NULL;
	facts->n_hierarchies = 0;
	p.is_unified = magic_of(CGROUP_DIR) == CGROUP2_SUPER_MAGIC;
	TRY(file_read_at(AT_FDCWD, "/proc/self/cgroup", arena, &own, err));
	while ((line = strsep(&own, "\n"))) {
		if (!parse_own(line, &h) || (p.is_unified && !h.is_v2))
			continue;
		TRY(add_hierarchy(&p, h, err));
	}
	facts->cgroup_mode = mode_of(facts);
	return 0;
}
