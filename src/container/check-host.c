/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See check-host.h: one small function a rule, in the table at the end. */
#include "container/check-host.h"
#include "base/text.h"
#include "tables/names.h"
#include <inttypes.h>
#include <linux/capability.h>
#include <sys/resource.h>

void check_add(struct host_check *check, const char *path, const char *format, ...)
{
	struct host_problem *problem =
		arena_push(check->arena, check->problems, check->n, check->room);
	va_list ap;

	va_start(ap, format);
	problem->path = path;
	problem->what = arena_vprintf(check->arena, format, ap);
	va_end(ap);
}

static bool has_controller(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_hierarchies; i++)
		if (text_has_word(facts->hierarchies[i].controllers, name))
			return true;
	return false;
}

static void need_controller(struct host_check *check, bool is_asked, const char *name,
			    const char *path)
{
	if (is_asked && !has_controller(check->facts, name))
		check_add(check, path, "no cgroup hierarchy has the controller '%s': mount it, or "
			  "enable it in cgroup.subtree_control, or leave the limit out", name);
}

static void check_controllers(struct host_check *check)
{
	static const struct oci_resources none;
	const struct oci_linux *linux_ = check->config->linux_;
	const struct oci_resources *r = linux_ && linux_->resources ? linux_->resources : &none;
	bool is_v2 = check->facts->cgroup_mode == CGROUP_V2;

	need_controller(check, r->memory, "memory", "linux.resources.memory");
	need_controller(check, r->cpu && (r->cpu->has_shares || r->cpu->has_quota ||
					  r->cpu->has_period || r->cpu->has_idle),
			"cpu", "linux.resources.cpu");
	need_controller(check, r->cpu && (r->cpu->cpus || r->cpu->mems), "cpuset",
			"linux.resources.cpu");
	need_controller(check, r->pids, "pids", "linux.resources.pids");
	need_controller(check, r->block_io, is_v2 ? "io" : "blkio", "linux.resources.blockIO");
	need_controller(check, r->n_hugepage_limits, "hugetlb",
			"linux.resources.hugepageLimits");
	need_controller(check, r->n_rdma, "rdma", "linux.resources.rdma");
}

static const struct oci_namespace *find_namespace(const struct host_check *check,
						  const char *type)
{
	const struct oci_linux *linux_ = check->config->linux_;

	for (size_t i = 0; linux_ && i < linux_->n_namespaces; i++)
		if (is_equal(linux_->namespaces[i].type, type))
			return &linux_->namespaces[i];
	return NULL;
}

static void check_namespaces(struct host_check *check)
{
	const struct facts *facts = check->facts;

	if (find_namespace(check, "time") && !facts->has_time_namespace)
		check_add(check, "linux.namespaces",
			  "this kernel has no time namespaces: they came with Linux 5.6 "
			  "(CONFIG_TIME_NS)");
	if (facts->euid != 0 && !facts->is_privileged && !find_namespace(check, "user"))
		check_add(check, "linux.namespaces", "user %u needs a user namespace to make the "
			  "others: add one with id mappings (oci-rt spec --rootless shows how)",
			  facts->euid);
}

/* A map that a user may write alone is one line of length 1 for their own id. */
static bool is_own_map(const struct oci_id_map *maps, size_t n, uint32_t id)
{
	return n == 1 && maps->size == 1 && maps->host_id == id;
}

static void check_maps(struct host_check *check)
{
	const struct facts *facts = check->facts;
	const struct oci_linux *linux_ = check->config->linux_;

	if (facts->is_privileged || facts->euid == 0 || !linux_ || !linux_->n_uid_mappings)
		return;
	if (is_own_map(linux_->uid_mappings, linux_->n_uid_mappings, facts->euid) &&
	    is_own_map(linux_->gid_mappings, linux_->n_gid_mappings, facts->egid))
		return;
	if (!facts->has_new_maps)
		check_add(check, "linux.uidMappings", "user %u may map only the own id: install "
			  "newuidmap and newgidmap (package uidmap)", facts->euid);
	if (!facts->sub_uid.count || !facts->sub_gid.count)
		check_add(check, "linux.uidMappings", "no further ids belong to user %u: add the "
			  "line '%s:100000:65536' to /etc/subuid and to /etc/subgid", facts->euid,
			  facts->user_name ? facts->user_name :
					     arena_printf(check->arena, "%u", facts->euid));
}

static void check_labels(struct host_check *check)
{
	const struct oci_process *process = check->config->process;
	const struct oci_linux *linux_ = check->config->linux_;

	if (process && !is_empty(process->apparmor_profile) && !check->facts->has_apparmor)
		check_add(check, "process.apparmorProfile", "AppArmor is not active on this host: "
			  "leave the profile out, or boot with apparmor=1");
	if (process && !is_empty(process->selinux_label) && !check->facts->has_selinux)
		check_add(check, "process.selinuxLabel", "SELinux is not active on this host: "
			  "leave the label out, or boot with selinux=1");
	if (linux_ && !is_empty(linux_->mount_label) && !check->facts->has_selinux)
		check_add(check, "linux.mountLabel", "SELinux is not active on this host: leave "
			  "the label out, or boot with selinux=1");
}

static void check_capability_set(struct host_check *check, const char *path,
				 const char **names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int number = capability_by_name(names[i]);

		if (number < 0 || find_namespace(check, "user"))
			continue;
		if ((uint32_t)number > check->facts->last_capability)
			check_add(check, path, "this kernel has no '%s'", names[i]);
		else if (!(check->facts->bounding & UINT64_C(1) << number))
			check_add(check, path,
				  "'%s' cannot be given: it is not in the bounding set of this "
				  "process", names[i]);
	}
}

static void check_capabilities(struct host_check *check)
{
	const struct oci_process *process = check->config->process;
	const struct oci_capabilities *sets = process ? process->capabilities : NULL;

	if (!sets)
		return;
	check_capability_set(check, "process.capabilities.bounding", sets->bounding,
			     sets->n_bounding);
	check_capability_set(check, "process.capabilities.permitted", sets->permitted,
			     sets->n_permitted);
}

static void check_rlimits(struct host_check *check)
{
	const struct oci_process *process = check->config->process;
	bool may_raise = check->facts->permitted & UINT64_C(1) << CAP_SYS_RESOURCE;

	for (size_t i = 0; process && !may_raise && i < process->n_rlimits; i++) {
		const struct oci_rlimit *wish = &process->rlimits[i];
		int resource = rlimit_by_name(wish->type);
		struct rlimit own;

		if (resource < 0 || getrlimit((__rlimit_resource_t)resource, &own) < 0 ||
		    wish->hard <= own.rlim_max)
			continue;
		check_add(check, arena_printf(check->arena, "process.rlimits[%zu]", i),
			  "%s cannot be raised to %" PRIu64 ": the own hard limit is %" PRIu64
			  ", and CAP_SYS_RESOURCE is missing", wish->type, wish->hard,
			  (uint64_t)own.rlim_max);
	}
}

/* Recursive options and id mapping have no older way. */
static bool needs_mount_api(const char *option)
{
	static const char *const words[] = {
		"rro", "rnosuid", "rnodev", "rnoexec", "rnoatime", "idmap", "ridmap",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (is_equal(option, words[i]))
			return true;
	return false;
}

static void check_mount_api(struct host_check *check)
{
	if (check->facts->has_mount_api)
		return;
	for (size_t i = 0; i < check->config->n_mounts; i++) {
		const struct oci_mount *mount = &check->config->mounts[i];
		const char *path = arena_printf(check->arena, "mounts[%zu].options", i);

		for (size_t j = 0; j < mount->n_options; j++)
			if (needs_mount_api(mount->options[j]))
				check_add(check, path, "'%s' needs Linux 5.12", mount->options[j]);
	}
}

void check_host(struct host_check *check)
{
	static void (*const rules[])(struct host_check *) = {
		check_files,	  check_namespaces,   check_maps,    check_mount_api,
		check_controllers, check_capabilities, check_rlimits, check_labels,
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		rules[i](check);
}
