/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of cgroup limits, in config.json and as a document of its own (update). */
#include "base/text.h"
#include "libocispec/validate.h"
#include <ctype.h>
#include <inttypes.h>

enum {
	LEAST_PERIOD = 1000,
	MOST_PERIOD = 1000000,
	LEAST_WEIGHT = 10,
	MOST_WEIGHT = 1000,
	MOST_MAJOR = 4095,
	MOST_MINOR = 1048575,
	MOST_CPU = 8191,
	MOST_NODE = 1023,
};

/* An update may change the swap alone: the limit it belongs to is then the present one.
 */
static void check_memory(struct validation *v)
{
	const struct oci_memory *m = v->resources->memory;

	if (!m || m->swap <= 0)
		return;
	rule_at(v, "memory.swap");
	if (m->limit > 0 && m->swap < m->limit)
		rule_refuse(v,
			    "%" PRId64 " is below memory.limit, %" PRId64
			    "; it counts memory and swap together",
			    m->swap, m->limit);
	else if (m->limit <= 0 && (v->config || m->has_limit))
		rule_refuse(v, "needs memory.limit; it counts memory and swap together");
}

static void check_period(struct validation *v, const char *path, uint64_t period)
{
	rule_at(v, "%s", path);
	if (period && (period < LEAST_PERIOD || period > MOST_PERIOD))
		rule_refuse(v, "expected %d to %d microseconds, got %" PRIu64,
			    LEAST_PERIOD, MOST_PERIOD, period);
}

static void check_list(struct validation *v, const char *path, const char *list,
		       unsigned long most)
{
	const char *problem = rule_list_problem(list, most);

	rule_at(v, "%s", path);
	if (problem)
		rule_refuse(v, "%s, got the string \"%.40s\"", problem, list);
}

static void check_cpu(struct validation *v)
{
	const struct oci_cpu *c = v->resources->cpu;

	if (!c)
		return;
	check_period(v, "cpu.period", c->period);
	rule_at(v, "cpu.quota");
	if (c->quota > 0 && c->quota < LEAST_PERIOD)
		rule_refuse(v, "expected at least %d microseconds, got %" PRId64,
			    LEAST_PERIOD, c->quota);
	rule_at(v, "cpu.burst");
	if (c->quota > 0 && c->burst > (uint64_t)c->quota)
		rule_refuse(v, "%" PRIu64 " is above cpu.quota, %" PRId64, c->burst,
			    c->quota);
	rule_at(v, "cpu.realtimeRuntime");
	if (c->realtime_period && c->realtime_runtime > 0 &&
	    (uint64_t)c->realtime_runtime > c->realtime_period)
		rule_refuse(v, "%" PRId64 " is above cpu.realtimePeriod, %" PRIu64,
			    c->realtime_runtime, c->realtime_period);
	check_list(v, "cpu.cpus", c->cpus, MOST_CPU);
	check_list(v, "cpu.mems", c->mems, MOST_NODE);
}

static void check_weight(struct validation *v, unsigned weight)
{
	/* 0 is how some engines say that there is none. */
	if (weight && (weight < LEAST_WEIGHT || weight > MOST_WEIGHT))
		rule_refuse(v, "expected %d to %d, got %u", LEAST_WEIGHT, MOST_WEIGHT,
			    weight);
}

static void check_number(struct validation *v, int64_t number, int64_t least,
			 int64_t most)
{
	if (number < least || number > most)
		rule_refuse(v,
			    "expected an integer from %" PRId64 " to %" PRId64
			    ", got %" PRId64,
			    least, most, number);
}

static void check_weight_device(struct validation *v, size_t i)
{
	const struct oci_weight_device *d = &v->resources->block_io->weight_device[i];

	rule_at(v, "blockIO.weightDevice[%zu].major", i);
	check_number(v, d->major, 0, MOST_MAJOR);
	rule_at(v, "blockIO.weightDevice[%zu].minor", i);
	check_number(v, d->minor, 0, MOST_MINOR);
	rule_at(v, "blockIO.weightDevice[%zu].weight", i);
	check_weight(v, d->weight);
	rule_at(v, "blockIO.weightDevice[%zu].leafWeight", i);
	check_weight(v, d->leaf_weight);
	rule_at(v, "blockIO.weightDevice[%zu]", i);
	if (!d->has_weight && !d->has_leaf_weight)
		rule_refuse(v, "needs weight or leafWeight");
}

static void check_throttles(struct validation *v, const char *path,
			    const struct oci_throttle_device *devices, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		rule_at(v, "blockIO.%s[%zu].major", path, i);
		check_number(v, devices[i].major, 0, MOST_MAJOR);
		rule_at(v, "blockIO.%s[%zu].minor", path, i);
		check_number(v, devices[i].minor, 0, MOST_MINOR);
	}
}

static void check_block_io(struct validation *v)
{
	const struct oci_block_io *b = v->resources->block_io;

	if (!b)
		return;
	rule_at(v, "blockIO.weight");
	check_weight(v, b->weight);
	rule_at(v, "blockIO.leafWeight");
	check_weight(v, b->leaf_weight);
	for (size_t i = 0; i < b->n_weight_device; i++)
		check_weight_device(v, i);
	check_throttles(v, "throttleReadBpsDevice", b->throttle_read_bps_device,
			b->n_throttle_read_bps_device);
	check_throttles(v, "throttleWriteBpsDevice", b->throttle_write_bps_device,
			b->n_throttle_write_bps_device);
	check_throttles(v, "throttleReadIOPSDevice", b->throttle_read_iops_device,
			b->n_throttle_read_iops_device);
	check_throttles(v, "throttleWriteIOPSDevice", b->throttle_write_iops_device,
			b->n_throttle_write_iops_device);
}

static bool is_page_size(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	return digits && *s != '0' && s[digits] && strchr("KMG", s[digits]) &&
	       is_equal(s + digits + 1, "B");
}

static void check_huge_pages(struct validation *v)
{
	for (size_t i = 0; i < v->resources->n_hugepage_limits; i++) {
		const char *size = v->resources->hugepage_limits[i].page_size;

		rule_at(v, "hugepageLimits[%zu].pageSize", i);
		if (size && !is_page_size(size))
			rule_refuse(
				v,
				"expected a size like 64KB, 2MB or 1GB, got the string "
				"\"%.40s\"",
				size);
	}
}

static void check_device_number(struct validation *v, size_t i, const char *key,
				int64_t number)
{
	/* Absent is 0 here; -1 stands for all. */
	if (number >= -1 && number <= UINT32_MAX)
		return;
	rule_at(v, "devices[%zu].%s", i, key);
	check_number(v, number, -1, UINT32_MAX);
}

static void check_device_rules(struct validation *v)
{
	for (size_t i = 0; i < v->resources->n_devices; i++) {
		const struct oci_device_rule *r = &v->resources->devices[i];

		check_device_number(v, i, "major", r->major);
		check_device_number(v, i, "minor", r->minor);
		if (!r->access || !r->access[strspn(r->access, "rwm")])
			continue;
		rule_at(v, "devices[%zu].access", i);
		rule_refuse(
			v, "expected letters out of r, w and m, got the string \"%.40s\"",
			r->access);
	}
}

static void check_priorities(struct validation *v)
{
	const struct oci_network *n = v->resources->network;

	for (size_t i = 0; n && i < n->n_priorities; i++) {
		const char *name = n->priorities[i].name;
		const char *problem = name ? rule_interface_problem(name) : NULL;

		rule_at(v, "network.priorities[%zu].name", i);
		if (problem)
			rule_refuse(v, "\"%.40s\" %s", name, problem);
	}
}

static void check_rdma(struct validation *v)
{
	for (size_t i = 0; i < v->resources->n_rdma; i++) {
		const struct oci_rdma_entry *r = &v->resources->rdma[i];
		const char *s = r->key;

		rule_at_key(v, "rdma", r->key);
		while (*s && !isspace((unsigned char)*s))
			s++;
		if (*s)
			rule_refuse(v, "the name of a device has no spaces");
		if (!r->value.has_hca_handles && !r->value.has_hca_objects)
			rule_refuse(v, "needs hcaHandles or hcaObjects");
	}
}

static void check_unified(struct validation *v)
{
	for (size_t i = 0; i < v->resources->unified.n; i++) {
		const char *key = v->resources->unified.items[i].key;

		rule_at_key(v, "unified", key);
		if (strchr(key, '/') || is_equal(key, ".") || is_equal(key, ".."))
			rule_refuse(
				v,
				"expected the name of a cgroup file, like memory.high");
	}
}

static const struct rule rules[] = {
	{ SCOPE_RESOURCES, "memory", check_memory },
	{ SCOPE_RESOURCES, "cpu", check_cpu },
	{ SCOPE_RESOURCES, "blockIO", check_block_io },
	{ SCOPE_RESOURCES, "hugepageLimits", check_huge_pages },
	{ SCOPE_RESOURCES, "devices", check_device_rules },
	{ SCOPE_RESOURCES, "network.priorities", check_priorities },
	{ SCOPE_RESOURCES, "rdma", check_rdma },
	{ SCOPE_RESOURCES, "unified", check_unified },
};
const struct rules resources_rules = { rules, ARRAY_SIZE(rules) };
