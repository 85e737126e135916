/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See caps.h. */
#include "kernel/caps.h"
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_CAPABILITIES = 64 };

/* The 64 bits of a set lie in two structures. */
static int capget(struct capability_sets *out)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	out->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	out->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	out->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

static int capset(const struct capability_sets *sets)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = (uint32_t)sets->effective,
		  .permitted = (uint32_t)sets->permitted,
		  .inheritable = (uint32_t)sets->inheritable },
		{ .effective = (uint32_t)(sets->effective >> 32),
		  .permitted = (uint32_t)(sets->permitted >> 32),
		  .inheritable = (uint32_t)(sets->inheritable >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

/* PR_CAPBSET_READ: 1 and 0 are answers, EINVAL means that there is no such capability. */
static int read_bounding(unsigned capability)
{
	return prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
}

/* Two questions where our headers know the kernel's last one, more where they do not. */
static uint32_t find_last(void)
{
	uint32_t last = CAP_LAST_CAP;

	while (last > 0 && read_bounding(last) < 0)
		last--;
	while (last + 1 < MOST_CAPABILITIES && read_bounding(last + 1) >= 0)
		last++;
	return last;
}

/*
 * A program that root executed was given all of the bounding set as permitted (unless
 * securebits say otherwise), so its bounding set need not be asked for bit by bit.
 */
static bool is_permitted_bounding(const struct capability_sets *own)
{
	return getuid() == 0 && geteuid() == 0 && own->inheritable == 0 &&
	       (prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) & SECBIT_NOROOT) == 0;
}

int caps_current(struct facts *facts, struct error *err)
{
	struct capability_sets own;

	TRY(capget(&own), err, "read our capabilities");
	facts->permitted = own.permitted;
	facts->last_capability = find_last();
	facts->bounding = own.permitted;
	if (is_permitted_bounding(&own))
		return 0;
	facts->bounding = 0;
	for (unsigned i = 0; i <= facts->last_capability; i++)
		if (read_bounding(i) == 1)
			facts->bounding |= UINT64_C(1) << i;
	return 0;
}

int caps_drop_bounding(uint64_t bounding, struct error *err)
{
	for (unsigned i = 0; i < MOST_CAPABILITIES; i++) {
		if (bounding & (UINT64_C(1) << i))
			continue;
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL || read_bounding(i) < 0)
			return 0; /* beyond the kernel's last */
		if (read_bounding(i) == 1)
			return fail_errno(err, "drop capability %u from the bounding set", i);
	}
	return 0;
}

int caps_keep(struct error *err)
{
	return TRY(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), err,
		   "keep capabilities over the change of user");
}

static int raise_ambient(uint64_t ambient, struct error *err)
{
	/* EINVAL: before 4.3 there were none. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return fail_errno(err, "clear the ambient capabilities");
	for (unsigned i = 0; i < MOST_CAPABILITIES; i++)
		if (ambient & (UINT64_C(1) << i))
			TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0), err,
			    "make capability %u ambient (it must be permitted and "
			    "inheritable)", i);
	return 0;
}

int caps_apply(const struct capability_sets *sets, struct error *err)
{
	TRY(capset(sets), err,
	    "set capabilities (permitted %#llx, inheritable %#llx)",
	    (unsigned long long)sets->permitted, (unsigned long long)sets->inheritable);
	TRY(prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0), err, "take back keepcaps");
	return raise_ambient(sets->ambient, err);
}
