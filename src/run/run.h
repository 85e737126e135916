/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interpreter of plans: one loop that three roles share.  It executes a list step by
 * step, adds to every error the place in config.json, the step and the role, traces, can
 * fail or die on purpose (for the tests), and undoes in reverse what the host did.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "kernel/netlink.h"
#include "kernel/seccomp.h"
#include "plan/plan.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A step on purpose: the `at`-th of the role; role ROLE_COUNT: none. */
struct fault {
	enum role role;
	size_t at;
};

/* A network device on its way, which undo takes back. */
struct net_move {
	const struct step_move_net_device *step;
	struct net_device device;	/* as it is where it is now */
	bool is_moved, was_up;
};

/* A limit of a running container that was changed, and what takes that back. */
struct limit_change {
	const char *dir, *file, *old;
};

/* When a step began and ended, in nanoseconds of CLOCK_MONOTONIC; shared by all roles. */
struct trace_event {
	uint64_t begin, end;
};

struct run {
	const struct plan *plan;
	struct arena *arena;
	enum role role;
	int *slots;			/* fds, or -1 */
	pid_t pid[ROLE_COUNT];		/* of our children; 0: none */
	int pidfd[ROLE_COUNT];
	pid_t *shared_init;		/* the kernel writes init's pid there at its birth */
	int channel[ROLE_COUNT];	/* to the other role, or -1 */
	int far_end[ROLE_COUNT];	/* host: what the child will use */
	size_t done;			/* host: steps to undo */
	bool hooks_began;
	bool asked_criu;		/* what it made may be anywhere in the cgroups */
	bool made_rdt_group, made_rdt_monitor;
	struct seccomp_program program;
	struct shared_page *page;	/* init: where it tells its listener; NULL: no need */
	struct net_move *net_moves;	/* host */
	size_t n_net_moves, room_net_moves;
	struct limit_change *changes;	/* in the order in which they were made */
	size_t n_changes, room_changes;
	const struct step_change_cgroup **late; /* those that the kernel did not take yet */
	size_t n_late, room_late;
	struct systemd *systemd;	/* host: a connection, where it manages cgroups */
	const struct unit_property **properties; /* for the unit that is to be started */
	size_t n_properties, room_properties;
	bool made_unit;
	struct unit_past *unit_past;	/* of a unit that was changed */
	struct limit_change old_quota;	/* its exact one */
	const char *program_path;	/* found by find_program */
	char *home;			/* "HOME=...", or NULL where the environment has it */
	char **envp;			/* room for the environment and that */
	struct fault fail, kill;
	struct trace_event *trace[ROLE_COUNT]; /* NULL: not traced */
};

/* Ready to run the plan's host list; traced: keep the times of every step. */
int run_begin(struct run *run, struct arena *arena, const struct plan *plan, bool traced,
	      struct error *err);

/* "init:12" of --fail-at and --kill-at. */
int run_parse_fault(const char *text, struct fault *out, struct error *err);

/* Run the host's list; a failure is undone, and *err says what, where and why. */
int run_host(struct run *run, struct error *err);

/* Undo what the host's list has done: kill init, then the steps in reverse. */
void run_undo(struct run *run);

/* Close everything that is left. */
void run_end(struct run *run);

/* The loop of any role. */
int run_role(struct run *run, struct error *err);

/* Trace Event JSON (Perfetto, chrome://tracing) of all roles. */
int run_write_trace(const struct run *run, const char *path, struct error *err);

/* A bar chart of the steps, the longest things first to be seen. */
char *run_timing_chart(struct arena *arena, const struct run *run);
