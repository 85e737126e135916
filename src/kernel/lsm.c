/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See lsm.h. */
#include "kernel/lsm.h"
#include "base/fd.h"
#include "kernel/proc.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <linux/magic.h>

bool lsm_has_apparmor(void)
{
	int scoped_fd fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
	char answer;

	return fd >= 0 && read(fd, &answer, 1) == 1 && answer == 'Y';
}

/* The folder is there without SELinux, but then it is sysfs' own. */
bool lsm_has_selinux(void)
{
	struct statfs fs;

	return statfs("/sys/fs/selinux", &fs) == 0 &&
	       (unsigned long)fs.f_type == SELINUX_MAGIC;
}

int lsm_set_apparmor_profile(int procfd, const char *profile, struct error *err)
{
	char text[4096];

	if (snprintf(text, sizeof(text), "exec %s", profile) >= (int)sizeof(text))
		return fail(err, ERROR_CONFIG, "the AppArmor profile's name is too long");
	/* Kernels before 5.8 have only the file that all modules share. */
	if (proc_write(procfd, "thread-self/attr/apparmor/exec", text, err) == 0)
		return 0;
	TRY(proc_write(procfd, "thread-self/attr/exec", text, err));
	return 0;
}

int lsm_set_selinux_label(int procfd, const char *label, struct error *err)
{
	return TRY(proc_write(procfd, "thread-self/attr/exec", label, err));
}
