/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Seccomp filters: compiled by libseccomp (opened at first use), kept in a cache by their
 * whole content, loaded by seccomp(2) itself.  A hit never opens libseccomp.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/seccomp.h"
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seccomp_program {
	struct sock_filter *code;
	size_t n;
};

/* Compile, or take from the cache in the directory cache_dirfd (-1: no cache). */
int seccomp_prepare(struct arena *arena, const struct seccomp_filter *filter,
		    int cache_dirfd, struct seccomp_program *out, struct error *err);

/* Load for this process; 0, or with `listener` the fd of the notifications. */
int seccomp_install(const struct seccomp_program *program, uint32_t flags, bool listener,
		    struct error *err);
