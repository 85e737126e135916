/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From options as they were written to values that the verbs can use: defaults of the
 * environment, absolute paths, names turned into numbers.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "cli/options.h"

/* Open the log that the options name; done even when the rest of them is wrong. */
int settings_open_log(const struct options *options, struct error *err);

/* Fill in what the options left open, and check what the parser could not. */
int settings_resolve(struct arena *arena, struct options *options, struct error *err);

/* The path seen from the current directory, without resolving symbolic links. */
int settings_absolute(struct arena *arena, const char *path, const char **out,
		      struct error *err);
