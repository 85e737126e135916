/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The documentation of a document: its tables, flattened to one row a path.
 */
#include "base/text.h"
#include "libocispec/schema.h"
#include <assert.h>
#include <stdio.h>

struct walk {
	void (*row)(void *context, const struct oci_document_row *row);
	void *context;
};

static const struct {
	const char *name;
	const struct oci_schema *schema;
} documents[] = {
	{ "config", &oci_config_schema },
	{ "process", &oci_process_schema },
	{ "resources", &oci_resources_schema },
	{ "state", &oci_state_schema },
	{ "features", &oci_features_schema },
	{ "containerProcessState", &oci_container_process_state_schema },
	{ "record", &oci_record_schema },
	{ "status", &oci_status_schema },
};

static const char *const suffixes[] = {
	[SHAPE_VALUE] = "",   [SHAPE_CHILD] = "",
	[SHAPE_LIST] = "[]",  [SHAPE_LIST_OF_OBJECTS] = "[]",
	[SHAPE_MAP] = "{}",   [SHAPE_MAP_OF_OBJECTS] = "{}",
	[SHAPE_IGNORED] = "",
};
static_assert(ARRAY_SIZE(suffixes) == SHAPE_COUNT, "every shape has a suffix");

static const char *const needs[] = {
	[OPTIONAL] = "optional",
	[REQUIRED] = "required",
	[FILLED] = "required, not empty",
};
static_assert(ARRAY_SIZE(needs) == NEED_COUNT, "every need has its words");

static void walk_schema(const struct walk *walk, const struct oci_schema *schema,
			const char *prefix)
{
	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];
		char path[256];
		struct oci_document_row row = {
			.path = path,
			.type = f->of ? "object" : kind_infos[f->kind].name,
			.need = needs[f->need],
			.doc = f->doc,
			.names = f->names ? f->names->names : NULL,
			.n_names = f->names ? f->names->n : 0,
		};

		if (f->shape == SHAPE_IGNORED)
			row.type = "ignored";
		snprintf(path, sizeof(path), "%s%s%s%s", prefix, *prefix ? "." : "",
			 f->key, suffixes[f->shape]);
		walk->row(walk->context, &row);
		if (f->of)
			walk_schema(walk, f->of, path);
	}
}

int oci_document(const char *document,
		 void (*row)(void *context, const struct oci_document_row *row),
		 void *context)
{
	struct walk walk = { .row = row, .context = context };

	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		if (!is_equal(documents[i].name, document))
			continue;
		walk_schema(&walk, documents[i].schema, "");
		return 0;
	}
	return -1;
}
