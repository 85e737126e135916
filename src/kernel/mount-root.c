/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A new root for the process: pivot_root, or moving the mount where the old root cannot
 * be pivoted away (an initramfs).
 */
#include "base/arena.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/mount-internal.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

int mount_pivot(int root_fd, struct error *err)
{
	int scoped_fd old = TRY(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), err,
				"open the old root");

	TRY(fchdir(root_fd), err, "enter the new root");
	/* Both in the same place: the old root then lies on top of the new one. */
	TRY(sys_pivot_root(".", "."), err, "pivot_root to the new root");
	TRY(fchdir(old), err, "enter the old root");
	/* Unmounting must not travel back to the host. */
	TRY(mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL), err,
	    "cut the old root off from the host");
	TRY(umount2(".", MNT_DETACH), err, "let go of the old root");
	return TRY(chdir("/"), err, "enter the new root");
}

/* One field of a mountinfo line, unescaped in place ("\040" is a blank). */
static char *unescape(char *s)
{
	char *to = s;

	for (char *from = s; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + from[3] - '0');
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
	return s;
}

/* "id parent dev root POINT options [tags] - TYPE ..."; false when the line is odd. */
static bool split_line(char *line, char **out_point, char **out_type)
{
	char *dash = strstr(line, " - "), *field = line, *state = NULL;

	if (!dash)
		return false;
	*dash = 0;
	*out_type = strtok_r(dash + 3, " ", &state);
	field = strtok_r(line, " ", &state);
	for (int i = 0; field && i < 4; i++)
		field = strtok_r(NULL, " ", &state);
	*out_point = field ? unescape(field) : NULL;
	return *out_point && *out_type;
}

struct points {
	struct arena *arena;
	char **items;
	size_t n, room;
};

/* Where the host's procfs and sysfs instances are mounted, outside the new root. */
static int find_host_points(const char *root, struct points *points, struct error *err)
{
	char *text, *line, *state = NULL, *point, *type;

	TRY(file_read_at(AT_FDCWD, "/proc/self/mountinfo", points->arena, &text, err));
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		if (!split_line(line, &point, &type) ||
		    !(is_equal(type, "proc") || is_equal(type, "sysfs")) ||
		    path_is_below(point, root))
			continue;
		*arena_push(points->arena, points->items, points->n, points->room) = point;
	}
	return 0;
}

/* Unmount it, or cover it where it is locked. */
static int hide_point(const char *point, struct error *err)
{
	if (mount(NULL, point, NULL, MS_SLAVE | MS_REC, NULL) < 0 && errno != EINVAL)
		return fail_errno(err, "cut '%s' off from the host", point);
	if (umount2(point, MNT_DETACH) == 0)
		return 0;
	if (errno == EINVAL || errno == EPERM)
		return TRY(mount("tmpfs", point, "tmpfs", 0, "size=0,nr_inodes=2"), err,
			   "cover '%s'", point);
	return fail_errno(err, "unmount '%s'", point);
}

int mount_move_root(int root_fd, struct error *err)
{
	struct arena scoped_arena arena = { 0 };
	struct points points = { .arena = &arena };
	char root[PATH_MAX];
	ssize_t n = TRY(readlink(fd_path_of(root_fd).s, root, sizeof(root) - 1), err,
			"find the path of the new root");

	root[n] = 0;
	/*
	 * What stays below the moved root is still in this mount namespace: an unmasked
	 * proc there would let a user namespace in the container mount another one.
	 */
	TRY(find_host_points(root, &points, err));
	for (size_t i = points.n; i > 0; i--)
		TRY(hide_point(points.items[i - 1], err));
	TRY(fchdir(root_fd), err, "enter the new root");
	TRY(mount(".", "/", NULL, MS_MOVE, NULL), err, "move the new root to '/'");
	TRY(chroot("."), err, "change the root");
	return TRY(chdir("/"), err, "enter the new root");
}
