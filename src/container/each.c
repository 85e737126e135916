/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See each.h. */
#include "container/each.h"
#include "container/store.h"
#include <regex.h>

static int do_matches(struct arena *arena, const struct request *request, regex_t *regex,
		      container_verb *verb, struct error *err)
{
	struct error later;
	int result = 0;
	char **ids;
	size_t n;

	TRY(store_list(arena, request->root, &ids, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (regexec(regex, ids[i], 0, NULL, 0) != 0)
			continue;
		if (verb(arena, request, ids[i], result < 0 ? &later : err) < 0)
			result = -1;
	}
	return result;
}

int container_each(struct arena *arena, const struct request *request, container_verb *verb,
		   struct error *err)
{
	regex_t regex;
	char why[128];
	int code;

	if (!request->is_regex)
		return verb(arena, request, request->id, err);
	code = regcomp(&regex, request->id, REG_EXTENDED | REG_NOSUB);
	if (code) {
		regerror(code, &regex, why, sizeof(why));
		return fail(err, ERROR_USAGE, "'%s' is no regular expression: %s", request->id,
			    why);
	}
	code = do_matches(arena, request, &regex, verb, err);
	regfree(&regex);
	return code;
}
