/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What engines are told of this runtime (rows: tables/engines.def): their files, as they
 * would be with us or without.  Whatever others wrote stays as it is, byte for byte.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include <stdbool.h>

enum engine {
#define ENGINE(name, ...) ENGINE_##name,
#include "tables/engines.def"
#undef ENGINE
	ENGINE_COUNT,
};

/* ENGINE_COUNT: none of that name. */
enum engine engine_by_name(const char *name);

struct install_options {
	const char *engine;
	const char *prefix;	/* in the place of "/", or NULL */
	const char *path;	/* the runtime, absolute; NULL: the program that runs */
	bool is_default;	/* what the engine takes when nothing else is asked for */
	bool remove, dry_run;
};

struct installation {
	const char *file;
	const char *before, *after;	/* what it holds; NULL: it is not there */
	const char *restart;		/* a command, or "" */
};

/* Tell an engine, or take it back; *out says what was or would be done. */
int container_install(struct arena *arena, const struct install_options *options,
		      struct installation *out, struct error *err);

/* install-text.c: the text with us in it; NULL for `text`: there is no file. */
char *install_own(struct arena *arena, enum engine engine, const char *path,
		  bool is_default);
int install_toml(struct arena *arena, const struct install_options *options,
		 const char *path, struct installation *io, struct error *err);
int install_json(struct arena *arena, const struct install_options *options,
		 const char *path, struct installation *io, struct error *err);
