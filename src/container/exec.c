/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exec: one more process in a container, under everything that confines its first one. */
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "container/launch.h"
#include "container/store.h"
#include "kernel/probe.h"
#include "kernel/proc.h"
#include "kernel/socket.h"
#include "run/channel.h"
#include "run/monitor.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { MAX_PROCESS = 16 * 1024 * 1024 };

/* What an exec is planned from, and the plan; the input points into it. */
struct exec {
	struct container container;
	struct request request;
	struct facts facts;
	struct plan_input input;
	struct plan *plan;
	int look;	/* a connection: while it is there init may be looked at; owned */
};

static int check_status(const struct exec *exec, struct error *err)
{
	enum container_status status = store_status(&exec->container);

	switch (status) {
	case STATUS_CREATED:
	case STATUS_RUNNING:
		return 0;
	case STATUS_PAUSED:
		if (exec->request.exec.ignore_paused)
			return 0;
		return fail(err, ERROR_STATE, "cannot exec in a paused container (use "
			    "--ignore-paused to override)");
	case STATUS_STOPPED:
		return fail(err, ERROR_STATE, "cannot exec in a stopped container");
	default:
		return fail(err, ERROR_STATE, "cannot exec in a container in the %s state",
			    container_status_names[status]);
	}
}

static int read_config(struct arena *arena, struct exec *exec, struct error *err)
{
	struct oci_problems problems = { .arena = arena };
	char *text;

	TRY(file_read_at(exec->container.dir, STORE_CONFIG, arena, &text, err));
	if (oci_config_read(arena, text, strlen(text), &exec->input.config, &problems) == 0)
		return 0;
	return fail(err, ERROR_STATE, "the snapshot of the configuration cannot be read");
}

static int open_file(const char *path, struct error *err)
{
	/* Not to hang on a fifo, nor to make a terminal ours; "-" is standard input. */
	int fd = open(strcmp(path, "-") == 0 ? "/dev/stdin" : path,
		      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 && errno == ENOENT)
		return fail(err, ERROR_USAGE, "the process file '%s' is missing", path);
	return TRY(fd, err, "open the process file '%s'", path);
}

static int read_process(struct arena *arena, const char *path,
			const struct oci_process **out, struct error *err)
{
	struct oci_problems problems = { .arena = arena };
	char line[1024];
	char *text;
	size_t n;

	if (!path)
		return 0;
	int scoped_fd fd = TRY(open_file(path, err));

	/* A pipe is read as it comes. */
	(void)fcntl(fd, F_SETFL, 0);
	TRY(file_read_fd(fd, arena, MAX_PROCESS, &text, &n), err,
	    "read the process file '%s'", path);
	if (oci_process_read(arena, text, n, out, &problems) == 0)
		return 0;
	for (size_t i = 0; i < problems.n; i++) {
		if (problems.items[i].is_warning)
			continue;
		oci_problem_format(line, sizeof(line), path, &problems.items[i]);
		return fail(err, ERROR_CONFIG, "%s", line);
	}
	return fail(err, ERROR_CONFIG, "the process file '%s' is not understood", path);
}

/* Every process hides before its exec: ask the one that waits for start not to. */
static int ask_to_look(struct exec *exec, struct error *err)
{
	enum { LONGEST_MS = 10000 };
	int scoped_fd fd = TRY(socket_connect_at(exec->container.dir, STORE_SOCKET,
						 SOCK_SEQPACKET, err));
	struct pollfd answer = { .fd = fd, .events = POLLIN };
	int passed = -1;
	pid_t pid;

	TRY(channel_tell(fd, MILESTONE_LOOK, 0, -1, err));
	if (poll(&answer, 1, LONGEST_MS) <= 0)
		return fail(err, ERROR_STATE, "the container's first process does not answer");
	TRY(channel_await(fd, MILESTONE_SHOWN, &pid, &passed, err));
	fd_close(&passed);
	exec->look = take_fd(fd);
	exec->input.is_shown = true;
	return 0;
}

static int look_at_namespaces(struct exec *exec, struct error *err)
{
	pid_t pid = (pid_t)exec->container.record->pid;
	struct error why;

	if (proc_other_namespaces(pid, &exec->input.joins, err) == 0)
		return 0;
	if (err->code == EACCES && store_status(&exec->container) == STATUS_CREATED &&
	    ask_to_look(exec, &why) == 0 &&
	    proc_other_namespaces(pid, &exec->input.joins, err) == 0)
		return 0;
	if (err->code == ESRCH)
		return fail(err, ERROR_STATE, "cannot exec in a stopped container");
	if (err->code == EACCES)
		return fail(err, ERROR_STATE, "cannot exec in container '%s' as this user: its "
			    "first process hides (is it not started yet?)", exec->request.id);
	return -1;
}

static int plan_of(struct arena *arena, struct exec *exec, struct error *err)
{
	const struct oci_process *file = NULL;
	struct oci_process *process;

	TRY(check_status(exec, err));
	TRY(read_config(arena, exec, err));
	TRY(read_process(arena, exec->request.exec.file, &file, err));
	TRY(plan_exec_process(arena, exec->input.config, file, &exec->request, &process, err));
	TRY(look_at_namespaces(exec, err));
	TRY(probe_caller(&exec->facts, err));
	exec->request.bundle = exec->container.record->bundle;
	exec->input.request = &exec->request;
	exec->input.facts = &exec->facts;
	exec->input.record = exec->container.record;
	exec->input.agent = exec->container.record->seccomp_agent;
	exec->input.process = process;
	exec->input.starts = true;
	TRY(plan_exec(arena, &exec->input, &exec->plan, err));
	for (size_t i = 0; i < exec->plan->n_warnings; i++)
		log_warning("%s", exec->plan->warnings[i]);
	return 0;
}

/* Nobody is kept from the container meanwhile: there may be many at a time. */
static int exec_begin(struct arena *arena, const struct request *request, struct exec *exec,
		      struct error *err)
{
	*exec = (struct exec){ .container = { .dir = -1 }, .request = *request, .look = -1 };
	TRY(store_open(arena, request->root, request->id, &exec->container, err));
	if (plan_of(arena, exec, err) == 0)
		return 0;
	container_close(&exec->container);
	fd_close(&exec->look);
	return -1;
}

static int run_plan(struct arena *arena, struct exec *exec, int *out_status,
		    struct error *err)
{
	const struct request *request = &exec->request;
	const struct oci_linux *lin = exec->input.config->linux_;
	int scoped_fd signals = -1;
	struct run run;
	int result;

	TRY(launch_run(arena, request, exec->plan, &run, err));
	if (lin && lin->seccomp)
		run.slots[SLOT_CACHE] = launch_open_cache(arena, request->root);
	run.slots[SLOT_SOCKET] = take_fd(exec->look);
	if (!request->detach)
		signals = TRY(monitor_prepare(false, err));
	result = run_host(&run, err);
	launch_report(arena, request, &run);
	if (result == 0 && !request->detach)
		result = monitor_wait(&run, signals, out_status, err);
	run_end(&run);
	return result;
}

int container_exec(struct arena *arena, const struct request *request, int *out_status,
		   struct error *err)
{
	struct exec exec;
	int result;

	*out_status = 0;
	TRY(exec_begin(arena, request, &exec, err));
	container_close(&exec.container); /* no child is to have it */
	result = run_plan(arena, &exec, out_status, err);
	fd_close(&exec.look);
	return result;
}

int container_exec_plan(struct arena *arena, const struct request *request,
			struct plan **out, struct error *err)
{
	struct exec exec;

	TRY(exec_begin(arena, request, &exec, err));
	container_close(&exec.container);
	fd_close(&exec.look);
	*out = exec.plan;
	return 0;
}
