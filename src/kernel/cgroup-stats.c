/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See cgroup-stats.h.  Waiting for memory to run out is in cgroup-oom.c. */
#include "kernel/cgroup-stats.h"
#include "base/file.h"
#include "base/text.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

const struct stats_dir *stats_unified(const struct stats_reader *reader)
{
	for (size_t i = 0; i < reader->n; i++)
		if (reader->dirs[i].is_v2)
			return &reader->dirs[i];
	return NULL;
}

const struct stats_dir *stats_find(const struct stats_reader *reader, const char *controller)
{
	for (size_t i = 0; i < reader->n; i++)
		if (!reader->dirs[i].is_v2 &&
		    text_has_word(reader->dirs[i].controllers, controller))
			return &reader->dirs[i];
	return stats_unified(reader);
}

char *stats_text(const struct stats_reader *reader, const struct stats_dir *dir,
		 const char *file)
{
	struct error ignored;
	char *text;

	if (!dir || !file ||
	    file_read_at(AT_FDCWD, text_join_path(reader->arena, dir->path, file),
			 reader->arena, &text, &ignored) < 0)
		return NULL;
	return text;
}

/* What stands behind the key at the beginning of a line, or NULL. */
static const char *behind_key(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (; *text; text += *text == '\n') {
		if (strncmp(text, key, n) == 0 && text[n] == ' ')
			return text + n + 1;
		text += strcspn(text, "\n");
	}
	return NULL;
}

bool stats_number(const struct stats_reader *reader, const struct stats_dir *dir,
		  const char *file, const char *key, uint64_t *out)
{
	const char *text = stats_text(reader, dir, file);

	if (text && key)
		text = behind_key(text, key);
	if (!text)
		return false;
	*out = has_prefix(text, "max") ? UINT64_MAX : strtoull(text, NULL, 10);
	return true;
}

struct block_list {
	struct arena *arena;
	struct stats_block *items;
	size_t n, room;
};

static void add_block(struct block_list *list, const struct stats_block *block)
{
	*arena_push(list->arena, list->items, list->n, list->room) = *block;
}

/* "8:0"; false for anything else, like "Total". */
static bool parse_device(const char *word, struct stats_block *out)
{
	char *end;

	out->major = strtoull(word, &end, 10);
	if (end == word || *end != ':')
		return false;
	out->minor = strtoull(end + 1, &end, 10);
	return !*end;
}

void stats_blocks(const struct stats_reader *reader, const char *text,
		  struct stats_block **out, size_t *out_n)
{
	struct block_list list = { .arena = reader->arena };
	char *copy = arena_strdup(reader->arena, text), *line;

	while ((line = strsep(&copy, "\n"))) {
		const char *device = strsep(&line, " "), *first = strsep(&line, " ");
		struct stats_block block = { .operation = "" };

		if (!first || !parse_device(device, &block))
			continue;
		if (line)
			block.operation = first;
		block.value = strtoull(line ? line : first, NULL, 10);
		add_block(&list, &block);
	}
	*out = list.items;
	*out_n = list.n;
}

/* The number in "key=123" among words. */
static bool find_pair(const char *words, const char *key, size_t n, uint64_t *out)
{
	for (const char *at = words; at && *at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (strncmp(at, key, n) == 0 && at[n] == '=') {
			*out = strtoull(at + n + 1, NULL, 10);
			return true;
		}
	}
	return false;
}

void stats_io(const struct stats_reader *reader, const char *text, const char *keys,
	      struct stats_block **out, size_t *out_n)
{
	static const char *const operations[] = { "Read", "Write", "Discard" };
	struct block_list list = { .arena = reader->arena };
	char *copy = arena_strdup(reader->arena, text), *line;

	while ((line = strsep(&copy, "\n"))) {
		struct stats_block block;
		const char *key = keys;

		if (!parse_device(strsep(&line, " "), &block) || !line)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
			size_t n = strcspn(key, " ");

			block.operation = operations[i];
			if (find_pair(line, key, n, &block.value))
				add_block(&list, &block);
			key += n + (key[n] == ' ');
		}
	}
	*out = list.items;
	*out_n = list.n;
}

/* "hugepages-2048kB" */
static const char *size_name(struct arena *arena, const char *entry)
{
	static const char *const units[] = { "KB", "MB", "GB" };
	size_t unit = 0;
	uint64_t size;

	if (!has_prefix(entry, "hugepages-"))
		return NULL;
	size = strtoull(entry + strlen("hugepages-"), NULL, 10);
	for (; size >= 1024 && size % 1024 == 0 && unit + 1 < ARRAY_SIZE(units); unit++)
		size /= 1024;
	return arena_printf(arena, "%llu%s", (unsigned long long)size, units[unit]);
}

void stats_page_sizes(struct arena *arena, const char ***out, size_t *out_n)
{
	DIR *dir = opendir("/sys/kernel/mm/hugepages");
	const struct dirent *entry;
	size_t room = 0;

	*out = NULL;
	*out_n = 0;
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		const char *name = size_name(arena, entry->d_name);

		if (name)
			*arena_push(arena, *out, *out_n, room) = name;
	}
	closedir(dir);
}
