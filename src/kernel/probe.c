/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See probe.h.  What only matters to some (ranges of ids, the user's name) is not asked
 * for the others.
 */
#include "kernel/probe.h"
#include "base/text.h"
#include "kernel/caps.h"
#include "kernel/cgroup.h"
#include "kernel/idmap.h"
#include "kernel/lsm.h"
#include "kernel/sys.h"
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The first user namespace has a fixed inode number (PROC_USER_INIT_INO). */
static bool is_first_user_namespace(void)
{
	enum { FIRST_USER_NAMESPACE = 0xeffffffdU };
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino == FIRST_USER_NAMESPACE;
}

/* The youngest call of the mount API, with arguments that it refuses at once. */
static bool has_mount_api(void)
{
	return sys_mount_setattr(-1, "", 0, NULL, 0) < 0 && errno != ENOSYS;
}

/* The line "name:x:uid:..." of /etc/passwd; NSS modules are not for a runtime. */
static const char *find_user_name(struct arena *arena, uid_t uid)
{
	char line[1024], *name = NULL;
	FILE *file = fopen("/etc/passwd", "re");

	while (file && !name && fgets(line, sizeof(line), file)) {
		char *at = line, *first = strsep(&at, ":");
		uint64_t id;

		(void)strsep(&at, ":");
		if (text_to_u64(strsep(&at, ":"), UINT32_MAX, &id) && id == uid)
			name = arena_strdup(arena, first);
	}
	if (file)
		fclose(file);
	return name;
}

static void probe_user(struct arena *arena, struct facts *f)
{
	f->user_name = find_user_name(arena, f->euid);
	f->sub_uid = idmap_sub_range("/etc/subuid", f->user_name, f->euid);
	f->sub_gid = idmap_sub_range("/etc/subgid", f->user_name, f->euid);
	f->has_new_maps = access("/usr/bin/newuidmap", X_OK) == 0 &&
			  access("/usr/bin/newgidmap", X_OK) == 0;
}

static void probe_environment(struct facts *f)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	uint64_t n, owner;

	f->notify_socket = getenv("NOTIFY_SOCKET");
	if (is_empty(f->notify_socket))
		f->notify_socket = NULL;
	f->seccomp_receiver = getenv("RUN_OCI_SECCOMP_RECEIVER");
	if (is_empty(f->seccomp_receiver))
		f->seccomp_receiver = NULL;
	if (text_to_u64(fds, 1024, &n) &&
	    (!pid || (text_to_u64(pid, INT32_MAX, &owner) && owner == (uint64_t)getpid())))
		f->listen_fds = (int)n;
}

int probe_caller(struct facts *out, struct error *err)
{
	*out = (struct facts){ .euid = geteuid(), .egid = getegid() };
	TRY(caps_current(out, err));
	out->in_user_namespace = !is_first_user_namespace();
	out->is_privileged = !out->in_user_namespace &&
			     (out->permitted & (UINT64_C(1) << CAP_SYS_ADMIN));
	out->has_apparmor = lsm_has_apparmor();
	out->has_selinux = lsm_has_selinux();
	probe_environment(out);
	return 0;
}

int probe_facts(struct arena *arena, struct facts *out, struct error *err)
{
	struct timespec now;

	TRY(probe_caller(out, err));
	out->has_mount_api = has_mount_api();
	out->has_time_namespace = access("/proc/self/ns/time", F_OK) == 0;
	if (out->euid != 0)
		probe_user(arena, out);
	TRY(cgroup_probe(arena, out, err));
	clock_gettime(CLOCK_REALTIME, &now);
	out->now_seconds = (uint64_t)now.tv_sec;
	out->now_nanoseconds = (uint32_t)now.tv_nsec;
	out->has_terminal = isatty(STDIN_FILENO);
	return 0;
}
