/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The unit that linux.cgroupsPath names when systemd manages the cgroups: SLICE:PREFIX:NAME
 * is PREFIX-NAME.scope in SLICE; and the cgroup that systemd will give it, which follows
 * from its name, so that a plan can tell it before there is one.
 */
#include "base/text.h"
#include "plan/cgroup.h"
#include "plan/planner.h"

enum { MOST_UNIT_NAME = 255 };

/* systemd takes few characters; others of an id are written as it would write them. */
static const char *escape(struct arena *arena, const char *name)
{
	struct text text = { .arena = arena };

	for (; *name; name++) {
		bool is_plain = (*name >= 'a' && *name <= 'z') ||
				(*name >= 'A' && *name <= 'Z') ||
				(*name >= '0' && *name <= '9') || strchr(":-_.@", *name);

		text_add(&text, is_plain ? "%c" : "\\x%02x", (unsigned char)*name);
	}
	return text.s ? text.s : "";
}

static int check_slice(const char *slice, struct error *err)
{
	size_t n = strlen(slice);
	bool is_slice = has_suffix(slice, ".slice") && n > strlen(".slice");

	if (is_equal(slice, "-.slice"))
		return 0;
	if (is_slice && slice[0] != '-' && slice[n - strlen(".slice") - 1] != '-' &&
	    !strstr(slice, "--") && !strchr(slice, '/'))
		return 0;
	return plan_refuse(err, "linux.cgroupsPath",
			   "'%.100s' is no name of a slice: expected one like machine.slice",
			   slice);
}

/* "a-b.slice" is in "a.slice". */
static const char *slice_path(struct arena *arena, const char *slice)
{
	size_t n = strlen(slice) - strlen(".slice");
	struct text text = { .arena = arena };

	if (is_equal(slice, "-.slice"))
		return "";
	for (size_t i = 1; i <= n; i++)
		if (slice[i] == '-' || i == n)
			text_add(&text, "/%.*s.slice", (int)i, slice);
	return text.s;
}

static int split(struct arena *arena, const char *path, char *part[3], struct error *err)
{
	char *at = arena_strdup(arena, path);

	for (int i = 0; i < 3; i++)
		part[i] = strsep(&at, ":");
	if (at || !part[1] || !part[2] || !*part[2] || strchr(path, '/'))
		return plan_refuse(err, "linux.cgroupsPath",
				   "'%.100s' names no unit of systemd: expected "
				   "SLICE:PREFIX:NAME, like machine.slice:oci-rt:box", path);
	if (has_suffix(part[2], ".slice"))
		return plan_refuse(err, "linux.cgroupsPath",
				   "'%.100s' is a slice, which holds no processes: expected the "
				   "name of a scope", part[2]);
	return 0;
}

int plan_unit_of(struct arena *arena, const struct plan_input *in, struct unit *out,
		 struct error *err)
{
	const struct oci_linux *lin = in->config->linux_;
	const char *path = lin ? lin->cgroups_path : NULL;
	bool is_user = !in->facts->is_privileged;
	char *part[3] = { NULL, NULL, NULL };

	*out = (struct unit){ .is_user = is_user };
	if (!is_empty(path))
		TRY(split(arena, path, part, err));
	out->slice = !is_empty(part[0]) ? part[0] : is_user ? "user.slice" : "system.slice";
	TRY(check_slice(out->slice, err));
	out->name = escape(arena, arena_printf(arena, "%s%s%s.scope",
					       part[2] ? part[1] : "oci-rt",
					       part[2] && !*part[1] ? "" : "-",
					       part[2] ? part[2] : in->request->id));
	if (strlen(out->name) > MOST_UNIT_NAME)
		return plan_refuse(err, "linux.cgroupsPath",
				   "a unit of systemd has a name of %d characters at most, "
				   "'%.60s...' is longer", MOST_UNIT_NAME, out->name);
	out->description = arena_printf(arena, "oci-rt container %s", in->request->id);
	out->cgroup = arena_printf(arena, "%s/%s", slice_path(arena, out->slice), out->name);
	return 0;
}
