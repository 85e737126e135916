/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Facts: what may be known of the host before planning.  Probed once (kernel/probe.c),
 * constant for our life; a golden test writes them by hand.  What can change under us or
 * depends on an opened object is a discovery and belongs to an executor instead.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_mode { CGROUP_NONE, CGROUP_V1, CGROUP_HYBRID, CGROUP_V2, CGROUP_MODE_COUNT };

/* "none", "v1", "hybrid", "v2". */
const char *cgroup_mode_name(enum cgroup_mode mode);

/* One mounted hierarchy: a v1 controller set, or the unified one. */
struct cgroup_hierarchy {
	const char *mount;	 /* "/sys/fs/cgroup/cpu,cpuacct" */
	const char *controllers; /* "cpu,cpuacct", "name=systemd"; v2: "memory pids", may be "" */
	const char *own;	 /* our own cgroup below it: "/", "/user.slice/..." */
	bool is_v2;
	const char *missing; /* the highest directory of the container's path that is not there
			      * yet (absolute), or NULL: filled once the path is known */
	const char *delegated; /* without privileges: the highest cgroup of ours that we may
				* divide, as own; NULL: none */
};

struct id_range {
	uint32_t first, count;
};

struct facts {
	uid_t euid;
	gid_t egid;
	bool is_privileged;	/* CAP_SYS_ADMIN in the initial user namespace */
	bool in_user_namespace;	/* of somebody else's making */
	bool has_mount_api;	/* fsopen, open_tree, mount_setattr (5.12) */
	bool has_time_namespace;
	bool has_apparmor, has_selinux;
	bool has_new_maps;	/* newuidmap and newgidmap are installed */
	struct id_range sub_uid, sub_gid; /* of the caller in /etc/subuid, /etc/subgid */
	const char *user_name;	/* of the caller, or NULL; only looked up when not root */

	uint32_t last_capability;	  /* /proc/sys/kernel/cap_last_cap */
	uint64_t bounding, permitted;	  /* our own capability sets */

	enum cgroup_mode cgroup_mode;
	struct cgroup_hierarchy *hierarchies;
	size_t n_hierarchies;

	const char *systemd_root; /* the cgroup of the systemd that is asked; NULL: none is */

	/* Only asked where the configuration has intelRdt. */
	const char *resctrl;	/* where it is mounted, or NULL */
	bool rdt_is_missing;	/* the container's group is not there yet */

	uint64_t now_seconds;	/* CLOCK_REALTIME, for `created` */
	uint32_t now_nanoseconds;
	bool has_terminal;	/* standard input is one */
	int listen_fds;		/* LISTEN_FDS handed to us, or 0 */
	const char *notify_socket; /* NOTIFY_SOCKET, or NULL */
	const char *seccomp_receiver; /* RUN_OCI_SECCOMP_RECEIVER, or NULL */
};
