/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Device nodes: those of linux.devices, then the defaults that are not among them, then
 * the symbolic links of /dev.  Where nodes cannot be made (a user namespace) the host's
 * are bound, once their numbers were seen to be right.
 */
#include "plan/planner.h"
#include "base/text.h"
#include "tables/names.h"

enum { DEFAULT_MODE = 0666, PERMISSIONS = 07777 };

/* Does the node come from the host?  init is under the device rules as the program is. */
static bool binds(const struct planner *p, char type, int64_t major, int64_t minor)
{
	return type != 'p' && (p->wish[NS_user] != NS_INHERIT || !p->facts->is_privileged ||
			       plan_denies_node(p, type, major, minor));
}

static bool is_listed(const struct planner *p, const char *path)
{
	for (size_t i = 0; i < p->lin->n_devices; i++)
		if (is_equal(text_clean_path(p->arena, p->lin->devices[i].path), path))
			return true;
	return false;
}

static char type_of(const struct oci_device *device)
{
	return is_equal(device->type, "u") ? 'c' : device->type[0];
}

static unsigned mode_of(const struct oci_device *device)
{
	return device->has_file_mode ? device->file_mode & PERMISSIONS : DEFAULT_MODE;
}

/* A node that only the host can make, with the mode and the owner that are asked for. */
static void add_node(struct planner *p, size_t i, const char *why)
{
	const struct oci_device *device = &p->lin->devices[i];
	const struct oci_linux *lin = p->lin;

	HOST(p, why, make_node, p->device_slots[i], device->path, type_of(device),
	     (unsigned)device->major, (unsigned)device->minor, mode_of(device),
	     plan_host_id(lin->uid_mappings, lin->n_uid_mappings, device->uid),
	     plan_host_id(lin->gid_mappings, lin->n_gid_mappings, device->gid));
}

static bool binds_listed(const struct planner *p, const struct oci_device *device)
{
	return binds(p, type_of(device), device->major, device->minor);
}

static bool binds_default(const struct planner *p, const struct default_device *device)
{
	return !is_listed(p, device->path) && binds(p, 'c', device->major, device->minor);
}

/* Slots of the listed devices first, then of the defaults; SLOT_NONE for what is made. */
void plan_device_sources(struct planner *p)
{
	size_t n = p->lin->n_devices;

	p->device_slots = arena_array(p->arena, n + n_default_devices, sizeof(int));
	for (size_t i = 0; i < n + n_default_devices; i++) {
		bool is_default = i >= n;
		const char *path = is_default ? default_devices[i - n].path
					      : p->lin->devices[i].path;
		const char *why = is_default ? "linux.devices"
					     : WHY(p, "linux.devices[%zu]", i);

		p->device_slots[i] = SLOT_NONE;
		if (is_default ? !binds_default(p, &default_devices[i - n])
			       : !binds_listed(p, &p->lin->devices[i]))
			continue;
		p->device_slots[i] = plan_slot(p->plan);
		if (!is_default && p->mounter == ROLE_HOST) {
			add_node(p, i, why);
			continue;
		}
		PLAN_ADD(p->plan, p->mounter, why, open_tree, p->device_slots[i], path,
			 false);
	}
}

static void add_listed(struct planner *p, size_t i)
{
	const struct oci_device *device = &p->lin->devices[i];
	const char *why = WHY(p, "linux.devices[%zu]", i);

	if (p->device_slots[i] != SLOT_NONE) {
		INIT(p, why, bind_device, p->device_slots[i], device->path, type_of(device),
		     (unsigned)device->major, (unsigned)device->minor);
		return;
	}
	INIT(p, why, make_device, .path = device->path, .type = type_of(device),
	     .major = (unsigned)device->major, .minor = (unsigned)device->minor,
	     .mode = mode_of(device),
	     .uid = device->uid, .gid = device->gid, .has_owner = true);
}

static void add_default(struct planner *p, size_t i)
{
	const struct default_device *device = &default_devices[i];
	int slot = p->device_slots[p->lin->n_devices + i];

	if (is_listed(p, device->path))
		return;
	if (slot != SLOT_NONE)
		INIT(p, "linux.devices", bind_device, slot, device->path, 'c', device->major,
		     device->minor);
	else
		INIT(p, "linux.devices", make_device, .path = device->path, .type = 'c',
		     .major = device->major, .minor = device->minor, .mode = DEFAULT_MODE,
		     .is_default = true);
}

int plan_devices(struct planner *p, struct error *err)
{
	(void)err; /* numbers and types were validated with the document */
	if (!p->own_mounts)
		return 0;
	for (size_t i = 0; i < p->lin->n_devices; i++)
		add_listed(p, i);
	for (size_t i = 0; i < n_default_devices; i++)
		add_default(p, i);
	for (size_t i = 0; i < n_default_links; i++)
		INIT(p, "linux.devices", make_link, default_links[i].path,
		     default_links[i].target, default_links[i].if_target);
	return 0;
}
