/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules across fields that need no facts about a host: one small function each, in the
 * tables of validate*.c with the path they are about.  A rule names a path within its
 * scope and what is wrong there; it must bear members that are missing or wrong, which
 * the decoder has reported already.
 */
#pragma once
#include "libocispec/report.h"

enum scope {
	SCOPE_CONFIG,
	SCOPE_LINUX,
	SCOPE_PROCESS,
	SCOPE_RESOURCES,
	SCOPE_SECCOMP,
	SCOPE_STATE,
	SCOPE_COUNT,
};

/* A scope's structure is NULL where the document has none; its rules are then not run. */
struct validation {
	struct report *report;
	struct oci_config *config;
	struct oci_linux *linux_;
	struct oci_process *process;
	struct oci_resources *resources;
	struct oci_seccomp *seccomp;
	struct oci_state *state;
	const char *base[SCOPE_COUNT]; /* where each scope stands in the document */
	enum scope scope;              /* of the rule that is running */
	char path[PATH_ROOM];
};

struct rule {
	enum scope scope;
	const char *path; /* what it is about, within the scope; "" for all of it */
	void (*check)(struct validation *v);
};

struct rules {
	const struct rule *rules;
	size_t n;
};
extern const struct rules config_rules, linux_rules, process_rules, resources_rules;
extern const struct rules seccomp_rules, id_rules, sysctl_rules;

/* Run every rule that applies to the document; also clears what is allowed but unused. */
void validate(struct report *report, const struct oci_schema *schema, void *value);

/* Set the path that the next refusals are about, within the scope. */
void rule_at(struct validation *v, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The path of a map's member. */
void rule_at_key(struct validation *v, const char *map, const char *key);
void rule_refuse(struct validation *v, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void rule_warn(struct validation *v, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The configuration's namespace of that type, or NULL; is_new: one without a path. */
const struct oci_namespace *rule_namespace(const struct validation *v, const char *type);
bool rule_is_new(const struct oci_namespace *namespace_);

/* NULL, or what is wrong with a list of numbers and ranges like "0-3,7". */
const char *rule_list_problem(const char *list, unsigned long most);

/* NULL, or what is wrong with a host or domain name, if there is one. */
const char *rule_host_name_problem(const char *name);

/* NULL, or what is wrong with the name of a network interface. */
const char *rule_interface_problem(const char *name);
