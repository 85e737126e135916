/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of the specification to numbers of the kernel, for the small tables: capabilities,
 * rlimits, signals, devices, scheduler, I/O priority, memory policy.  Each look-up returns
 * the number or -1.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int capability_by_name(const char *name);	/* "CAP_CHOWN" -> 0 */
const char *capability_name(size_t number);	/* NULL beyond the last */
int rlimit_by_name(const char *name);		/* "RLIMIT_NOFILE" -> 7 */
int signal_by_name(const char *name); /* "15", "TERM", "sigterm", "SIGRTMIN+3"; 1..64 */
const char *signal_name(int number);	/* "SIGTERM"; NULL if it has none */
int scheduler_policy_by_name(const char *name);
int scheduler_flag_by_name(const char *name);
int io_class_by_name(const char *name);
int memory_policy_mode_by_name(const char *name);
int memory_policy_flag_by_name(const char *name);
const char *memory_policy_mode_name(size_t i);	/* in table order; NULL beyond the last */
const char *memory_policy_flag_name(size_t i);

/* The devices and symlinks that every container gets (config-linux.md, Default Devices). */
struct default_device {
	const char *path;
	unsigned major, minor;
};
extern const struct default_device default_devices[];
extern const size_t n_default_devices;

struct default_link {
	const char *path, *target;
	bool if_target; /* only when the target can be resolved in the container */
};
extern const struct default_link default_links[];
extern const size_t n_default_links;
