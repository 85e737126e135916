/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of the process object, in config.json and as a document of its own. */
#include "base/text.h"
#include "libocispec/validate.h"
#include <inttypes.h>

enum { MOST_CPU = 8191, LARGEST_TERMINAL = 65535 };

static void check_console(struct validation *v)
{
	const struct oci_box *box = v->process->console_size;

	/* Ignored without a terminal, whatever it says. */
	if (!box || !v->process->terminal)
		return;
	rule_at(v, "consoleSize.height");
	if (box->height > LARGEST_TERMINAL)
		rule_refuse(v, "expected at most %d, got %" PRIu64, LARGEST_TERMINAL,
			    box->height);
	rule_at(v, "consoleSize.width");
	if (box->width > LARGEST_TERMINAL)
		rule_refuse(v, "expected at most %d, got %" PRIu64, LARGEST_TERMINAL,
			    box->width);
}

static void check_rlimits(struct validation *v)
{
	const struct oci_process *p = v->process;
	const struct oci_names *types = oci_names_of("rlimit_type");
	uint32_t seen = 0;

	for (size_t i = 0; i < p->n_rlimits; i++) {
		const struct oci_rlimit *r = &p->rlimits[i];

		rule_at(v, "rlimits[%zu].type", i);
		for (size_t t = 0; t < types->n; t++) {
			if (!is_equal(types->names[t], r->type))
				continue;
			if (seen >> t & 1)
				rule_refuse(v, "%s is set twice; leave one", r->type);
			seen |= (uint32_t)1 << t;
		}
		rule_at(v, "rlimits[%zu].soft", i);
		if (r->has_soft && r->has_hard && r->soft > r->hard)
			rule_refuse(v, "%" PRIu64 " is above the hard limit, %" PRIu64,
				    r->soft, r->hard);
	}
}

static void check_deadline(struct validation *v, const struct oci_scheduler *s)
{
	rule_at(v, "scheduler.runtime");
	if (!s->runtime)
		rule_refuse(v, "SCHED_DEADLINE needs a runtime above 0");
	else if (s->runtime > s->deadline)
		rule_refuse(v, "%" PRIu64 " is above the deadline, %" PRIu64, s->runtime,
			    s->deadline);
	rule_at(v, "scheduler.deadline");
	if (s->period && s->deadline > s->period)
		rule_refuse(v, "%" PRIu64 " is above the period, %" PRIu64, s->deadline,
			    s->period);
}

static void check_scheduler(struct validation *v)
{
	const struct oci_scheduler *s = v->process->scheduler;
	bool is_real_time;

	if (!s || !s->policy)
		return;
	is_real_time =
		is_equal(s->policy, "SCHED_FIFO") || is_equal(s->policy, "SCHED_RR");
	rule_at(v, "scheduler.priority");
	if (is_real_time && !s->priority)
		rule_refuse(v, "%s needs a priority from 1 to 99", s->policy);
	if (!is_real_time && s->priority)
		rule_refuse(v,
			    "only SCHED_FIFO and SCHED_RR have a priority; leave it out");
	if (is_equal(s->policy, "SCHED_DEADLINE"))
		check_deadline(v, s);
}

static void check_list(struct validation *v, const char *path, const char *list)
{
	const char *problem = rule_list_problem(list, MOST_CPU);

	rule_at(v, "%s", path);
	if (problem)
		rule_refuse(v, "%s, got the string \"%.40s\"", problem, list);
}

static void check_affinity(struct validation *v)
{
	const struct oci_exec_cpu_affinity *a = v->process->exec_cpu_affinity;

	if (!a)
		return;
	check_list(v, "execCPUAffinity.initial", a->initial);
	check_list(v, "execCPUAffinity.final", a->final);
}

static const struct rule rules[] = {
	{ SCOPE_PROCESS, "consoleSize", check_console },
	{ SCOPE_PROCESS, "rlimits", check_rlimits },
	{ SCOPE_PROCESS, "scheduler", check_scheduler },
	{ SCOPE_PROCESS, "execCPUAffinity", check_affinity },
};
const struct rules process_rules = { rules, ARRAY_SIZE(rules) };
