/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hooks that run when a container is gone; see destroy.h. */
#include "base/log.h"
#include "container/container.h"
#include "container/destroy.h"

void container_run_poststop(struct arena *arena, const struct oci_record *record,
			    const char *config_text, size_t n_config_text)
{
	struct oci_problems problems = { .arena = arena };
	const struct oci_config *config;

	if (oci_config_read(arena, config_text, n_config_text, &config, &problems) < 0) {
		log_warning("the snapshot of the configuration of container '%s' cannot be "
			    "read: its poststop hooks do not run", record->id);
		return;
	}
}
