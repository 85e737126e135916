/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on the state directory and on what callers asked to be told.  Host only.
 */
#include "base/fd.h"
#include "base/file.h"
#include "kernel/notify.h"
#include "kernel/proc.h"
#include "kernel/socket.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int fail_taken(const struct step_make_state_dir *step, struct error *err)
{
	(void)fail(err, ERROR_STATE, "container with given ID already exists: '%s'", step->id);
	err->code = EEXIST;
	return -1;
}

/*
 * Between mkdir and the lock a delete may have removed the directory, and another create
 * made it anew: then it is gone, or holds that one's record.
 */
static int lock_state_dir(int *dir, const struct step_make_state_dir *step,
			  struct error *err)
{
	struct stat st;

	TRY(flock(*dir, LOCK_EX), err, "lock '%s'", step->path);
	TRY(fstat(*dir, &st), err, "look at '%s'", step->path);
	if (st.st_nlink && faccessat(*dir, "state.json", F_OK, 0) < 0)
		return 0;
	fd_close(dir);
	if (st.st_nlink)
		return fail_taken(step, err);
	return fail(err, ERROR_STATE, "container '%s' was deleted while it was made",
		    step->id);
}

int do_make_state_dir(struct run *run, const struct step_make_state_dir *step,
		      struct error *err)
{
	if (mkdir(step->path, step->mode) < 0)
		return errno == EEXIST ? fail_taken(step, err) :
					 fail_errno(err, "make '%s'", step->path);
	run->slots[step->slot] =
		TRY(open(step->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), err,
		    "open '%s'", step->path);
	TRY(fchmod(run->slots[step->slot], step->mode), err, "set the mode of '%s'",
	    step->path);
	return lock_state_dir(&run->slots[step->slot], step, err);
}

/* Nothing to do; its undo runs the hooks. */
int do_promise_poststop(struct run *run, const struct step_promise_poststop *step,
			struct error *err)
{
	(void)run, (void)step, (void)err;
	return 0;
}

int do_write_file(struct run *run, const struct step_write_file *step, struct error *err)
{
	int scoped_fd fd =
		TRY(openat(run->slots[step->dir], step->name,
			   O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600),
		    err, "create '%s'", step->name);

	TRY(write_all(fd, step->text, step->n), err, "write '%s'", step->name);
	return 0;
}

int do_write_record(struct run *run, const struct step_write_record *step,
		    struct error *err)
{
	pid_t pid = run->pid[ROLE_INIT];
	uint64_t start_time = 0;
	char *text;

	if (pid > 0)
		TRY(proc_start_time(pid, &start_time), err, "read the start time of init");
	text = arena_printf(run->arena, "{\"pid\":%d,\"startTime\":%llu,%s", pid,
			    (unsigned long long)start_time, step->rest);
	return file_replace_at(run->slots[step->dir], step->name, text, strlen(text), 0600,
			       err);
}

int do_write_pid_file(struct run *run, const struct step_write_pid_file *step,
		      struct error *err)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", run->pid[ROLE_INIT]);

	/* No newline: one engine's number parser refuses it. */
	return file_replace_at(AT_FDCWD, step->path, text, (size_t)n, 0644, err);
}

int do_send_pidfd(struct run *run, const struct step_send_pidfd *step, struct error *err)
{
	int scoped_fd fd = TRY(socket_connect(step->path, SOCK_STREAM, err));

	return socket_send(fd, "pidfd", 5, &run->pidfd[ROLE_INIT], 1, err);
}

int do_remove_file(struct run *run, const struct step_remove_file *step, struct error *err)
{
	if (unlinkat(run->slots[step->dir], step->name, 0) < 0 && errno != ENOENT)
		return fail_errno(err, "remove '%s'", step->name);
	return 0;
}

int do_listen(struct run *run, const struct step_listen *step, struct error *err)
{
	run->slots[step->slot] = TRY(socket_listen_at(run->slots[step->dir], step->name,
						      SOCK_SEQPACKET, err));
	return 0;
}

int do_make_notify(struct run *run, const struct step_make_notify *step, struct error *err)
{
	int dir = run->slots[step->dir];

	TRY(mkdirat(dir, step->name, 0755), err, "make the directory '%s'", step->name);
	TRY(fchmodat(dir, step->name, 0755, 0), err, "set the mode of '%s'", step->name);
	return 0;
}

int do_listen_notify(struct run *run, const struct step_listen_notify *step,
		     struct error *err)
{
	run->slots[step->slot] = TRY(notify_listen(run->slots[step->dir], err));
	return 0;
}

int do_end_look(struct run *run, const struct step_end_look *step, struct error *err)
{
	enum { LONGEST_MS = 10000 };
	struct pollfd hidden = { .fd = run->slots[step->slot], .events = POLLIN };

	/* Not closed: children have it, too.  Init hangs up when it has hidden, or ended. */
	(void)shutdown(hidden.fd, SHUT_WR);
	if (poll(&hidden, 1, LONGEST_MS) <= 0)
		return fail(err, ERROR_PEER, "the container's first process still shows itself");
	fd_close(&run->slots[step->slot]);
	return 0;
}

int do_connect(struct run *run, const struct step_connect *step, struct error *err)
{
	run->channel[ROLE_INIT] = TRY(socket_connect_at(run->slots[step->dir], step->name,
							SOCK_SEQPACKET, err));
	return 0;
}
