/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * OCI documents as C structures, made from the tables (*.def): one struct an OBJECT.
 * Absent strings, objects, lists and maps are NULL; an empty list or map is not NULL.
 * Numbers and booleans have a has_ flag beside them.  Everything lives in the arena.
 * The callers are the planner and the verbs; nothing here touches the host.
 */
#pragma once
#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oci_string_entry {
	const char *key, *value;
};

struct oci_string_map {
	struct oci_string_entry *items;
	size_t n;
};

/* The C type of each kind of value, and whether it needs a has_ flag. */
#define OCI_TYPE_bool   bool
#define OCI_TYPE_u16    uint16_t
#define OCI_TYPE_u32    uint32_t
#define OCI_TYPE_id     uint32_t
#define OCI_TYPE_i32    int32_t
#define OCI_TYPE_i64    int64_t
#define OCI_TYPE_u64    uint64_t
#define OCI_TYPE_string const char *
#define OCI_TYPE_path   const char *
#define OCI_HAS_bool(m) bool has_##m;
#define OCI_HAS_u16(m)  bool has_##m;
#define OCI_HAS_u32(m)  bool has_##m;
#define OCI_HAS_id(m)   bool has_##m;
#define OCI_HAS_i32(m)  bool has_##m;
#define OCI_HAS_i64(m)  bool has_##m;
#define OCI_HAS_u64(m)  bool has_##m;
#define OCI_HAS_string(m)
#define OCI_HAS_path(m)

/* clang-format off */
#define OBJECT(t) struct t {
#define VALUE(t, m, kind, key, need, doc) OCI_TYPE_##kind m; OCI_HAS_##kind(m)
#define RANGE(t, m, kind, key, need, min, max, doc) OCI_TYPE_##kind m; OCI_HAS_##kind(m)
#define NAMED(t, m, set, key, need, doc) const char *m;
#define CHILD(t, m, of, key, need, doc) struct of *m;
#define LIST(t, m, kind, key, need, doc) OCI_TYPE_##kind *m; size_t n_##m;
#define LISTN(t, m, set, key, need, doc) const char **m; size_t n_##m;
#define LISTO(t, m, of, key, need, doc) struct of *m; size_t n_##m;
#define MAP(t, m, key, need, doc) struct oci_string_map m;
#define MAPO(t, m, of, key, need, set, doc) struct of##_entry *m; size_t n_##m;
#define IGNORED(t, key, why)
#define END(t) }; struct t##_entry { const char *key; struct t value; };
#include "libocispec/documents.def"
/* clang-format on */

/* One thing that is wrong with a document, and where. */
struct oci_problem {
	unsigned line, column; /* of the value's first byte, from 1 */
	bool is_warning;
	char path[256]; /* linux.namespaces[2].type; empty for the whole document */
	char what[512];
};

struct oci_problems {
	struct oci_problem *items;
	size_t n, room;
	struct arena *arena;
	size_t errors;     /* how many are not warnings, dropped ones too */
	size_t dropped;    /* beyond the first thousand */
	bool want_unknown; /* report members that no table knows, as warnings */
	bool has_agent;    /* somebody else names the agent that a seccomp filter may ask */
};

/* Whether there is an error among the problems, not only warnings. */
bool oci_problems_failed(const struct oci_problems *problems);

/* "config.json:8:53: linux.resources.pids.limit: expected ...", one line. */
void oci_problem_format(char *buffer, size_t size, const char *file,
			const struct oci_problem *problem);

struct oci_schema;
#define OBJECT(t) extern const struct oci_schema t##_schema;
#define VALUE(...)
#define RANGE(...)
#define NAMED(...)
#define CHILD(...)
#define LIST(...)
#define LISTN(...)
#define LISTO(...)
#define MAP(...)
#define MAPO(...)
#define IGNORED(...)
#define END(t)
#include "libocispec/documents.def"

/*
 * Text to structure of any OBJECT: 0, or -1 with every problem in *problems; warnings may
 * come with 0.  The problems' arena may be left NULL: then they go into the same one.
 */
int oci_read(const struct oci_schema *schema, struct arena *arena, const char *text,
	     size_t n, const void **out, struct oci_problems *problems);

/* Structure to text, members in the order of the table, no newline at the end. */
char *oci_write(const struct oci_schema *schema, struct arena *arena, const void *value,
		bool pretty);

/* The same, each level indented by that text; NULL: all on one line. */
char *oci_write_indented(const struct oci_schema *schema, struct arena *arena,
			 const void *value, const char *indent);

/* Whether two structures say the same; the order of a map's members has no meaning. */
bool oci_equal(const struct oci_schema *schema, const void *a, const void *b);

/* One row of the documentation of a document. */
struct oci_document_row {
	const char *path; /* linux.namespaces[].type, linux.sysctl{} */
	const char *type; /* string, uint32, object, ... */
	const char *need; /* optional; required; required, not empty */
	const char *doc;
	const char *const *names; /* what it may be, or NULL */
	size_t n_names;
};

/* Call back for each row of a document ("config", "state", "features"); -1: no such one.
 */
int oci_document(const char *document,
		 void (*row)(void *context, const struct oci_document_row *row),
		 void *context);

/* oci_<name>_read, oci_<name>_write, oci_<name>_equal for each document. */
#define OCI_DOCUMENT(name)                                                               \
	static inline int oci_##name##_read(struct arena *arena, const char *text,       \
					    size_t n, const struct oci_##name **out,     \
					    struct oci_problems *problems)               \
	{                                                                                \
		const void *value = NULL;                                                \
		int result = oci_read(&oci_##name##_schema, arena, text, n, &value,      \
				      problems);                                         \
                                                                                         \
		*out = value;                                                            \
		return result;                                                           \
	}                                                                                \
	static inline char *oci_##name##_write(                                          \
		struct arena *arena, const struct oci_##name *value, bool pretty)        \
	{                                                                                \
		return oci_write(&oci_##name##_schema, arena, value, pretty);            \
	}                                                                                \
	static inline bool oci_##name##_equal(const struct oci_##name *a,                \
					      const struct oci_##name *b)                \
	{                                                                                \
		return oci_equal(&oci_##name##_schema, a, b);                            \
	}
OCI_DOCUMENT(config)
OCI_DOCUMENT(process)
OCI_DOCUMENT(resources)
OCI_DOCUMENT(seccomp)
OCI_DOCUMENT(state)
OCI_DOCUMENT(features)
OCI_DOCUMENT(container_process_state)
OCI_DOCUMENT(record)
OCI_DOCUMENT(status)

/* The names of a set of enums.def, by its name ("seccomp_action"); NULL: no such set. */
struct oci_names {
	const char *set, *what;
	bool is_strict;
	size_t n;
	const char *const *names;
};
const struct oci_names *oci_names_of(const char *set);
