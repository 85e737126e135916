/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of cgroup.h share; nobody else includes it.
 */
#pragma once
#include "kernel/cgroup.h"

/* The length of the parent of path[0..n); 0 when there is none. */
size_t cgroup_parent_length(const char *path, size_t n);

/* A small file of a cgroup, without blanks at its end; -1 with errno. */
int cgroup_read(const char *dir, const char *file, char *buffer, size_t size);
