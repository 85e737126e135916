/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System calls that the C library does not wrap, or wraps only in newer versions.  Each
 * returns what the kernel returns: -1 and errno on failure, ENOSYS where the kernel is
 * older than the call.  Constants that older headers lack are defined here.
 */
#pragma once
#include <linux/filter.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/types.h>
#include <linux/sched.h>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

/* sched_setattr(2) in the layout that every kernel since 5.3 takes. */
struct sys_sched_attr {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period; /* nanoseconds */
	uint32_t util_min, util_max;
};

pid_t sys_clone3(const struct clone_args *args);
int sys_pidfd_open(pid_t pid, unsigned flags);
int sys_pidfd_send_signal(int pidfd, int signal);
int sys_pidfd_getfd(int pidfd, int fd);
int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode,
		uint64_t resolve);
int sys_open_tree(int dirfd, const char *path, unsigned flags);
int sys_move_mount(int from_dirfd, const char *from, int to_dirfd, const char *to,
		   unsigned flags);
int sys_fsopen(const char *type, unsigned flags);
int sys_fspick(int dirfd, const char *path, unsigned flags);
int sys_fsconfig(int fd, unsigned command, const char *key, const void *value, int aux);
int sys_fsmount(int fd, unsigned flags, unsigned attributes);
int sys_mount_setattr(int dirfd, const char *path, unsigned flags,
		      const struct mount_attr *attr, size_t size);
int sys_close_range(unsigned first, unsigned last, unsigned flags);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_execveat(int dirfd, const char *path, char *const argv[], char *const envp[],
		 int flags);
int sys_seccomp(unsigned operation, unsigned flags, const struct sock_fprog *program);
int sys_sched_setattr(pid_t pid, const struct sys_sched_attr *attr);
int sys_ioprio_set(int which, int who, int priority);
int sys_set_mempolicy(int mode, const unsigned long *nodes, unsigned long max_node);
int sys_memfd_create(const char *name, unsigned flags);

/* All signals to their default action, also the two that libc keeps for itself and will not
 * touch: a caller may have ignored them, and ignored signals stay so over exec. */
void sys_reset_signals(void);
