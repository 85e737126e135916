/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is to be written to a cgroup file to make it again what it was.  Most files take
 * what they show.  Those with a line for each device take one line, and a device that had
 * none is given back by the word that means "as if it had never been set".
 */
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include <ctype.h>
#include <fcntl.h>

/* What takes a device out of a file. */
static const char *without_limit(const char *file)
{
	if (is_equal(file, "io.max"))
		return "rbps=max wbps=max riops=max wiops=max";
	if (is_equal(file, "rdma.max"))
		return "hca_handle=max hca_object=max";
	if (has_prefix(file, "io."))
		return "default";
	return "0";
}

/* The line of the text that begins with that word; NULL: none does. */
static char *find_line(struct arena *arena, const char *text, const char *word, size_t n)
{
	for (const char *line = text; *line; line += *line == '\n') {
		size_t length = strcspn(line, "\n");

		if (length > n && strncmp(line, word, n) == 0 && isspace((unsigned char)line[n]))
			return arena_strndup(arena, line, length);
		line += length;
	}
	return NULL;
}

/* What an empty cpuset has of its parent; a bare newline where nothing tells. */
static const char *inherited(struct arena *arena, const char *dir, const char *file)
{
	const char *path = text_join_path(arena, dir, arena_printf(arena, "%s.effective", file));
	struct error ignored;
	char *text;

	if (file_read_at(AT_FDCWD, path, arena, &text, &ignored) < 0)
		return "\n";
	text[strcspn(text, "\n")] = 0;
	return *text ? text : "\n";
}

const char *cgroup_old_value(struct arena *arena, const char *dir, const char *file,
			     const char *value)
{
	size_t n = strcspn(value, " \t\n");
	struct error ignored;
	char *text, *line;

	if (file_read_at(AT_FDCWD, text_join_path(arena, dir, file), arena, &text,
			 &ignored) < 0)
		return NULL; /* write-only: there is nothing to go back to */
	if (has_prefix(text, "oom_kill_disable "))
		return arena_strndup(arena, text + strlen("oom_kill_disable "), 1);
	if (value[n]) {
		line = find_line(arena, text, value, n);
		if (line)
			return line;
		if (memchr(value, ':', n) || is_equal(file, "rdma.max") ||
		    is_equal(file, "net_prio.ifpriomap"))
			return arena_printf(arena, "%.*s %s", (int)n, value,
					    without_limit(file));
	}
	text[strcspn(text, "\n")] = 0;
	/* On version 2 an empty cpuset takes its parent's, and none in use can become empty. */
	if (!*text && has_prefix(file, "cpuset."))
		return inherited(arena, dir, file);
	/* A write of nothing would not even reach the kernel's handler. */
	return *text ? text : "\n";
}
