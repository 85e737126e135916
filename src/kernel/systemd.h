/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * systemd over D-Bus: starting a transient scope around a process, changing and stopping
 * it.  libsystemd is opened at first use; a program built without it says so.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "tables/systemd.h"
#include <sys/types.h>

struct systemd; /* a connection; one for the life of a command */

/* Connect to the host's systemd, or to the user's own. */
int systemd_open(struct arena *arena, bool is_user, struct systemd **out, struct error *err);

/* In a child: close the connection that it inherited, and never use it.  NULL is fine. */
void systemd_forget(struct systemd *systemd);

/* The cgroup of the manager itself, below which all its units are: "/". */
int systemd_root(struct systemd *systemd, struct arena *arena, const char **out,
		 struct error *err);

struct unit_request {
	const struct unit *unit;
	const struct unit_property *const *properties;
	size_t n_properties;
	pid_t pid;
};

/*
 * Start a scope around the process and wait until that is done, as long as a method call
 * may take (25 s, or $SYSTEMD_BUS_TIMEOUT).  *out_made: there may be a unit to be stopped,
 * whatever was returned.
 */
int systemd_start(struct systemd *systemd, const struct unit_request *request,
		  bool *out_made, struct error *err);

struct unit_change {
	const char *unit;
	const struct unit_property *const *properties;
	size_t n;
};

struct unit_past; /* what properties were before they were changed */

/*
 * Change properties of a unit that runs, until the next boot; on return its cgroup has the
 * new limits.  Optional ones that systemd does not know are left out, with a warning.
 */
int systemd_change(struct systemd *systemd, const struct unit_change *change,
		   struct unit_past **out, struct error *err);

/* Give the properties the values back that they had. */
int systemd_change_back(struct systemd *systemd, const struct unit_past *past,
			struct error *err);

/* Stop the unit and forget its failure; one that is not there is fine. */
int systemd_stop(struct systemd *systemd, const char *unit, struct error *err);
