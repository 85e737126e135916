/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* state and list: what a container is and what it is doing, as documents. */
#include "base/file.h"
#include "base/text.h"
#include "container/container.h"
#include "container/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static bool has_process(enum container_status status)
{
	return status == STATUS_CREATED || status == STATUS_RUNNING || status == STATUS_PAUSED;
}

/* A container whose create is unfinished has an id and a status, and little else. */
static void summarize(const struct container *container, struct container_summary *out)
{
	static const struct oci_record none;
	const struct oci_record *record = container->record ? container->record : &none;
	enum container_status status = store_status(container);

	*out = (struct container_summary){
		.id = container->id,
		.status = container_status_names[status],
		.pid = has_process(status) ? (pid_t)record->pid : 0,
		.bundle = record->bundle ? record->bundle : "",
		.rootfs = record->rootfs ? record->rootfs : "",
		.created = record->created ? record->created : "",
		.annotations = record->annotations,
	};
}

void container_document(const struct container_summary *summary, struct oci_status *out)
{
	*out = (struct oci_status){
		.oci_version = OCI_VERSION,
		.id = summary->id,
		.pid = summary->pid,
		.has_pid = true,
		.status = summary->status,
		.bundle = summary->bundle,
		.rootfs = summary->rootfs,
		.created = is_empty(summary->created) ? NULL : summary->created,
		.annotations = summary->annotations,
		.owner = summary->owner ? summary->owner : "",
	};
	if (!out->annotations.n)
		out->annotations.items = NULL;
}

int container_state(struct arena *arena, const struct request *request, char **out_text,
		    struct error *err)
{
	struct container scoped_container container = { .dir = -1 };
	struct container_summary summary;
	struct oci_status document;

	TRY(store_open(arena, request->root, request->id, &container, err));
	summarize(&container, &summary);
	container_document(&summary, &document);
	*out_text = oci_status_write(arena, &document, true);
	return 0;
}

/* The names of users, read once and without NSS: a runtime must not load its modules. */
struct user_names {
	struct arena *arena;
	char *text;		/* of /etc/passwd; NULL until it is needed */
};

/* The name on the line of passwd(5) with that uid, or NULL. */
static const char *find_name(struct user_names *names, unsigned uid)
{
	for (const char *line = names->text; line && *line; line = strchrnul(line, '\n')) {
		const char *name, *colon;

		line += *line == '\n';
		name = line;
		colon = strpbrk(line, ":\n");
		if (!colon || *colon == '\n')
			continue;
		line = strpbrk(colon + 1, ":\n");
		if (!line)
			return NULL;
		if (*line == '\n')
			continue;
		if (strtoul(line + 1, NULL, 10) == uid)
			return arena_strndup(names->arena, name, (size_t)(colon - name));
	}
	return NULL;
}

static const char *name_of(struct user_names *names, unsigned uid)
{
	struct error ignored;
	const char *name;

	if (uid == 0)
		return "root";
	if (!names->text &&
	    file_read_at(AT_FDCWD, "/etc/passwd", names->arena, &names->text, &ignored) < 0)
		names->text = arena_strdup(names->arena, "");
	name = find_name(names, uid);
	return name ? name : arena_printf(names->arena, "#%u", uid);
}

/* A directory without a record is no container's, or has been for a few microseconds. */
static bool is_ours(const struct container *container)
{
	return container->record || faccessat(container->dir, STORE_RECORD, F_OK, 0) == 0;
}

/* The record goes before the next one is read: thousands of them need little memory. */
static void keep(struct arena *arena, struct container_summary *summary)
{
	struct oci_string_map *map = &summary->annotations;
	struct oci_string_entry *items =
		arena_array(arena, map->n + 1, sizeof(*map->items));

	summary->bundle = arena_strdup(arena, summary->bundle);
	summary->rootfs = arena_strdup(arena, summary->rootfs);
	summary->created = arena_strdup(arena, summary->created);
	for (size_t i = 0; i < map->n; i++)
		items[i] = (struct oci_string_entry){
			.key = arena_strdup(arena, map->items[i].key),
			.value = arena_strdup(arena, map->items[i].value),
		};
	map->items = items;
}

/* 1: filled in; 0: there is nothing to show. */
static int add_summary(struct arena *arena, struct arena *scratch, struct user_names *names,
		       const struct request *request, struct container_summary *out,
		       struct error *err)
{
	struct container scoped_container container = { .dir = -1 };

	/* One that was deleted since, or that is another user's, is none of ours. */
	if (store_open(scratch, request->root, out->id, &container, err) < 0)
		return err->code == ENOENT || err->code == EACCES ? 0 : -1;
	if (!is_ours(&container))
		return 0;
	summarize(&container, out);
	out->owner = name_of(names, container.record ? container.record->owner : 0);
	keep(arena, out);
	return 1;
}

int container_list(struct arena *arena, const struct request *request,
		   struct container_summary **out, size_t *out_n, struct error *err)
{
	struct arena scoped_arena scratch = { 0 };
	struct user_names names = { .arena = arena };
	char **ids;
	size_t n;

	*out_n = 0;
	TRY(store_list(arena, request->root, &ids, &n, err));
	*out = arena_array(arena, n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++) {
		(*out)[*out_n].id = ids[i];
		*out_n += (size_t)TRY(add_summary(arena, &scratch, &names, request,
						  &(*out)[*out_n], err));
		arena_reset(&scratch);
	}
	return 0;
}
