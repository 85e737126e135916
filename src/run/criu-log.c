/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See criu-log.h.  A line of it: "(00.012345) Error (criu/file.c:123): what happened". */
#include "run/criu-log.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <strings.h>

enum { MAX_LOG = 64 * 1024 * 1024 };

/* Words that engines take to be about the user's own command. */
static const struct {
	const char *words;
	int code;
	const char *ours;
} sayings[] = {
	{ "No such" " file or directory", ENOENT, NULL },
	{ "Permission" " denied", EACCES, NULL },
	{ "Operation not" " permitted", EPERM, NULL },
	{ "not" " found", 0, "missing" },
	{ "does not" " exist", 0, "is missing" },
	{ "doesn't exist", 0, "is missing" },
};

static const char *in_our_words(struct arena *arena, const char *line)
{
	struct text text = { .arena = arena };

	while (*line) {
		size_t i = 0;

		while (i < ARRAY_SIZE(sayings) &&
		       strncasecmp(line, sayings[i].words, strlen(sayings[i].words)) != 0)
			i++;
		if (i == ARRAY_SIZE(sayings)) {
			text_add_bytes(&text, line++, 1);
			continue;
		}
		text_add(&text, "%s", sayings[i].ours ? sayings[i].ours
						      : error_words(sayings[i].code));
		line += strlen(sayings[i].words);
	}
	return text.s;
}

const char *criu_log_reason(struct arena *arena, int dir, const char *name)
{
	int scoped_fd fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *log, *line, *colon;
	const char *end;
	size_t n;

	if (fd < 0 || file_read_fd(fd, arena, MAX_LOG, &log, &n) < 0)
		return NULL;
	for (line = strstr(log, "Error ("); line; line = strstr(end + 1, "Error (")) {
		line[strcspn(line, "\n")] = 0;
		end = line + strlen(line);
		colon = strstr(line, "): ");
		/* It goes on without what it would like to have. */
		if (!colon || (!has_prefix(colon + 3, "rlimit:") &&
			       !has_prefix(colon + 3, "tun:")))
			return in_our_words(arena, colon ? colon + 3 : line);
		if (end == log + n)
			break;
	}
	return NULL;
}
