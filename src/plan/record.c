/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the store remembers of a container.  The record is written first before anything
 * exists ("creating"), so that delete can always find what a killed create has left; its
 * pid and start time, which no plan can know, are put in front by the executor.
 */
#include "plan/planner.h"
#include "base/text.h"

void plan_record_fill(struct planner *p)
{
	struct oci_record *record = p->record;
	const struct oci_hooks *hooks = p->config->hooks;

	record->config_version = p->config->oci_version;
	record->id = p->in->request->id;
	record->bundle = p->in->request->bundle;
	record->rootfs = p->rootfs;
	record->created = text_timestamp(p->arena, p->facts->now_seconds,
					 p->facts->now_nanoseconds);
	record->owner = p->facts->euid;
	record->has_owner = true;
	record->annotations = p->config->annotations;
	record->has_poststart = record->has_has_poststart = hooks && hooks->n_poststart;
	record->has_poststop = record->has_has_poststop = hooks && hooks->n_poststop;
	record->terminal = record->has_terminal = p->process && p->process->terminal;
	record->no_new_keyring = record->has_no_new_keyring = p->in->request->no_new_keyring;
	record->no_process = record->has_no_process = !p->process;
}

void plan_record(struct planner *p, const char *status, const char *because)
{
	struct oci_record record = *p->record;

	record.status = status;
	HOST(p, because, write_record, SLOT_STATE, "state.json", status,
	     oci_record_write(p->arena, &record, false) + 1);
}
