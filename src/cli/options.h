/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line as values: rows of commands.def, and the parser that follows them.
 * It takes what callers of other runtimes write: --name value, --name=value, -name value,
 * letters alone or together, global options anywhere, options after operands.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "container/install.h"
#include "container/spec.h"
#include "tables/request.h"

enum command {
	COMMAND_none,
#define COMMAND(name, ...) COMMAND_##name,
#include "tables/commands.def"
	COMMAND_COUNT,
};

/* What update's options say, as it was written. */
struct update_options {
	const char *resources;
	const char *memory, *memory_swap, *memory_reservation, *kernel_memory,
		*kernel_memory_tcp;
	const char *cpu_share, *cpu_period, *cpu_quota, *cpu_burst, *cpu_rt_period,
		*cpu_rt_runtime, *cpu_idle, *cpuset_cpus, *cpuset_mems;
	const char *pids_limit, *blkio_weight;
};

/* Everything that an option can set. */
struct options {
	struct request request;
	struct spec_options spec;
	struct update_options update;
	struct install_options install;
	const char *log, *log_format, *log_level;
	const char *cgroup_manager, *rootless, *interval;
	bool debug, systemd_cgroup, help, version, manual;
	enum command command;
	char **operands;	/* NULL-terminated */
	size_t n_operands;
};

enum option_kind {
	OPTION_FLAG, OPTION_TEXT, OPTION_PATH, OPTION_NUMBER, OPTION_WORDS, OPTION_CHOICE,
	OPTION_OFTEN, OPTION_KIND_COUNT,
};

enum command_flag { COMMAND_TAKES_COMMAND = 1, COMMAND_STOPS = 2, COMMAND_HIDDEN = 4 };

struct command_row {
	const char *name, *operands;
	size_t least, most;
	unsigned flags;		/* enum command_flag */
	const char *doc;
};
extern const struct command_row command_rows[COMMAND_COUNT];

struct option_row {
	unsigned commands;	/* bits of 1 << enum command */
	const char *name;
	char letter;		/* or 0 */
	enum option_kind kind;
	const char *argument;	/* what help calls it; the names of a choice */
	size_t offset;		/* in struct options */
	const char *doc;	/* NULL: hidden */
};
extern const struct option_row option_rows[];
extern const size_t n_option_rows;

/* The bits of every command and of none. */
#define COMMAND_ANY (~0u)

static inline bool option_is_for(const struct option_row *row, enum command command)
{
	return row->commands & 1u << command;
}
static inline bool option_is_global(const struct option_row *row)
{
	return option_is_for(row, COMMAND_none);
}

/* The command of that name, or COMMAND_none. */
enum command command_by_name(const char *name);

/*
 * Fill *out: 0, -1, or OPTIONS_UNKNOWN_COMMAND, which has an exit status of its own.
 * An error leaves what was read until then, so that --log is honoured.
 */
enum { OPTIONS_UNKNOWN_COMMAND = -3 };
int options_parse(struct arena *arena, char **argv, struct options *out, struct error *err);
