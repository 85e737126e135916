/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cgroups of an exec'd process: the container's own, or such below them as --cgroup
 * names.  On version 2 it is born there, on version 1 it moves itself.
 */
#include "plan/planner.h"
#include "base/text.h"

static bool climbs(const char *path)
{
	for (const char *at = path; *at; at += strspn(at, "/")) {
		size_t n = strcspn(at, "/");

		if (n == 2 && at[0] == '.' && at[1] == '.')
			return true;
		at += n;
	}
	return false;
}

/* Whether the word before the colon names a controller of the cgroup's hierarchy. */
static bool is_for(struct arena *arena, const char *word, const struct oci_record_cgroup *cgroup)
{
	const char *colon = strchr(word, ':');
	char *names, *name;

	if (!colon)
		return true;
	names = arena_strndup(arena, word, (size_t)(colon - word));
	while ((name = strsep(&names, ",")))
		if (text_has_word(cgroup->controllers, name))
			return true;
	return false;
}

static int check_controllers(struct planner *p, const char *word, struct error *err)
{
	char *names = arena_strndup(p->arena, word, strcspn(word, ":")), *name;

	while (strchr(word, ':') && (name = strsep(&names, ","))) {
		bool is_known = false;

		for (size_t i = 0; i < p->record->n_cgroups; i++)
			is_known |= text_has_word(p->record->cgroups[i].controllers, name);
		if (!is_known)
			return fail(err, ERROR_USAGE, "option '--cgroup %s': the container has "
				    "no cgroup with the controller '%s'", word, name);
	}
	return 0;
}

static int check_words(struct planner *p, struct error *err)
{
	const struct word_list *words = &p->in->request->exec.cgroups;

	for (size_t i = 0; i < words->n; i++) {
		const char *word = words->items[i], *colon = strchr(word, ':');

		if (climbs(colon ? colon + 1 : word))
			return fail(err, ERROR_USAGE, "option '--cgroup %s' leads out of the "
				    "container's cgroup: no '..' may be in it", word);
		if (!colon && words->n > 1)
			return fail(err, ERROR_USAGE, "option '--cgroup %s': where there are "
				    "several, each must name its controllers", word);
		TRY(check_controllers(p, word, err));
	}
	if (words->n && !p->record->n_cgroups)
		return fail(err, ERROR_USAGE, "option '--cgroup': the container has no cgroup");
	return 0;
}

static const char *path_of(struct planner *p, const struct oci_record_cgroup *cgroup)
{
	const struct word_list *words = &p->in->request->exec.cgroups;

	for (size_t i = 0; i < words->n; i++) {
		const char *word = words->items[i], *colon = strchr(word, ':');

		if (is_for(p->arena, word, cgroup))
			return text_clean_path(p->arena,
					       text_join_path(p->arena, cgroup->path,
							      colon ? colon + 1 : word));
	}
	return cgroup->path;
}

/* Older records do not tell the version; cgroup.procs is there in both. */
int plan_exec_cgroups(struct planner *p, struct error *err)
{
	TRY(check_words(p, err));
	for (size_t i = 0; i < p->record->n_cgroups; i++) {
		const struct oci_record_cgroup *cgroup = &p->record->cgroups[i];
		const char *path = path_of(p, cgroup);
		int slot = plan_slot(p->plan);

		if (cgroup->version == 2) {
			HOST(p, "linux.cgroupsPath", open_leaf, slot, path,
			     (int)p->record->pid);
			p->cgroup_slot = slot;
		} else {
			HOST(p, "linux.cgroupsPath", open_cgroup, slot, path,
			     cgroup->version == 1 ? "tasks" : "cgroup.procs");
		}
	}
	return 0;
}
