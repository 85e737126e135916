/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container has used, as JSON for events, or in its cgroups' own words. */
#pragma once
#include "kernel/cgroup-stats.h"
#include "libocispec/ocispec.h"

/* What the container's cgroups say; the reader needs the record no more. */
void stats_reader_of(struct arena *arena, const struct oci_record *record,
		     struct stats_reader *out);

/* One line without a newline: the data of an event of the type "stats". */
char *stats_document(const struct stats_reader *reader);
