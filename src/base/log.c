/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See log.h.  A line is composed in one buffer and written once, so that processes that
 * share the file never mix their lines.
 */
#include "base/log.h"
#include "base/file.h"
#include "base/text.h"
#include <fcntl.h>
#include <stdarg.h>
#include <assert.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static struct {
	int fd;
	bool is_file;
	enum log_format format;
	enum log_level level;
} target = { .fd = STDERR_FILENO, .level = LOG_WARNING };

static const char *const level_names[] = { "error", "warning", "debug" };
static_assert(ARRAY_SIZE(level_names) == LOG_LEVEL_COUNT, "every log level has a name");
static const char *const format_names[] = { "text", "json" };
static_assert(ARRAY_SIZE(format_names) == LOG_FORMAT_COUNT, "every log format has a name");

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

const char *log_format_name(enum log_format format)
{
	return format_names[format];
}

int log_open(const char *path, enum log_format format, enum log_level level,
	     struct error *err)
{
	target.format = format;
	target.level = level;
	if (!path)
		return 0;
	target.fd = TRY(open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), err,
			"open the log '%s'", path);
	target.is_file = true;
	return 0;
}

bool log_has_file(void)
{
	return target.is_file;
}

/* JSON string contents; our own messages are UTF-8 or copied bytes of a checked document. */
static void add_escaped(struct text *line, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			text_add(line, "\\%c", c);
		else if (c < 0x20)
			text_add(line, "\\u%04x", c);
		else
			text_add_bytes(line, s, 1);
	}
}

void log_line(enum log_level level, const char *format, ...)
{
	struct arena scoped_arena arena = { 0 };
	struct text line = { .arena = &arena };
	struct timespec now;
	struct tm utc;
	char stamp[32], *message;
	va_list ap;

	if (level > target.level)
		return;
	va_start(ap, format);
	message = arena_vprintf(&arena, format, ap);
	va_end(ap);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (target.format == LOG_JSON) {
		text_add(&line, "{\"level\":\"%s\",\"msg\":\"", level_names[level]);
		add_escaped(&line, message);
		text_add(&line, "\",\"time\":\"%s\"}\n", stamp);
	} else if (target.is_file) {
		text_add(&line, "time=\"%s\" level=%s msg=\"", stamp, level_names[level]);
		add_escaped(&line, message);
		text_add(&line, "\"\n");
	} else {
		text_add(&line, "oci-rt: %s%s%s\n", level == LOG_ERROR ? "" : level_names[level],
			 level == LOG_ERROR ? "" : ": ", message);
	}
	(void)write_all(target.fd, line.s, line.n); /* there is nowhere else to say it */
}
