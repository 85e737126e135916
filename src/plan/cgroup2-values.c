/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See cgroup2-values.h.  The weight of a CPU is a curve through the least, the default and
 * the greatest of both versions; it is computed in whole numbers, so that no rounding of a
 * mathematical library turns 100 into 101.
 */
#include "plan/cgroup2-values.h"

/* Bits behind the point of our logarithms. */
enum { POINT = 40 };

/* The logarithm to base 2, from below. */
static uint64_t log2_of(uint64_t x)
{
	int whole = 63 - __builtin_clzll(x);
	uint64_t mantissa = x << (63 - whole), bits = (uint64_t)whole;

	for (int i = 0; i < POINT; i++) {
		unsigned __int128 square = (unsigned __int128)mantissa * mantissa >> 63;
		bool carries = square >> 64;

		bits = bits << 1 | carries;
		mantissa = (uint64_t)(carries ? square >> 1 : square);
	}
	return bits;
}

/*
 * The least w with log10(w) >= (l^2 + 125 l) / 612 - 7 / 34, l = log2(shares).  Both sides
 * times 612 log2(10); the slack is far above the error of the logarithms and far below the
 * distance of two weights.
 */
unsigned cgroup2_cpu_weight(uint64_t shares)
{
	enum { LEAST = 2, MOST = 262144, MOST_WEIGHT = 10000, SLACK_BITS = 14 };
	uint64_t l = log2_of(shares < LEAST ? LEAST : shares > MOST ? MOST : shares);
	__int128 curve =
		((__int128)l * l >> POINT) + 125 * (__int128)l - ((__int128)126 << POINT);
	__int128 wanted = (curve * log2_of(10) >> POINT) - ((__int128)1 << SLACK_BITS);
	unsigned low = 1, high = MOST_WEIGHT;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if ((__int128)612 * log2_of(middle) >= wanted)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

unsigned cgroup2_io_weight(unsigned weight)
{
	return 1 + (weight - 10) * 9999 / 990;
}

const char *cgroup2_amount(struct arena *arena, int64_t amount)
{
	return amount < 0 ? "max" : arena_printf(arena, "%lld", (long long)amount);
}

const char *cgroup2_cpu_max(struct arena *arena, const struct oci_cpu *cpu)
{
	const char *quota = cpu->has_quota && cpu->quota > 0
				    ? cgroup2_amount(arena, cpu->quota)
				    : "max";

	if (!cpu->has_period || !cpu->period)
		return quota;
	return arena_printf(arena, "%s %llu", quota, (unsigned long long)cpu->period);
}

bool cgroup2_has_swap(const struct oci_memory *memory)
{
	return memory && (memory->has_swap || (memory->has_limit && memory->limit < 0));
}

bool cgroup2_is_bad_swap(const struct oci_memory *memory)
{
	return memory && memory->has_swap && memory->swap >= 0 &&
	       (!memory->has_limit || memory->limit < 0 || memory->swap < memory->limit);
}

const char *cgroup2_swap(struct arena *arena, const struct oci_memory *memory)
{
	if (!memory->has_swap || memory->swap < 0)
		return "max";
	return cgroup2_amount(arena, memory->swap - memory->limit);
}

const char *cgroup2_io_max(struct arena *arena, const struct oci_throttle_device *device,
			   const char *key)
{
	const char *rate = device->rate ? arena_printf(arena, "%llu",
						       (unsigned long long)device->rate)
					: "max";

	return arena_printf(arena, "%lld:%lld %s=%s", (long long)device->major,
			    (long long)device->minor, key, rate);
}
