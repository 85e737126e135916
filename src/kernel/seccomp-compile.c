/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a filter in our tables to BPF, by libseccomp.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "kernel/seccomp-internal.h"
#include "kernel/sys.h"
#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { OPTIMIZE_BINARY_TREE = 2, MOST_ARGS = 6, MOST_BYTES = 1 << 20 };

struct compiler {
	const struct seccomp_library *lib;
	const struct seccomp_filter *filter;
	void *context;
};

static int fail_library(struct error *err, int rc, const char *what, const char *name)
{
	errno = -rc;
	return fail_errno(err, "seccomp: %s '%s'", what, name);
}

/*
 * An architecture that this libseccomp does not know, or of the other byte order, cannot
 * run here either: left out.
 */
static int add_archs(const struct compiler *c, struct error *err)
{
	for (size_t i = 0; i < c->filter->n_archs; i++) {
		int rc = c->lib->arch_add(c->context, c->filter->archs[i]);

		if (rc == -EINVAL || rc == -EDOM)
			log_debug("seccomp: architecture %#x is left out", c->filter->archs[i]);
		else if (rc < 0 && rc != -EEXIST)
			return fail_library(err, rc, "add an", "architecture");
	}
	return 0;
}

static int add_one(const struct compiler *c, const struct seccomp_rule *rule, int number,
		   const struct scmp_arg_cmp *args, unsigned n, struct error *err)
{
	int rc = c->lib->rule_add_array(c->context, rule->action, number, n, args);

	/* EEXIST: an earlier rule says it already; the first one counts. */
	if (rc < 0 && rc != -EEXIST)
		return fail_library(err, rc, "add a rule for", rule->syscall);
	return 0;
}

/* Two conditions on one argument are more than one rule can hold. */
static bool has_index_twice(const struct seccomp_rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->n_args; i++) {
		if (seen & (1u << rule->args[i].index))
			return true;
		seen |= 1u << rule->args[i].index;
	}
	return false;
}

static int add_rule(const struct compiler *c, const struct seccomp_rule *rule, int number,
		    struct error *err)
{
	struct scmp_arg_cmp args[MOST_ARGS];
	bool one_by_one = has_index_twice(rule);

	for (size_t i = 0; i < rule->n_args; i++) {
		const struct seccomp_arg *arg = &rule->args[i];
		struct scmp_arg_cmp cmp = { .arg = arg->index,
					    .op = (enum scmp_compare)arg->op,
					    .datum_a = arg->a, .datum_b = arg->b };

		if (arg->index >= MOST_ARGS)
			return fail(err, ERROR_CONFIG, "seccomp: '%s' has no argument %u",
				    rule->syscall, arg->index);
		if (one_by_one)
			TRY(add_one(c, rule, number, &cmp, 1, err));
		else
			args[i] = cmp;
	}
	if (one_by_one)
		return 0;
	return add_one(c, rule, number, args, (unsigned)rule->n_args, err);
}

static int add_rules(const struct compiler *c, struct error *err)
{
	for (size_t i = 0; i < c->filter->n_rules; i++) {
		const struct seccomp_rule *rule = &c->filter->rules[i];
		int number;

		if (rule->action == c->filter->default_action)
			continue; /* libseccomp refuses what changes nothing */
		number = c->lib->syscall_resolve_name(rule->syscall);
		if (number == __NR_SCMP_ERROR && c->filter->fail_unknown)
			return fail(err, ERROR_CONFIG, "seccomp: '%s' is no system call",
				    rule->syscall);
		if (number == __NR_SCMP_ERROR)
			log_debug("seccomp: unknown system call '%s' is left out",
				  rule->syscall);
		else
			TRY(add_rule(c, rule, number, err));
	}
	return 0;
}

static int export(struct arena *arena, const struct compiler *c, struct seccomp_program *out,
		  struct error *err)
{
	int scoped_fd fd = TRY(sys_memfd_create("seccomp", MFD_CLOEXEC), err,
			       "make memory for the seccomp filter");
	int rc = c->lib->export_bpf(c->context, fd);
	size_t n;
	char *bytes;

	if (rc < 0)
		return fail_library(err, rc, "export the", "filter");
	TRY(lseek(fd, 0, SEEK_SET), err, "read the seccomp filter");
	TRY(file_read_fd(fd, arena, MOST_BYTES, &bytes, &n), err, "read the seccomp filter");
	out->n = n / sizeof(*out->code);
	out->code = arena_array(arena, out->n, sizeof(*out->code));
	memcpy(out->code, bytes, out->n * sizeof(*out->code));
	return 0;
}

static int compile(struct arena *arena, const struct compiler *c, struct seccomp_program *out,
		   struct error *err)
{
	/* Whoever loads it decides on no_new_privs, and sets it itself. */
	(void)c->lib->attr_set(c->context, SCMP_FLTATR_CTL_NNP, 0);
	/* Not known before 2.5: then it is a chain, slower to run. */
	(void)c->lib->attr_set(c->context, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_BINARY_TREE);
	TRY(add_archs(c, err));
	TRY(add_rules(c, err));
	TRY(export(arena, c, out, err));
	seccomp_add_unknown(arena, c->lib, c->filter, out);
	return 0;
}

int seccomp_compile(struct arena *arena, const struct seccomp_filter *filter,
		    struct seccomp_program *out, const char **out_library, struct error *err)
{
	struct seccomp_library library = { 0 };
	struct compiler c = { .lib = &library, .filter = filter };
	int rc;

	TRY(seccomp_library_open(arena, &library, err));
	*out_library = library.path;
	c.context = library.init(filter->default_action);
	if (!c.context)
		return fail(err, ERROR_CONFIG, "seccomp: libseccomp refuses the default action");
	rc = compile(arena, &c, out, err);
	library.release(c.context);
	return rc;
}
