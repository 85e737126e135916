/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The floor: what the kernel alone takes for a container, with nothing of a runtime around
 * it.  Static, one file, no error recovery: a yardstick, not a model.
 *   floor 0 ROOTFS   spawn /bin/busybox true and wait
 *   floor 1 ROOTFS   in namespaces (pid, mount, ipc, uts, cgroup, network), with mounts,
 *                    devices, pivot_root, and eight cgroup v1 controllers that the child
 *                    joins by itself through their "tasks" files
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CGROUPS 8
static const char *const controllers[CGROUPS] = { "cpu",     "cpuacct", "cpuset", "memory",
						  "devices", "freezer", "blkio",  "pids" };
static const struct {
	const char *name;
	unsigned device;
} devices[] = { { "dev/null", 0x103 },	 { "dev/zero", 0x105 },	   { "dev/full", 0x107 },
		{ "dev/random", 0x108 }, { "dev/urandom", 0x109 }, { "dev/tty", 0x500 } };

static const struct {
	const char *type, *where;
	unsigned long flags;
	const char *data;
} mounts[] = {
	{ "proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL },
	{ "tmpfs", "dev", MS_NOSUID, "mode=755,size=65536k" },
	{ "devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620" },
	{ "tmpfs", "dev/shm", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=65536k" },
	{ "mqueue", "dev/mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL },
	{ "sysfs", "sys", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL },
};

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	_exit(1);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) >= 0, path);
	close(fd);
}

static void cgroup_path(char *path, size_t n, int i, const char *file)
{
	snprintf(path, n, "/sys/fs/cgroup/%s/floor%d%s", controllers[i], getpid(), file);
}

static void make_cgroups(int tasks[CGROUPS])
{
	char path[256];

	for (int i = 0; i < CGROUPS; i++) {
		cgroup_path(path, sizeof(path), i, "");
		must(!mkdir(path, 0755), path);
		if (!strcmp(controllers[i], "cpuset")) {
			cgroup_path(path, sizeof(path), i, "/cpuset.cpus");
			write_file(path, "0");
			cgroup_path(path, sizeof(path), i, "/cpuset.mems");
			write_file(path, "0");
		}
		cgroup_path(path, sizeof(path), i, "/tasks");
		tasks[i] = open(path, O_WRONLY | O_CLOEXEC);
		must(tasks[i] >= 0, path);
	}
}

static void remove_cgroups(void)
{
	char path[256];

	for (int i = 0; i < CGROUPS; i++) {
		cgroup_path(path, sizeof(path), i, "");
		while (rmdir(path) && errno == EBUSY)
			;
	}
}

static void become_container(const char *rootfs, const int tasks[CGROUPS])
{
	for (int i = 0; i < CGROUPS; i++)
		must(write(tasks[i], "0", 1) == 1, "tasks");
	must(!mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	must(!mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL), "bind");
	must(!chdir(rootfs), "chdir");
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		(void)mkdir(mounts[i].where, 0755); /* often there */
		must(!mount(mounts[i].type, mounts[i].where, mounts[i].type, mounts[i].flags,
			    mounts[i].data),
		     mounts[i].where);
	}
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		must(!mknod(devices[i].name, S_IFCHR | 0666, devices[i].device), "mknod");
	must(!syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(!umount2(".", MNT_DETACH) && !chdir("/"), "umount");
}

static int spawn(const char *rootfs, unsigned long namespaces, const int *tasks)
{
	struct clone_args args = { .flags = namespaces, .exit_signal = SIGCHLD };
	char program[4096];
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	int status = 0;

	must(pid >= 0, "clone3");
	if (pid == 0) {
		snprintf(program, sizeof(program), "%s/bin/busybox", tasks ? "" : rootfs);
		if (tasks)
			become_container(rootfs, tasks);
		execl(program, "true", NULL);
		must(0, program);
	}
	must(waitpid((pid_t)pid, &status, 0) == pid, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int main(int argc, char **argv)
{
	int tasks[CGROUPS];
	int status;

	if (argc != 3) {
		fprintf(stderr, "usage: floor 0|1 ROOTFS\n");
		return 2;
	}
	if (atoi(argv[1]) == 0)
		return spawn(argv[2], 0, NULL);
	make_cgroups(tasks);
	status = spawn(argv[2],
		       CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
			       CLONE_NEWCGROUP | CLONE_NEWNET,
		       tasks);
	remove_cgroups();
	return status;
}
