/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes to a JSON text of somebody else's that leave every other byte as it is.  The
 * text has been parsed; after a change it has to be parsed anew.
 */
#pragma once
#include "libocispec/json.h"

/* The text with a member (name in quotes, value) put first into an object; indent: 2 blanks
 * for each level. */
char *json_edit_add(struct arena *arena, const char *text, const struct json *object,
		    const char *member, const char *indent);

/* The text without a member; the inverse of json_edit_add. */
char *json_edit_remove(struct arena *arena, const char *text, const struct json *member);
