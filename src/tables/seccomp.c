/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See seccomp.h. */
#include "tables/seccomp.h"
#include "tables/numbers.h"

#define ACTION(name, number)
#define OPERATOR(name, number)
#define ARCH(name, number)
#define FLAG(name, number)

#undef ACTION
#define ACTION(name, number) { name, number },
static const struct number_row actions[] = {
#include "tables/seccomp.def"
};
#undef ACTION
#define ACTION(name, number)

#undef OPERATOR
#define OPERATOR(name, number) { name, number },
static const struct number_row operators[] = {
#include "tables/seccomp.def"
};
#undef OPERATOR
#define OPERATOR(name, number)

#undef ARCH
#define ARCH(name, number) { name, number },
static const struct number_row archs[] = {
#include "tables/seccomp.def"
};
#undef ARCH
#define ARCH(name, number)

#undef FLAG
#define FLAG(name, number) { name, number },
static const struct number_row flags[] = {
#include "tables/seccomp.def"
};

#define LOOK_UPS(kind, rows)                                                               \
	bool seccomp_##kind##_by_name(const char *name, uint32_t *out)                     \
	{                                                                                  \
		const struct number_row *row = number_find(rows, ARRAY_SIZE(rows), name);  \
                                                                                           \
		if (row)                                                                   \
			*out = row->number;                                                \
		return row;                                                                \
	}                                                                                  \
	const char *seccomp_##kind##_name(size_t i)                                        \
	{                                                                                  \
		return i < ARRAY_SIZE(rows) ? rows[i].name : NULL;                         \
	}

LOOK_UPS(action, actions)
LOOK_UPS(operator, operators)
LOOK_UPS(arch, archs)
LOOK_UPS(flag, flags)
