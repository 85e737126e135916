/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * HOME, for programs whose configuration does not set it: as the container's own
 * /etc/passwd says.  The file is the image's and trusted with nothing: it must be a file
 * of some size, and nothing is loaded for reading it.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "run/steps.h"
#include <fcntl.h>
#include <sys/stat.h>

enum { MOST_BYTES = 4 * 1024 * 1024, FIELDS = 6, UID = 2, HOME = 5 };

static char *read_passwd(struct arena *arena)
{
	int scoped_fd fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text;
	size_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    file_read_fd(fd, arena, MOST_BYTES, &text, &n) < 0)
		return NULL;
	return text;
}

/* The home of the line if it is that user's, else NULL. */
static const char *home_in(char *line, unsigned uid)
{
	const char *fields[FIELDS] = { NULL };
	uint64_t number;

	for (size_t i = 0; i < FIELDS && line; i++)
		fields[i] = strsep(&line, ":");
	if (!fields[UID] || !text_to_u64(fields[UID], UINT32_MAX, &number) || number != uid)
		return NULL;
	return is_empty(fields[HOME]) ? NULL : fields[HOME];
}

const char *home_of(struct arena *arena, unsigned uid)
{
	char *text = read_passwd(arena), *line;

	while (text && (line = strsep(&text, "\n"))) {
		const char *home = home_in(line, uid);

		if (home)
			return home;
	}
	return "/";
}
