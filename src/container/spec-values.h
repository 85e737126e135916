/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What people write on a command line, as what config.json wants.  USAGE errors say how it
 * should look.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "libocispec/ocispec.h"

enum { SPEC_CPU_PERIOD = 100000 };

/* Words between blanks; quotes of both kinds and the backslash as in a shell. */
int spec_split(struct arena *arena, const char *text, const char ***out, size_t *out_n,
	       struct error *err);

/* "512m", "1g", "1073741824" -> bytes. */
int spec_bytes(const char *text, int64_t *out, struct error *err);

/* "1.5" processors -> microseconds in SPEC_CPU_PERIOD of them. */
int spec_cpu_quota(const char *text, int64_t *out, struct error *err);

/* "SOURCE:TARGET[:OPTIONS]"; a relative SOURCE is looked up from the current directory. */
int spec_mount(struct arena *arena, const char *text, struct oci_mount *out,
	       struct error *err);
