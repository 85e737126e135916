/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Giving a cgroup v2 to another user: its directory and the files that the kernel names as
 * safe to give away, no other.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* What kernels before 4.15, which do not list them, let one give away. */
static const char usual_files[] =
	"cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";

static int give_file(int dir, const char *name, uid_t uid, struct error *err)
{
	if (fchownat(dir, name, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno != ENOENT)
		return fail_errno(err, "give the cgroup's file '%s' to user %u", name,
				  uid);
	return 0;
}

int cgroup_give(struct arena *arena, const char *path, uid_t uid, const char *list,
		struct error *err)
{
	int scoped_fd dir = TRY(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err,
				"open the cgroup '%s'", path);
	char *text, *name;

	if (file_read_at(AT_FDCWD, list, arena, &text, err) < 0) {
		if (err->code != ENOENT)
			return -1;
		text = arena_strdup(arena, usual_files);
	}
	while ((name = strsep(&text, "\n")))
		if (*name && !strchr(name, '/'))
			TRY(give_file(dir, name, uid, err));
	TRY(fchown(dir, uid, (gid_t)-1), err, "give the cgroup '%s' to user %u", path,
	    uid);
	return 0;
}
