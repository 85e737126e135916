/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See lsm.h. */
#include "kernel/lsm.h"
#include "base/fd.h"
#include "kernel/proc.h"
#include <errno.h>
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
	static const char ours[] = "thread-self/attr/apparmor/exec";
	static const char shared[] = "thread-self/attr/exec"; /* all there is before 5.8 */
	int scoped_fd probe = proc_open(procfd, ours, O_WRONLY, err);
	char text[4096];

	if (snprintf(text, sizeof(text), "exec %s", profile) >= (int)sizeof(text))
		return fail(err, ERROR_CONFIG, "the AppArmor profile's name is too long");
	if (proc_write(procfd, probe < 0 ? shared : ours, text, err) == 0)
		return 0;
	if (err->code == ENOENT)
		return fail(err, ERROR_CONFIG,
			    "the AppArmor profile '%s' is not loaded: load it with "
			    "apparmor_parser -r (aa-status lists those that are)",
			    profile);
	return -1;
}

int lsm_set_selinux_label(int procfd, const char *label, struct error *err)
{
	if (proc_write(procfd, "thread-self/attr/exec", label, err) == 0)
		return 0;
	if (err->code == EINVAL)
		return fail(err, ERROR_CONFIG,
			    "the SELinux policy of this host has no label '%s' (seinfo lists "
			    "its types)", label);
	return -1;
}

int lsm_set_key_label(int procfd, const char *label, struct error *err)
{
	return TRY(proc_write(procfd, "thread-self/attr/keycreate", label, err));
}
