/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps of checkpoint and restore around the conversation with criu (talk-criu.c): the
 * directories, the process, and where the standard streams lead.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/criu.h"
#include "kernel/path.h"
#include "kernel/socket.h"
#include "kernel/sys.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { IMAGES_MODE = 0700, POINT_MODE = 0755, FILE_MODE = 0644 };

/* The directory and those above it. */
static int make_dirs(struct run *run, const char *path, struct error *err)
{
	char *copy = arena_strdup(run->arena, path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(copy, POINT_MODE) < 0 && errno != EEXIST)
			return fail_errno(err, "make the directory '%s'", copy);
		*slash = '/';
	}
	if (mkdir(copy, IMAGES_MODE) < 0 && errno != EEXIST)
		return fail_errno(err, "make the directory '%s'", copy);
	return 0;
}

int do_open_images(struct run *run, const struct step_open_images *step, struct error *err)
{
	if (step->make)
		TRY(make_dirs(run, step->path, err));
	run->slots[step->slot] =
		TRY(open(step->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err,
		    "open the directory '%s'", step->path);
	return 0;
}

/* Whether the mount is one of the container's own. */
static bool is_inside(struct run *run, int mount_id)
{
	char *text, *line;
	struct error ignored;

	if (file_read_at(AT_FDCWD, arena_printf(run->arena, "/proc/%d/mountinfo",
						run->pid[ROLE_INIT]), run->arena, &text,
			 &ignored) < 0)
		return true;
	for (line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
		if (atoi(line) == mount_id)
			return true;
	return false;
}

/* A file of the host is "file[MOUNT:INODE]", as criu calls it; NULL: it is none. */
static char *name_of_file(struct run *run, const char *path, int i)
{
	struct error ignored;
	struct stat st;
	char *text, *id;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    file_read_at(AT_FDCWD, arena_printf(run->arena, "/proc/%d/fdinfo/%d",
						run->pid[ROLE_INIT], i), run->arena, &text,
			 &ignored) < 0)
		return NULL;
	id = strstr(text, "mnt_id:");
	if (!id || is_inside(run, atoi(id + 7)))
		return NULL;
	return arena_printf(run->arena, "file[%x:%llx]", (unsigned)atoi(id + 7),
			    (unsigned long long)st.st_ino);
}

/* Fit for JSON. */
static void add_name(struct text *text, const char *name)
{
	text_add(text, "%s\"", text->n ? "," : "[");
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			text_add_bytes(text, "\\", 1);
		text_add_bytes(text, (unsigned char)*name < ' ' ? "?" : name, 1);
	}
	text_add(text, "\"");
}

/* The same number is told to criu, and leads into the mount namespace that it is in. */
int do_reopen_images(struct run *run, const struct step_reopen_images *step,
		     struct error *err)
{
	int scoped_fd fd = TRY(open(step->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err,
			       "open the directory '%s'", step->path);

	TRY(dup3(fd, run->slots[step->slot], O_CLOEXEC), err, "keep a directory open");
	return 0;
}

/* "pipe:[123]", "/dev/null": as the kernel names it. */
int do_record_stdio(struct run *run, const struct step_record_stdio *step,
		    struct error *err)
{
	struct text text = { .arena = run->arena };
	char link[PATH_MAX];

	for (int i = 0; i < 3; i++) {
		char *path = arena_printf(run->arena, "/proc/%d/fd/%d", run->pid[ROLE_INIT], i);
		char *name = name_of_file(run, path, i);
		ssize_t n = readlink(path, link, sizeof(link) - 1);

		link[n > 0 ? n : 0] = 0;
		add_name(&text, name ? name : link);
	}
	text_add(&text, "]");
	return file_replace_at(run->slots[step->slot], step->name, text.s, text.n, 0600, err);
}

int do_make_criu_socket(struct run *run, const struct step_make_criu_socket *step,
			struct error *err)
{
	int pair[2];

	TRY(socket_make_pair(SOCK_SEQPACKET, pair, err));
	run->slots[step->slot] = pair[0];
	run->slots[step->far_slot] = pair[1];
	return 0;
}

int do_make_place(struct run *run, const struct step_make_place *step, struct error *err)
{
	struct stat st;
	bool is_file = step->source && stat(step->source, &st) == 0 && !S_ISDIR(st.st_mode);
	int root = run->slots[step->root];
	int scoped_fd made = is_file ?
		path_make_file(root, step->target, FILE_MODE, err) :
		path_make_dir(root, step->target, POINT_MODE, err);

	return TRY(made) < 0;
}

int do_make_mount_point(struct run *run, const struct step_make_mount_point *step,
			struct error *err)
{
	(void)run;
	TRY(mkdir(step->path, IMAGES_MODE), err, "make '%s'", step->path);
	return 0;
}

int do_bind_root(struct run *run, const struct step_bind_root *step, struct error *err)
{
	(void)run;
	TRY(mount(step->source, step->path, NULL, MS_BIND | MS_REC, NULL), err,
	    "bind '%s' to '%s'", step->source, step->path);
	return 0;
}

/* An fd under its own number, for criu. */
static int keep_open(struct run *run, int slot, struct error *err)
{
	if (slot != SLOT_NONE)
		TRY(fcntl(run->slots[slot], F_SETFD, 0), err, "keep a file open for criu");
	return 0;
}

int do_exec_criu(struct run *run, const struct step_exec_criu *step, struct error *err)
{
	sigset_t none;

	for (size_t i = 0; i < step->options->n_external; i++)
		if (step->options->job == CRIU_RESTORE)
			TRY(keep_open(run, step->options->external[i].slot, err));
	TRY(keep_open(run, step->far_slot, err));
	TRY(keep_open(run, step->images, err));
	TRY(keep_open(run, step->work, err));
	if (step->is_quiet) {
		int scoped_fd null = TRY(open("/dev/null", O_RDWR | O_CLOEXEC), err,
					 "open '/dev/null'");

		for (int i = 0; i < 3; i++)
			TRY(dup2(null, i), err, "silence criu");
	}
	sys_reset_signals();
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	return criu_exec(run->slots[step->far_slot], err);
}
