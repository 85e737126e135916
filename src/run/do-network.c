/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network devices of the host that become the container's.  The host does all of it, by
 * netlink sockets of both namespaces; init may lack rights over a namespace that it joined.
 */
#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/netbpf.h"
#include "run/channel.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <sys/stat.h>

static int open_own(struct error *err)
{
	return TRY(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), err,
		   "open the runtime's network namespace");
}

/* Init has ended before it was asked anything: its own words are the error. */
static int fail_as_init(struct run *run, struct error *err)
{
	pid_t pid;
	int passed = -1;

	return channel_await(run->channel[ROLE_INIT], MILESTONE_CREATED, &pid, &passed, err);
}

int do_open_init_namespace(struct run *run, const struct step_open_init_namespace *step,
			   struct error *err)
{
	const char *path = arena_printf(run->arena, "/proc/%d/ns/%s", run->pid[ROLE_INIT],
					ns_table[step->ns].proc_name);

	run->slots[step->slot] = open(path, O_RDONLY | O_CLOEXEC);
	if (run->slots[step->slot] >= 0)
		return 0;
	return errno == ENOENT ? fail_as_init(run, err) : fail_errno(err, "open '%s'", path);
}

/* A joined namespace may be the runtime's own: nothing could be moved there. */
static int check_other(int ns_fd, struct error *err)
{
	int scoped_fd own = TRY(open_own(err));
	struct stat a, b;

	TRY(fstat(own, &a), err, "look at a network namespace");
	TRY(fstat(ns_fd, &b), err, "look at a network namespace");
	if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return fail(err, ERROR_CONFIG,
			    "the container joins the runtime's own network namespace: leave "
			    "netDevices out");
	return 0;
}

static int check_name(const struct step_move_net_device *step, int inside, struct error *err)
{
	if (strchr(step->new_name, '%') || !netlink_has_device(inside, step->new_name))
		return 0;
	return fail(err, ERROR_CONFIG,
		    "'%s' cannot become '%s': the container's network namespace has a device "
		    "of that name",
		    step->name, step->new_name);
}

static int move_in(const struct step_move_net_device *step, struct net_move *move, int ns_fd,
		   struct error *err)
{
	int scoped_fd own = TRY(netlink_open(-1, err));
	int scoped_fd inside = TRY(netlink_open(ns_fd, err));
	struct net_device *device = &move->device;

	TRY(check_name(step, inside, err));
	TRY(netlink_move_device(own, inside, ns_fd, device, &move->is_moved, err));
	if (netlink_name_device(inside, device, step->new_name, err) < 0) {
		error_context(err, "the network device '%s' cannot become '%s'", step->name,
			      step->new_name);
		return -1;
	}
	TRY(netlink_add_addresses(inside, device, step->name, err));
	return netlink_set_up(inside, device, err);
}

int do_move_net_device(struct run *run, const struct step_move_net_device *step,
		       struct error *err)
{
	struct net_move *move =
		arena_push(run->arena, run->net_moves, run->n_net_moves, run->room_net_moves);

	*move = (struct net_move){ .step = step };
	TRY(check_other(run->slots[step->slot], err));
	TRY(netlink_read_device(run->arena, step->name, &move->device, err));
	move->was_up = move->device.flags & IFF_UP;
	if (move->device.flags & IFF_LOOPBACK)
		return fail(err, ERROR_CONFIG,
			    "'%s' is the loopback device, which every network namespace has of "
			    "its own",
			    step->name);
	return move_in(step, move, run->slots[step->slot], err);
}

static int move_out(struct net_move *move, int ns_fd, struct error *err)
{
	int scoped_fd ns = TRY(open_own(err));
	int scoped_fd own = TRY(netlink_open(-1, err));
	int scoped_fd inside = TRY(netlink_open(ns_fd, err));
	struct net_device *device = &move->device;
	bool is_moved;

	TRY(netlink_move_device(inside, own, ns, device, &is_moved, err));
	TRY(netlink_name_device(own, device, move->step->name, err));
	TRY(netlink_add_addresses(own, device, move->step->name, err));
	return move->was_up ? netlink_set_up(own, device, err) : 0;
}

void network_undo(struct run *run, const struct step_move_net_device *step)
{
	for (size_t i = 0; i < run->n_net_moves; i++) {
		struct net_move *move = &run->net_moves[i];
		struct error err;

		if (move->step != step || !move->is_moved)
			continue;
		move->is_moved = false;
		if (move_out(move, run->slots[step->slot], &err) < 0)
			log_warning("while undoing: move the network device '%s' back: %s",
				    step->name, err.text);
	}
}

int do_limit_network(struct run *run, const struct step_limit_network *step,
		     struct error *err)
{
	(void)run;
	return netbpf_limit(step->path, step->is_egress, step->rate, err);
}

int do_set_net_priorities(struct run *run, const struct step_set_net_priorities *step,
			  struct error *err)
{
	(void)run;
	return netbpf_set_priorities(step->path, step->items, step->n, err);
}
