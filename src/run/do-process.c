/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on the process that becomes the program: limits, scheduling, files, exec.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/sys.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int do_set_oom_score(struct run *run, const struct step_set_oom_score *step,
		     struct error *err)
{
	const char *path = "/proc/self/oom_score_adj"; /* init's, or what it inherits */
	char of_init[64], text[16];

	if (run->pid[ROLE_INIT]) {
		snprintf(of_init, sizeof(of_init), "/proc/%d/oom_score_adj",
			 run->pid[ROLE_INIT]);
		path = of_init;
	}
	snprintf(text, sizeof(text), "%d", step->value);
	if (file_poke_at(AT_FDCWD, path, text) == 0)
		return 0;
	if (errno == EACCES)
		return fail(err, ERROR_KERNEL,
			    "lowering the OOM score adjustment to %d needs CAP_SYS_RESOURCE",
			    step->value);
	return fail_errno(err, "write '%s'", path);
}

int do_set_rlimit(struct run *run, const struct step_set_rlimit *step, struct error *err)
{
	struct rlimit limit = { .rlim_cur = step->soft, .rlim_max = step->hard }, old;

	(void)run;
	if (setrlimit((__rlimit_resource_t)step->resource, &limit) == 0)
		return 0;
	if (errno == EPERM && getrlimit((__rlimit_resource_t)step->resource, &old) == 0)
		return fail(err, ERROR_KERNEL,
			    "%s cannot be raised to %llu: the runtime's own hard limit is %llu "
			    "and it lacks CAP_SYS_RESOURCE",
			    step->name, (unsigned long long)step->hard,
			    (unsigned long long)old.rlim_max);
	return fail_errno(err, "setrlimit");
}

int do_set_scheduler(struct run *run, const struct step_set_scheduler *step,
		     struct error *err)
{
	const struct scheduling *s = step->scheduling;
	struct sys_sched_attr attr = {
		.size = sizeof(attr),  .policy = s->policy,	.flags = s->flags,
		.nice = s->nice,       .priority = s->priority, .runtime = s->runtime,
		.deadline = s->deadline, .period = s->period,
	};

	(void)run;
	TRY(sys_sched_setattr(0, &attr), err, "sched_setattr");
	return 0;
}

int do_set_io_priority(struct run *run, const struct step_set_io_priority *step,
		       struct error *err)
{
	enum { WHO_PROCESS_GROUP = 2 };

	(void)run;
	TRY(sys_ioprio_set(WHO_PROCESS_GROUP, 0, step->value), err, "ioprio_set");
	return 0;
}

int do_set_personality(struct run *run, const struct step_set_personality *step,
		       struct error *err)
{
	(void)run;
	TRY(personality(step->persona), err, "personality");
	return 0;
}

int do_set_memory_policy(struct run *run, const struct step_set_memory_policy *step,
			 struct error *err)
{
	(void)run;
	TRY(sys_set_mempolicy(step->mode, step->n_bits ? step->nodes : NULL,
			      step->n_bits ? step->n_bits + 1 : 0),
	    err, "set_mempolicy");
	return 0;
}

int do_set_umask(struct run *run, const struct step_set_umask *step, struct error *err)
{
	(void)run, (void)err;
	(void)umask(step->mask); /* it cannot fail */
	return 0;
}

/* The path that an engine's message names; the words are the ones that engines match. */
static int fail_program(struct error *err, const char *name, int code)
{
	err->kind = ERROR_STATE;
	err->code = code;
	snprintf(err->text, sizeof(err->text), "exec: \"%s\": %s", name,
		 code == ENOENT	  ? "no such file or directory"
		 : code == EACCES ? "permission denied"
		 : code == EISDIR ? "is a directory: permission denied" /* the kernel's own */
				  : strerror(code));
	return -1;
}

/* A relative path is one from the directory in which the program will start. */
static int try_program(struct run *run, const char *path, const char *cwd)
{
	struct stat st;

	if (stat(path[0] == '/' ? path : text_join_path(run->arena, cwd, path), &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	/* Root may read what it cannot execute: any execute bit at all must be there. */
	return st.st_mode & 0111 ? 0 : EACCES;
}

static const char *path_variable(char *const *envp)
{
	const char *found = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

	for (; *envp; envp++)
		if (has_prefix(*envp, "PATH="))
			found = *envp + 5;
	return found;
}

/* execvp's search, in the container; an empty part of PATH is the working directory. */
static int search_path(struct run *run, const struct step_find_program *step,
		       struct error *err)
{
	const char *at = path_variable(step->envp);
	int worst = ENOENT;

	for (;;) {
		size_t n = strcspn(at, ":");
		const char *dir = arena_strndup(run->arena, at, n);
		const char *path = n ? text_join_path(run->arena, dir, step->name) : step->name;
		int code = try_program(run, path, step->cwd);

		if (!code) {
			run->program_path = path;
			return 0;
		}
		if (code == EACCES)
			worst = EACCES;
		if (!at[n])
			break;
		at += n + 1;
	}
	if (worst == EACCES)
		return fail_program(err, step->name, EACCES);
	return fail(err, ERROR_STATE, "exec: \"%s\": executable file not found in $PATH",
		    step->name);
}

/* Memory, files and calls are at hand now; behind a seccomp filter they may not be. */
static void prepare_environment(struct run *run, const struct step_find_program *step)
{
	enum { MORE = 8 }; /* what the planner adds, HOME, the end */
	size_t n = 0;

	if (step->listen_pid)
		snprintf(step->listen_pid, LISTEN_PID_SIZE, "LISTEN_PID=%d", getpid());
	for (; step->envp[n]; n++)
		if (has_prefix(step->envp[n], "HOME="))
			return;
	run->envp = arena_array(run->arena, n + MORE, sizeof(*run->envp));
	run->home = arena_printf(run->arena, "HOME=%s", home_of(run->arena, step->uid));
}

static char *const *with_home(const struct run *run, char *const *envp)
{
	size_t n = 0;

	if (!run->home)
		return envp;
	for (; envp[n]; n++)
		run->envp[n] = envp[n];
	run->envp[n] = run->home;
	run->envp[n + 1] = NULL;
	return run->envp;
}

/* The path stays as it is written: execve gets it, and a script sees it as its $0. */
int do_find_program(struct run *run, const struct step_find_program *step,
		    struct error *err)
{
	int code;

	prepare_environment(run, step);
	if (!strchr(step->name, '/'))
		return search_path(run, step, err);
	run->program_path = step->name;
	code = try_program(run, step->name, step->cwd);
	return code ? fail_program(err, step->name, code) : 0;
}

/* Make the working directory if it is missing: the root is the container's by now. */
static int make_dirs(struct run *run, const char *path, struct error *err)
{
	char *partial = arena_strdup(run->arena, path);

	for (char *slash = strchr(partial + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = 0;
		if (mkdir(partial, 0755) < 0 && errno != EEXIST)
			return fail_errno(err, "make the directory '%s'", partial);
		if (!slash)
			return 0;
		*slash = '/';
	}
}

int do_change_dir(struct run *run, const struct step_change_dir *step, struct error *err)
{
	char where[4096];

	if (chdir(step->path) < 0) {
		/* An exec's directory is a part of the user's command, and told as that. */
		if (step->must_exist && errno == ENOENT)
			return fail(err, ERROR_STATE, "chdir to '%s': no such file or directory",
				    step->path);
		if (errno != ENOENT)
			return fail_errno(err, "enter the directory '%s'", step->path);
		TRY(make_dirs(run, step->path, err));
		TRY(chdir(step->path), err, "enter the directory '%s'", step->path);
	}
	/* A descriptor that leaked from the host could have led outside (CVE-2024-21626). */
	if (!getcwd(where, sizeof(where)) || where[0] != '/')
		return fail(err, ERROR_CONFIG,
			    "the directory '%s' lies outside the container's root", step->path);
	return 0;
}

/* A host's /dev/null on a standard stream becomes the container's, if it really is one. */
int do_prepare_stdio(struct run *run, const struct step_prepare_stdio *step,
		     struct error *err)
{
	(void)run;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0)
			continue;
		if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)) {
			int scoped_fd null = open("/dev/null", O_RDWR | O_NOFOLLOW | O_CLOEXEC |
								       O_NONBLOCK | O_NOCTTY);

			if (null >= 0 && fstat(null, &st) == 0 && S_ISCHR(st.st_mode) &&
			    st.st_rdev == makedev(1, 3))
				TRY(dup2(null, fd), err, "replace a standard stream");
			continue;
		}
		/* So that the program may open /dev/stdout again; pipes and files of ours only. */
		if (step->uid && st.st_uid != step->uid && S_ISFIFO(st.st_mode) &&
		    fchown(fd, step->uid, (gid_t)-1) < 0)
			continue; /* a convenience, no more */
	}
	return 0;
}

int do_close_files(struct run *run, const struct step_close_files *step, struct error *err)
{
	/* So that not even the container's own root has a second name while the program's
	 * is looked up. */
	fd_close(&run->slots[SLOT_ROOT]);
	TRY(sys_close_range(STDERR_FILENO + 1 + step->keep, ~0u, CLOSE_RANGE_CLOEXEC), err,
	    "mark the files to be closed");
	/* What the caller handed over has no close-on-exec flag, and all of ours has. */
	return 0;
}

int do_reset_signals(struct run *run, const struct step_reset_signals *step,
		     struct error *err)
{
	sigset_t none;

	(void)run, (void)step;
	sys_reset_signals();
	sigemptyset(&none);
	TRY(sigprocmask(SIG_SETMASK, &none, NULL), err, "unblock all signals");
	return 0;
}

/* The word after #! of a script, so that an error can name what is not there. */
static const char *interpreter_of(const char *path, char *line, size_t size)
{
	int scoped_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, size - 1);
	char *word = line + 2;

	if (n < 3 || line[0] != '#' || line[1] != '!')
		return NULL;
	line[n] = '\0';
	word += strspn(word, " \t");
	word[strcspn(word, " \t\n")] = '\0';
	return word;
}

/* The file was found before: what is missing is something that it needs. */
static int fail_interpreter(struct error *err, const char *path)
{
	char line[256];
	const char *word = interpreter_of(path, line, sizeof(line));
	size_t n = word ? strlen(word) : 0;

	if (n && word[n - 1] == '\r')
		return fail(err, ERROR_STATE,
			    "exec: \"%s\": no such file or directory (its #! line ends as in "
			    "Windows, with a carriage return: remove it)",
			    path);
	return fail(err, ERROR_STATE,
		    "exec: \"%s\": no such file or directory (the file is there; its %s%s is not)",
		    path, n ? "interpreter " : "dynamic loader", n ? word : "");
}

int do_exec(struct run *run, const struct step_exec *step, struct error *err)
{
	execve(run->program_path, step->argv, with_home(run, step->envp));
	if (errno == ENOEXEC)
		return fail(err, ERROR_STATE,
			    "exec: \"%s\": exec format error (a program for another processor, "
			    "or a script without a #! line)",
			    run->program_path);
	if (errno == ENOENT)
		return fail_interpreter(err, run->program_path);
	return fail_program(err, run->program_path, errno);
}
