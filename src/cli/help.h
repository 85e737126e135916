/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Help, manual and completion, all from the rows of commands.def.
 */
#pragma once
#include "base/arena.h"
#include "cli/options.h"
#include <stdbool.h>

/* What --help shows; COMMAND_none: the commands and the global options. */
char *help_text(struct arena *arena, enum command command, bool colour);

/* The manual page oci-rt(8), in man(7) markup. */
char *help_manual(struct arena *arena);

/* The script for "bash", "zsh" or "fish"; NULL for another shell. */
char *completion_script(struct arena *arena, const char *shell);
