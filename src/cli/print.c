/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Standard output and what is written there. */
#include "base/file.h"
#include "base/text.h"
#include "build-info.h"
#include "cli/commands.h"
#include "container/container.h"
#include <seccomp.h>
#include <stdlib.h>
#include <unistd.h>
#include <yajl/yajl_version.h>

int print_text(const char *text, struct error *err)
{
	TRY(write_all(STDOUT_FILENO, text, strlen(text)), err, "write to standard output");
	return 0;
}

int print_text_line(const char *text, struct error *err)
{
	TRY(print_text(text, err));
	return print_text("\n", err);
}

bool wants_colour(void)
{
	const char *terminal = getenv("TERM");

	return is_empty(getenv("NO_COLOR")) && !is_equal(terminal, "dumb") &&
	       isatty(STDOUT_FILENO);
}

/* Some callers read a version only behind the name of the runtime that they know. */
static const char *known_name(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;

	return is_equal(name, "runc") || is_equal(name, "crun") ? name : "oci-rt";
}

char *version_text(struct arena *arena, const char *program)
{
	return arena_printf(arena,
			    "%s version " OCI_RT_VERSION "\n"
			    "commit: " OCI_RT_COMMIT "\n"
			    "spec: " OCI_VERSION "\n"
			    "libyajl: %d.%d.%d\n"
			    "libseccomp: %d.%d.%d\n",
			    known_name(program), YAJL_MAJOR, YAJL_MINOR, YAJL_MICRO,
			    SCMP_VER_MAJOR, SCMP_VER_MINOR, SCMP_VER_MICRO);
}
