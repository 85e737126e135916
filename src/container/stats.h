/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container has used, as JSON; for events. */
#pragma once
#include "kernel/cgroup-stats.h"

/* One line without a newline: the data of an event of the type "stats". */
char *stats_document(const struct stats_reader *reader);
