/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What criu is asked to do, as values: the planner decides them, the executor adds the fds
 * and the process, kernel/criu.c writes them in criu's own protocol.
 */
#pragma once
#include "tables/namespaces.h"
#include <stdbool.h>
#include <stddef.h>

enum criu_job { CRIU_DUMP, CRIU_PRE_DUMP, CRIU_RESTORE, CRIU_JOB_COUNT };

/* The numbers of these two are those of criu's protocol. */
enum { CRIU_CGROUP_IGNORE = 0, CRIU_CGROUP_SOFT = 3, CRIU_CGROUP_FULL = 4,
			CRIU_CGROUP_STRICT = 5 };
enum { CRIU_LOCK_DEFAULT, CRIU_LOCK_IPTABLES, CRIU_LOCK_NFTABLES,
			 CRIU_LOCK_SKIP };

/* A mount point that comes from outside (dump), or what is to be bound there (restore). */
struct criu_mount {
	const char *target;	/* in the container; also its name in the images */
	const char *source;	/* on the host */
	bool is_mask;		/* not of a dump where it is a directory */
};

/* A namespace that is joined, not made: open in a slot. */
struct criu_namespace {
	enum ns ns;
	int slot;
	const char *path;
};

struct criu_options {
	enum criu_job job;
	const char *log_file;	/* in the work directory */
	const char *root;	/* of the container, as criu is to see it */
	const char *parent_image, *config_file, *freeze_cgroup, *cgroup_root;
	const char *lsm_profile, *lsm_mount_context;
	const char *server;	/* page server, or NULL */
	int server_port;
	int cgroup_mode;	/* CRIU_CGROUP_... */
	int network_lock;	/* CRIU_LOCK_... */
	bool empty_network;
	bool leave_running;
	bool tcp_established, tcp_skip_in_flight, tcp_close;
	bool link_remap, ext_unix_sk, shell_job, lazy_pages, file_locks, auto_dedup;
	struct criu_mount *mounts;
	size_t n_mounts, room_mounts;
	const struct criu_namespace *external;	/* handed over as fds */
	size_t n_external;
	const struct criu_namespace *joined;	/* criu opens these by path */
	size_t n_joined;
	unsigned search_group;	/* may enter the images' directory meanwhile; 0: nobody new */
	int status_fd;		/* gets a zero byte when pages can be fetched; -1: none */
	unsigned timeout;	/* seconds */
};
