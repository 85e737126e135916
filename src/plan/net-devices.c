/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux.netDevices: the host moves them as soon as the container's network namespace is
 * there, while init goes on with its mounts; init waits before anything could look at them:
 * hooks, network parameters, the program.
 */
#include "plan/planner.h"
#include "base/text.h"

void plan_net_devices(struct planner *p)
{
	int slot = plan_slot_of_namespace(p, NS_network);

	if (!p->lin->n_net_devices)
		return;
	if (slot == SLOT_NONE) {
		slot = plan_slot(p->plan);
		HOST(p, "linux.netDevices", open_init_namespace, slot, NS_network);
	}
	for (size_t i = 0; i < p->lin->n_net_devices; i++) {
		const struct oci_net_device_entry *entry = &p->lin->net_devices[i];
		const char *name = entry->value.name;

		HOST(p, WHY(p, "linux.netDevices.%s", entry->key), move_net_device, slot,
		     entry->key, is_empty(name) ? entry->key : name);
	}
	plan_meet(p->plan, ROLE_HOST, ROLE_INIT, MILESTONE_NETWORK_READY, "linux.netDevices");
}
