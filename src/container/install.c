/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* install: tell an engine of this runtime; see install.h. */
#include "container/install.h"
#include "base/file.h"
#include "base/text.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum how { HOW_OWN, HOW_TOML, HOW_JSON };

static const struct {
	const char *name, *file;
	enum how how;
	const char *restart;
} engines[] = {
#define ENGINE(name, file, how, restart) { #name, file, HOW_##how, restart },
#include "tables/engines.def"
#undef ENGINE
};
static_assert(ARRAY_SIZE(engines) == ENGINE_COUNT, "every engine has a row");

enum engine engine_by_name(const char *name)
{
	enum engine engine = 0;

	while (engine < ENGINE_COUNT && !is_equal(engines[engine].name, name))
		engine++;
	return engine;
}

/* Ours, as engines are to call it; quotes would need others in every format. */
static int find_runtime(struct arena *arena, const char *given, const char **out,
			struct error *err)
{
	char path[PATH_MAX];
	ssize_t n;

	if (given) {
		*out = given;
	} else {
		n = TRY((int)readlink("/proc/self/exe", path, sizeof(path) - 1), err,
			"find the own program");
		*out = arena_strndup(arena, path, (size_t)n);
	}
	if (**out != '/' || strpbrk(*out, "\"\\\n"))
		return fail(err, ERROR_USAGE,
			    "the runtime '%s' must be an absolute path without quotes", *out);
	return 0;
}

static int read_file(struct arena *arena, struct installation *io, struct error *err)
{
	char real[PATH_MAX], *text;

	if (realpath(io->file, real)) /* a link stays one */
		io->file = arena_strdup(arena, real);
	else if (errno == ENOENT)
		return 0;
	TRY(file_read_at(AT_FDCWD, io->file, arena, &text, err));
	io->before = text;
	return 0;
}

static int decide(struct arena *arena, const struct install_options *options,
		  const char *path, struct installation *io, struct error *err)
{
	enum engine engine = engine_by_name(options->engine);

	switch (engines[engine].how) {
	case HOW_TOML:
		return install_toml(arena, options, path, io, err);
	case HOW_JSON:
		return install_json(arena, options, path, io, err);
	default:
		if (!options->remove)
			io->after = install_own(arena, engine, path, options->is_default);
		return 0;
	}
}

static int make_parents(struct arena *arena, const char *file, struct error *err)
{
	char *path = arena_strdup(arena, file);

	for (char *at = path + 1; (at = strchr(at, '/')); *at++ = '/') {
		*at = 0;
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return fail_errno(err, "make the directory '%s'", path);
	}
	return 0;
}

static int write_file(struct arena *arena, const struct installation *io, struct error *err)
{
	struct stat st = { .st_mode = 0644 };

	if (!io->after) {
		TRY(unlink(io->file), err, "remove '%s'", io->file);
		return 0;
	}
	if (io->before)
		TRY(stat(io->file, &st), err, "look at '%s'", io->file);
	TRY(make_parents(arena, io->file, err));
	return file_replace_at(AT_FDCWD, io->file, io->after, strlen(io->after),
			       st.st_mode & 0777, err);
}

int container_install(struct arena *arena, const struct install_options *options,
		      struct installation *out, struct error *err)
{
	enum engine engine = engine_by_name(options->engine);
	const char *path;

	if (engine == ENGINE_COUNT)
		return fail(err, ERROR_USAGE,
			    "install needs --for podman, buildah, crio, containerd or docker");
	TRY(find_runtime(arena, options->path, &path, err));
	*out = (struct installation){ .restart = engines[engine].restart };
	out->file = options->prefix
			    ? text_join_path(arena, options->prefix, engines[engine].file + 1)
			    : engines[engine].file;
	TRY(read_file(arena, out, err));
	TRY(decide(arena, options, path, out, err));
	if (options->dry_run || is_equal(out->before, out->after) ||
	    (!out->before && !out->after))
		return 0;
	return write_file(arena, out, err);
}
