/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules of linux.sysctl: a parameter may be set only where a namespace of the container's
 * own keeps its value; anything else would change the host.
 */
#include "base/text.h"
#include "libocispec/validate.h"
#include <stdio.h>

/* Which namespace keeps a parameter; a name that ends in a slash covers all below it. */
static const struct {
	const char *name, *namespace_;
} kept[] = {
	{ "kernel/msgmax", "ipc" },
	{ "kernel/msgmnb", "ipc" },
	{ "kernel/msgmni", "ipc" },
	{ "kernel/msg_next_id", "ipc" },
	{ "kernel/auto_msgmni", "ipc" },
	{ "kernel/sem", "ipc" },
	{ "kernel/sem_next_id", "ipc" },
	{ "kernel/shmall", "ipc" },
	{ "kernel/shmmax", "ipc" },
	{ "kernel/shmmni", "ipc" },
	{ "kernel/shm_next_id", "ipc" },
	{ "kernel/shm_rmid_forced", "ipc" },
	{ "fs/mqueue/", "ipc" },
	{ "kernel/hostname", "uts" },
	{ "kernel/domainname", "uts" },
	{ "net/", "network" },
	{ "user/", "user" },
};

/* As sysctl(8) reads it: the first separator tells which; with '/', dots are letters. */
static bool to_path(const char *key, char *path, size_t size)
{
	size_t first = strcspn(key, "./");
	char separator = key[first];

	if (!separator || strlen(key) >= size || strstr(key, "//") || strstr(key, ".."))
		return false;
	snprintf(path, size, "%s", key);
	for (char *s = path; *s && separator == '.'; s++)
		*s = *s == '.' ? '/' : *s == '/' ? '.' : *s;
	return *path != '/' && path[strlen(path) - 1] != '/' && !strstr(path, "/./") &&
	       !strpbrk(path, " \t\n");
}

static const char *keeper(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (has_suffix(kept[i].name, "/") ? has_prefix(path, kept[i].name)
						  : is_equal(path, kept[i].name))
			return kept[i].namespace_;
	return NULL;
}

/* The two that have members of their own: another value there would contradict. */
static void check_name(struct validation *v, const char *member, const char *other,
		       const char *value)
{
	const char *problem = rule_host_name_problem(value);

	if (!is_empty(other))
		rule_refuse(v, "%s is set too; leave one of them", member);
	else if (problem)
		rule_refuse(v, "%s", problem);
}

static void check_sysctl(struct validation *v, const char *key, const char *value)
{
	const char *namespace_;
	char path[256];

	rule_at_key(v, "sysctl", key);
	if (!to_path(key, path, sizeof(path))) {
		rule_refuse(v, "is no kernel parameter; expected a name like "
			       "net.core.somaxconn");
		return;
	}
	namespace_ = keeper(path);
	if (!namespace_)
		rule_refuse(
			v, "no namespace keeps this parameter: it would change the host");
	else if (!rule_namespace(v, namespace_))
		rule_refuse(v,
			    "would change the host; add {\"type\": \"%s\"} to "
			    "linux.namespaces",
			    namespace_);
	else if (is_equal(path, "kernel/hostname"))
		check_name(v, "hostname", v->config ? v->config->hostname : NULL, value);
	else if (is_equal(path, "kernel/domainname"))
		check_name(v, "domainname", v->config ? v->config->domainname : NULL, value);
}

static void check_sysctls(struct validation *v)
{
	for (size_t i = 0; i < v->linux_->sysctl.n; i++)
		check_sysctl(v, v->linux_->sysctl.items[i].key,
			     v->linux_->sysctl.items[i].value);
}

static const struct rule rules[] = {
	{ SCOPE_LINUX, "sysctl", check_sysctls },
};
const struct rules sysctl_rules = { rules, ARRAY_SIZE(rules) };
