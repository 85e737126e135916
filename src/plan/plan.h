/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A container is a plan: for each role an ordered list of typed steps.  The planner fills
 * the lists and touches nothing else; once plan_check has passed, the plan is constant.
 * Steps are dumb: no conditions, no loops.  Rows: tables/steps.def.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/added-mounts.h"
#include "tables/criu.h"
#include "tables/device-rules.h"
#include "tables/mount-options.h"
#include "tables/namespaces.h"
#include "tables/net-priority.h"
#include "tables/process.h"
#include "tables/rdt.h"
#include "tables/seccomp.h"
#include "tables/systemd.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum role { ROLE_HOST, ROLE_INTERMEDIATE, ROLE_INIT, ROLE_COUNT };
extern const char *const role_names[ROLE_COUNT];

enum milestone {
#define MILESTONE(name, text) MILESTONE_##name,
#include "tables/milestones.def"
#undef MILESTONE
	MILESTONE_COUNT,
};
extern const char *const milestone_names[MILESTONE_COUNT];

enum step_kind {
#define STEP(name, ...) STEP_##name,
#include "tables/steps.def"
#undef STEP
	STEP_COUNT,
};
extern const char *const step_names[STEP_COUNT];

/* Slots that every plan has; the planner adds numbered ones behind them. */
enum {
	SLOT_NONE = -1,
	SLOT_STATE,	/* the state directory */
	SLOT_CACHE,	/* where compiled seccomp filters are kept */
	SLOT_ROOT,	/* the root file system */
	SLOT_SOCKET,	/* the start socket */
	SLOT_PROC,	/* a private procfs */
	SLOT_CONSOLE,	/* the terminal's master end */
	SLOT_FIRST_FREE,
};

/* Room for "LISTEN_PID=NUMBER". */
enum { LISTEN_PID_SIZE = 24 };

/* The hooks of one kind, and the state that they read. */
struct hook_list {
	const struct hook *hooks;
	size_t n;
	const char *path;	/* "hooks.prestart", to which [i] is added */
	const char *state_head;	/* the state document up to the number of its pid... */
	const char *state_tail;	/* ...and from behind it; no pid: both are empty around it */
	int output[2];		/* slots of files for what they print; SLOT_NONE: kept back */
};

/* The message to a seccomp agent: head, pid, middle, pid, tail. */
struct agent_message {
	const char *head, *middle, *tail;
};

#define STEP(name, fields, ...)                                                            \
	struct step_##name {                                                               \
		fields                                                                     \
	};
#include "tables/steps.def"
#undef STEP

struct step {
	enum step_kind kind;
	const char *because;	/* the place in config.json, or "state", "request" */
	union {
#define STEP(name, ...) struct step_##name name;
#include "tables/steps.def"
#undef STEP
	};
};

struct step_list {
	struct step *items;
	size_t n, room;
};

struct plan {
	struct step_list of[ROLE_COUNT];
	int n_slots;
	const char *notify_path; /* the caller's manager, or NULL */
	int notify_slot;	/* where the container says that it is ready, or SLOT_NONE */
	const char **warnings;	/* for the log */
	size_t n_warnings, room_warnings;
	struct arena *arena;
};

struct plan *plan_new(struct arena *arena);

/* A slot of its own. */
int plan_slot(struct plan *plan);

/* Append a step to a role's list. */
void plan_append(struct plan *plan, enum role role, const struct step *step);
#define PLAN_ADD(plan, role, why, name_, ...)                                              \
	plan_append((plan), (role),                                                        \
		    &(const struct step){ .kind = STEP_##name_,                            \
					  .because = (why),                                \
					  .name_ = { __VA_ARGS__ } })

/* One role tells, the other awaits; slot: an fd that goes along, or SLOT_NONE. */
void plan_meet(struct plan *plan, enum role from, enum role to, enum milestone milestone,
	       const char *why);

/* Walk all lists together: a plan that would hang is a BUG, and says where. */
int plan_check(const struct plan *plan, struct error *err);

/* A sentence for a step: what it does. */
void step_describe(const struct step *step, char *buffer, size_t size);
