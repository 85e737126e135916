/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the caller asked for: the command line (or the library's caller) as values, filled
 * through commands.def and read by everything below the command layer.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cgroup_manager { MANAGER_CGROUPFS, MANAGER_SYSTEMD, MANAGER_DISABLED, MANAGER_COUNT };
extern const char *const cgroup_manager_names[MANAGER_COUNT];

/* Words of an option that may be repeated. */
struct word_list {
	const char **items;
	size_t n, room;
};

/* exec: the process, as options describe it. */
struct exec_request {
	const char *file;	 /* a process as JSON, or NULL: that of the configuration */
	const char *cwd, *user;	 /* user: "UID" or "UID:GID" */
	const char *apparmor, *label;
	struct word_list env, groups, capabilities;
	struct word_list cgroups; /* "PATH" or "CONTROLLER,...:PATH", below the container's */
	bool terminal, no_new_privs, ignore_paused;
};

/* checkpoint and restore: flags have the names of the options. */
struct criu_wishes {
	const char *image_path, *work_path; /* absolute; NULL: ./checkpoint, and the same */
	const char *parent_path;	 /* relative to the image directory */
	const char *page_server;	 /* "ADDRESS:PORT" */
	const char *manage_cgroups;	 /* "soft", "full", "strict", "ignore" */
	const char *network_lock;	 /* "iptables", "nftables", "skip" */
	const char *lsm_profile;	 /* "TYPE:NAME" */
	const char *lsm_mount_context;
	const char *status_fd;		 /* a number */
	const char *config_file;	 /* of criu's own options, or NULL */
	struct word_list empty_ns;	 /* "network" */
	bool leave_running, pre_dump;
	bool tcp_established, tcp_skip_in_flight, tcp_close;
	bool link_remap, ext_unix_sk, shell_job, lazy_pages, file_locks, auto_dedup;
	unsigned timeout;		 /* seconds without progress; 0: the default */
};

struct request {
	const char *root;	 /* where the state directories are; absolute */
	const char *id;		 /* of the container */
	const char *bundle;	 /* directory; absolute once resolved */
	const char *config;	 /* file name in the bundle, "config.json" */
	const char *console_socket, *pidfd_socket, *pid_file;
	const char *trace;	 /* write Trace Event JSON here */
	const char *signal;	 /* kill: name or number; NULL for the default */
	const char *format;	 /* "table", "json", "text" */
	const char *config_text; /* run without a bundle: use this, read no file */
	const char *resources_text; /* update: linux.resources as JSON, or NULL */
	const char *mounts_text; /* mounts: the list as JSON */
	const char *l3_cache_schema, *mem_bw_schema; /* update: or NULL */
	char *const *command;	 /* words after the id, or after "--"; NULL-terminated */
	size_t n_command;
	enum cgroup_manager manager;
	bool has_manager;	 /* the caller chose one */
	unsigned preserve_fds;
	bool no_pivot, no_new_keyring, no_subreaper;
	bool detach, keep, dry_run, timing;
	bool force, all, quiet, rootless;
	bool removes;		 /* mounts: they are to go, not to come */
	bool once;		 /* events: the statistics of now, and no more */
	int64_t interval_ms;	 /* events: between statistics */
	struct exec_request exec;
	struct criu_wishes criu;
	bool is_regex;		 /* kill, delete: the id is a regular expression */

	/* For the fault sweep: fail or die at a step, "ROLE:INDEX". */
	const char *fail_at, *kill_at;
};
