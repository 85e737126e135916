/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a container is doing, told from the record and the kernel.  Readers hold no lock,
 * and asking changes nothing: not even the process that waits for start is woken.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/store.h"
#include "kernel/cgroup.h"
#include "kernel/proc.h"
#include "kernel/socket.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Whether somebody works on the container: the lock cannot be had. */
static bool is_worked_on(const struct container *container)
{
	/* An fd of its own: the lock of ours must neither answer nor be given up. */
	int scoped_fd fd = openat(container->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/*
 * Whether init still waits for start.  The socket listens only until the program runs; a
 * connection of another type tells that (EPROTOTYPE) without being one.
 */
static bool is_waiting(const struct container *container)
{
	struct error err = { 0 };
	int scoped_fd fd = socket_connect_at(container->dir, STORE_SOCKET, SOCK_DGRAM, &err);

	return fd >= 0 || err.code == EPROTOTYPE;
}

static bool file_says(const char *dir, const char *name, const char *words)
{
	char path[4200], text[256];
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return false;
	int scoped_fd fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	return strstr(text, words);
}

static const char *find_freezer(const struct oci_record *record, bool *out_is_v1)
{
	*out_is_v1 = true;
	for (size_t i = 0; i < record->n_cgroups; i++)
		if (text_has_word(record->cgroups[i].controllers, "freezer"))
			return record->cgroups[i].path;
	*out_is_v1 = false;
	for (size_t i = 0; i < record->n_cgroups; i++)
		if (file_says(record->cgroups[i].path, "cgroup.events", "frozen"))
			return record->cgroups[i].path;
	return NULL;
}

const char *store_freezer(const struct oci_record *record)
{
	bool is_v1;

	return find_freezer(record, &is_v1);
}

static bool is_frozen(const struct oci_record *record)
{
	bool is_v1;
	const char *path = find_freezer(record, &is_v1);

	if (!path)
		return false;
	return is_v1 ? file_says(path, "freezer.state", "FR") :
		       file_says(path, "cgroup.events", "frozen 1");
}

void store_thaw(const struct oci_record *record, bool was_frozen)
{
	const char *path = store_freezer(record);
	struct stat st;

	/* A cgroup below may be frozen by itself; two links: there is none. */
	if (path && (was_frozen || (stat(path, &st) == 0 && st.st_nlink > 2)))
		cgroup_thaw_tree(path);
}

enum container_status store_status(const struct container *container)
{
	const struct oci_record *record = container->record;

	if (!record || is_equal(record->status, container_status_names[STATUS_CREATING]))
		return !container->is_locked && is_worked_on(container) ? STATUS_CREATING :
									  STATUS_STOPPED;
	if (!proc_is_alive((pid_t)record->pid, record->start_time))
		return STATUS_STOPPED;
	if (is_frozen(record))
		return STATUS_PAUSED;
	if (!is_equal(record->status, container_status_names[STATUS_CREATED]))
		return STATUS_RUNNING;
	/* While start is at it, the startContainer hooks may still run. */
	return is_waiting(container) || (!container->is_locked && is_worked_on(container)) ?
		STATUS_CREATED : STATUS_RUNNING;
}
