/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process and its descendants, for containers that have no cgroup; see proc.h. */
#include "kernel/proc.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct process {
	pid_t pid, parent;
	bool is_ours;
};

struct processes {
	struct arena *arena;
	struct process *items;
	size_t n, room;
};

static pid_t parent_of(pid_t pid)
{
	char path[32], line[512], *at;
	FILE *file;
	pid_t parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	/* The name, field 2, may hold anything, also ')'. */
	if (fgets(line, sizeof(line), file) && (at = strrchr(line, ')')) && strlen(at) > 4)
		parent = atoi(at + 4);
	(void)fclose(file); /* it was only read */
	return parent;
}

static int read_all(struct processes *list, struct error *err)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;

	if (!dir)
		return fail_errno(err, "read '/proc'");
	while ((entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0)
			*arena_push(list->arena, list->items, list->n, list->room) =
				(struct process){ pid, parent_of(pid), false };
	}
	closedir(dir);
	return 0;
}

static bool is_of(const struct processes *list, pid_t parent)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].pid == parent)
			return list->items[i].is_ours;
	return false;
}

int proc_descendants(struct arena *arena, pid_t pid, pid_t **out, size_t *out_n,
		     struct error *err)
{
	struct processes list = { .arena = arena };

	TRY(read_all(&list, err));
	*out = arena_array(arena, list.n + 1, sizeof(**out));
	*out_n = 0;
	/* A child may stand before its parent: pids come round. */
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < list.n; i++) {
			struct process *process = &list.items[i];

			if (process->is_ours ||
			    (process->pid != pid && !is_of(&list, process->parent)))
				continue;
			process->is_ours = more = true;
			(*out)[(*out_n)++] = process->pid;
		}
	}
	return 0;
}
