/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changing limits of a running container.  What a file held is read before it is written
 * to; what the kernel refuses because of a limit that is yet to change waits for the last
 * step; undo takes everything back, the last change first.
 */
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include "kernel/rdt.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int do_check_usage(struct run *run, const struct step_check_usage *step, struct error *err)
{
	const char *path = text_join_path(run->arena, step->dir, step->file);
	uint64_t used;
	char *text;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0; /* swap is not counted here */
	TRY(file_read_at(AT_FDCWD, path, run->arena, &text, err));
	text[strcspn(text, "\n")] = 0;
	if (!text_to_u64(text, UINT64_MAX, &used))
		return fail(err, ERROR_KERNEL, "'%s' holds no number: '%s'", path, text);
	if (used > (uint64_t)step->limit)
		return fail(err, ERROR_STATE,
			    "%s bytes are in use now, and the new limit is %lld "
			    "(memory.checkBeforeUpdate)", text, (long long)step->limit);
	return 0;
}

static void remember(struct run *run, const char *dir, const char *file, const char *old)
{
	if (old)
		*arena_push(run->arena, run->changes, run->n_changes, run->room_changes) =
			(struct limit_change){ dir, file, old };
}

/* An idle cgroup forgets its weight. */
static void remember_weight(struct run *run, const char *dir)
{
	static const char *const files[] = { "cpu.weight", "cpu.shares" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const char *old = cgroup_old_value(run->arena, dir, files[i], "");

		if (old && !is_equal(old, "0")) /* it was idle before */
			remember(run, dir, files[i], old);
	}
}

static int change(struct run *run, const struct step_change_cgroup *step, struct error *err)
{
	const char *file = step->file, *value = step->value, *old;

	if (access(text_join_path(run->arena, step->dir, file), F_OK) < 0 && errno == ENOENT) {
		if (step->is_optional)
			return 0;
		if (step->other) {
			file = step->other;
			value = step->other_value ? step->other_value : value;
		}
	}
	old = cgroup_old_value(run->arena, step->dir, file, value);
	if (is_equal(file, "cpu.idle"))
		remember_weight(run, step->dir);
	TRY(cgroup_write(step->dir, file, value, err));
	remember(run, step->dir, file, old);
	return 0;
}

/* Whether another limit may be what is in the way. */
static bool may_wait(int code)
{
	return code == EINVAL || code == EBUSY || code == ENOSPC;
}

int do_change_cgroup(struct run *run, const struct step_change_cgroup *step,
		     struct error *err)
{
	int result = change(run, step, err);

	if (result == 0 || !may_wait(err->code))
		return result;
	*err = (struct error){ 0 };
	*arena_push(run->arena, run->late, run->n_late, run->room_late) = step;
	return 0;
}

/* One round over those that wait; the error is that of the first that still does. */
static int settle_once(struct run *run, struct error *err)
{
	size_t n = run->n_late;
	struct error later;

	run->n_late = 0;
	for (size_t i = 0; i < n; i++) {
		const struct step_change_cgroup *step = run->late[i];

		if (change(run, step, run->n_late ? &later : err) == 0)
			continue;
		if (!run->n_late) {
			error_context(err, "%s", step->why);
			err->is_placed = true;
		}
		run->late[run->n_late++] = step;
	}
	return run->n_late ? -1 : 0;
}

int do_settle_changes(struct run *run, const struct step_settle_changes *step,
		      struct error *err)
{
	(void)step;
	for (size_t before = run->n_late; before; before = run->n_late) {
		*err = (struct error){ 0 };
		if (settle_once(run, err) == 0)
			return 0;
		if (run->n_late == before)
			return -1;
	}
	return 0;
}

int do_change_rdt(struct run *run, const struct step_change_rdt *step, struct error *err)
{
	const char *old;

	TRY(rdt_change(run->arena, step->root, step->path, step->line, &old, err));
	remember(run, step->path, "schemata", old);
	return 0;
}

static void put_back(const struct limit_change *done, const struct run *run)
{
	if (file_poke_at(AT_FDCWD, text_join_path(run->arena, done->dir, done->file),
			 done->old) < 0)
		log_warning("while undoing: set '%s' in '%s' back to '%s': %s", done->file,
			    done->dir, done->old, error_words(errno));
}

void changes_undo(struct run *run)
{
	while (run->n_changes > 0)
		put_back(&run->changes[--run->n_changes], run);
	if (!run->unit_past)
		return;
	unit_undo(run);
	if (run->old_quota.old)
		put_back(&run->old_quota, run);
}
