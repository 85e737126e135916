/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Undoing: every object of the host is undone by its own step, in reverse order, here and
 * nowhere else.  What cannot be undone is logged; delete --force tries again.
 */
#include "base/fd.h"
#include "base/log.h"
#include "kernel/cgroup.h"
#include "kernel/devicebpf.h"
#include "kernel/rdt.h"
#include "kernel/netbpf.h"
#include "kernel/notify.h"
#include "kernel/sys.h"
#include "kernel/systemd.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

enum { DEADLINE_MS = 5000 };

static void note(const struct error *err)
{
	log_warning("while undoing: %s", err->text);
}

static void undo_make_state_dir(struct run *run, const struct step_make_state_dir *step)
{
	/* Not opened: it was there before, and is another container's. */
	if (run->slots[step->slot] < 0)
		return;
	if (rmdir(step->path) < 0 && errno != ENOENT)
		log_warning("while undoing: remove '%s': %s", step->path, error_words(errno));
	fd_close(&run->slots[step->slot]); /* and with it the lock */
}

static void undo_file(const struct run *run, int dir, const char *name)
{
	if (unlinkat(run->slots[dir], name, 0) < 0 && errno != ENOENT)
		log_warning("while undoing: remove '%s': %s", name, error_words(errno));
}

static void undo_notify(const struct run *run, int dir, const char *name, int flags)
{
	(void)unlinkat(run->slots[dir], name, flags); /* it may never have been there */
}

static void undo_make_cgroup(const struct step_make_cgroup *step)
{
	struct error err;

	if (step->topmost && cgroup_remove(step->path, step->topmost, DEADLINE_MS, &err) < 0)
		note(&err);
}

/* The specification: after a failure behind the first hook, destroy, then poststop. */
static void undo_promise_poststop(struct run *run, const struct step_promise_poststop *step)
{
	struct error err;

	if (run->hooks_began && hooks_run(run, step->hooks, &err) < 0)
		note(&err);
}

static void undo_make_rdt_group(struct run *run, const struct step_make_rdt_group *step)
{
	struct error err;

	if (run->made_rdt_group && rdt_unmake_group(run->arena, step->group, &err) < 0)
		note(&err);
}

static void undo_make_rdt_monitor(struct run *run, const struct step_make_rdt_monitor *step)
{
	if (run->made_rdt_monitor && rmdir(step->path) < 0)
		log_warning("while undoing: remove '%s': %s", step->path, error_words(errno));
}

static void undo_start_unit(struct run *run, const struct step_start_unit *step)
{
	struct error err;

	if (run->made_unit && systemd_stop(run->systemd, step->unit->name, &err) < 0)
		note(&err);
}

static void undo_step(struct run *run, const struct step *step)
{
	if (step->kind == STEP_make_mount_point)
		(void)rmdir(step->make_mount_point.path); /* or it never was there */
	switch (step->kind) {
	case STEP_make_state_dir:
		undo_make_state_dir(run, &step->make_state_dir);
		break;
	case STEP_write_file:
		undo_file(run, step->write_file.dir, step->write_file.name);
		break;
	case STEP_write_record:
		undo_file(run, step->write_record.dir, step->write_record.name);
		break;
	case STEP_listen:
		undo_file(run, step->listen.dir, step->listen.name);
		break;
	case STEP_make_notify:
		undo_notify(run, step->make_notify.dir, step->make_notify.name,
			    AT_REMOVEDIR);
		break;
	case STEP_listen_notify:
		undo_notify(run, step->listen_notify.dir, NOTIFY_DIR "/" NOTIFY_SOCK, 0);
		break;
	case STEP_make_cgroup:
		undo_make_cgroup(&step->make_cgroup);
		break;
	case STEP_start_unit:
		undo_start_unit(run, &step->start_unit);
		break;
	case STEP_make_rdt_group:
		undo_make_rdt_group(run, &step->make_rdt_group);
		break;
	case STEP_make_rdt_monitor:
		undo_make_rdt_monitor(run, &step->make_rdt_monitor);
		break;
	case STEP_attach_device_filter:
		devicebpf_detach(step->attach_device_filter.path);
		break;
	case STEP_write_pid_file:
		(void)unlink(step->write_pid_file.path); /* it may never have been there */
		break;
	case STEP_limit_network:
		netbpf_unlimit(step->limit_network.path, step->limit_network.is_egress);
		break;
	case STEP_set_net_priorities:
		netbpf_unset_priorities(step->set_net_priorities.path);
		break;
	case STEP_move_net_device:
		network_undo(run, &step->move_net_device);
		break;
	case STEP_update_unit:
	case STEP_change_cgroup:
	case STEP_change_rdt:
		changes_undo(run); /* all of them, the last one first */
		break;
	case STEP_promise_poststop:
		undo_promise_poststop(run, &step->promise_poststop);
		break;
	default:
		break;
	}
}

static void end_child(struct run *run, enum role role)
{
	if (run->pid[role] <= 0)
		return;
	if (run->pidfd[role] >= 0)
		(void)sys_pidfd_send_signal(run->pidfd[role], SIGKILL); /* may have ended */
	while (waitpid(run->pid[role], NULL, 0) < 0 && errno == EINTR)
		;
	run->pid[role] = 0;
}

/* The intermediate may have died between the birth of init and telling us of it. */
static void find_init(struct run *run)
{
	if (run->pid[ROLE_INIT] || !run->shared_init || !*run->shared_init)
		return;
	run->pid[ROLE_INIT] = *run->shared_init; /* our child, and not reaped: no other's pid */
	run->pidfd[ROLE_INIT] = sys_pidfd_open(run->pid[ROLE_INIT], 0);
}

/* Joined pid namespaces do not die with init: kill by cgroup what is left. */
static void kill_leftovers(struct run *run)
{
	const struct step_list *list = &run->plan->of[ROLE_HOST];
	const char **paths = arena_array(run->arena, list->n + 1, sizeof(*paths));
	struct error err;
	size_t n = 0;

	for (size_t i = 0; i < run->done; i++)
		if (list->items[i].kind == STEP_make_cgroup)
			paths[n++] = list->items[i].make_cgroup.path;
	if (n && cgroup_kill(paths, n, SIGKILL, DEADLINE_MS, &err) < 0)
		note(&err);
}

void run_undo(struct run *run)
{
	const struct step_list *list = &run->plan->of[ROLE_HOST];
	/* The step that failed may have begun. */
	size_t n = run->done < list->n ? run->done + 1 : list->n;
	bool had_init;

	end_child(run, ROLE_INTERMEDIATE);
	find_init(run);
	had_init = run->pid[ROLE_INIT] > 0 || run->asked_criu;
	end_child(run, ROLE_INIT);
	if (had_init)
		kill_leftovers(run);
	while (n-- > 0)
		undo_step(run, &list->items[n]);
}
