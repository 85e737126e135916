/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See names.h.  Signals are the one table with a grammar: numbers, any case, with or
 * without SIG, and the real-time ones counted from either end.
 */
#include "tables/names.h"
#include "tables/numbers.h"
#include <ctype.h>
#include <signal.h>
#include <strings.h>
#include <sys/resource.h>

/* SIGRTMIN and SIGRTMAX, without asking the C library at run time. */
enum { FIRST_REAL_TIME = 34, LAST_REAL_TIME = 64 };

static const struct number_row capabilities[] = {
#define CAPABILITY(name, number) { name, number },
#include "tables/capabilities.def"
#undef CAPABILITY
};

static const struct number_row rlimits[] = {
#define LIMIT(name, number) { name, number },
#include "tables/rlimits.def"
#undef LIMIT
};

static const struct number_row signals[] = {
#define SIGNAL(name, number) { "SIG" name, number },
#include "tables/signals.def"
#undef SIGNAL
};

#define POLICY(name, number)
#define SCHED_FLAG(name, number)
#define IO_CLASS(name, number)
#define MEMORY_MODE(name, number)
#define MEMORY_FLAG(name, number)

#undef POLICY
#define POLICY(name, number) { name, number },
static const struct number_row policies[] = {
#include "tables/process.def"
};
#undef POLICY
#define POLICY(name, number)

#undef SCHED_FLAG
#define SCHED_FLAG(name, number) { name, number },
static const struct number_row scheduler_flags[] = {
#include "tables/process.def"
};
#undef SCHED_FLAG
#define SCHED_FLAG(name, number)

#undef IO_CLASS
#define IO_CLASS(name, number) { name, number },
static const struct number_row io_classes[] = {
#include "tables/process.def"
};
#undef IO_CLASS
#define IO_CLASS(name, number)

#undef MEMORY_MODE
#define MEMORY_MODE(name, number) { name, number },
static const struct number_row memory_modes[] = {
#include "tables/process.def"
};
#undef MEMORY_MODE
#define MEMORY_MODE(name, number)

#undef MEMORY_FLAG
#define MEMORY_FLAG(name, number) { name, number },
static const struct number_row memory_flags[] = {
#include "tables/process.def"
};

const struct default_device default_devices[] = {
#define DEVICE(path, major, minor) { path, major, minor },
#define USE(major, minor, why)
#define LINK(path, target, if_target)
#include "tables/devices.def"
#undef DEVICE
#undef USE
#undef LINK
};
const size_t n_default_devices = ARRAY_SIZE(default_devices);

const struct default_link default_links[] = {
#define DEVICE(path, major, minor)
#define USE(major, minor, why)
#define LINK(path, target, if_target) { path, target, if_target },
#include "tables/devices.def"
#undef DEVICE
#undef USE
#undef LINK
};
const size_t n_default_links = ARRAY_SIZE(default_links);

static int number_of(const struct number_row *rows, size_t n, const char *name)
{
	const struct number_row *row = number_find(rows, n, name);

	return row ? (int)row->number : -1;
}

int capability_by_name(const char *name)
{
	return number_of(capabilities, ARRAY_SIZE(capabilities), name);
}

const char *capability_name(size_t number)
{
	return number < ARRAY_SIZE(capabilities) ? capabilities[number].name : NULL;
}

int rlimit_by_name(const char *name)
{
	return number_of(rlimits, ARRAY_SIZE(rlimits), name);
}

int scheduler_policy_by_name(const char *name)
{
	return number_of(policies, ARRAY_SIZE(policies), name);
}

int scheduler_flag_by_name(const char *name)
{
	return number_of(scheduler_flags, ARRAY_SIZE(scheduler_flags), name);
}

int io_class_by_name(const char *name)
{
	return number_of(io_classes, ARRAY_SIZE(io_classes), name);
}

int memory_policy_mode_by_name(const char *name)
{
	return number_of(memory_modes, ARRAY_SIZE(memory_modes), name);
}

int memory_policy_flag_by_name(const char *name)
{
	return number_of(memory_flags, ARRAY_SIZE(memory_flags), name);
}

const char *memory_policy_mode_name(size_t i)
{
	return i < ARRAY_SIZE(memory_modes) ? memory_modes[i].name : NULL;
}

const char *memory_policy_flag_name(size_t i)
{
	return i < ARRAY_SIZE(memory_flags) ? memory_flags[i].name : NULL;
}

/* "", "+3" or "-3" behind RTMIN or RTMAX; -1 when it is no real-time signal. */
static int real_time_signal(int base, const char *rest)
{
	uint64_t distance = 0;
	int number;

	if (*rest && *rest != '+' && *rest != '-')
		return -1;
	if (*rest && !text_to_u64(rest + 1, 64, &distance))
		return -1;
	number = *rest == '-' ? base - (int)distance : base + (int)distance;
	return number >= FIRST_REAL_TIME && number <= LAST_REAL_TIME
		       ? number
		       : -1;
}

int signal_by_name(const char *name)
{
	uint64_t number;

	if (is_empty(name))
		return -1;
	if (isdigit((unsigned char)*name))
		return text_to_u64(name, 64, &number) && number > 0 ? (int)number : -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	if (strncasecmp(name, "RTMIN", 5) == 0)
		return real_time_signal(FIRST_REAL_TIME, name + 5);
	if (strncasecmp(name, "RTMAX", 5) == 0)
		return real_time_signal(LAST_REAL_TIME, name + 5);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (strcasecmp(signals[i].name + 3, name) == 0)
			return (int)signals[i].number;
	return -1;
}

const char *signal_name(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if ((int)signals[i].number == number)
			return signals[i].name;
	return NULL;
}
