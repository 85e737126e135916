/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hooks that run when a container is gone; see destroy.h. */
#include "base/log.h"
#include "container/destroy.h"
#include "container/launch.h"

static int run_poststop(struct arena *arena, const struct oci_record *record,
			const struct oci_config *config, struct error *err)
{
	struct request request = { .id = record->id, .bundle = record->bundle };
	struct plan_input input = { .config = config, .request = &request };
	const struct plan *plan = plan_poststop(arena, &input);
	struct run run;
	int result;

	TRY(run_begin(&run, arena, plan, false, err));
	result = run_role(&run, err);
	run_end(&run);
	return result;
}

void container_run_poststop(struct arena *arena, const struct oci_record *record,
			    const char *config_text, size_t n_config_text)
{
	struct oci_problems problems = { .arena = arena, .has_agent = true };
	const struct oci_config *config;
	struct error err = { 0 };

	if (oci_config_read(arena, config_text, n_config_text, &config, &problems) < 0) {
		log_warning("the snapshot of the configuration of container '%s' cannot be "
			    "read: its poststop hooks do not run", record->id);
		return;
	}
	if (run_poststop(arena, record, config, &err) < 0)
		log_warning("%s", err.text);
}
