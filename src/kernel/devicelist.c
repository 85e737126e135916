/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See devicelist.h. */
#include "kernel/devicelist.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup.h"
#include <fcntl.h>
#include <stdio.h>

/* Rules to be written, in their order. */
struct changes {
	struct device_rule *items;
	size_t n, room;
};

static const struct device_rule everything = { 'a', DEVICE_ANY, DEVICE_ANY, DEVICE_ALL, false };

static int64_t number_of(const char *word)
{
	uint64_t number;

	return text_to_u64(word, INT64_MAX, &number) ? (int64_t)number : DEVICE_ANY;
}

/* "c 1:3 rwm"; of everything that is allowed there is one line, "a *:* rwm". */
static bool read_line(const char *line, struct device_rule *out)
{
	char type, major[24], minor[24], letters[8];

	if (sscanf(line, "%c %23[^:]:%23s %7s", &type, major, minor, letters) != 4)
		return false;
	*out = (struct device_rule){ type, number_of(major), number_of(minor),
				     device_access(letters), true };
	return true;
}

static int read_list(struct arena *arena, const char *dir, struct device_list *out,
		     struct error *err)
{
	const char *path = text_join_path(arena, dir, "devices.list");
	struct device_rule rule;
	char *text, *line;

	*out = (struct device_list){ 0 };
	TRY(file_read_at(AT_FDCWD, path, arena, &text, err));
	while ((line = strsep(&text, "\n")))
		if (!read_line(line, &rule))
			continue;
		else if (rule.type == 'a')
			out->allows_rest = true;
		else
			*arena_push(arena, out->items, out->n, out->room) = rule;
	return 0;
}

static unsigned access_in(const struct device_list *list, const struct device_rule *rule)
{
	unsigned access = 0;

	for (size_t i = 0; i < list->n; i++)
		if (device_is_same(&list->items[i], rule))
			access |= list->items[i].access;
	return access;
}

/* Whatever exceptions the one list has and the other has not. */
static void add_missing(struct arena *arena, struct changes *changes, bool allow,
			const struct device_list *lists[2])
{
	for (size_t i = 0; i < lists[0]->n; i++) {
		struct device_rule rule = lists[0]->items[i];

		rule.access &= ~access_in(lists[1], &rule);
		rule.allow = allow;
		if (rule.access)
			*arena_push(arena, changes->items, changes->n, changes->room) = rule;
	}
}

static int write_rule(const char *dir, const struct device_rule *rule, bool allow,
		      struct error *err)
{
	char line[DEVICE_LINE];

	return cgroup_write(dir, allow ? "devices.allow" : "devices.deny",
			    device_line(rule, line), err);
}

static int write_all_of(const char *dir, const struct changes *changes, bool takes_back,
			struct error *err)
{
	struct error ignored;

	for (size_t i = 0; i < changes->n; i++) {
		if (write_rule(dir, &changes->items[i], changes->items[i].allow, err) == 0)
			continue;
		while (takes_back && i-- > 0)
			(void)write_rule(dir, &changes->items[i], !changes->items[i].allow,
					 &ignored);
		return -1;
	}
	return 0;
}

/* What is new comes first: a device that both lists allow is never without a rule. */
int devicelist_replace(struct arena *arena, const char *dir, const struct device_list *list,
		       struct error *err)
{
	struct device_list present;
	struct changes changes = { 0 };
	bool turns, is_list;

	TRY(read_list(arena, dir, &present, err));
	is_list = !present.allows_rest;
	turns = present.allows_rest != list->allows_rest;
	if (turns && is_list && list->n)
		return fail(err, ERROR_STATE,
			    "from what is allowed to what is denied there is no way but over a "
			    "moment in which everything is allowed: list what is allowed");
	if (turns) {
		*arena_push(arena, changes.items, changes.n, changes.room) = everything;
		changes.items[0].allow = list->allows_rest;
		present.n = 0;
	}
	add_missing(arena, &changes, !list->allows_rest,
		    (const struct device_list *[]){ list, &present });
	add_missing(arena, &changes, list->allows_rest,
		    (const struct device_list *[]){ &present, list });
	TRY(write_all_of(dir, &changes, is_list && !turns, err));
	return (int)changes.n;
}
