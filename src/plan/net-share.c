/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shares of the network where no controller gives them: rates by annotations of ours, and
 * priorities on hosts without net_prio.  Both are programs on the container's unified
 * cgroup, put there before there is a process.
 */
#include "plan/planner.h"
#include "base/text.h"

enum { MOST_RATE_DIGITS = 13 };
static const uint64_t most_rate = 1000000000000ull; /* a terabyte a second */

static const char *unified_dir(const struct planner *p)
{
	for (size_t i = 0; i < p->record->n_cgroups; i++)
		if (p->facts->hierarchies[i].is_v2)
			return p->record->cgroups[i].path;
	return NULL;
}

/* "2500", "10m": decimal, the letters are powers of a thousand. */
static bool read_rate(const char *text, uint64_t *out)
{
	static const char letters[] = "kmg";
	size_t n = strspn(text, "0123456789");
	char digits[MOST_RATE_DIGITS + 1] = { 0 };
	const char *letter = text[n] ? strchr(letters, text[n]) : NULL;

	if (n == 0 || n > MOST_RATE_DIGITS || (text[n] && (!letter || text[n + 1])))
		return false;
	memcpy(digits, text, n);
	if (!text_to_u64(digits, most_rate, out))
		return false;
	for (ptrdiff_t i = letter ? letter - letters : -1; i >= 0; i--) {
		if (*out > most_rate / 1000)
			return false;
		*out *= 1000;
	}
	return *out > 0;
}

static int add_rate(struct planner *p, const struct oci_string_entry *entry, bool is_egress,
		    struct error *err)
{
	const char *why = WHY(p, "annotations[\"%s\"]", entry->key), *dir = unified_dir(p);
	uint64_t rate = 0;

	if (!read_rate(entry->value, &rate))
		return plan_refuse(err, why,
				   "expected bytes a second, 1 to %llu, with k, m or g for "
				   "thousands, got \"%.40s\"",
				   (unsigned long long)most_rate, entry->value);
	if (!dir || !p->facts->is_privileged)
		return plan_refuse(err, why,
				   "the container needs a cgroup of version 2, and the runtime "
				   "CAP_SYS_ADMIN, for a limit by eBPF: take it out, or mount "
				   "cgroup2 and run as root");
	HOST(p, why, limit_network, dir, is_egress, rate);
	return 0;
}

static int add_priorities(struct planner *p, const struct oci_network *network,
			  struct error *err)
{
	const char *why = "linux.resources.network.priorities", *dir = unified_dir(p);
	struct net_priority *items = arena_array(p->arena, network->n_priorities, sizeof(*items));
	bool are_equal = true;

	for (size_t i = 0; i < network->n_priorities; i++) {
		items[i].name = network->priorities[i].name;
		items[i].priority = network->priorities[i].priority;
		are_equal &= items[i].priority == items[0].priority;
	}
	if (!dir)
		return plan_refuse_controller(p, err, why, "net_prio");
	if (!are_equal && p->wish[NS_network] != NS_INHERIT)
		return plan_refuse(err, why,
				   "without the controller net_prio, devices that differ can be "
				   "told apart in the runtime's network namespace only: give all "
				   "of them one priority");
	HOST(p, why, set_net_priorities, dir, items, network->n_priorities);
	return 0;
}

int plan_net_shares(struct planner *p, struct error *err)
{
	const struct oci_resources *r = p->lin->resources;
	const struct oci_string_map *annotations = &p->config->annotations;

	for (size_t i = 0; i < annotations->n; i++) {
		const struct oci_string_entry *entry = &annotations->items[i];

		if (is_equal(entry->key, "io.oci-rt.net.egress-bps"))
			TRY(add_rate(p, entry, true, err));
		else if (is_equal(entry->key, "io.oci-rt.net.ingress-bps"))
			TRY(add_rate(p, entry, false, err));
	}
	if (r && r->network && r->network->n_priorities &&
	    !plan_limit_dir(p, "net_prio", false))
		TRY(add_priorities(p, r->network, err));
	return 0;
}
