/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands: one function for each row of commands.def.  They print to standard output
 * and return the exit status, or a negative value with the error for main to tell.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "cli/options.h"

struct call {
	struct arena *arena;
	struct options *options;
	struct request *request;	/* of the options */
	char *const *argv;
	struct error *err;
};

/* What a handler returns when exec fails, which has an exit status of its own. */
enum { COMMAND_EXEC_FAILED = -255 };

#define COMMAND(name, ...) int command_##name(struct call *call);
#include "tables/commands.def"

/* All of the text to standard output. */
int print_text(const char *text, struct error *err);
int print_text_line(const char *text, struct error *err);

/* The text of a file, or of standard input where the path is "-". */
int read_document(struct call *call, const char *path, const char **out);

/* Whether standard output is a terminal that wants colours. */
bool wants_colour(void);

/* What --version prints; `program` is the name we were called by. */
char *version_text(struct arena *arena, const char *program);

/* The table of list, columns as wide as their widest cell. */
struct container_summary;
char *list_table(struct arena *arena, const struct container_summary *items, size_t n);

/* One line: an array of documents; "[]" when there are none. */
char *list_json(struct arena *arena, const struct container_summary *items, size_t n);
