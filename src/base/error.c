/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See error.h.  The table of words exists because podman, containerd and docker look for
 * the C library's wording in our messages and draw conclusions about the user's command.
 */
#include "base/error.h"
#include "base/text.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
	[ERROR_NONE] = "none",	   [ERROR_USAGE] = "usage", [ERROR_CONFIG] = "config",
	[ERROR_STATE] = "state",   [ERROR_KERNEL] = "kernel", [ERROR_HOOK] = "hook",
	[ERROR_PEER] = "peer",	   [ERROR_BUG] = "bug",
};
static_assert(ARRAY_SIZE(kind_names) == ERROR_KIND_COUNT, "every error kind has a name");

const char *error_kind_name(enum error_kind kind)
{
	return kind < ERROR_KIND_COUNT ? kind_names[kind] : "unknown";
}

const char *error_words(int code)
{
	switch (code) {
	case ENOENT:
		return "it is missing";
	case EPERM:
		return "the kernel does not allow it";
	case EACCES:
		return "access is refused";
	case ENOTDIR:
		return "a part of the path is no directory";
	case EISDIR:
		return "it is a folder";
	case ESRCH:
		return "the process has ended";
	default:
		return strerror(code);
	}
}

/* Engines take a line for a message; paths, maps and other programs' words may hold more. */
static void keep_one_line(struct error *err)
{
	for (char *at = err->text; (at = strpbrk(at, "\n\r")); at++)
		*at = ' ';
}

static void append_words(struct error *err)
{
	size_t n = strlen(err->text);

	snprintf(err->text + n, sizeof(err->text) - n, ": %s", error_words(err->code));
}

int fail(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list ap;

	err->kind = kind;
	err->code = 0;
	err->is_placed = false;
	va_start(ap, format);
	vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	keep_one_line(err);
	return -1;
}

int fail_errno(struct error *err, const char *format, ...)
{
	va_list ap;
	int code = errno;

	err->kind = ERROR_KERNEL;
	err->code = code;
	err->is_placed = false;
	va_start(ap, format);
	vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	keep_one_line(err);
	append_words(err);
	return -1;
}

void error_context(struct error *err, const char *format, ...)
{
	char inner[sizeof(err->text)], prefix[512];
	va_list ap;

	memcpy(inner, err->text, sizeof(inner));
	va_start(ap, format);
	vsnprintf(prefix, sizeof(prefix), format, ap);
	va_end(ap);
	snprintf(err->text, sizeof(err->text), "%s: %.*s", prefix,
		 (int)(sizeof(err->text) - sizeof(prefix) - 3), inner);
	keep_one_line(err);
}
