/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libocirt: containers of the OCI runtime specification from a program of one's own; the
 * command oci-rt is a thin layer above the same functions.
 *
 * A handle stands for a directory in which the state of containers is kept, with the
 * settings for the calls to come and the last error.  It is not shared between threads,
 * and ocirt_create and ocirt_run want a process with one thread.  Until a container's own
 * program runs, its first process is a copy of the caller, which the container can look
 * at; oci-rt runs from a sealed copy of itself for that reason.
 *
 * Functions return 0, or -1 with the reason in ocirt_error().
 */
#ifndef OCIRT_H
#define OCIRT_H
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ocirt;

/* A handle; root NULL: the place that the command uses, too.  NULL: out of memory. */
struct ocirt *ocirt_new(const char *root);
void ocirt_free(struct ocirt *rt);

/* What kind of thing went wrong. */
enum ocirt_error_kind {
	OCIRT_ERROR_NONE,
	OCIRT_ERROR_USAGE,	/* an argument is wrong */
	OCIRT_ERROR_CONFIG,	/* config.json is wrong, or asks for too much */
	OCIRT_ERROR_STATE,	/* the container is missing, or not in the state needed */
	OCIRT_ERROR_KERNEL,	/* a system call failed */
	OCIRT_ERROR_HOOK,	/* a hook failed, and the container is gone */
	OCIRT_ERROR_PEER,	/* a process of ours died */
	OCIRT_ERROR_BUG,	/* the library is wrong */
};

/* The last failure: one line, its kind, and the errno of a system call or 0. */
const char *ocirt_error(const struct ocirt *rt);
enum ocirt_error_kind ocirt_error_kind(const struct ocirt *rt);
int ocirt_error_errno(const struct ocirt *rt);

/*
 * A setting for ocirt_create, ocirt_run and ocirt_plan, named and written as an option of
 * the command: "pid-file", "console-socket", "pidfd-socket", "config", "cgroup-manager",
 * "preserve-fds", "no-pivot", "no-new-keyring", "no-subreaper", "detach", "keep",
 * "rootless", "trace"; for ocirt_exec also "process", "tty", "cwd", "user", "apparmor",
 * "process-label", "no-new-privs", "ignore-paused".  Flags are "true" or "false"; NULL
 * takes a setting back.
 */
int ocirt_set(struct ocirt *rt, const char *name, const char *value);

/* Make a container from a bundle; its program waits for ocirt_start. */
int ocirt_create(struct ocirt *rt, const char *id, const char *bundle);
int ocirt_start(struct ocirt *rt, const char *id);

/* The signal is a name or a number; NULL: the one that the container asks for. */
int ocirt_kill(struct ocirt *rt, const char *id, const char *signal);

/* Remove a container that has stopped; with force, any, and a missing one is no error. */
int ocirt_delete(struct ocirt *rt, const char *id, bool force);

/* Make the processes of a container stand still, and let them go on. */
int ocirt_pause(struct ocirt *rt, const char *id);
int ocirt_resume(struct ocirt *rt, const char *id);

/*
 * Keep a running container as criu's images in a directory (NULL: ./checkpoint); it is gone
 * afterwards unless the setting "leave-running" is true.  And make one from images and its
 * bundle; it runs when this returns.  Settings: "work-path", "leave-running",
 * "tcp-established", "ext-unix-sk", "shell-job", "file-locks".
 */
int ocirt_checkpoint(struct ocirt *rt, const char *id, const char *images);
int ocirt_restore(struct ocirt *rt, const char *id, const char *bundle, const char *images);

/*
 * Change limits of a container; the JSON is linux.resources of the runtime specification,
 * and 0 leaves a limit as it is.  All of it is changed, or nothing.
 */
int ocirt_update(struct ocirt *rt, const char *id, const char *resources_json);

/*
 * Add mounts to a container that is there, all or none, or remove what is mounted on their
 * destinations; the JSON is an array like mounts of the runtime specification.
 */
int ocirt_mounts_add(struct ocirt *rt, const char *id, const char *mounts_json);
int ocirt_mounts_remove(struct ocirt *rt, const char *id, const char *mounts_json);

/* What a container uses now: one line of JSON, to be freed by free(). */
int ocirt_stats(struct ocirt *rt, const char *id, char **out_json);

/* The processes of a container, sorted, to be freed by free(); none when it has stopped. */
int ocirt_pids(struct ocirt *rt, const char *id, int **out_pids, size_t *out_n);

/* create, start, wait, delete; *out_status: its exit status, 128 + signal. */
int ocirt_run(struct ocirt *rt, const char *id, const char *bundle, int *out_status);

/*
 * Run one more process in a container and wait for it; *out_status as of ocirt_run.  argv
 * ends in NULL; NULL: the setting "process" names a file.
 */
int ocirt_exec(struct ocirt *rt, const char *id, char *const argv[], int *out_status);

/* Documents as text, to be freed by free(). */
int ocirt_state(struct ocirt *rt, const char *id, char **out_json);
int ocirt_features(struct ocirt *rt, char **out_json);

/* A container in ocirt_list; valid during the call. */
struct ocirt_container {
	const char *id, *status, *bundle, *rootfs, *created, *owner;
	int pid;		/* 0 when it has stopped */
};
typedef int ocirt_container_visit(void *context, const struct ocirt_container *container);

/* Visit every container by order of id; a visit that returns other than 0 ends it. */
int ocirt_list(struct ocirt *rt, ocirt_container_visit *visit, void *context);

/* A step of a plan: who does it, its kind, the place in config.json that asks for it. */
struct ocirt_step {
	const char *role, *kind, *because;
	const char *sentence;	/* what it does */
};
typedef int ocirt_step_visit(void *context, const struct ocirt_step *step);

/* Visit what ocirt_create would do with a bundle, role by role, in order; nothing is done. */
int ocirt_plan(struct ocirt *rt, const char *id, const char *bundle, ocirt_step_visit *visit,
	       void *context);

/* A line of ocirt_check. */
struct ocirt_problem {
	const char *text;	/* with file, line, column and path, or with the path alone */
	bool is_warning;
	bool is_host;		/* this host cannot give it; the bundle itself is fine */
};
typedef int ocirt_problem_visit(void *context, const struct ocirt_problem *problem);

/* Visit everything that is wrong with a bundle. */
int ocirt_check(struct ocirt *rt, const char *bundle, ocirt_problem_visit *visit,
		void *context);

/* The version of the library. */
const char *ocirt_version(void);

#ifdef __cplusplus
}
#endif
#endif
