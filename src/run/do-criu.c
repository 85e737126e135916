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
#include <stdio.h>
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

/* "pipe:[123]", "/dev/null": as the kernel names it, fit for JSON. */
int do_record_stdio(struct run *run, const struct step_record_stdio *step,
		    struct error *err)
{
	struct text text = { .arena = run->arena };
	char link[PATH_MAX], name[64];

	for (int i = 0; i < 3; i++) {
		ssize_t n;

		snprintf(name, sizeof(name), "/proc/%d/fd/%d", run->pid[ROLE_INIT], i);
		n = readlink(name, link, sizeof(link) - 1);
		text_add(&text, "%s\"", i ? "," : "[");
		for (ssize_t j = 0; j < n; j++)
			text_add(&text, link[j] == '"' || link[j] == '\\' ? "\\%c" :
				 (unsigned char)link[j] < ' ' ? "?" : "%c", link[j]);
		text_add(&text, "\"");
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
