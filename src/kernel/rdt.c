/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See rdt.h.  Comparing schemata is in rdt-compare.c.  The kernel asks everybody who
 * allocates to hold a lock on the root directory (Documentation/arch/x86/resctrl.rst), so
 * a group and its schemata appear at once to other runtimes.
 */
#include "kernel/rdt.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

/* The mount point is the fifth field; blanks and their like are written in octal. */
static const char *mount_point_of(struct arena *arena, char *line)
{
	char *point, *to;

	for (int i = 0; i < 4; i++)
		(void)strsep(&line, " ");
	point = to = arena_strdup(arena, strsep(&line, " ") ?: "");
	for (const char *from = point; *from; to++) {
		unsigned code;

		if (sscanf(from, "\\%3o", &code) == 1) {
			*to = (char)code;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
	return point;
}

const char *rdt_find_mount(struct arena *arena, char *mountinfo)
{
	for (char *line; (line = strsep(&mountinfo, "\n"));) {
		const char *dash = strstr(line, " - ");

		if (dash && has_prefix(dash, " - resctrl "))
			return mount_point_of(arena, line);
	}
	return NULL;
}

int rdt_mount_point(struct arena *arena, const char **out, struct error *err)
{
	char *text;

	TRY(file_read_at(AT_FDCWD, "/proc/self/mountinfo", arena, &text, err));
	*out = rdt_find_mount(arena, text);
	return 0;
}

/* What the kernel says of the last command that it refused, or "". */
static const char *last_status(struct arena *arena, const struct rdt_group *group)
{
	const char *path = text_join_path(arena, group->root, "info/last_cmd_status");
	struct error ignored;
	char *text;

	if (file_read_at(AT_FDCWD, path, arena, &text, &ignored) < 0)
		return "";
	text[strcspn(text, "\n")] = 0;
	return is_equal(text, "ok") || !*text ? "" : arena_printf(arena, " (%s)", text);
}

static int write_schemata(struct arena *arena, const struct rdt_group *group,
			  struct error *err)
{
	const char *path = text_join_path(arena, group->path, "schemata");

	for (size_t i = 0; i < group->n_lines; i++) {
		/* The kernel takes nothing that does not end in a newline. */
		const char *line = arena_printf(arena, "%s\n", group->lines[i]);
		int code;

		if (file_poke_at(AT_FDCWD, path, line) == 0)
			continue;
		code = errno;
		(void)fail(err, ERROR_KERNEL, "write '%s' to '%s': %s%s", group->lines[i],
			   path,
			   code == EINVAL ? "the processor cannot have it"
					  : error_words(code),
			   last_status(arena, group));
		err->code = code;
		return -1;
	}
	return 0;
}

static int compare(struct arena *arena, const struct rdt_group *group, struct error *err)
{
	char *present;

	TRY(file_read_at(AT_FDCWD, text_join_path(arena, group->path, "schemata"), arena,
			 &present, err));
	return rdt_compare(arena, group, present, err);
}

static int fail_group(const struct rdt_group *group, struct error *err)
{
	if (errno == ENOSPC)
		return fail(
			err, ERROR_KERNEL,
			"make the resctrl group '%s': all classes of "
			"service of the processor are in use: remove a group, or share "
			"one by closID",
			group->path);
	return fail_errno(err, "make the resctrl group '%s'", group->path);
}

static int find_group(const struct rdt_group *group, bool *out_made, struct error *err)
{
	struct stat st;

	if (!group->must_exist) {
		*out_made = mkdir(group->path, 0755) == 0;
		if (!*out_made && errno != EEXIST)
			return fail_group(group, err);
	}
	if (stat(group->path, &st) < 0 || !S_ISDIR(st.st_mode))
		return fail(err, ERROR_CONFIG,
			    "there is no resctrl group '%s': make it "
			    "first, or say what it is to be (l3CacheSchema, memBwSchema, "
			    "schemata)",
			    group->path);
	return 0;
}

int rdt_make_group(struct arena *arena, const struct rdt_group *group, bool *out_made,
		   struct error *err)
{
	int scoped_fd root = open(group->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*out_made = false;
	TRY(root, err, "open the resctrl file system '%s'", group->root);
	TRY(flock(root, LOCK_EX), err, "lock the resctrl file system '%s'", group->root);
	TRY(find_group(group, out_made, err));
	if (!group->n_lines)
		return 0;
	if (!*out_made && !group->is_own)
		return compare(arena, group, err);
	if (write_schemata(arena, group, err) == 0)
		return 0;
	if (*out_made)
		*out_made =
			rmdir(group->path) < 0; /* while nobody else can have found it */
	return -1;
}

/* The line of the same resource ("L3:...", "MB:..."); NULL: the processor has none. */
static const char *find_schema(struct arena *arena, const char *text, const char *line)
{
	size_t n = strcspn(line, ":") + 1;

	for (; *text; text += *text == '\n') {
		size_t length;

		text += strspn(text, " ");
		length = strcspn(text, "\n");
		if (strncmp(text, line, n) == 0)
			return arena_printf(arena, "%.*s\n", (int)length, text);
		text += length;
	}
	return NULL;
}

int rdt_change(struct arena *arena, const char *root, const char *path, const char *line,
	       const char **out_old, struct error *err)
{
	const struct rdt_group group = {
		.root = root, .path = path, .lines = &line, .n_lines = 1
	};
	char *present;

	TRY(file_read_at(AT_FDCWD, text_join_path(arena, path, "schemata"), arena, &present,
			 err));
	*out_old = find_schema(arena, present, line);
	return write_schemata(arena, &group, err);
}

int rdt_unmake_group(struct arena *arena, const struct rdt_group *group,
		     struct error *err)
{
	const char *tasks = text_join_path(arena, group->path, "tasks");
	int scoped_fd root = TRY(open(group->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
				 err, "open the resctrl file system '%s'", group->root);
	char *text;

	TRY(flock(root, LOCK_EX), err, "lock the resctrl file system '%s'", group->root);
	TRY(file_read_at(AT_FDCWD, tasks, arena, &text, err));
	if (*text)
		return 0;
	return TRY(rmdir(group->path), err, "remove the resctrl group '%s'", group->path);
}

int rdt_make_monitor(const char *path, struct error *err)
{
	if (mkdir(path, 0755) == 0)
		return 0;
	if (errno == ENOSPC)
		return fail(err, ERROR_KERNEL,
			    "make the resctrl monitoring group '%s': all "
			    "monitoring ids of the processor are in use",
			    path);
	if (errno == ENOENT)
		return fail(err, ERROR_KERNEL,
			    "make the resctrl monitoring group '%s': this "
			    "processor or its resctrl has no monitoring",
			    path);
	return fail_errno(err, "make the resctrl monitoring group '%s'", path);
}

int rdt_add_task(const char *path, pid_t pid, struct error *err)
{
	char file[4096], text[16];

	if (snprintf(file, sizeof(file), "%s/tasks", path) >= (int)sizeof(file))
		return fail(err, ERROR_CONFIG, "the resctrl path '%s' is too long", path);
	snprintf(text, sizeof(text), "%d", pid);
	return TRY(file_poke_at(AT_FDCWD, file, text), err, "move process %d into '%s'",
		   pid, path);
}
