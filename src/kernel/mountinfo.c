/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See mountinfo.h.  A static command cannot open a library and says so.
 */
#include "kernel/mountinfo.h"
#include "base/text.h"
#include "kernel/dlopen-note.h"
#include <dlfcn.h>
#include <libmount.h>
#include <stddef.h>
#include <string.h>

#define LIBRARY "libmount.so.1"

#ifdef OCI_RT_STATIC

int mountinfo_read(struct arena *arena, struct mount_entry **out, size_t *out_n,
		   struct error *err)
{
	(void)arena, (void)out, (void)out_n;
	return fail(err, ERROR_CONFIG,
		    "this oci-rt is linked statically and cannot open %s, which reads the table "
		    "of mounts: use one that is not", LIBRARY);
}

#else

DLOPEN_NOTE("mounts", "Reading the table of mounts", "recommended", LIBRARY);

struct library {
	struct libmnt_table *(*new_table_from_file)(const char *);
	void (*unref_table)(struct libmnt_table *);
	struct libmnt_iter *(*new_iter)(int);
	void (*free_iter)(struct libmnt_iter *);
	int (*table_next_fs)(struct libmnt_table *, struct libmnt_iter *, struct libmnt_fs **);
	const char *(*fs_get_root)(struct libmnt_fs *);
	const char *(*fs_get_target)(struct libmnt_fs *);
	const char *(*fs_get_fstype)(struct libmnt_fs *);
	const char *(*fs_get_fs_options)(struct libmnt_fs *);
};

#define SYMBOL(name) { "mnt_" #name, offsetof(struct library, name) }

static const struct {
	const char *name;
	size_t at;
} symbols[] = {
	SYMBOL(new_table_from_file), SYMBOL(unref_table),   SYMBOL(new_iter),
	SYMBOL(free_iter),	     SYMBOL(table_next_fs), SYMBOL(fs_get_root),
	SYMBOL(fs_get_target),	     SYMBOL(fs_get_fstype), SYMBOL(fs_get_fs_options),
};

static int open_library(struct library *out, struct error *err)
{
	/* Never closed: it is opened once, and we are to end soon. */
	void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return fail(err, ERROR_CONFIG,
			    "%s, which reads the table of mounts, cannot be opened: install "
			    "libmount", LIBRARY);
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *symbol = dlsym(handle, symbols[i].name);

		if (!symbol)
			return fail(err, ERROR_CONFIG, "%s has no '%s': install a newer one",
				    LIBRARY, symbols[i].name);
		memcpy((char *)out + symbols[i].at, &symbol, sizeof(symbol));
	}
	return 0;
}

static const char *copy(struct arena *arena, const char *s)
{
	return arena_strdup(arena, s ? s : "");
}

int mountinfo_read(struct arena *arena, struct mount_entry **out, size_t *out_n,
		   struct error *err)
{
	struct library *lib = arena_new(arena, struct library);
	struct libmnt_table *table;
	struct libmnt_iter *at;
	struct libmnt_fs *fs;
	size_t room = 0;

	*out = NULL;
	*out_n = 0;
	TRY(open_library(lib, err));
	table = lib->new_table_from_file("/proc/self/mountinfo");
	if (!table)
		return fail(err, ERROR_KERNEL, "the table of mounts cannot be read");
	at = lib->new_iter(MNT_ITER_FORWARD);
	while (at && lib->table_next_fs(table, at, &fs) == 0)
		*arena_push(arena, *out, *out_n, room) = (struct mount_entry){
			.root = copy(arena, lib->fs_get_root(fs)),
			.point = copy(arena, lib->fs_get_target(fs)),
			.type = copy(arena, lib->fs_get_fstype(fs)),
			.super = copy(arena, lib->fs_get_fs_options(fs)),
		};
	lib->free_iter(at);
	lib->unref_table(table);
	return 0;
}

#endif
