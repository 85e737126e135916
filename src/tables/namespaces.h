/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The eight kinds of namespaces, as namespaces.def lists them.
 */
#pragma once
#include <stdint.h>

enum ns {
#define NAMESPACE(name, spec, flag, file) NS_##name,
#include "tables/namespaces.def"
#undef NAMESPACE
	NS_COUNT,
};

/* Sets of namespaces are bit masks of 1 << enum ns. */
#define NS_BIT(ns) (1u << (ns))

struct ns_row {
	const char *name;	/* in config.json */
	uint64_t clone_flag;	/* CLONE_NEW... */
	const char *proc_name;	/* below /proc/PID/ns */
};
extern const struct ns_row ns_table[NS_COUNT];

/* The kind of that name, or NS_COUNT. */
enum ns ns_by_name(const char *name);

/* The CLONE_NEW... flags of a set. */
uint64_t ns_clone_flags(unsigned set);
