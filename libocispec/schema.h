/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables of documents as data: one schema an OBJECT, one field a row.  Decoder,
 * encoder, comparison and documentation all walk these.
 */
#pragma once
#include "libocispec/ocispec.h"

enum kind {
	KIND_bool,
	KIND_u16,
	KIND_u32,
	KIND_id,
	KIND_i32,
	KIND_i64,
	KIND_u64,
	KIND_string,
	KIND_path,
	KIND_COUNT,
};

enum shape {
	SHAPE_VALUE,
	SHAPE_CHILD,
	SHAPE_LIST,
	SHAPE_LIST_OF_OBJECTS,
	SHAPE_MAP,
	SHAPE_MAP_OF_OBJECTS,
	SHAPE_IGNORED,
	SHAPE_COUNT,
};

enum need { OPTIONAL, REQUIRED, FILLED, NEED_COUNT };

struct field {
	const char *key, *doc;
	size_t key_length;
	enum shape shape;
	enum kind kind;
	enum need need;
	const struct oci_schema *of;
	const struct oci_names *names; /* what a string, or a map's key, may be */
	size_t offset, extra;          /* extra: of the has_ flag, or of the count */
	int64_t min;                   /* both 0: what the kind can hold */
	uint64_t max;
};

struct oci_schema {
	const char *name;
	size_t size;        /* of the structure */
	size_t entry_value; /* where it stands in its map entry */
	size_t entry_size;
	size_t n;
	const struct field *fields;
};

/* A kind of value: its size in a structure, its name, the numbers it can hold. */
struct kind_info {
	const char *name;
	size_t size;
	bool is_number;
	int64_t min;
	uint64_t max;
};
extern const struct kind_info kind_infos[KIND_COUNT];

/* Whether the set has that name. */
bool names_have(const struct oci_names *names, const char *name);

/* The name nearest to that one, if it is near enough to have been meant; else NULL. */
const char *names_nearest(const char *const *names, size_t n, const char *name);
