/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The vocabulary of seccomp (rows: seccomp.def) and a filter in the kernel's numbers, as
 * the planner hands it over to be compiled.  Values: SECCOMP_RET_*, libseccomp's SCMP_*.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seccomp_arg {
	uint32_t index;		/* 0..5 */
	uint32_t op;		/* enum scmp_compare */
	uint64_t a, b;		/* value, valueTwo */
};

struct seccomp_rule {
	const char *syscall;
	uint32_t action;	/* SCMP_ACT_* with its errno or message */
	const struct seccomp_arg *args;
	size_t n_args;
};

struct seccomp_filter {
	uint32_t default_action;
	uint32_t flags;		/* SECCOMP_FILTER_FLAG_* for seccomp(2) */
	bool notifies;		/* some action is NOTIFY */
	bool fail_unknown;	/* a name that the library does not know is an error */
	const uint32_t *archs;	/* SCMP_ARCH_* tokens; the native one is always included */
	size_t n_archs;
	const struct seccomp_rule *rules;
	size_t n_rules;
};

/* Look-ups by the names of config.json; false when the name is none. */
bool seccomp_action_by_name(const char *name, uint32_t *out);
bool seccomp_operator_by_name(const char *name, uint32_t *out);
bool seccomp_arch_by_name(const char *name, uint32_t *out);
bool seccomp_flag_by_name(const char *name, uint32_t *out);

/* The i-th name of each table, for `features`; NULL beyond the last. */
const char *seccomp_action_name(size_t i);
const char *seccomp_operator_name(size_t i);
const char *seccomp_arch_name(size_t i);
const char *seccomp_flag_name(size_t i);
