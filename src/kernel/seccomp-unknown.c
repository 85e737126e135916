/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See seccomp_add_unknown.  What is newer than the profile is told by numbers: they only
 * grow, on each architecture for itself.
 */
#include "kernel/seccomp-internal.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

enum { BLOCK = 6, X32_BIT = 0x40000000 };

/* The highest number that the filter names on an architecture; negative: none. */
static int highest(const struct seccomp_library *lib, const struct seccomp_filter *filter,
		   uint32_t arch)
{
	int most = -1;

	for (size_t i = 0; i < filter->n_rules; i++) {
		int number = lib->syscall_resolve_name_arch(arch, filter->rules[i].syscall);

		if (number > most && number < X32_BIT)
			most = number;
	}
	return most;
}

/* If it is this architecture and a higher number (x32 aside): ENOSYS. */
static size_t add_block(struct sock_filter *at, uint32_t arch, uint32_t most, size_t to_end)
{
	const struct sock_filter block[BLOCK] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 0, BLOCK - 1),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, most, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)to_end),
	};

	memcpy(at, block, sizeof(block));
	return BLOCK;
}

static bool has_errno_default(const struct seccomp_filter *filter)
{
	return (filter->default_action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO &&
	       (filter->default_action & SECCOMP_RET_DATA) != ENOSYS;
}

void seccomp_add_unknown(struct arena *arena, const struct seccomp_library *library,
			 const struct seccomp_filter *filter, struct seccomp_program *program)
{
	size_t n_archs = filter->n_archs + 1, n = 0;
	struct sock_filter *code;

	if (!has_errno_default(filter))
		return;
	code = arena_array(arena, 1 + n_archs * BLOCK + program->n, sizeof(*code));
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < n_archs; i++) {
		uint32_t arch = i ? filter->archs[i - 1] : library->arch_native();
		size_t to_end = (n_archs - 1 - i) * BLOCK;
		int most = highest(library, filter, arch);

		/* An architecture without its own token, or with no rule, never matches. */
		if (arch == SCMP_ARCH_X32 || most < 0)
			arch = 0;
		n += add_block(code + n, arch, (uint32_t)most, to_end);
	}
	memcpy(code + n, program->code, program->n * sizeof(*code));
	program->code = code;
	program->n += n;
}
