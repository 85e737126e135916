/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mounts of config.json, in their order.  Where the trees of the host that some of
 * them show come from: mount-sources.c.
 */
#include "plan/planner.h"
#include "base/text.h"
#include <linux/mount.h>
#include <sys/mount.h>

/* Files below /proc that others (lxcfs) may stand in for; anything else there is refused. */
static const char *const proc_files[] = {
	"/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps",
	"/proc/uptime", "/proc/loadavg", "/proc/slabinfo", "/proc/net/dev",
	"/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled",
};

static int refuse_proc_cover(const struct planned_mount *mount, struct error *err)
{
	if (is_equal(mount->target, "/proc") && !mount->is_bind &&
	    !is_equal(mount->entry->type, "proc"))
		return plan_refuse(err, mount->why,
				   "only a procfs may be mounted on /proc, not '%s'",
				   mount->entry->type ? mount->entry->type : "");
	if (!has_prefix(mount->target, "/proc/"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(proc_files); i++)
		if (is_equal(mount->target, proc_files[i]) && mount->is_bind)
			return 0;
	return plan_refuse(err, mount->why,
			   "'%s' lies inside /proc, where a mount could deceive the kernel's "
			   "own files: mount it elsewhere",
			   mount->target);
}

/* The defaults that the root's propagation sets, and peers kept only where asked. */
static void choose_propagation(const struct planner *p, struct planned_mount *mount)
{
	const char *root = p->lin->rootfs_propagation;
	struct mount_options *options = &mount->options;

	if (options->propagation) {
		options->keep_peers = options->propagation == MS_SHARED;
	} else if (root && strstr(root, "shared")) {
		options->keep_peers = true;
	} else if (!root || !strstr(root, "slave")) {
		options->propagation = MS_PRIVATE;
		options->propagation_all = true;
	}
}

static void add_label(struct planner *p, struct planned_mount *mount)
{
	const char *type = mount->entry->type, *label = p->lin->mount_label;

	if (is_empty(label) || !p->facts->has_selinux || mount->is_bind ||
	    is_equal(type, "proc") || is_equal(type, "sysfs"))
		return;
	/* The kernel made it with the ipc namespace, too early for an option. */
	if (is_equal(type, "mqueue")) {
		mount->label = label;
		return;
	}
	mount->options.data =
		arena_printf(p->arena, "%s%s%s=\"%s\"",
			     mount->options.data ? mount->options.data : "",
			     mount->options.data ? "," : "", p->mount_context, label);
}

static int read_bind(struct planner *p, struct planned_mount *mount, struct error *err)
{
	const struct oci_mount *entry = mount->entry;

	if (is_empty(entry->source))
		return plan_refuse(err, mount->why, "a bind mount needs a source");
	mount->source = plan_host_path(p, entry->source);
	if (mount->options.tmpcopyup)
		return plan_refuse(err, mount->why, "tmpcopyup is only for type tmpfs");
	mount->slot = plan_slot(p->plan);
	choose_propagation(p, mount);
	return 0;
}

static int read_filesystem(struct planner *p, struct planned_mount *mount,
			   struct error *err)
{
	const char *type = mount->entry->type;

	if (mount->is_cgroup)
		return 0;
	if (is_empty(type) || is_equal(type, "bind") || is_equal(type, "none"))
		return plan_refuse(err, mount->why,
				   "no file system type: set one, or the option bind or rbind");
	if (mount->options.tmpcopyup && !is_equal(type, "tmpfs"))
		return plan_refuse(err, mount->why, "tmpcopyup is only for type tmpfs");
	if (mount->options.idmap || mount->options.ridmap || mount->entry->n_uid_mappings)
		return plan_refuse(err, mount->why,
				   "only bind mounts can have their ids mapped");
	mount->late_readonly = is_equal(type, "tmpfs") &&
			       (mount->options.set & MOUNT_ATTR_RDONLY);
	if (mount->late_readonly)
		mount->options.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	/* A sysfs shows the network namespace and needs rights over it. */
	if (is_equal(type, "sysfs") && p->own_user && p->wish[NS_network] != NS_NEW) {
		mount->is_bind = mount->is_recursive = true;
		mount->source = "/sys";
		mount->slot = plan_slot(p->plan);
		choose_propagation(p, mount);
	}
	add_label(p, mount);
	return 0;
}

static int read_mount(struct planner *p, size_t i, struct error *err)
{
	struct planned_mount *mount = &p->mounts[i];
	const struct oci_mount *entry = &p->config->mounts[i];

	mount->entry = entry;
	mount->why = WHY(p, "mounts[%zu]", i);
	mount->target = text_clean_path(p->arena, entry->destination);
	mount->slot = SLOT_NONE;
	mount_options_parse(p->arena, (const char *const *)entry->options, entry->n_options,
			    &mount->options);
	mount->is_bind = mount->options.bind || mount->options.rbind;
	mount->is_recursive = mount->options.rbind;
	mount->is_cgroup = !mount->is_bind && (is_equal(entry->type, "cgroup") ||
					       is_equal(entry->type, "cgroup2"));
	if (mount->options.remount)
		return 0;
	if (is_equal(mount->target, "/"))
		return plan_refuse(err, mount->why,
				   "the root itself cannot be mounted over: use root.path");
	TRY(refuse_proc_cover(mount, err));
	return mount->is_bind ? read_bind(p, mount, err) : read_filesystem(p, mount, err);
}

static bool has_notify_socket(const struct oci_process *process)
{
	for (size_t i = 0; i < process->n_env; i++)
		if (has_prefix(process->env[i], "NOTIFY_SOCKET="))
			return true;
	return false;
}

/* The caller's manager hears of the container, unless its engine has seen to that. */
static void add_notify_mount(struct planner *p)
{
	static const struct oci_mount entry = { .destination = "/run/notify" };
	struct planned_mount *mount = &p->mounts[p->n_mounts];

	p->notifies = p->facts->notify_socket && p->own_mounts && p->process &&
		      !has_notify_socket(p->process);
	if (!p->notifies)
		return;
	p->plan->notify_path = p->facts->notify_socket;
	p->n_mounts++;
	*mount = (struct planned_mount){ .entry = &entry, .why = "request", .is_bind = true };
	mount->target = entry.destination;
	mount->source = text_join_path(p->arena, p->state_dir, "notify");
	mount->slot = plan_slot(p->plan);
	mount->options.propagation = MS_PRIVATE;
	mount->options.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			     MOUNT_ATTR_NOEXEC;
}

int plan_read_mounts(struct planner *p, struct error *err)
{
	p->n_mounts = p->config->n_mounts;
	p->mounts = arena_array(p->arena, p->n_mounts + 1, sizeof(*p->mounts));
	for (size_t i = 0; i < p->n_mounts; i++)
		TRY(read_mount(p, i, err));
	add_notify_mount(p);
	return 0;
}

static int add_mount(struct planner *p, struct planned_mount *mount, struct error *err)
{
	const struct oci_mount *entry = mount->entry;

	if (mount->options.remount) {
		INIT(p, mount->why, change_mount, mount->target, &mount->options);
	} else if (mount->is_cgroup) {
		TRY(plan_cgroup_mount(p, mount, err));
	} else if (mount->is_bind) {
		TRY(plan_asked_source(p, mount, err));
		INIT(p, mount->why, mount_tree, mount->slot, mount->target, mount->source,
		     &mount->options);
	} else {
		p->has_asked = false;
		INIT(p, mount->why, mount_fs, mount->target, entry->type, entry->source,
		     &mount->options);
	}
	return 0;
}

int plan_mounts(struct planner *p, struct error *err)
{
	if (!p->own_mounts)
		return 0;
	for (size_t i = 0; i < p->n_mounts; i++) {
		struct planned_mount *mount = &p->mounts[i];

		TRY(add_mount(p, mount, err));
		if (mount->label)
			INIT(p, "linux.mountLabel", label_mount, mount->target, mount->label);
	}
	return 0;
}

void plan_late_readonly(struct planner *p)
{
	static const struct mount_options read_only = { .set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].late_readonly)
			INIT(p, p->mounts[i].why, change_mount, p->mounts[i].target,
			     &read_only);
	if (p->config->root->readonly)
		INIT(p, "root.readonly", change_mount, "/", &read_only);
}
