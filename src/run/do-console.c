/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The terminal: a pty of the container's own devpts.  Its slave becomes init's standard
 * streams and controlling terminal and is mounted on /dev/console; its master goes to
 * whoever asked: a socket of the engine's, or the monitor of a foreground run.
 */
#include "base/fd.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/socket.h"
#include "kernel/tty.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A regular file or an old node may be the target; a link in an image never is followed. */
static int mount_console(struct run *run, int slave, struct error *err)
{
	static const struct mount_options no_options;
	const char *name;
	int scoped_fd dir = TRY(path_open_parent(run->slots[SLOT_ROOT], "/dev/console", true,
						 &name, err));
	int scoped_fd made = openat(dir, name,
				    O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC |
					    O_NONBLOCK, 0600);
	int scoped_fd target = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	TRY(target, err, "open '/dev/console'");
	TRY(fstat(target, &st), err, "look at '/dev/console'");
	if (S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode))
		return fail(err, ERROR_CONFIG,
			    "'/dev/console' in the image is a %s: remove it, or mount a tmpfs "
			    "on /dev",
			    S_ISLNK(st.st_mode) ? "symbolic link" : "directory");
	int scoped_fd tree = TRY(mount_open_tree(slave, "", false, err));
	return mount_attach(tree, target, &no_options, err);
}

int do_open_console(struct run *run, const struct step_open_console *step,
		    struct error *err)
{
	int scoped_fd slave = -1;

	TRY(tty_open(run->slots[SLOT_ROOT], &run->slots[step->slot], &slave, err));
	if (step->rows || step->columns)
		TRY(tty_set_size(slave, step->columns, step->rows, err));
	TRY(fchown(slave, step->uid, (gid_t)-1), err, "give the terminal to user %u",
	    step->uid);
	if (step->with_node)
		TRY(mount_console(run, slave, err));
	TRY(tty_make_controlling(slave, err));
	return tty_make_stdio(slave, err);
}

/* Before the program can ask for it; a standard input that is no terminal has none. */
int do_size_console(struct run *run, const struct step_size_console *step,
		    struct error *err)
{
	(void)err;
	tty_copy_size(STDIN_FILENO, run->slots[step->slot]);
	return 0;
}

int do_send_console(struct run *run, const struct step_send_console *step,
		    struct error *err)
{
	static const char name[] = "/dev/pts/0";
	int scoped_fd fd = TRY(socket_connect(step->path, SOCK_STREAM, err));

	TRY(socket_send(fd, name, sizeof(name) - 1, &run->slots[step->slot], 1, err));
	fd_close(&run->slots[step->slot]);
	return 0;
}
