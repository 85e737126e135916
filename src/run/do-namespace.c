/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on namespaces and ids.
 */
#include "kernel/idmap.h"
#include "base/fd.h"
#include "kernel/lsm.h"
#include "kernel/netlink.h"
#include "kernel/proc.h"
#include "kernel/self.h"
#include "kernel/sys.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int do_open_namespace(struct run *run, const struct step_open_namespace *step,
		      struct error *err)
{
	int fd = TRY(open(step->path, O_RDONLY | O_CLOEXEC), err, "open '%s'", step->path);
	int type;

	run->slots[step->slot] = fd;
	type = ioctl(fd, NS_GET_NSTYPE);
	if (type < 0 || (uint64_t)type != ns_table[step->ns].clone_flag)
		return fail(err, ERROR_CONFIG, "'%s' is not a %s namespace", step->path,
			    ns_table[step->ns].name);
	return 0;
}

int do_join_namespace(struct run *run, const struct step_join_namespace *step,
		      struct error *err)
{
	TRY(setns(run->slots[step->slot], (int)ns_table[step->ns].clone_flag), err, "setns");
	return 0;
}

int do_unshare(struct run *run, const struct step_unshare *step, struct error *err)
{
	(void)run;
	TRY(unshare((int)ns_clone_flags(step->namespaces)), err, "unshare");
	return 0;
}

int do_map_ids(struct run *run, const struct step_map_ids *step, struct error *err)
{
	pid_t pid = run->pid[step->role];

	if (step->with_helpers)
		return idmap_write_with_helpers(pid, step->uids, step->gids, err);
	return idmap_write(pid, step->uids, step->gids, step->deny_setgroups, err);
}

int do_set_time_offsets(struct run *run, const struct step_set_time_offsets *step,
			struct error *err)
{
	(void)run;
	return time_offsets_write(getpid(), step->text, err);
}

int do_become_root(struct run *run, const struct step_become_root *step, struct error *err)
{
	(void)run;
	/* Groups of the outside mean nothing here; where setgroups is denied they stay. */
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return fail_errno(err, "drop the groups");
	TRY(setresgid(step->gid, step->gid, step->gid), err, "set the group");
	TRY(setresuid(step->uid, step->uid, step->uid), err, "set the user");
	return 0;
}

int do_loopback_up(struct run *run, const struct step_loopback_up *step, struct error *err)
{
	(void)run, (void)step;
	return netlink_loopback_up(err);
}

int do_new_session(struct run *run, const struct step_new_session *step, struct error *err)
{
	(void)run, (void)step;
	TRY(setsid(), err, "start a session");
	return 0;
}

/* Without a policy that knows keys: they then have the label of the runtime. */
static void label_keys(const char *label)
{
	struct error ignored;
	int scoped_fd proc = proc_open_own(&ignored);

	if (proc >= 0)
		(void)lsm_set_key_label(proc, label, &ignored);
}

int do_new_keyring(struct run *run, const struct step_new_keyring *step, struct error *err)
{
	(void)run;
	if (step->label)
		label_keys(step->label);
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, step->name) >= 0 ||
	    errno == ENOSYS)
		return 0;
	if (errno == EDQUOT)
		return fail(err, ERROR_KERNEL,
			    "the user's key quota is used up: raise kernel.keys.maxkeys, or "
			    "add --no-new-keyring");
	return fail_errno(err, "join a session keyring (--no-new-keyring does without)");
}

int do_not_dumpable(struct run *run, const struct step_not_dumpable *step,
		    struct error *err)
{
	(void)run, (void)step;
	return self_hide(err);
}
