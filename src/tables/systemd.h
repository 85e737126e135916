/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a plan says to systemd: a transient unit and its properties.  Numbers beyond what
 * a property can hold mean "no limit", as in systemd itself.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum property_kind {
	PROPERTY_BOOL,	  /* number */
	PROPERTY_I32,	  /* number */
	PROPERTY_U32,	  /* number */
	PROPERTY_I64,	  /* number */
	PROPERTY_U64,	  /* number */
	PROPERTY_STRING,  /* text */
	PROPERTY_STRINGS, /* words */
	PROPERTY_BYTES,	  /* a set of bits, the least byte first: text, n */
	PROPERTY_RATES,	  /* words (block devices) and rates */
	PROPERTY_DEVICES, /* words (devices) and letters; takes the place of what was there */
	PROPERTY_KIND_COUNT,
};

#define PROPERTY_NO_LIMIT UINT64_MAX

struct unit_property {
	const char *name;
	enum property_kind kind;
	bool is_optional;	/* a systemd that does not know it may go without */
	uint64_t number;
	const char *text;
	const char *const *words;
	const uint64_t *rates;		/* one a word */
	const char *const *letters;	/* one a word: "rwm" */
	size_t n;			/* words, or bytes */
};

/* A scope to be started. */
struct unit {
	const char *name;	 /* "oci-rt-box.scope" */
	const char *slice;	 /* "machine.slice" */
	const char *description;
	const char *cgroup;	 /* below the manager's own: "/machine.slice/oci-rt-box.scope" */
	bool is_user;		 /* of the user's systemd, not the host's */
};
