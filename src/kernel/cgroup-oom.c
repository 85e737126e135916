/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hearing of memory that ran out: version 1 signals an eventfd that was registered for
 * memory.oom_control (and once more when the cgroup is removed), version 2 modifies
 * memory.events, which inotify tells.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup-stats.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

static uint64_t count_kills(const struct stats_reader *reader, const struct stats_dir *dir)
{
	uint64_t n = 0;

	return stats_number(reader, dir, "memory.events", "oom_kill", &n) ? n : 0;
}

static int open_v1(const struct stats_reader *reader, struct stats_oom *oom, struct error *err)
{
	const char *dir = oom->dir->path;
	char line[64];

	oom->control = TRY(open(text_join_path(reader->arena, dir, "memory.oom_control"),
				O_RDONLY | O_CLOEXEC), err, "open memory.oom_control of '%s'", dir);
	oom->fd = TRY(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), err, "make an eventfd");
	snprintf(line, sizeof(line), "%d %d", oom->fd, oom->control);
	TRY(file_poke_at(AT_FDCWD, text_join_path(reader->arena, dir, "cgroup.event_control"),
			 line), err, "ask the cgroup '%s' to tell when memory runs out", dir);
	return 0;
}

static int open_v2(const struct stats_reader *reader, struct stats_oom *oom, struct error *err)
{
	const char *path = text_join_path(reader->arena, oom->dir->path, "memory.events");

	oom->fd = TRY(inotify_init1(IN_CLOEXEC | IN_NONBLOCK), err, "start inotify");
	TRY(inotify_add_watch(oom->fd, path, IN_MODIFY), err, "watch '%s'", path);
	oom->kills = count_kills(reader, oom->dir);
	return 0;
}

int stats_oom_open(const struct stats_reader *reader, struct stats_oom *out, struct error *err)
{
	int result = -1;

	*out = (struct stats_oom){ .fd = -1, .control = -1 };
	out->dir = stats_find(reader, "memory");
	if (!out->dir ||
	    (out->dir->is_v2 && !text_has_word(out->dir->controllers, "memory"))) {
		errno = ENOENT;
		return fail_errno(err, "no cgroup tells when memory runs out");
	}
	result = out->dir->is_v2 ? open_v2(reader, out, err) : open_v1(reader, out, err);
	if (result < 0)
		stats_oom_close(out);
	return result;
}

bool stats_oom_happened(const struct stats_reader *reader, struct stats_oom *oom)
{
	char buffer[4096];
	ssize_t n = read(oom->fd, buffer, sizeof(buffer));
	uint64_t before = oom->kills;

	if (n <= 0)
		return false;
	if (!oom->dir->is_v2)
		/* A signal for a cgroup that is no more is that of its end. */
		return access(oom->dir->path, F_OK) == 0;
	oom->kills = count_kills(reader, oom->dir);
	return oom->kills > before;
}

uint64_t stats_oom_kills(const struct stats_reader *reader, uint64_t *out_limit)
{
	const struct stats_dir *dir = stats_find(reader, "memory");
	uint64_t n = 0;

	*out_limit = UINT64_MAX;
	if (!dir || !stats_number(reader, dir, dir->is_v2 ? "memory.events" : "memory.oom_control",
				  "oom_kill", &n) || !n)
		return 0;
	(void)stats_number(reader, dir, dir->is_v2 ? "memory.max" : "memory.limit_in_bytes", NULL,
			   out_limit);
	return n;
}

void stats_oom_close(struct stats_oom *oom)
{
	fd_close(&oom->fd);
	fd_close(&oom->control);
}
