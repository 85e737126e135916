/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See run.h. */
#include "run/run.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/socket.h"
#include "run/steps.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int run_step(struct run *run, const struct step *step, struct error *err)
{
	switch (step->kind) {
#define STEP(name_, ...)                                                                   \
	case STEP_##name_:                                                                 \
		return do_##name_(run, &step->name_, err);
#include "tables/steps.def"
#undef STEP
	case STEP_COUNT:
		break;
	}
	return fail(err, ERROR_BUG, "a plan holds a step that is none");
}

static bool is_at(const struct fault *fault, const struct run *run, size_t i)
{
	return fault->role == run->role && fault->at == i;
}

static int run_one(struct run *run, size_t i, struct error *err)
{
	const struct step *step = &run->plan->of[run->role].items[i];
	struct trace_event *event = run->trace[run->role];
	int result;

	if (is_at(&run->kill, run, i)) {
		(void)kill(getpid(), SIGKILL);
		__builtin_trap(); /* the first process of a pid namespace survives the above */
	}
	if (event)
		event[i].begin = now();
	if (is_at(&run->fail, run, i))
		result = fail(err, ERROR_KERNEL, "failed on purpose");
	else
		result = run_step(run, step, err);
	if (event)
		event[i].end = now();
	return result;
}

/* Whether the text begins as the sentence does, by its first three words. */
static bool says_already(const char *text, const char *sentence)
{
	size_t n = 0;

	for (int words = 0; words < 3; words++) {
		n += strcspn(sentence + n, " ");
		n += strspn(sentence + n, " ");
	}
	return n && strncmp(text, sentence, n) == 0;
}

/* Where and for whom; what another role reported was told there. */
static void add_context(const struct run *run, const struct step *step, struct error *err)
{
	const char *role = role_names[run->role];
	char what[600];
	size_t n;

	if (err->is_placed)
		return;
	err->is_placed = true;
	step_describe(step, what, sizeof(what));
	if (!says_already(err->text, what)) {
		error_context(err, "%s: %.300s (%s)", step->because, what, role);
		return;
	}
	error_context(err, "%s", step->because);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, " (%s)", role);
}

int run_role(struct run *run, struct error *err)
{
	const struct step_list *list = &run->plan->of[run->role];

	for (size_t i = 0; i < list->n; i++) {
		int result = run_one(run, i, err);

		if (result < 0) {
			add_context(run, &list->items[i], err);
			return result;
		}
		run->done = i + 1;
	}
	return 0;
}

int run_host(struct run *run, struct error *err)
{
	int result = run_role(run, err);

	if (result < 0 && err->kind == ERROR_HOOK)
		run->hooks_began = true; /* how the host learns of one of init's */
	if (result < 0 && err->kind == ERROR_STATE && err->code == EPIPE)
		oom_explain(run, err);
	if (result < 0)
		run_undo(run);
	return result;
}

/* Memory that all roles share. */
static int share(size_t n, void **out, struct error *err)
{
	*out = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return *out == MAP_FAILED ? fail_errno(err, "share memory") : 0;
}

static int make_trace(struct run *run, struct error *err)
{
	void *shared;
	size_t n = 0;
	struct trace_event *events;

	for (enum role role = 0; role < ROLE_COUNT; role++)
		n += run->plan->of[role].n;
	TRY(share((n + 1) * sizeof(*events), &shared, err));
	events = shared;
	for (enum role role = 0; role < ROLE_COUNT; role++) {
		run->trace[role] = events;
		events += run->plan->of[role].n;
	}
	return 0;
}

int run_begin(struct run *run, struct arena *arena, const struct plan *plan, bool traced,
	      struct error *err)
{
	*run = (struct run){ .plan = plan, .arena = arena, .role = ROLE_HOST };
	run->fail.role = run->kill.role = ROLE_COUNT;
	run->slots = arena_array(arena, (size_t)plan->n_slots, sizeof(int));
	for (int i = 0; i < plan->n_slots; i++)
		run->slots[i] = -1;
	for (enum role role = 0; role < ROLE_COUNT; role++)
		run->channel[role] = run->far_end[role] = run->pidfd[role] = -1;
	for (enum role role = ROLE_HOST + 1; role < ROLE_COUNT; role++) {
		int pair[2];

		if (!plan->of[role].n)
			continue;
		TRY(socket_make_pair(SOCK_SEQPACKET, pair, err));
		run->channel[role] = pair[0];
		run->far_end[role] = pair[1];
	}
	if (plan->of[ROLE_INTERMEDIATE].n) {
		void *shared;

		TRY(share(sizeof(*run->shared_init), &shared, err));
		run->shared_init = shared;
	}
	return traced ? make_trace(run, err) : 0;
}

void run_end(struct run *run)
{
	for (int i = 0; i < run->plan->n_slots; i++)
		fd_close(&run->slots[i]);
	for (enum role role = 0; role < ROLE_COUNT; role++) {
		fd_close(&run->channel[role]);
		fd_close(&run->far_end[role]);
		fd_close(&run->pidfd[role]);
	}
}

int run_parse_fault(const char *text, struct fault *out, struct error *err)
{
	const char *colon = strchr(text, ':');
	uint64_t at;

	for (enum role role = 0; colon && role < ROLE_COUNT; role++) {
		size_t n = strlen(role_names[role]);

		if ((size_t)(colon - text) != n || strncmp(text, role_names[role], n) != 0)
			continue;
		if (!text_to_u64(colon + 1, UINT32_MAX, &at))
			break;
		*out = (struct fault){ role, at };
		return 0;
	}
	return fail(err, ERROR_USAGE, "'%s' is no step: expected ROLE:INDEX, like init:3", text);
}
