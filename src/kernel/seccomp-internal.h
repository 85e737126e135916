/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What seccomp.c, its cache and its compiler share; nobody else includes it.
 */
#pragma once
#include "kernel/seccomp.h"

/* Compile by libseccomp.  *out_library: the file of the library, or "" when linked in. */
int seccomp_compile(struct arena *arena, const struct seccomp_filter *filter,
		    struct seccomp_program *out, const char **out_library, struct error *err);

/* The functions of libseccomp that we use, found at first use. */
struct seccomp_library {
	void *(*init)(uint32_t default_action);
	void (*release)(void *context);
	int (*arch_add)(void *context, uint32_t arch);
	int (*attr_set)(void *context, int attribute, uint32_t value);
	int (*rule_add_array)(void *context, uint32_t action, int syscall, unsigned n,
			      const void *args);
	int (*syscall_resolve_name)(const char *name);
	int (*syscall_resolve_name_arch)(uint32_t arch, const char *name);
	uint32_t (*arch_native)(void);
	int (*export_bpf)(const void *context, int fd);
	const char *path;
};
int seccomp_library_open(struct arena *arena, struct seccomp_library *out, struct error *err);

/*
 * Code in front of the filter's: system calls newer than any that the filter names get
 * ENOSYS, as from an older kernel, so that programs try the older ones (glibc with
 * clone3, faccessat2).  Nothing is added unless the default is another errno.
 */
void seccomp_add_unknown(struct arena *arena, const struct seccomp_library *library,
			 const struct seccomp_filter *filter, struct seccomp_program *program);

/* Rewrite the program into an equal one of fewer instructions, where that can be done. */
void seccomp_shrink(struct arena *arena, struct seccomp_program *program);
