/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The conversation with criu: one request, notices that are answered, the result; and an
 * end to it when criu makes no progress.  What it complains of is read from its log.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/criu.h"
#include "kernel/socket.h"
#include "kernel/sys.h"
#include "run/criu-folder.h"
#include "run/criu-log.h"
#include "run/steps.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 500, LAST_WAIT_MS = 5000, MOST_FILE = 64 * 1024 };

/* -- what is added to the request -- */

static bool is_folder(const struct run *run, const char *path)
{
	char name[4200];
	struct stat st;

	snprintf(name, sizeof(name), "/proc/%d/root%s", run->pid[ROLE_INIT], path);
	return stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

static const char *key_of(struct run *run, enum ns ns)
{
	return arena_printf(run->arena, "extRoot%sNS", ns == NS_network ? "Net" : "Pid");
}

static int add_namespaces(struct run *run, const struct criu_options *options,
			  struct criu_request *request, struct criu_inherit *inherit,
			  struct error *err)
{
	for (size_t i = 0; i < options->n_external; i++) {
		const struct criu_namespace *ns = &options->external[i];
		struct stat st;

		if (options->job == CRIU_RESTORE) {
			inherit[request->n_inherit++] =
				(struct criu_inherit){ key_of(run, ns->ns), run->slots[ns->slot] };
			continue;
		}
		TRY(fstat(run->slots[ns->slot], &st), err, "look at a namespace");
		request->external[request->n_external++] = arena_printf(
			run->arena, "%s[%llu]:%s", ns_table[ns->ns].proc_name,
			(unsigned long long)st.st_ino, key_of(run, ns->ns));
	}
	return 0;
}

/* criu goes to the position in what was a file, which has its size still: no pipe has. */
static int check_stream(int i, struct error *err)
{
	static const char *const names[] = { "input", "output", "error" };

	if (lseek(i, 0, SEEK_CUR) < 0)
		return fail(err, ERROR_STATE,
			    "the standard %s of the container was a file when it was dumped: "
			    "redirect that of restore to the same file", names[i]);
	return 0;
}

/*
 * Pipes and the host's files of the standard streams: a dump leaves the files out, and in
 * a restore our own streams take the place of both.
 */
static int add_streams(struct run *run, int images, struct criu_request *request,
		       struct criu_inherit *inherit, struct error *err)
{
	int scoped_fd fd = openat(images, "descriptors.json", O_RDONLY | O_CLOEXEC);
	bool restores = request->options->job == CRIU_RESTORE;
	char *text, *end;

	if (fd < 0 || file_read_fd(fd, run->arena, MOST_FILE, &text, NULL) < 0)
		return 0;
	for (int i = 0; i < 3 && (text = strchr(text, '"')); i++, text = end + 1) {
		for (end = ++text; *end && *end != '"'; end++)
			end += *end == '\\' && end[1];
		if (!*end)
			return 0;
		*end = 0;
		if (restores && has_prefix(text, "file["))
			TRY(check_stream(i, err));
		if (restores && (has_prefix(text, "pipe:[") || has_prefix(text, "file[")))
			inherit[request->n_inherit++] = (struct criu_inherit){ text, i };
		else if (!restores && has_prefix(text, "file["))
			request->external[request->n_external++] = text;
	}
	return 0;
}

static int fill_request(struct run *run, const struct step_ask_criu *step,
			struct criu_request *request, struct error *err)
{
	const struct criu_options *options = step->options;
	struct criu_inherit *inherit =
		arena_array(run->arena, options->n_external + 3, sizeof(*inherit));
	bool restores = options->job == CRIU_RESTORE;

	*request = (struct criu_request){
		.options = options, .inherit = inherit,
		.images_fd = run->slots[step->images], .work_fd = run->slots[step->work],
		.pid = restores ? 0 : run->pid[ROLE_INIT],
	};
	request->external = arena_array(run->arena, options->n_mounts + options->n_external + 3,
					sizeof(*request->external));
	for (size_t i = 0; i < options->n_mounts; i++) {
		const struct criu_mount *mount = &options->mounts[i];

		if (!restores && mount->is_mask && is_folder(run, mount->target))
			continue;
		request->external[request->n_external++] =
			arena_printf(run->arena, "mnt[%s]:%s", mount->target,
				     restores ? mount->source : mount->target);
	}
	TRY(add_namespaces(run, options, request, inherit, err));
	if (options->job != CRIU_PRE_DUMP)
		return add_streams(run, run->slots[step->images], request, inherit, err);
	return 0;
}

/* -- notices -- */

static int take_init(struct run *run, pid_t pid, struct error *err)
{
	if (pid <= 0 || run->pid[ROLE_INIT] == pid)
		return 0;
	run->pid[ROLE_INIT] = pid;
	fd_close(&run->pidfd[ROLE_INIT]);
	run->pidfd[ROLE_INIT] = TRY(sys_pidfd_open(pid, 0), err, "open init's process");
	return 0;
}

static int run_hooks(struct run *run, const struct step_ask_criu *step, pid_t pid,
		     struct error *err)
{
	TRY(take_init(run, pid, err));
	for (size_t i = 0; i < ARRAY_SIZE(step->hooks); i++) {
		if (!step->hooks[i])
			continue;
		run->hooks_began = true;
		TRY(hooks_run(run, step->hooks[i], err));
	}
	return 0;
}

static int take_terminal(struct run *run, const struct step_ask_criu *step, int *fd,
			 struct error *err)
{
	static const char name[] = "/dev/pts/0";

	if (!step->console_socket) {
		if (step->keeps_terminal)
			run->slots[SLOT_CONSOLE] = take_fd(*fd);
		return 0;
	}
	int scoped_fd to = TRY(socket_connect(step->console_socket, SOCK_STREAM, err));

	return socket_send(to, name, sizeof(name) - 1, fd, 1, err);
}

static int answer_notice(struct run *run, const struct step_ask_criu *step,
			 struct criu_answer *notice, struct error *err)
{
	const struct criu_options *options = step->options;
	bool restores = options->job == CRIU_RESTORE;

	if (restores && is_equal(notice->script, "setup-namespaces"))
		return run_hooks(run, step, notice->pid, err);
	if (restores && is_equal(notice->script, "post-restore"))
		return take_init(run, notice->pid, err);
	if (is_equal(notice->script, "orphan-pts-master") && notice->fd >= 0)
		return take_terminal(run, step, &notice->fd, err);
	if (is_equal(notice->script, "status-ready") && options->status_fd >= 0) {
		TRY(write_all(options->status_fd, "", 1), err, "write to --status-fd");
		(void)close(options->status_fd); /* whoever reads it waits for its end, too */
	}
	return 0;
}

/* -- the conversation -- */

/* A sum that changes while criu works: the size of its log and the time that it took. */
static long long progress_of(const struct run *run, const struct step_ask_criu *step)
{
	struct timespec used = { 0 };
	struct stat st = { 0 };
	clockid_t clock;

	(void)fstatat(run->slots[step->work], step->options->log_file, &st, 0);
	if (clock_getcpuclockid(run->pid[ROLE_INTERMEDIATE], &clock) == 0)
		(void)clock_gettime(clock, &used);
	return (long long)st.st_size + used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* Until a message has come; lazy pages are fetched when somebody wants them. */
static int await_message(struct run *run, const struct step_ask_criu *step,
			 struct error *err)
{
	struct pollfd poll_fd = { .fd = run->slots[step->slot], .events = POLLIN };
	long long before = progress_of(run, step), now;
	unsigned long waited = 0;

	while (waited < step->options->timeout * 1000ul) {
		int ready = poll(&poll_fd, 1, TICK_MS);

		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return fail_errno(err, "wait for criu");
		now = progress_of(run, step);
		waited = now != before || step->options->lazy_pages ? 0 : waited + TICK_MS;
		before = now;
	}
	(void)fail(err, ERROR_PEER, "criu made no progress for %u s and was ended",
		   step->options->timeout);
	err->code = ETIMEDOUT;
	return -1;
}

static int converse(struct run *run, const struct step_ask_criu *step,
		    struct criu_answer *out, struct error *err)
{
	int fd = run->slots[step->slot];

	for (;;) {
		int result;

		TRY(await_message(run, step, err));
		TRY(criu_receive(run->arena, fd, out, err));
		if (out->kind != CRIU_NOTICE) {
			fd_close(&out->fd);
			return 0;
		}
		result = answer_notice(run, step, out, err);
		fd_close(&out->fd);
		if (result < 0) {
			struct error ignored;

			/* The first error counts. */
			(void)criu_agree(run->arena, fd, false, &ignored);
			return result;
		}
		TRY(criu_agree(run->arena, fd, true, err));
	}
}

/*
 * criu ends by itself when it has answered or was refused something, and takes back what it
 * did; its children's files are closed then.
 */
static void end_criu(struct run *run, int *fd, bool at_once)
{
	struct pollfd poll_fd = { .fd = run->pidfd[ROLE_INTERMEDIATE], .events = POLLIN };

	fd_close(fd);
	if (run->pid[ROLE_INTERMEDIATE] <= 0)
		return;
	if (at_once || poll(&poll_fd, 1, LAST_WAIT_MS) <= 0)
		(void)sys_pidfd_send_signal(poll_fd.fd, SIGKILL); /* or it has ended */
	while (waitpid(run->pid[ROLE_INTERMEDIATE], NULL, 0) < 0 && errno == EINTR)
		;
	run->pid[ROLE_INTERMEDIATE] = 0;
}

static const char *const jobs[] = {
	[CRIU_DUMP] = "dump the container",
	[CRIU_PRE_DUMP] = "dump the container's memory",
	[CRIU_RESTORE] = "restore the container",
};
static_assert(ARRAY_SIZE(jobs) == CRIU_JOB_COUNT, "every job has words");

static int fail_criu(struct run *run, const struct step_ask_criu *step, const char *words,
		     struct error *err)
{
	const char *reason = criu_log_reason(run->arena, run->slots[step->work],
					     step->options->log_file);

	if (!reason)
		reason = is_empty(words) ? "it gives no reason" : words;
	(void)fail(err, ERROR_PEER, "criu could not %s: %.600s (its log: '%s/%s')",
		   jobs[step->options->job], reason, step->work_path,
		   step->options->log_file);
	err->is_placed = true; /* it says all that there is */
	return -1;
}

int do_ask_criu(struct run *run, const struct step_ask_criu *step, struct error *err)
{
	struct criu_answer answer = { .fd = -1 };
	struct criu_folder scoped_criu_folder folder = { .fd = -1 };
	struct criu_request request;
	bool hangs;
	int result;

	run->asked_criu = step->options->job == CRIU_RESTORE;
	/* An old log must not explain a new failure. */
	(void)unlinkat(run->slots[step->work], step->options->log_file, 0);
	TRY(criu_folder_share(&folder, run->slots[step->images], step->options->search_group,
			      err));
	TRY(fill_request(run, step, &request, err));
	result = criu_send(run->arena, run->slots[step->slot], &request, err);
	if (result == 0)
		result = converse(run, step, &answer, err);
	hangs = result < 0 && err->code == ETIMEDOUT;
	end_criu(run, &run->slots[step->slot], hangs);
	if (result < 0 && err->kind == ERROR_PEER && !hangs)
		return fail_criu(run, step, arena_strdup(run->arena, err->text), err);
	if (result < 0)
		return result;
	if (answer.kind == CRIU_FAILED)
		return fail_criu(run, step, answer.words, err);
	return step->options->job == CRIU_RESTORE ? take_init(run, answer.pid, err) : 0;
}
