/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the planner's files share: the inputs, what was derived from them once, and one
 * function for each part of a container.  create.c calls them in the order of a
 * container's life; each appends steps to the lists of the roles.
 */
#pragma once
#include "libocispec/ocispec.h"
#include "plan/namespaces.h"
#include "plan/plan.h"
#include "tables/facts.h"
#include "tables/request.h"

/* What update must know of the limits as they are; 0: not known, or none. */
struct plan_present {
	int64_t memory;	/* bytes */
	int64_t quota;	/* microseconds; -1: none */
	uint64_t period; /* microseconds */
};

/* What a verb hands to the planner. */
struct plan_input {
	const struct oci_config *config;
	const struct request *request;
	const struct facts *facts;
	const char *config_text; /* the snapshot for the state directory */
	size_t config_size;
	bool starts;	/* run: the program is started without a command start */
	bool asks_agent; /* start: the record says that its filter notifies an agent */
	bool notifies; /* start: the container has a socket to notify, and the caller, too */
	const char *agent; /* its socket, where the configuration names none */

	/* exec: what it runs, and the namespaces of the container that are not ours. */
	const struct oci_process *process;
	unsigned joins;
	bool is_shown; /* its first process shows itself, until SLOT_SOCKET is shut down */

	/*
	 * exec: the container is the record's.
	 * update: the hierarchies of the facts are those of the record's cgroups.
	 */
	const struct oci_record *record;
	struct plan_present present;
};

/* An entry of mounts, read once. */
struct planned_mount {
	const struct oci_mount *entry;
	const char *why;	/* "mounts[3]" */
	const char *target;	/* absolute and clean */
	const char *source;	/* of a bind: absolute on the host */
	const char *label;	/* to set once it is mounted, or NULL */
	struct mount_options options;
	bool is_bind, is_recursive, is_cgroup;
	bool late_readonly;	/* read-only once the container is furnished */
	int slot, n_trees;	/* of the cloned tree of a bind; of a cgroup mount's several */
	bool is_asked;		/* cloned by the host when init asks for it */
};

struct planner {
	struct plan *plan;
	struct arena *arena;
	const struct plan_input *in;
	const struct oci_config *config;
	const struct oci_linux *lin;		/* never NULL */
	const struct oci_process *process;	/* NULL: created without one */
	const struct facts *facts;
	const char *rootfs;			/* absolute */
	const char *state_dir;
	enum ns_wish wish[NS_COUNT];
	const char *ns_path[NS_COUNT];		/* of those to join */
	const char *ns_why[NS_COUNT];		/* "linux.namespaces[2]" */
	struct ns_plan ns;
	bool own_mounts;			/* the mounts that it asks for are made for it */
	int root_point_slot;
	const char *root_point;			/* in a joined mount namespace that gets some:
						 * where its root is attached; NULL: elsewhere */
	bool notifies;				/* its sd_notify(3) is passed on */
	bool own_user;				/* a new user namespace */
	enum role mounter;			/* who clones host trees: host or init */
	bool has_asked;				/* init, and has made no file system since */
	struct planned_mount *mounts;
	size_t n_mounts;
	bool is_labelled;			/* the steps for the program's labels are there */
	const struct device_rule *device_rules;	/* of the cgroup2's filter; the last wins */
	size_t n_device_rules;
	int *device_slots;			/* of bound devices; NULL when they are made */
	struct oci_record *record;		/* what the store is to remember */
	const char *uid_map, *gid_map;		/* of a new user namespace; NULL else */
	bool maps_with_helpers;			/* newuidmap and newgidmap write them */
	bool keeps_groups;			/* by annotation */
	bool fail_unknown;			/* an unknown system call's name is an error */
	const char *mount_context;		/* the option that a mount's label stands in */
	const char *pidfd_receiver;		/* a socket, or NULL */
	char *bpf;				/* a filter in the place of the profile, or NULL */
	size_t n_bpf;				/* its instructions */
	int hook_output[2];			/* slots of what hooks print, or 0 */
	const struct seccomp_filter *filter;	/* NULL: none */
	char *listen_pid;			/* a variable that gets the process's own pid */
	int page_slot;				/* of the page in which init puts its listener */
	bool updates;				/* the cgroups are those of a running container */
	int cgroup_slot;			/* to be born in, or SLOT_NONE */
	const struct unit *unit;		/* of systemd, or NULL */
	const char *inner;			/* a cgroup2 below its own for init, or NULL */
	const char *payload;			/* the part that is the program's, or NULL */
};

/* The configuration cannot be had: kind CONFIG, "path: what". */
int plan_refuse(struct error *err, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Something worth telling that changes nothing (kept in the plan; the verb logs it). */
void plan_warn(struct planner *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A path below the bundle unless it is absolute. */
const char *plan_host_path(const struct planner *p, const char *path);

/* "mounts[3]" */
#define WHY(p, ...) arena_printf((p)->arena, __VA_ARGS__)
#define HOST(p, ...) PLAN_ADD((p)->plan, ROLE_HOST, __VA_ARGS__)
#define INIT(p, ...) PLAN_ADD((p)->plan, ROLE_INIT, __VA_ARGS__)
#define INTERMEDIATE(p, ...) PLAN_ADD((p)->plan, ROLE_INTERMEDIATE, __VA_ARGS__)

/* cgroup.c, cgroup-limits.c, cgroup2-limits.c, cgroup-devices.c, device-filter.c */
int plan_cgroup_paths(struct planner *p, struct error *err);
int plan_cgroups(struct planner *p, struct error *err);
int plan_cgroup_limits(struct planner *p, struct error *err);
int plan_cgroup2_limits(struct planner *p, struct error *err);
int plan_cgroup_devices(struct planner *p, const struct cgroup_hierarchy *hierarchy,
			const char *dir, struct error *err);
int plan_limit_devices(struct planner *p, struct error *err);
void plan_device_filter(struct planner *p, const char *dir);

/* A rule of linux.resources.devices, and the one that lets a listed node be used. */
struct device_rule plan_device_rule(const struct oci_device_rule *rule);
struct device_rule plan_node_rule(const struct oci_device *node);

/* Work out the rules of the cgroup2's filter, once; see planner.device_rules. */
void plan_device_rules(struct planner *p);

/*
 * What version 1 allows, as systemd is to keep it.  *out NULL: everything.  A list of what
 * is denied gives way to the usual devices, with a warning.
 */
int plan_device_list(struct planner *p, const struct device_rule **out, size_t *out_n,
		     struct error *err);

/* Which rules its filter will have, if it gets one: after the cgroups' paths. */
void plan_foresee_filter(struct planner *p);

/* May the container's cgroup not make this node? */
bool plan_denies_node(const struct planner *p, char type, int64_t major, int64_t minor);
void plan_own_cgroup(struct planner *p);
const char *plan_limit_dir(const struct planner *p, const char *controller, bool is_v2);
bool plan_is_unified(const struct planner *p, const char *controller);
int plan_refuse_controller(const struct planner *p, struct error *err, const char *why,
			   const char *controller);
void plan_enable_controller(struct planner *p, const char *why, const char *controller);
void plan_enter_cgroups(struct planner *p, enum role role);

/* systemd.c: limits as steps that set properties; the unit, started around a process. */
void plan_unit_limits(struct planner *p);
int plan_start_unit(struct planner *p, enum role role, struct error *err);

/* systemd-devices.c */
int plan_unit_devices(struct planner *p, struct error *err);
void plan_set_property(struct planner *p, const char *why, struct unit_property property);

void plan_set_cgroup(struct planner *p, const char *why, const struct step_set_cgroup *set);

/* exec-cgroup.c */
int plan_exec_cgroups(struct planner *p, struct error *err);

/* rdt.c */
int plan_rdt_paths(struct planner *p, struct error *err);
void plan_rdt_groups(struct planner *p);
void plan_rdt_tasks(struct planner *p);

/* ids.c: maps as the kernel takes them. */
unsigned plan_host_id(const struct oci_id_map *maps, size_t n, unsigned id); /* or id */
const char *plan_map_text(struct planner *p, const struct oci_id_map *maps, size_t n);
bool plan_maps_freely(const struct planner *p);
int plan_ids(struct planner *p, struct error *err);

/* spawn.c: from the clone to a process in all its namespaces. */
int plan_wishes(struct planner *p, struct error *err);
int plan_open_namespaces(struct planner *p, struct error *err);
int plan_spawn(struct planner *p, struct error *err);
void plan_become_root(struct planner *p, enum role role);
/*
 * What init inherits from an intermediate.  Where there is none the host gives it, before
 * init's ids change; a user's init takes it itself, since it hides its files from the host.
 */
void plan_favour_init(struct planner *p, bool has_intermediate);

int plan_slot_of_namespace(const struct planner *p, enum ns ns);

/* net-devices.c */
void plan_net_devices(struct planner *p);

/* net-share.c */
int plan_net_shares(struct planner *p, struct error *err);

/* mounts.c, devices.c: what is opened on the host before there is a process. */
int plan_read_mounts(struct planner *p, struct error *err);

/* mount-sources.c: before there is a process, and when init asks for it. */
int plan_sources(struct planner *p, struct error *err);
int plan_asked_source(struct planner *p, struct planned_mount *mount, struct error *err);
int plan_idmap(struct planner *p, struct planned_mount *mount, struct error *err);
void plan_device_sources(struct planner *p);

/* rootfs.c, mounts.c, cgroup-mount.c, devices.c, masks.c */
void plan_root_source(struct planner *p);
int plan_rootfs(struct planner *p, struct error *err);
int plan_mounts(struct planner *p, struct error *err);
void plan_cgroup_mount_sources(struct planner *p, struct planned_mount *mount);
int plan_cgroup_mount(struct planner *p, struct planned_mount *mount, struct error *err);
void plan_late_readonly(struct planner *p);
int plan_devices(struct planner *p, struct error *err);
void plan_masks(struct planner *p);

/*
 * rootfs.c: where in a joined mount namespace the root is to be attached, or NULL; after the
 * wishes.
 */
const char *plan_root_point(const struct planner *p);

/* Where who joins the container's mount namespace finds its root. */
const char *plan_inner_root(const struct planner *p);

/* The directory for it, on the host. */
int plan_make_root_point(struct planner *p, struct error *err);
int plan_change_root(struct planner *p, struct error *err);

/* annotations.c: the value of one, or NULL; and all that are known, checked. */
const char *plan_annotation(const struct planner *p, const char *key);
int plan_read_annotations(struct planner *p, struct error *err);

/* hooks.c */
void plan_hook_outputs(struct planner *p);
struct hook_list *plan_hook_list(struct planner *p, const char *kind);
void plan_create_hooks(struct planner *p);

/* process.c: init is about to execute the program; without this word, its end is a failure. */
void plan_await_starting(struct planner *p);

/* system.c: host name, sysctls; process.c, security.c: the process. */
int plan_system(struct planner *p, struct error *err);
int plan_console(struct planner *p, struct error *err);
void plan_find_program(struct planner *p);
size_t plan_bits(struct planner *p, const char *list, unsigned long **out);
int plan_process_late(struct planner *p, struct error *err);
void plan_capability_sets(struct planner *p, struct capability_sets *out);
bool plan_keeps_groups(const struct planner *p);
int plan_labels(struct planner *p, struct error *err);

/* The SELinux label that the program will have; NULL: none. */
const char *plan_selinux_label(const struct planner *p);

/* seccomp.c: the filter, and the agent that it may ask. */
int plan_seccomp_prepare(struct planner *p, struct error *err);
void plan_seccomp_share(struct planner *p);
void plan_seccomp_announce(struct planner *p);
void plan_seccomp_load(struct planner *p);
int plan_agent_connect(struct planner *p);
void plan_agent_send(struct planner *p, int agent_slot);

/* record.c */
void plan_record(struct planner *p, const char *status, const char *because);
void plan_record_fill(struct planner *p);

/* create.c: inputs, what is derived from them, and the first steps of a new container. */
void plan_inputs(struct planner *p, struct arena *arena, const struct plan_input *in);
int plan_derive(struct planner *p, struct error *err);
void plan_begin(struct planner *p);
