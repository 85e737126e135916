/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of the linux object but its maps, resources, sysctls and system call filter. */
#include "base/text.h"
#include "libocispec/validate.h"
#include <ctype.h>
#include <inttypes.h>

enum { MOST_NODE = 1023, MOST_MAJOR = 4095, MOST_MINOR = 1048575 };

static void check_namespaces(struct validation *v)
{
	const struct oci_names *types = oci_names_of("namespace_type");
	unsigned seen = 0;

	for (size_t i = 0; i < v->linux_->n_namespaces; i++) {
		const char *type = v->linux_->namespaces[i].type;

		rule_at(v, "namespaces[%zu].type", i);
		for (size_t t = 0; t < types->n; t++) {
			if (!is_equal(types->names[t], type))
				continue;
			if (seen >> t & 1)
				rule_refuse(v,
					    "the %s namespace is listed twice; leave one",
					    type);
			seen |= 1U << t;
		}
	}
}

static void check_time(struct validation *v)
{
	const struct oci_namespace *time = rule_namespace(v, "time");

	if (v->linux_->n_time_offsets && !rule_is_new(time))
		rule_refuse(v, "needs a new time namespace; %s",
			    time ? "the one that is joined has its own offsets"
				 : "add {\"type\": \"time\"} to linux.namespaces");
}

static void check_device_number(struct validation *v, size_t i, const char *key,
				const int64_t *number, int64_t most)
{
	rule_at(v, "devices[%zu].%s", i, key);
	if (!number)
		rule_refuse(v, "required unless the type is p, but missing");
	else if (*number < 0 || *number > most)
		rule_refuse(v, "expected an integer from 0 to %" PRId64 ", got %" PRId64,
			    most, *number);
}

static void check_devices(struct validation *v)
{
	for (size_t i = 0; i < v->linux_->n_devices; i++) {
		const struct oci_device *d = &v->linux_->devices[i];

		if (!d->type || is_equal(d->type, "p"))
			continue;
		check_device_number(v, i, "major", d->has_major ? &d->major : NULL,
				    MOST_MAJOR);
		check_device_number(v, i, "minor", d->has_minor ? &d->minor : NULL,
				    MOST_MINOR);
	}
}

static const char *target_name(const struct oci_net_device_entry *device)
{
	return is_empty(device->value.name) ? device->key : device->value.name;
}

static void check_net_device(struct validation *v, size_t i)
{
	const struct oci_net_device_entry *d = &v->linux_->net_devices[i];
	const char *problem = rule_interface_problem(d->key);

	rule_at_key(v, "netDevices", d->key);
	if (problem)
		rule_refuse(v, "\"%.40s\" %s", d->key, problem);
	if (!is_empty(d->value.name))
		path_add_key(v->path, sizeof(v->path), "name");
	problem = is_empty(d->value.name) ? NULL : rule_interface_problem(d->value.name);
	if (problem)
		rule_refuse(v, "\"%.40s\" %s", d->value.name, problem);
	for (size_t j = 0; j < i && !strchr(target_name(d), '%'); j++)
		if (is_equal(target_name(&v->linux_->net_devices[j]), target_name(d)))
			rule_refuse(v,
				    "\"%s\" would be the name of two network interfaces",
				    target_name(d));
}

static void check_net_devices(struct validation *v)
{
	if (v->linux_->n_net_devices && !rule_namespace(v, "network"))
		rule_refuse(v,
			    "needs a network namespace; add {\"type\": \"network\"} to "
			    "linux.namespaces");
	for (size_t i = 0; i < v->linux_->n_net_devices; i++)
		check_net_device(v, i);
}

static void check_cgroups_path(struct validation *v)
{
	for (const char *s = v->linux_->cgroups_path; s && *s; s++) {
		if (!iscntrl((unsigned char)*s))
			continue;
		rule_refuse(v, "must not contain control characters");
		return;
	}
}

static void check_clos(struct validation *v, const char *id)
{
	rule_at(v, "intelRdt.closID");
	if (is_empty(id) || is_equal(id, "/"))
		return;
	if (strchr(id, '/') || strchr(id, '\n') || is_equal(id, ".") ||
	    is_equal(id, ".."))
		rule_refuse(
			v,
			"expected the name of a directory, or / for the default class, "
			"got the string \"%.40s\"",
			id);
}

static void check_rdt(struct validation *v)
{
	const struct oci_intel_rdt *r = v->linux_->intel_rdt;

	if (!r)
		return;
	check_clos(v, r->clos_id);
	for (size_t i = 0; i < r->n_schemata; i++) {
		rule_at(v, "intelRdt.schemata[%zu]", i);
		if (r->schemata[i] && strchr(r->schemata[i], '\n'))
			rule_refuse(v, "must be one line; make an entry of each line");
	}
	rule_at(v, "intelRdt.memBwSchema");
	if (!is_empty(r->mem_bw_schema) &&
	    (!has_prefix(r->mem_bw_schema, "MB:") || strchr(r->mem_bw_schema, '\n')))
		rule_refuse(v,
			    "expected one line that starts with MB:, got the string "
			    "\"%.40s\"",
			    r->mem_bw_schema);
	rule_at(v, "intelRdt.l3CacheSchema");
	if (!is_empty(r->l3_cache_schema) &&
	    (!has_prefix(r->l3_cache_schema, "L3:") || strchr(r->l3_cache_schema, '\n')))
		rule_warn(v, "should be one line that starts with L3:");
}

static bool has_flag(const struct oci_memory_policy *policy, const char *flag)
{
	for (size_t i = 0; i < policy->n_flags; i++)
		if (is_equal(policy->flags[i], flag))
			return true;
	return false;
}

static void check_memory_policy(struct validation *v)
{
	const struct oci_memory_policy *p = v->linux_->memory_policy;
	bool is_local, is_free;
	const char *problem;

	if (!p || !p->mode)
		return;
	is_local = is_equal(p->mode, "MPOL_DEFAULT") || is_equal(p->mode, "MPOL_LOCAL");
	is_free = is_equal(p->mode, "MPOL_PREFERRED");
	problem = rule_list_problem(p->nodes, MOST_NODE);
	rule_at(v, "memoryPolicy.nodes");
	if (problem)
		rule_refuse(v, "%s, got the string \"%.40s\"", problem, p->nodes);
	else if (is_local && !is_empty(p->nodes))
		rule_refuse(v, "%s takes no nodes; leave them out", p->mode);
	else if (!is_local && !is_free && is_empty(p->nodes))
		rule_refuse(v, "%s needs nodes, like 0-1", p->mode);
	rule_at(v, "memoryPolicy.flags");
	if (has_flag(p, "MPOL_F_STATIC_NODES") && has_flag(p, "MPOL_F_RELATIVE_NODES"))
		rule_refuse(v,
			    "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each "
			    "other");
}

static void check_personality(struct validation *v)
{
	if (v->linux_->personality && v->linux_->personality->n_flags)
		rule_refuse(v, "no flag is defined; leave the list empty");
}

static const struct rule rules[] = {
	{ SCOPE_LINUX, "namespaces", check_namespaces },
	{ SCOPE_LINUX, "timeOffsets", check_time },
	{ SCOPE_LINUX, "devices", check_devices },
	{ SCOPE_LINUX, "netDevices", check_net_devices },
	{ SCOPE_LINUX, "cgroupsPath", check_cgroups_path },
	{ SCOPE_LINUX, "intelRdt", check_rdt },
	{ SCOPE_LINUX, "memoryPolicy", check_memory_policy },
	{ SCOPE_LINUX, "personality.flags", check_personality },
};
const struct rules linux_rules = { rules, ARRAY_SIZE(rules) };
