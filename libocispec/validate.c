/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See validate.h: what the rules share, and the loop that runs them. */
#include "libocispec/validate.h"
#include "base/text.h"
#include "libocispec/schema.h"
#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct rules *const all_rules[] = {
	&config_rules,  &linux_rules,     &sysctl_rules,  &id_rules,
	&process_rules, &resources_rules, &seccomp_rules,
};

static const char *const scope_paths[] = {
	[SCOPE_CONFIG] = "",
	[SCOPE_LINUX] = "linux",
	[SCOPE_PROCESS] = "process",
	[SCOPE_RESOURCES] = "linux.resources",
	[SCOPE_SECCOMP] = "linux.seccomp",
	[SCOPE_STATE] = "state",
};
static_assert(ARRAY_SIZE(scope_paths) == SCOPE_COUNT, "every scope has a path");

static void go_to(struct validation *v, const char *relative)
{
	const char *base = v->base[v->scope];

	snprintf(v->path, sizeof(v->path), "%s%s%s", base, *base && *relative ? "." : "",
		 relative);
}

void rule_at(struct validation *v, const char *format, ...)
{
	char relative[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(relative, sizeof(relative), format, ap);
	va_end(ap);
	go_to(v, relative);
}

void rule_at_key(struct validation *v, const char *map, const char *key)
{
	go_to(v, map);
	path_add_key(v->path, sizeof(v->path), key);
}

__attribute__((format(printf, 3, 0))) static void report(struct validation *v,
							 bool is_warning,
							 const char *format, va_list ap)
{
	char what[1024];

	vsnprintf(what, sizeof(what), format, ap);
	report_path(v->report, v->path, is_warning, what);
}

void rule_refuse(struct validation *v, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report(v, false, format, ap);
	va_end(ap);
}

void rule_warn(struct validation *v, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	report(v, true, format, ap);
	va_end(ap);
}

const struct oci_namespace *rule_namespace(const struct validation *v, const char *type)
{
	for (size_t i = 0; v->linux_ && i < v->linux_->n_namespaces; i++)
		if (is_equal(v->linux_->namespaces[i].type, type))
			return &v->linux_->namespaces[i];
	return NULL;
}

bool rule_is_new(const struct oci_namespace *namespace_)
{
	return namespace_ && is_empty(namespace_->path);
}

/* One "7" or "0-3" (the kernel's ":used/group" may follow); *s moves behind it. */
static const char *range_problem(const char **s, unsigned long most)
{
	unsigned long first, last;
	char *end;

	if (!isdigit((unsigned char)**s))
		return "expected numbers and ranges like 0-3,7";
	first = last = strtoul(*s, &end, 10);
	if (*end == '-') {
		if (!isdigit((unsigned char)end[1]))
			return "a range needs a number on both sides of the dash";
		last = strtoul(end + 1, &end, 10);
	}
	if (*end == ':')
		end += 1 + strspn(end + 1, "0123456789/");
	*s = end;
	if (last < first)
		return "a range must not go backwards";
	return last > most ? "the number is larger than any kernel knows" : NULL;
}

const char *rule_list_problem(const char *list, unsigned long most)
{
	const char *problem;

	if (is_empty(list) || !list[strspn(list, " ")])
		return NULL;
	for (;;) {
		list += strspn(list, " ");
		problem = range_problem(&list, most);
		if (problem)
			return problem;
		list += strspn(list, " ");
		if (!*list)
			return NULL;
		if (*list++ != ',')
			return "expected numbers and ranges like 0-3,7";
	}
}

const char *rule_host_name_problem(const char *name)
{
	return name && strlen(name) > 64 ? "longer than 64 bytes, the most that the kernel takes"
					 : NULL;
}

const char *rule_interface_problem(const char *name)
{
	if (!*name || is_equal(name, ".") || is_equal(name, ".."))
		return "is no name for a network interface";
	if (strlen(name) > 15)
		return "is longer than the 15 characters of a network interface's name";
	for (; *name; name++)
		if (*name == '/' || *name == ':' || isspace((unsigned char)*name))
			return "must not contain slashes, colons or spaces";
	return NULL;
}

static void *scope_value(const struct validation *v, enum scope scope)
{
	switch (scope) {
	case SCOPE_CONFIG:
		return v->config;
	case SCOPE_LINUX:
		return v->config ? v->linux_ : NULL;
	case SCOPE_PROCESS:
		return v->process;
	case SCOPE_RESOURCES:
		return v->resources;
	case SCOPE_SECCOMP:
		return v->seccomp;
	case SCOPE_STATE:
		return v->state;
	case SCOPE_COUNT:
		break;
	}
	return NULL;
}

static void run_rules(struct validation *v, const struct rules *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		v->scope = rules->rules[i].scope;
		if (!scope_value(v, v->scope))
			continue;
		go_to(v, rules->rules[i].path);
		rules->rules[i].check(v);
	}
}

static void enter_config(struct validation *v, struct oci_config *config)
{
	v->config = config;
	v->process = config->process;
	v->linux_ = config->linux_;
	if (v->linux_) {
		v->resources = v->linux_->resources;
		v->seccomp = v->linux_->seccomp;
	}
}

void validate(struct report *r, const struct oci_schema *schema, void *value)
{
	struct validation v = { .report = r };

	/* A document of its own stands at the root. */
	for (size_t i = 0; i < SCOPE_COUNT; i++)
		v.base[i] = schema == &oci_config_schema ? scope_paths[i] : "";
	if (schema == &oci_config_schema)
		enter_config(&v, value);
	else if (schema == &oci_process_schema)
		v.process = value;
	else if (schema == &oci_resources_schema)
		v.resources = value;
	else if (schema == &oci_seccomp_schema)
		v.seccomp = value;
	else if (schema == &oci_state_schema)
		v.state = value;
	if (schema == &oci_container_process_state_schema) {
		v.state = ((struct oci_container_process_state *)value)->state;
		v.base[SCOPE_STATE] = scope_paths[SCOPE_STATE];
	}
	for (size_t i = 0; i < ARRAY_SIZE(all_rules); i++)
		run_rules(&v, all_rules[i]);
}
