/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a configuration asks for that this host cannot give.  Nothing is tried: the facts,
 * the file system and the limits of this process are looked at.
 */
#pragma once
#include "container/container.h"
#include "tables/facts.h"

struct host_check {
	struct arena *arena;
	const struct oci_config *config;
	const struct facts *facts;
	const char *bundle;
	struct host_problem *problems;
	size_t n, room;
};

/* Run every rule; problems are appended. */
void check_host(struct host_check *check);

void check_add(struct host_check *check, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The rules that look at files: root, bind sources, hooks, file system types. */
void check_files(struct host_check *check);
