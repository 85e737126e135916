/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* events: each on a line of its own, as soon as it happens. */
#include "base/text.h"
#include "cli/commands.h"
#include "container/container.h"
#include <stdlib.h>

/* "1m30s", "1.5s", "100ms" as milliseconds; false for anything else. */
static bool parse_duration(const char *text, int64_t *out)
{
	static const struct {
		const char *unit;
		double milliseconds;
	} units[] = { { "ms", 1 }, { "us", 1e-3 }, { "ns", 1e-6 },
		      { "s", 1e3 }, { "m", 6e4 },  { "h", 3.6e6 } };
	double sum = 0;

	while (*text) {
		size_t digits = strspn(text, "0123456789."), i = 0;
		char *end;

		while (i < ARRAY_SIZE(units) && !has_prefix(text + digits, units[i].unit))
			i++;
		if (!digits || i == ARRAY_SIZE(units))
			return false;
		sum += strtod(text, &end) * units[i].milliseconds;
		if (end != text + digits)
			return false;
		text = end + strlen(units[i].unit);
	}
	*out = (int64_t)sum;
	return sum >= 1 && sum < 1e15;
}

static int print_event(void *context, const char *json, struct error *err)
{
	struct arena scoped_arena arena = { 0 };

	(void)context; /* there is one standard output */
	return print_text(arena_printf(&arena, "%s\n", json), err);
}

int command_events(struct call *call)
{
	const char *interval = call->options->interval;

	if (!parse_duration(interval ? interval : "5s", &call->request->interval_ms))
		return fail(call->err, ERROR_USAGE, "option '--interval' takes a time like 5s, "
			    "500ms or 1m30s, not '%s'", interval);
	return container_events(call->arena, call->request, print_event, NULL, call->err);
}
