/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See device-rules.h. */
#include "tables/device-rules.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct device_rule device_defaults[] = {
#define DEVICE(path, major, minor) { 'c', major, minor, DEVICE_ALL, true },
#define USE(major, minor, why)	   { 'c', major, minor, DEVICE_ALL, true },
#define LINK(path, target, if_target)
#include "tables/devices.def"
#undef DEVICE
#undef USE
#undef LINK
};
const size_t n_device_defaults = sizeof(device_defaults) / sizeof(device_defaults[0]);

bool device_is_same(const struct device_rule *a, const struct device_rule *b)
{
	return a->type == b->type && a->major == b->major && a->minor == b->minor;
}

const char *device_letters(unsigned access)
{
	static const char *const letters[] = {
		[0] = "",
		[DEVICE_MKNOD] = "m",
		[DEVICE_READ] = "r",
		[DEVICE_WRITE] = "w",
		[DEVICE_READ | DEVICE_MKNOD] = "rm",
		[DEVICE_WRITE | DEVICE_MKNOD] = "wm",
		[DEVICE_READ | DEVICE_WRITE] = "rw",
		[DEVICE_ALL] = "rwm",
	};

	return letters[access & DEVICE_ALL];
}

unsigned device_access(const char *letters)
{
	if (!letters || !*letters)
		return DEVICE_ALL;
	return (strchr(letters, 'r') ? DEVICE_READ : 0u) |
	       (strchr(letters, 'w') ? DEVICE_WRITE : 0u) |
	       (strchr(letters, 'm') ? DEVICE_MKNOD : 0u);
}

static const char *number(int64_t number, char *out, size_t size)
{
	if (number == DEVICE_ANY)
		return "*";
	snprintf(out, size, "%" PRId64, number);
	return out;
}

const char *device_line(const struct device_rule *rule, char *out)
{
	char major[24], minor[24];

	snprintf(out, DEVICE_LINE, "%c %s:%s %s", rule->type,
		 number(rule->major, major, sizeof(major)),
		 number(rule->minor, minor, sizeof(minor)), device_letters(rule->access));
	return out;
}
