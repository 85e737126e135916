/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on cgroups.  The host makes and limits them; init moves itself by its own write,
 * which needs no lock of the kernel's, and was opened by the host with the host's rights.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/devicebpf.h"
#include "kernel/devicelist.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

int do_make_cgroup(struct run *run, const struct step_make_cgroup *step, struct error *err)
{
	const char *topmost;

	if (!step->topmost)
		TRY(cgroup_is_usable(step->path, err));
	TRY(cgroup_make(run->arena, step->path, &topmost, err));
	if (step->is_cpuset)
		TRY(cgroup_fill_cpuset(step->mount, step->path, err));
	return 0;
}

int do_offer_controllers(struct run *run, const struct step_offer_controllers *step,
			 struct error *err)
{
	(void)run, (void)err;
	cgroup_offer(step->mount, step->path, step->controllers);
	return 0;
}

int do_enable_controller(struct run *run, const struct step_enable_controller *step,
			 struct error *err)
{
	(void)run;
	return cgroup_enable(step->mount, step->path, step->controller, err);
}

int do_set_cgroup(struct run *run, const struct step_set_cgroup *step, struct error *err)
{
	const char *file = step->file;

	if (step->other || step->is_optional) {
		const char *path = text_join_path(run->arena, step->dir, file);
		bool is_missing = access(path, F_OK) < 0 && errno == ENOENT;

		if (is_missing && step->is_optional)
			return 0;
		if (is_missing && step->other)
			file = step->other;
	}
	return cgroup_write(step->dir, file, step->value, err);
}

int do_set_either(struct run *run, const struct step_set_either *step, struct error *err)
{
	if (access(text_join_path(run->arena, step->dir, step->file), F_OK) == 0)
		return cgroup_write(step->dir, step->file, step->value, err);
	return cgroup_write(step->dir, step->other, step->other_value, err);
}

int do_own_cgroup(struct run *run, const struct step_own_cgroup *step, struct error *err)
{
	return cgroup_give(run->arena, step->path, step->uid, CGROUP_DELEGATE, err);
}

int do_attach_device_filter(struct run *run, const struct step_attach_device_filter *step,
			    struct error *err)
{
	return devicebpf_attach(run->arena, step->path, step->rules, step->n_rules, err);
}

/* At once: there is no moment without a filter, and a failure leaves the old one. */
int do_replace_device_filter(struct run *run, const struct step_replace_device_filter *step,
			     struct error *err)
{
	return devicebpf_attach(run->arena, step->path, step->rules, step->n_rules, err);
}

int do_replace_device_list(struct run *run, const struct step_replace_device_list *step,
			   struct error *err)
{
	int n = TRY(devicelist_replace(run->arena, step->dir, step->list, err));

	/* To tell systemd would have it empty the list for a moment; it is told when frozen. */
	if (n && !is_empty(step->unit))
		log_warning("linux.resources.devices: once systemd reads its units anew, '%s' has "
			    "the devices again that it was created with", step->unit);
	return 0;
}

int do_open_cgroup(struct run *run, const struct step_open_cgroup *step, struct error *err)
{
	const char *path = step->file ? text_join_path(run->arena, step->path, step->file)
				      : step->path;
	int flags = step->file ? O_WRONLY : O_RDONLY | O_DIRECTORY;

	run->slots[step->slot] = TRY(open(path, flags | O_CLOEXEC), err, "open '%s'", path);
	return 0;
}

int do_enter_cgroup(struct run *run, const struct step_enter_cgroup *step,
		    struct error *err)
{
	TRY(write_all(run->slots[step->slot], "0", 1), err, "move into '%s'", step->path);
	fd_close(&run->slots[step->slot]);
	return 0;
}

int do_set_affinity(struct run *run, const struct step_set_affinity *step,
		    struct error *err)
{
	(void)run;
	if (sched_setaffinity(0, step->n_bytes, (const cpu_set_t *)step->bits) == 0)
		return 0;
	if (errno == EINVAL)
		return fail(err, ERROR_CONFIG, "none of the processors %s is there, and in the "
			    "cpuset", step->list);
	return fail_errno(err, "sched_setaffinity");
}

/* A caller that is pinned would narrow the cpuset, for ever since Linux 6.2. */
int do_reset_affinity(struct run *run, const struct step_reset_affinity *step,
		      struct error *err)
{
	unsigned char all[1024]; /* what the kernel does not have is ignored */

	(void)run, (void)step;
	memset(all, 0xff, sizeof(all));
	return TRY(sched_setaffinity(0, sizeof(all), (cpu_set_t *)all), err,
		   "run on all processors of the cpuset");
}
