/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state store: <root>/<id>/ with state.json (the record, see libocispec/record.def),
 * config.json (the snapshot of the configuration) and start (the socket on which a created
 * container's init waits).  A container is locked through its directory's fd; readers
 * (state, list, kill) take no lock, since the record is replaced atomically.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "libocispec/ocispec.h"
#include <stdbool.h>
#include <sys/types.h>

#define STORE_ROOT "/run/oci-rt"
#define STORE_RECORD "state.json"
#define STORE_CONFIG "config.json"
#define STORE_SOCKET "start"
#define STORE_CACHE "@seccomp" /* in the root directory; '@' is in no container's id */

enum container_status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED,
			STATUS_STOPPED, STATUS_COUNT };
extern const char *const container_status_names[STATUS_COUNT];

/* A container as found in the store. */
struct container {
	const char *id;
	const char *path;	/* of its state directory */
	int dir;		/* fd of it; owned */
	bool is_locked;		/* by us */
	const struct oci_record *record; /* NULL while a create has not written it yet */
};
void container_close(struct container *container);
#define scoped_container __attribute__((cleanup(container_close)))

/* USAGE error for an id with anything outside [A-Za-z0-9_+.-], ".", "..", empty, > 1024. */
int store_check_id(const char *id, struct error *err);

/* STORE_ROOT, or for others than the host's root a directory in XDG_RUNTIME_DIR. */
const char *store_default_root(struct arena *arena);

/* Not root, or root only in somebody's user namespace. */
bool store_is_rootless(void);

/* Make the root directory (0711 for root, 0700 else) if need be; "/" is refused. */
int store_make_root(const char *root, struct error *err);

/* Open a container; an unknown id: "container does not exist", kind STATE, code ENOENT. */
int store_open(struct arena *arena, const char *root, const char *id,
	       struct container *out, struct error *err);

/* Take the exclusive lock (waits); fails if the container was deleted meanwhile. */
int store_lock(struct container *container, struct error *err);

/*
 * Take the lock for a forced delete: whoever still works on the container after three
 * seconds (a create that waits for a hook, a start that waits for an agent) is killed.
 */
int store_seize(struct container *container, struct error *err);

/* Read the record again (after the lock was taken). */
int store_reload(struct arena *arena, struct container *container, struct error *err);

/*
 * The present status, derived: pid and start time, the start socket, the freezer.  A
 * container whose create is unfinished and whom nobody works on counts as stopped.
 */
enum container_status store_status(const struct container *container);

/* The cgroup through which the container is frozen, or NULL. */
const char *store_freezer(const struct oci_record *record);

/*
 * Thaw the container's cgroup and those below it, for whoever was sent SIGKILL: on version
 * 1 what is frozen takes not even that.
 */
void store_thaw(const struct oci_record *record, bool was_frozen);

/* Every id in the root directory, sorted; a missing root directory is empty. */
int store_list(struct arena *arena, const char *root, char ***out, size_t *out_n,
	       struct error *err);

/* Remove the container's own files and its directory, nothing else. */
int store_remove(struct container *container, const char *root, struct error *err);
