/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mounts: what is mounted in a container that is there, more or less of it. */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/launch.h"
#include "container/store.h"
#include "kernel/probe.h"
#include "kernel/proc.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/*
 * The list as the mounts of a configuration, so that all rules for those apply.  It begins
 * on a line of its own: one is taken from the numbers of lines that are told.
 */
static int read_list(struct arena *arena, const char *text, const struct oci_config **out,
		     struct error *err)
{
	const char *whole = arena_printf(
		arena,
		"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"rootfs\"},"
		"\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"user\"}],"
		"\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],"
		"\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]},"
		"\"mounts\":\n%s}", text);
	struct oci_problems problems = { .arena = arena };
	char line[1024];

	if (oci_config_read(arena, whole, strlen(whole), out, &problems) == 0)
		return 0;
	for (size_t i = 0; i < problems.n; i++) {
		if (problems.items[i].is_warning)
			continue;
		problems.items[i].line -= problems.items[i].line > 1;
		oci_problem_format(line, sizeof(line), "mounts", &problems.items[i]);
		return fail(err, ERROR_CONFIG, "%s", line);
	}
	return fail(err, ERROR_CONFIG, "the list of mounts is not understood");
}

/* The ids and the propagation of the container; the mounts of the list. */
static int read_configs(struct arena *arena, const struct request *request,
			const struct container *container, struct oci_config *out,
			struct error *err)
{
	struct oci_problems problems = { .arena = arena };
	const struct oci_config *list, *snapshot;
	char *text;

	TRY(read_list(arena, request->mounts_text, &list, err));
	TRY(file_read_at(container->dir, STORE_CONFIG, arena, &text, err));
	if (oci_config_read(arena, text, strlen(text), &snapshot, &problems) < 0)
		return fail(err, ERROR_STATE,
			    "the snapshot of the configuration cannot be read");
	*out = *snapshot;
	out->mounts = list->mounts;
	out->n_mounts = list->n_mounts;
	return 0;
}

/* The mount namespace of the container, which must not be ours. */
static int open_namespace(struct arena *arena, const struct container *container,
			  struct error *err)
{
	const struct oci_record *record = container->record;
	struct stat its, ours;
	int scoped_fd fd = TRY(open(arena_printf(arena, "/proc/%d/ns/mnt", (int)record->pid),
				    O_RDONLY | O_CLOEXEC), err, "open the mount namespace of '%s'",
			       container->id);

	/* Looked at afterwards, so that it cannot be that of a later process of this pid. */
	if (!proc_is_alive((pid_t)record->pid, record->start_time))
		return fail(err, ERROR_STATE, "container not running: '%s' is stopped",
			    container->id);
	TRY(fstat(fd, &its), err, "look at the mount namespace of '%s'", container->id);
	TRY(stat("/proc/self/ns/mnt", &ours), err, "look at our mount namespace");
	if (its.st_ino == ours.st_ino && its.st_dev == ours.st_dev)
		return fail(err, ERROR_STATE,
			    "container '%s' has no mount namespace of its own: its mounts are "
			    "those of the host", container->id);
	return take_fd(fd);
}

static int run(struct arena *arena, const struct request *request, const struct plan *plan,
	       int slot, int *namespace_fd, struct error *err)
{
	struct run run;
	int result;

	TRY(launch_run(arena, request, plan, &run, err));
	run.slots[slot] = take_fd(*namespace_fd);
	result = run_host(&run, err);
	while (result == 0 && waitpid(run.pid[ROLE_INIT], NULL, 0) < 0 && errno == EINTR)
		;
	launch_report(arena, request, &run);
	run_end(&run);
	return result;
}

static int prepare(struct arena *arena, const struct request *request,
		   struct container *container, struct oci_config *config, struct error *err)
{
	enum container_status status;

	TRY(store_open(arena, request->root, request->id, container, err));
	status = store_status(container);
	if (status == STATUS_STOPPED || status == STATUS_CREATING)
		return fail(err, ERROR_STATE, "container not running: '%s' is %s", container->id,
			    container_status_names[status]);
	TRY(store_lock(container, err));
	TRY(store_reload(arena, container, err));
	return read_configs(arena, request, container, config, err);
}

static int plan_change(struct arena *arena, const struct request *request,
		       const struct oci_config *config, struct plan **out, int *out_slot,
		       struct error *err)
{
	struct facts facts;
	struct plan_input input = { .config = config, .request = request, .facts = &facts };

	TRY(probe_facts(arena, &facts, err));
	if (request->removes)
		return plan_mounts_remove(arena, &input, out, out_slot, err);
	return plan_mounts_add(arena, &input, out, out_slot, err);
}

int container_mounts(struct arena *arena, const struct request *request, struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	struct oci_config config;
	struct plan *plan;
	int slot;

	TRY(prepare(arena, request, &container, &config, err));
	TRY(plan_change(arena, request, &config, &plan, &slot, err));
	int scoped_fd namespace_fd = TRY(open_namespace(arena, &container, err));

	return run(arena, request, plan, slot, &namespace_fd, err);
}

int container_mounts_plan(struct arena *arena, const struct request *request,
			  struct plan **out, struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	struct oci_config config;
	int slot;

	TRY(prepare(arena, request, &container, &config, err));
	return plan_change(arena, request, &config, out, &slot, err);
}
