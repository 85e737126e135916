/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* update: its options made into the document that engines send, or that document itself. */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "container/container.h"
#include "container/spec-values.h"
#include "plan/explain.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum value_kind { VALUE_BYTES, VALUE_NUMBER, VALUE_LIST, VALUE_KIND_COUNT };

/* An option, and where its value goes in linux.resources; by order of the object. */
static const struct {
	const char *option, *object, *key;
	enum value_kind kind;
	size_t offset;
} rows[] = {
#define ROW(option, object, key, kind, field)                                            \
	{ option, object, key, VALUE_##kind, offsetof(struct update_options, field) }
	ROW("memory", "memory", "limit", BYTES, memory),
	ROW("memory-swap", "memory", "swap", BYTES, memory_swap),
	ROW("memory-reservation", "memory", "reservation", BYTES, memory_reservation),
	ROW("kernel-memory", "memory", "kernel", BYTES, kernel_memory),
	ROW("kernel-memory-tcp", "memory", "kernelTCP", BYTES, kernel_memory_tcp),
	ROW("cpu-share", "cpu", "shares", NUMBER, cpu_share),
	ROW("cpu-period", "cpu", "period", NUMBER, cpu_period),
	ROW("cpu-quota", "cpu", "quota", NUMBER, cpu_quota),
	ROW("cpu-burst", "cpu", "burst", NUMBER, cpu_burst),
	ROW("cpu-rt-period", "cpu", "realtimePeriod", NUMBER, cpu_rt_period),
	ROW("cpu-rt-runtime", "cpu", "realtimeRuntime", NUMBER, cpu_rt_runtime),
	ROW("cpu-idle", "cpu", "idle", NUMBER, cpu_idle),
	ROW("cpuset-cpus", "cpu", "cpus", LIST, cpuset_cpus),
	ROW("cpuset-mems", "cpu", "mems", LIST, cpuset_mems),
	ROW("pids-limit", "pids", "limit", NUMBER, pids_limit),
	ROW("blkio-weight", "blockIO", "weight", NUMBER, blkio_weight),
#undef ROW
};

static int add_bytes(struct text *out, const char *option, const char *value,
		     struct error *err)
{
	int64_t bytes = -1;

	if (!is_equal(value, "-1") && spec_bytes(value, &bytes, err) < 0) {
		error_context(err, "option '--%s'", option);
		return -1;
	}
	text_add(out, "%lld", (long long)bytes);
	return 0;
}

static int add_number(struct text *out, const char *option, const char *value,
		      struct error *err)
{
	uint64_t natural;
	int64_t number;

	if (!text_to_i64(value, INT64_MIN, INT64_MAX, &number) &&
	    !text_to_u64(value, UINT64_MAX, &natural))
		return fail(err, ERROR_USAGE, "option '--%s' takes a number, not '%s'", option,
			    value);
	text_add(out, "%s", value);
	return 0;
}

static int add_list(struct text *out, const char *option, const char *value,
		    struct error *err)
{
	if (value[strspn(value, "0123456789,- \n")])
		return fail(err, ERROR_USAGE, "option '--%s' takes a list like 0-3,7, not '%s'",
			    option, value);
	text_add(out, "\"%.*s\"", (int)strcspn(value, "\n"), value);
	return 0;
}

static int (*const adders[])(struct text *, const char *, const char *, struct error *) = {
	[VALUE_BYTES] = add_bytes,
	[VALUE_NUMBER] = add_number,
	[VALUE_LIST] = add_list,
};
static_assert(ARRAY_SIZE(adders) == VALUE_KIND_COUNT, "every kind of value is written");

/* NULL where no option was given. */
static int options_to_json(struct call *call, const char **out)
{
	struct text text = { .arena = call->arena };
	const char *object = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *const *value =
			(const void *)((const char *)&call->options->update + rows[i].offset);

		if (!*value)
			continue;
		if (is_equal(object, rows[i].object))
			text_add(&text, ",");
		else
			text_add(&text, "%s\"%s\":{", object ? "}," : "{", rows[i].object);
		object = rows[i].object;
		text_add(&text, "\"%s\":", rows[i].key);
		TRY(adders[rows[i].kind](&text, rows[i].option, *value, call->err));
	}
	if (object)
		text_add(&text, "}}");
	*out = text.s;
	return 0;
}

int read_document(struct call *call, const char *path, const char **out)
{
	enum { MOST = 16 << 20 };
	bool is_input = is_equal(path, "-");
	char *text;
	size_t n;
	int scoped_fd fd = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) :
				      open(path, O_RDONLY | O_CLOEXEC);

	TRY(fd, call->err, "open '%s'", path);
	TRY(file_read_fd(fd, call->arena, MOST, &text, &n), call->err,
	    "read '%s'", path);
	*out = text;
	return 0;
}

/* "linux.resources.memory.swap: ..." of an option is told by the option's name. */
static void name_option(struct call *call)
{
	static const char *const prefixes[] = { "linux.resources.", "resources:" };
	struct error *err = call->err;

	if (call->options->update.resources)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *place = arena_printf(call->arena, "%s.%s:", rows[i].object,
						 rows[i].key);
		const char *const *value =
			(const void *)((const char *)&call->options->update + rows[i].offset);

		for (size_t j = 0; *value && j < ARRAY_SIZE(prefixes); j++) {
			const char *at = strstr(err->text, place);

			if (!at || !has_prefix(err->text, prefixes[j]))
				continue;
			at += strlen(place) + 1;
			memmove(err->text, at, strlen(at) + 1);
			error_context(err, "option '--%s'", rows[i].option);
			return;
		}
	}
}

static int update(struct call *call)
{
	struct plan *plan;

	if (!call->request->dry_run)
		return container_update(call->arena, call->request, call->err);
	TRY(container_update_plan(call->arena, call->request, &plan, call->err));
	return print_text(plan_explain(call->arena, plan, false), call->err);
}

int command_update(struct call *call)
{
	struct request *request = call->request;
	const char *path = call->options->update.resources;
	int result;

	if (path) {
		request->l3_cache_schema = request->mem_bw_schema = NULL;
		TRY(read_document(call, path, &request->resources_text));
	} else {
		TRY(options_to_json(call, &request->resources_text));
		if (!request->resources_text && !request->l3_cache_schema &&
		    !request->mem_bw_schema)
			return fail(call->err, ERROR_USAGE, "nothing to update: name a limit, or "
				    "a file of limits by --resources");
	}
	result = update(call);
	if (result < 0)
		name_option(call);
	return result;
}
