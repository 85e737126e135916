/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libseccomp, opened when a filter is really to be compiled: most commands, and all
 * creates whose profile is in the cache, never need it.  A note in our ELF file tells
 * packagers of the dependency.  A static program has it inside.
 */
#include "kernel/dlopen-note.h"
#include "kernel/seccomp-internal.h"
#include <dlfcn.h>
#include <seccomp.h>
#include <string.h>

#define LIBRARY "libseccomp.so.2"

#ifdef OCI_RT_STATIC

int seccomp_library_open(struct arena *arena, struct seccomp_library *out, struct error *err)
{
	(void)arena, (void)err;
	*out = (struct seccomp_library){
		.init = seccomp_init,
		.release = seccomp_release,
		.arch_add = seccomp_arch_add,
		.attr_set = (int (*)(void *, int, uint32_t))seccomp_attr_set,
		.rule_add_array = (int (*)(void *, uint32_t, int, unsigned,
					   const void *))seccomp_rule_add_array,
		.syscall_resolve_name = seccomp_syscall_resolve_name,
		.syscall_resolve_name_arch = seccomp_syscall_resolve_name_arch,
		.arch_native = seccomp_arch_native,
		.export_bpf = (int (*)(const void *, int))seccomp_export_bpf,
		.path = "",
	};
	return 0;
}

#else

DLOPEN_NOTE("seccomp", "Compiling seccomp profiles", "recommended", LIBRARY);

static int find(void *handle, const char *name, void *out, struct error *err)
{
	void *symbol = dlsym(handle, name);

	if (!symbol)
		return fail(err, ERROR_CONFIG, "%s has no '%s'; version 2.5 or later is needed",
			    LIBRARY, name);
	memcpy(out, &symbol, sizeof(symbol));
	return 0;
}

int seccomp_library_open(struct arena *arena, struct seccomp_library *out, struct error *err)
{
	/* Never closed: it is opened once, and we are to exec soon. */
	void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	Dl_info info;

	if (!handle)
		return fail(err, ERROR_CONFIG,
			    "the config has a seccomp profile, but %s cannot be opened: install "
			    "libseccomp", LIBRARY);
	TRY(find(handle, "seccomp_init", &out->init, err));
	TRY(find(handle, "seccomp_release", &out->release, err));
	TRY(find(handle, "seccomp_arch_add", &out->arch_add, err));
	TRY(find(handle, "seccomp_attr_set", &out->attr_set, err));
	TRY(find(handle, "seccomp_rule_add_array", &out->rule_add_array, err));
	TRY(find(handle, "seccomp_syscall_resolve_name", &out->syscall_resolve_name, err));
	TRY(find(handle, "seccomp_syscall_resolve_name_arch", &out->syscall_resolve_name_arch,
		 err));
	TRY(find(handle, "seccomp_arch_native", &out->arch_native, err));
	TRY(find(handle, "seccomp_export_bpf", &out->export_bpf, err));
	if (!dladdr((void *)(uintptr_t)out->init, &info))
		return fail(err, ERROR_BUG, "%s is nowhere", LIBRARY);
	out->path = arena_strdup(arena, info.dli_fname);
	return 0;
}

#endif
