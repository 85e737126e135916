/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who may use which device: the vocabulary of the planner, of the filter that is attached
 * to a cgroup of version 2 and of the list that one of version 1 has.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEVICE_MKNOD = 1, DEVICE_READ = 2, DEVICE_WRITE = 4, DEVICE_ALL = 7, DEVICE_ANY = -1 };

/* Of several the last that matches decides; what none matches is denied. */
struct device_rule {
	char type;		/* 'c', 'b', or 'a' for both */
	int64_t major, minor;	/* DEVICE_ANY: whatever they are */
	unsigned access;	/* DEVICE_* */
	bool allow;
};

/* As version 1 keeps it: exceptions, each exact, from a rest that is allowed or denied. */
struct device_list {
	bool allows_rest; /* exceptions are denials */
	struct device_rule *items;
	size_t n, room;
};

/* What a container may use without asking; to make nodes, it may of any numbers. */
extern const struct device_rule device_defaults[];
extern const size_t n_device_defaults;

/* Whether both have the same type and numbers. */
bool device_is_same(const struct device_rule *a, const struct device_rule *b);

/* "rwm", and back; no letters at all mean all of them. */
const char *device_letters(unsigned access);
unsigned device_access(const char *letters);

/* "c 1:3 rwm", "b *:* m": how devices.allow and devices.deny take it. */
enum { DEVICE_LINE = 64 };
const char *device_line(const struct device_rule *rule, char *out);
