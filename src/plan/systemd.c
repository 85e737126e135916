/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * systemd as the manager of the container's cgroups: limits become properties of its
 * unit, which is started around the first process in it; what properties cannot express is
 * written to the files of its cgroup afterwards, before that process goes on.
 */
#include "base/text.h"
#include "plan/cgroup2-values.h"
#include "plan/planner.h"
#include "plan/systemd-values.h"

enum versions { V1 = 1, V2 = 2, VBOTH = V1 | V2 };

void plan_set_property(struct planner *p, const char *why, struct unit_property property)
{
	struct unit_property *copy = arena_new(p->arena, struct unit_property);

	*copy = property;
	HOST(p, why, set_property, copy, systemd_show(p->arena, copy));
}

static void add_number(struct planner *p, const char *why, const char *name, uint64_t number)
{
	plan_set_property(p, why,
	    (struct unit_property){ .name = name, .kind = PROPERTY_U64, .number = number,
				    .is_optional = true });
}

/* A list that is not understood is left to the kernel, whose file it is written to. */
static void add_set(struct planner *p, const char *why, const char *name, const char *list)
{
	size_t n;
	const char *bits = systemd_bits(p->arena, list, &n);

	if (bits)
		plan_set_property(p, why,
		    (struct unit_property){ .name = name, .kind = PROPERTY_BYTES, .text = bits,
					    .n = n, .is_optional = true });
}

static void add_rates(struct planner *p, const char *why, const char *name,
		      const struct oci_throttle_device *devices, size_t n)
{
	const char **words = arena_array(p->arena, n + 1, sizeof(*words));
	uint64_t *rates = arena_array(p->arena, n + 1, sizeof(*rates));

	for (size_t i = 0; i < n; i++) {
		words[i] = WHY(p, "/dev/block/%lld:%lld", (long long)devices[i].major,
			       (long long)devices[i].minor);
		rates[i] = devices[i].rate ? devices[i].rate : PROPERTY_NO_LIMIT;
	}
	if (n)
		plan_set_property(p, why,
		    (struct unit_property){ .name = name, .kind = PROPERTY_RATES, .n = n,
					    .words = words, .rates = rates,
					    .is_optional = true });
}

static uint64_t amount(int64_t value)
{
	return value < 0 ? PROPERTY_NO_LIMIT : (uint64_t)value;
}

static uint64_t swap_of(const struct oci_memory *memory)
{
	if (!memory->has_swap || memory->swap < 0)
		return PROPERTY_NO_LIMIT;
	return amount(memory->swap - memory->limit);
}

/* A quota alone is one of the period that is there. */
static uint64_t quota_of(const struct planner *p, const struct oci_cpu *cpu)
{
	return systemd_quota(cpu->quota, cpu->has_period && cpu->period ? cpu->period :
									  p->in->present.period);
}

static void add_amount(struct planner *p, const char *why, const char *name,
		       const char *value)
{
	uint64_t number = PROPERTY_NO_LIMIT;

	if (is_equal(value, "max") || text_to_u64(value, UINT64_MAX - 1, &number))
		add_number(p, why, name, number);
}

static void add_files(struct planner *p, const struct oci_resources *r)
{
	for (size_t i = 0; i < r->unified.n; i++) {
		const char *key = r->unified.items[i].key, *value = r->unified.items[i].value;
		const char *why = WHY(p, "linux.resources.unified[\"%s\"]", key);

#define AMOUNT add_amount
#define LIST   add_set
#define FILE_(file, name, kind)                                                            \
	if (is_equal(key, file))                                                           \
		kind(p, why, name, value);
#include "tables/systemd.def"
#undef AMOUNT
#undef LIST
	}
}

void plan_unit_limits(struct planner *p)
{
	const struct oci_resources *r = p->lin->resources;
	enum versions version = p->facts->cgroup_mode == CGROUP_V2 ? V2 : V1;

	if (!r)
		return;
#define NUMBER(versions, name, place, condition, value)                                    \
	if ((V##versions & version) && (condition))                                        \
		add_number(p, "linux.resources." place, name, (value));
#define SET(versions, name, place, condition, value)                                       \
	if ((V##versions & version) && (condition))                                        \
		add_set(p, "linux.resources." place, name, (value));
#define RATES(versions, name, place, list)                                                 \
	if ((V##versions & version) && r->block_io)                                        \
		add_rates(p, "linux.resources." place, name, r->block_io->list,            \
			  r->block_io->n_##list);
#include "tables/systemd.def"
	add_files(p, r);
}

static bool is_allowed(const char *name)
{
	static const char *const names[] = {
#define ALLOWED(name_) name_,
#include "tables/systemd.def"
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (is_equal(names[i], name))
			return true;
	return false;
}

/* "TimeoutStopSec" is what files call TimeoutStopUSec, which counts microseconds. */
static const char *property_name(struct planner *p, const char *name, bool *out_is_seconds)
{
	*out_is_seconds = has_suffix(name, "Sec") && !has_suffix(name, "USec");
	if (!*out_is_seconds)
		return name;
	return WHY(p, "%.*sUSec", (int)(strlen(name) - strlen("Sec")), name);
}

static int add_annotation(struct planner *p, const struct oci_string_entry *entry,
			  const char *given, struct error *err)
{
	enum { MICROSECONDS = 1000000 };
	const char *why = WHY(p, "annotations[\"%s\"]", entry->key);
	struct unit_property property = { 0 };
	bool is_seconds;

	property.name = property_name(p, given, &is_seconds);
	if (!is_allowed(property.name))
		return plan_refuse(err, why, "'%.60s' is no property that a container may set",
				   given);
	if (systemd_parse_value(p->arena, entry->value, &property, err) < 0) {
		error_context(err, "%s", why);
		return -1;
	}
	if (is_seconds) {
		if (property.kind > PROPERTY_U64 || property.kind == PROPERTY_BOOL ||
		    property.number > UINT64_MAX / MICROSECONDS)
			return plan_refuse(err, why, "expected a number of seconds");
		property.kind = PROPERTY_U64;
		property.number *= MICROSECONDS;
	}
	plan_set_property(p, why, property);
	return 0;
}

static int add_annotations(struct planner *p, struct error *err)
{
	static const char prefix[] = "org.systemd.property.";
	const struct oci_string_map *map = &p->config->annotations;

	for (size_t i = 0; i < map->n; i++)
		if (has_prefix(map->items[i].key, prefix))
			TRY(add_annotation(p, &map->items[i],
					   map->items[i].key + strlen(prefix), err));
	return 0;
}

/* What every container has: accounting, and a cgroup that systemd leaves to us. */
static void add_usual(struct planner *p)
{
	static const char *const switches[] = { "Delegate", "CPUAccounting", "MemoryAccounting",
						"TasksAccounting", NULL, NULL };
	const char *why = "linux.cgroupsPath";
	bool is_v2 = p->facts->cgroup_mode == CGROUP_V2;

	plan_set_property(p, why, (struct unit_property){ .name = "DefaultDependencies" });
	for (size_t i = 0; switches[i]; i++)
		plan_set_property(p, why,
		    (struct unit_property){ .name = switches[i], .number = true,
					    .is_optional = i > 0 });
	plan_set_property(p, why,
	    (struct unit_property){ .name = is_v2 ? "IOAccounting" : "BlockIOAccounting",
				    .number = true, .is_optional = true });
	/* A unit that failed, by want of memory say, goes like any other. */
	plan_set_property(p, why,
	    (struct unit_property){ .name = "CollectMode", .kind = PROPERTY_STRING,
				    .text = "inactive-or-failed", .is_optional = true });
}

int plan_start_unit(struct planner *p, enum role role, struct error *err)
{
	const char *path = NULL;

	for (size_t i = 0; i < p->record->n_cgroups; i++)
		if (p->facts->hierarchies[i].is_v2 || !path ||
		    is_equal(p->facts->hierarchies[i].controllers, "name=systemd"))
			path = p->record->cgroups[i].path;
	add_usual(p);
	plan_unit_limits(p);
	TRY(plan_unit_devices(p, err));
	TRY(add_annotations(p, err));
	HOST(p, "linux.cgroupsPath", start_unit, p->unit, path, role);
	TRY(plan_cgroups(p, err));
	TRY(plan_net_shares(p, err));
	for (size_t i = 0; i < p->record->n_cgroups; i++)
		HOST(p, "linux.cgroupsPath", move_role,
		     p->inner && p->facts->hierarchies[i].is_v2 ? p->inner :
								  p->record->cgroups[i].path,
		     role);
	plan_meet(p->plan, ROLE_HOST, role, MILESTONE_IN_CGROUP, "linux.cgroupsPath");
	return 0;
}
