/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Annotations that change what the runtime does, under the names that callers of crun
 * know them by.  All are read and checked here, once, before there is a plan; rows:
 * tables/annotations.def.
 */
#include "plan/planner.h"
#include "base/text.h"

enum { INSTRUCTION = 8, MOST_INSTRUCTIONS = 4096 };

const char *plan_annotation(const struct planner *p, const char *key)
{
	const struct oci_string_map *annotations = &p->config->annotations;

	for (size_t i = 0; i < annotations->n; i++)
		if (is_equal(annotations->items[i].key, key))
			return annotations->items[i].value;
	return NULL;
}

static const char *why_of(struct planner *p, const char *key)
{
	return WHY(p, "annotations[\"%s\"]", key);
}

static int read_switch(struct planner *p, const char *key, bool *out, struct error *err)
{
	const char *value = plan_annotation(p, key);

	*out = is_equal(value, "1") || is_equal(value, "true");
	if (!value || *out || is_equal(value, "0") || is_equal(value, "false"))
		return 0;
	return plan_refuse(err, why_of(p, key), "expected \"1\" or \"0\", got \"%.40s\"", value);
}

static int read_path(struct planner *p, const char *key, const char *what,
		     const char **out, struct error *err)
{
	*out = plan_annotation(p, key);
	if (!*out || **out == '/')
		return 0;
	return plan_refuse(err, why_of(p, key), "expected the absolute path of %s, got \"%.80s\"",
			   what, *out);
}

static int read_mount_context(struct planner *p, struct error *err)
{
	static const char *const types[] = { "context", "fscontext", "defcontext",
					     "rootcontext" };
	const char *key = "run.oci.mount_context_type", *value = plan_annotation(p, key);

	p->mount_context = types[0];
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (is_equal(value, types[i]))
			p->mount_context = types[i];
	if (!value || is_equal(value, p->mount_context))
		return 0;
	return plan_refuse(err, why_of(p, key),
			   "expected context, fscontext, defcontext or rootcontext, got "
			   "\"%.40s\"",
			   value);
}

static int read_bpf(struct planner *p, struct error *err)
{
	const char *key = "run.oci.seccomp_bpf_data", *value = plan_annotation(p, key);
	size_t n;

	if (!value)
		return 0;
	if (!text_from_base64(p->arena, value, &p->bpf, &n))
		return plan_refuse(err, why_of(p, key), "expected a filter in base64");
	if (n == 0 || n % INSTRUCTION || n / INSTRUCTION > MOST_INSTRUCTIONS)
		return plan_refuse(err, why_of(p, key),
				   "expected 1 to %d instructions of %d bytes, got %zu bytes",
				   MOST_INSTRUCTIONS, INSTRUCTION, n);
	p->n_bpf = n / INSTRUCTION;
	return 0;
}

int plan_read_annotations(struct planner *p, struct error *err)
{
	const char *ignored;

	TRY(read_switch(p, "run.oci.keep_original_groups", &p->keeps_groups, err));
	TRY(read_switch(p, "run.oci.seccomp_fail_unknown_syscall", &p->fail_unknown, err));
	TRY(read_path(p, "run.oci.hooks.stdout", "a file", &ignored, err));
	TRY(read_path(p, "run.oci.hooks.stderr", "a file", &ignored, err));
	TRY(read_path(p, "run.oci.seccomp.receiver", "an agent's socket", &ignored, err));
	TRY(read_path(p, "run.oci.pidfd_receiver", "a socket", &p->pidfd_receiver, err));
	TRY(read_mount_context(p, err));
	return read_bpf(p, err);
}
