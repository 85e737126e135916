/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* install: engines are told of this runtime, and people what was done. */
#include "base/text.h"
#include "cli/commands.h"
#include "container/install.h"

static const char *what_was_done(const struct installation *done,
				 const struct install_options *options)
{
	if (is_equal(done->before, done->after) || (!done->before && !done->after))
		return "nothing to do for";
	if (!done->after)
		return options->dry_run ? "would remove" : "removed";
	if (!done->before)
		return options->dry_run ? "would write" : "wrote";
	return options->dry_run ? "would change" : "changed";
}

int command_install(struct call *call)
{
	struct install_options *options = &call->options->install;
	struct text text = { .arena = call->arena };
	struct installation done;
	const char *what;

	options->dry_run = call->request->dry_run;
	TRY(container_install(call->arena, options, &done, call->err));
	what = what_was_done(&done, options);
	text_add(&text, "%s %s\n", what, done.file);
	if (options->dry_run && done.after)
		text_add(&text, "%s", done.after);
	else if (!has_prefix(what, "nothing") && *done.restart)
		text_add(&text, "now: %s\n", done.restart);
	return print_text(text.s, call->err);
}
