/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See settings.h. */
#include "cli/settings.h"
#include "base/log.h"
#include "base/text.h"
#include "container/store.h"
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static int log_format_of(const char *name, enum log_format *out, struct error *err)
{
	enum log_format format = LOG_TEXT;

	while (name && format < LOG_FORMAT_COUNT && !is_equal(log_format_name(format), name))
		format++;
	if (format == LOG_FORMAT_COUNT)
		return fail(err, ERROR_USAGE, "invalid log-format: '%s' is neither text nor json",
			    name);
	*out = format;
	return 0;
}

/* An engine wants exactly one object in a JSON log, so warnings need to be asked for. */
static int log_level_of(const struct options *options, enum log_format format,
			enum log_level *out, struct error *err)
{
	const char *name = options->log_level;
	enum log_level level = LOG_ERROR;

	*out = format == LOG_JSON ? LOG_ERROR : LOG_WARNING;
	if (options->debug)
		*out = LOG_DEBUG;
	if (!name)
		return 0;
	while (level < LOG_LEVEL_COUNT && !is_equal(log_level_name(level), name))
		level++;
	if (level == LOG_LEVEL_COUNT)
		return fail(err, ERROR_USAGE,
			    "invalid log-level: '%s' is none of error, warning, debug", name);
	*out = level;
	return 0;
}

int settings_open_log(const struct options *options, struct error *err)
{
	enum log_format format = LOG_TEXT;
	enum log_level level = LOG_WARNING;
	int format_result = log_format_of(options->log_format, &format, err);
	int level_result = log_level_of(options, format, &level, err);

	if (log_open(is_empty(options->log) ? NULL : options->log, format, level, err) < 0)
		return -1;
	return format_result < 0 || level_result < 0 ? -1 : 0;
}

int settings_absolute(struct arena *arena, const char *path, const char **out,
		      struct error *err)
{
	char here[PATH_MAX];

	if (path[0] == '/') {
		*out = text_clean_path(arena, path);
		return 0;
	}
	if (!getcwd(here, sizeof(here)))
		return fail_errno(err, "tell the current directory");
	*out = text_clean_path(arena, text_join_path(arena, here, path));
	return 0;
}

static int resolve_root(struct arena *arena, struct request *request, struct error *err)
{
	if (is_empty(request->root))
		request->root = store_default_root(arena);
	TRY(settings_absolute(arena, request->root, &request->root, err));
	if (is_equal(request->root, "/"))
		return fail(err, ERROR_USAGE, "option '--root' must not be '/': name a directory "
			    "of its own, like " STORE_ROOT);
	return 0;
}

/* Links stay as they are, except where ".." could mean something else behind one. */
static int resolve_bundle(struct arena *arena, struct request *request, struct error *err)
{
	const char *bundle = is_empty(request->bundle) ? "." : request->bundle;
	char real[PATH_MAX];

	if (strstr(bundle, "..")) {
		if (!realpath(bundle, real))
			return fail_errno(err, "find the bundle '%s'", bundle);
		request->bundle = arena_strdup(arena, real);
		return 0;
	}
	return settings_absolute(arena, bundle, &request->bundle, err);
}

/* A command works on a bundle when it has the option to name one. */
static bool takes_bundle(enum command command)
{
	for (size_t i = 0; i < n_option_rows; i++)
		if (option_is_for(&option_rows[i], command) &&
		    option_rows[i].offset == offsetof(struct options, request.bundle))
			return true;
	return false;
}

static void resolve_manager(struct options *options)
{
	struct request *request = &options->request;
	const char *name = options->cgroup_manager;

	if (!name && options->systemd_cgroup)
		name = cgroup_manager_names[MANAGER_SYSTEMD];
	request->has_manager = name != NULL;
	for (enum cgroup_manager i = 0; name && i < MANAGER_COUNT; i++)
		if (is_equal(cgroup_manager_names[i], name))
			request->manager = i;
}

static bool is_rootless(const char *option)
{
	if (!option || is_equal(option, "auto"))
		return store_is_rootless();
	return is_equal(option, "true");
}

int settings_resolve(struct arena *arena, struct options *options, struct error *err)
{
	struct request *request = &options->request;

	TRY(resolve_root(arena, request, err));
	if (takes_bundle(options->command))
		TRY(resolve_bundle(arena, request, err));
	if (is_empty(request->config))
		request->config = "config.json";
	resolve_manager(options);
	request->rootless = is_rootless(options->rootless);
	return 0;
}
