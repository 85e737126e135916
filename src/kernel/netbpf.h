/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A cgroup's share of the network, on hosts without net_cls and net_prio: small eBPF
 * programs on the cgroup (v2).  They hold for the sockets of its processes and live as long
 * as the cgroup.
 */
#pragma once
#include "base/error.h"
#include "tables/net-priority.h"
#include <stdbool.h>
#include <stddef.h>

/* At most rate bytes a second (1 to 10^12), headers of IP and above counted, lo not. */
int netbpf_limit(const char *cgroup, bool is_egress, uint64_t rate, struct error *err);
void netbpf_unlimit(const char *cgroup, bool is_egress);

/* One priority for each socket that is made, or (several) for packets by their device. */
int netbpf_set_priorities(const char *cgroup, const struct net_priority *items, size_t n,
			  struct error *err);
void netbpf_unset_priorities(const char *cgroup);

/* Take all of it away, from a cgroup that stays. */
void netbpf_detach(const char *cgroup);
