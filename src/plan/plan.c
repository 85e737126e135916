/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See plan.h.  The check simulates the meetings only: every role runs until it awaits
 * something that nobody has told it yet.
 */
#include "plan/plan.h"
#include "base/text.h"
#include <assert.h>
#include <stdio.h>
#include <sys/mount.h>

const char *const role_names[ROLE_COUNT] = { "host", "intermediate", "init" };
static_assert(ROLE_COUNT == 3, "every role has a name");

const char *const milestone_names[] = {
#define MILESTONE(name, text) text,
#include "tables/milestones.def"
#undef MILESTONE
};
static_assert(ARRAY_SIZE(milestone_names) == MILESTONE_COUNT, "every milestone has a name");

const char *const step_names[] = {
#define STEP(name, ...) #name,
#include "tables/steps.def"
#undef STEP
};
static_assert(ARRAY_SIZE(step_names) == STEP_COUNT, "every step has a name");

struct plan *plan_new(struct arena *arena)
{
	struct plan *plan = arena_new(arena, struct plan);

	plan->arena = arena;
	plan->n_slots = SLOT_FIRST_FREE;
	plan->notify_slot = SLOT_NONE;
	return plan;
}

int plan_slot(struct plan *plan)
{
	return plan->n_slots++;
}

void plan_append(struct plan *plan, enum role role, const struct step *step)
{
	struct step_list *list = &plan->of[role];

	*arena_push(plan->arena, list->items, list->n, list->room) = *step;
}

void plan_meet(struct plan *plan, enum role from, enum role to, enum milestone milestone,
	       const char *why)
{
	PLAN_ADD(plan, from, why, tell, to, milestone, SLOT_NONE);
	PLAN_ADD(plan, to, why, await, from, milestone, SLOT_NONE);
}

struct walk {
	size_t at[ROLE_COUNT];
	unsigned told[ROLE_COUNT][ROLE_COUNT][MILESTONE_COUNT]; /* [to][from] */
	bool is_begun[ROLE_COUNT];
};

/* Run one role as far as it gets; true when it moved. */
static bool walk_role(const struct plan *plan, struct walk *walk, enum role role)
{
	const struct step_list *list = &plan->of[role];
	size_t before = walk->at[role];

	for (; walk->is_begun[role] && walk->at[role] < list->n; walk->at[role]++) {
		const struct step *step = &list->items[walk->at[role]];

		if (step->kind == STEP_tell)
			walk->told[step->tell.peer][role][step->tell.milestone]++;
		if (step->kind == STEP_spawn)
			walk->is_begun[step->spawn.role] = true;
		if (step->kind == STEP_await) {
			unsigned *owed = &walk->told[role][step->await.peer]
						    [step->await.milestone];

			if (!*owed)
				break;
			--*owed;
		}
	}
	return walk->at[role] != before;
}

int plan_check(const struct plan *plan, struct error *err)
{
	struct walk walk = { .is_begun = { [ROLE_HOST] = true } };
	char what[512];

	for (bool moved = true; moved;) {
		moved = false;
		for (enum role role = 0; role < ROLE_COUNT; role++)
			moved |= walk_role(plan, &walk, role);
	}
	for (enum role role = 0; role < ROLE_COUNT; role++) {
		const struct step_list *list = &plan->of[role];

		if (walk.at[role] == list->n)
			continue;
		step_describe(&list->items[walk.at[role]], what, sizeof(what));
		return fail(err, ERROR_BUG, "the plan would hang: %s would %s for ever",
			    role_names[role], what);
	}
	return 0;
}
