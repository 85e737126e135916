/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the store is when nobody says so, and whom it belongs to; see store.h. */
#include "base/file.h"
#include "base/text.h"
#include "container/store.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static bool in_user_namespace(void)
{
	struct arena scoped_arena arena = { 0 };
	struct error ignored;
	char *map;

	if (file_read_at(AT_FDCWD, "/proc/self/uid_map", &arena, &map, &ignored) < 0)
		return false;
	return !strstr(map, "4294967295");
}

/*
 * Root in a user namespace of somebody else's is no root for the host's /run: so below
 * podman without root, whose later calls bring no USER.  In a container that is a machine
 * of its own, root says USER=root, or has no XDG_RUNTIME_DIR.
 */
static bool is_foreign_root(void)
{
	const char *user = getenv("USER");

	if (is_empty(getenv("XDG_RUNTIME_DIR")) || !in_user_namespace())
		return false;
	return !user || !is_equal(user, "root") || access("/run", W_OK) < 0;
}

bool store_is_rootless(void)
{
	return geteuid() != 0 || is_foreign_root();
}

const char *store_default_root(struct arena *arena)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");

	if (!store_is_rootless())
		return STORE_ROOT;
	if (is_empty(runtime_dir))
		runtime_dir = arena_printf(arena, "/run/user/%u", geteuid());
	return text_join_path(arena, runtime_dir, "oci-rt");
}
