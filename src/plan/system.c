/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What belongs to the container's namespaces rather than to its process: kernel
 * parameters and names.  Parameters are written through a private procfs, so that nothing
 * that the container could mount over /proc is in the way.
 */
#include "plan/planner.h"
#include "base/text.h"

/* "net.ipv4.conf.eth0/1.x" -> "net/ipv4/conf/eth0.1/x": the first separator decides. */
static const char *sysctl_path(struct planner *p, const char *key)
{
	char *path = arena_strdup(p->arena, key);
	const char *first = strpbrk(key, "./");

	if (!first || *first == '/')
		return path;
	for (char *c = path; *c; c++) {
		if (*c == '.')
			*c = '/';
		else if (*c == '/')
			*c = '.';
	}
	return path;
}

static bool needs_proc(const struct planner *p)
{
	const struct oci_process *process = p->process;

	return p->lin->sysctl.n || (process && (!is_empty(process->apparmor_profile) ||
						!is_empty(process->selinux_label)));
}

/*
 * The names are set by their system calls, which ask for rights in the namespace; their
 * files belong to the host's root, so that the root of a user namespace cannot write them.
 */
static void plan_sysctl(struct planner *p, const char *key, const char *value)
{
	const char *path = sysctl_path(p, key);
	const char *why = WHY(p, "linux.sysctl.%s", key);

	if (is_equal(path, "kernel/hostname"))
		INIT(p, why, set_hostname, value);
	else if (is_equal(path, "kernel/domainname"))
		INIT(p, why, set_domainname, value);
	else
		INIT(p, why, set_sysctl, path, value);
}

int plan_system(struct planner *p, struct error *err)
{
	(void)err; /* which parameters are the container's own was validated */
	if (needs_proc(p))
		INIT(p, "linux.sysctl", open_proc, SLOT_PROC);
	for (size_t i = 0; i < p->lin->sysctl.n; i++)
		plan_sysctl(p, p->lin->sysctl.items[i].key, p->lin->sysctl.items[i].value);
	if (!is_empty(p->config->hostname))
		INIT(p, "hostname", set_hostname, p->config->hostname);
	if (!is_empty(p->config->domainname))
		INIT(p, "domainname", set_domainname, p->config->domainname);
	return 0;
}
