/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the time went: every step of every role with its begin and length, as Trace Event
 * JSON (chrome://tracing, Perfetto) or as a chart in text.
 */
#include "base/file.h"
#include "base/text.h"
#include "run/run.h"
#include <fcntl.h>

enum { CHART_WIDTH = 40, NANOSECONDS_IN_MICRO = 1000 };

static uint64_t first_begin(const struct run *run)
{
	return run->plan->of[ROLE_HOST].n ? run->trace[ROLE_HOST][0].begin : 0;
}

/* A step that never ended (the exec that succeeded) lasts until the others were done. */
static uint64_t last_end(const struct run *run)
{
	uint64_t last = 0;

	for (enum role role = 0; role < ROLE_COUNT; role++)
		for (size_t i = 0; i < run->plan->of[role].n; i++)
			if (run->trace[role][i].end > last)
				last = run->trace[role][i].end;
	return last;
}

static double micro(uint64_t nanoseconds)
{
	return (double)nanoseconds / NANOSECONDS_IN_MICRO;
}

static void add_quoted(struct text *out, const char *s)
{
	for (; *s; s++)
		text_add(out, *s == '"' || *s == '\\' ? "\\%c" : *s == '\n' ? " " : "%c", *s);
}

static void add_event(struct text *out, const struct run *run, enum role role, size_t i)
{
	const struct step *step = &run->plan->of[role].items[i];
	const struct trace_event *event = &run->trace[role][i];
	uint64_t end = event->end ? event->end : last_end(run);
	char what[512];

	if (!event->begin)
		return;
	step_describe(step, what, sizeof(what));
	text_add(out, ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%.3f,\"dur\":%.3f,"
		      "\"name\":\"%s\",\"cat\":\"", (int)role,
		 micro(event->begin - first_begin(run)), micro(end - event->begin),
		 step_names[step->kind]);
	add_quoted(out, step->because);
	text_add(out, "\",\"args\":{\"what\":\"");
	add_quoted(out, what);
	text_add(out, "\"}}");
}

int run_write_trace(const struct run *run, const char *path, struct error *err)
{
	struct arena scoped_arena arena = { 0 };
	struct text out = { .arena = &arena };

	text_add(&out, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
		       "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\","
		       "\"args\":{\"name\":\"oci-rt\"}}");
	for (enum role role = 0; role < ROLE_COUNT; role++)
		text_add(&out, ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_name\","
			       "\"args\":{\"name\":\"%s\"}}", (int)role, role_names[role]);
	for (enum role role = 0; role < ROLE_COUNT; role++)
		for (size_t i = 0; i < run->plan->of[role].n; i++)
			add_event(&out, run, role, i);
	text_add(&out, "\n]}\n");
	return file_replace_at(AT_FDCWD, path, out.s, out.n, 0644, err);
}

static void add_bar(struct text *out, const struct run *run, enum role role, size_t i)
{
	static const char bar[] = "########################################";
	const struct trace_event *event = &run->trace[role][i];
	uint64_t whole = last_end(run) - first_begin(run);
	uint64_t end = event->end ? event->end : last_end(run);
	int from, length;

	if (!event->begin || !whole)
		return;
	from = (int)((event->begin - first_begin(run)) * CHART_WIDTH / whole);
	length = (int)((end - event->begin) * CHART_WIDTH / whole);
	from = from < CHART_WIDTH ? from : CHART_WIDTH - 1;
	length = length < CHART_WIDTH - from ? length : CHART_WIDTH - from;
	text_add(out, "%-12s %-18s %9.1f us |%*s%.*s%*s|\n", role_names[role],
		 step_names[run->plan->of[role].items[i].kind], micro(end - event->begin), from,
		 "", length ? length : 1, bar, CHART_WIDTH - from - (length ? length : 1), "");
}

char *run_timing_chart(struct arena *arena, const struct run *run)
{
	struct text out = { .arena = arena };

	for (enum role role = 0; role < ROLE_COUNT; role++)
		for (size_t i = 0; i < run->plan->of[role].n; i++)
			add_bar(&out, run, role, i);
	text_add(&out, "%-12s %-18s %9.1f us\n", "all", "",
		 micro(last_end(run) - first_begin(run)));
	return out.s;
}
