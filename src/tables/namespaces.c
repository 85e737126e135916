/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See namespaces.h. */
#include "tables/namespaces.h"
#include "base/text.h"
#include <assert.h>
#include <linux/sched.h>

const struct ns_row ns_table[NS_COUNT] = {
#define NAMESPACE(name, spec, flag, file) [NS_##name] = { spec, flag, file },
#include "tables/namespaces.def"
#undef NAMESPACE
};
static_assert(ARRAY_SIZE(ns_table) == NS_COUNT, "every namespace has a row");

enum ns ns_by_name(const char *name)
{
	enum ns ns = 0;

	while (ns < NS_COUNT && !is_equal(ns_table[ns].name, name))
		ns++;
	return ns;
}

uint64_t ns_clone_flags(unsigned set)
{
	uint64_t flags = 0;

	for (enum ns ns = 0; ns < NS_COUNT; ns++)
		if (set & NS_BIT(ns))
			flags |= ns_table[ns].clone_flag;
	return flags;
}
