/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Our own binary and process.  A container can reach the program that runs in it through
 * /proc/PID/exe (CVE-2019-5736) and its page cache (CVE-2022-0847), so what enters a
 * container is a sealed copy in memory and never the file on the host's disk.
 */
#pragma once
#include "base/error.h"
#include <stdbool.h>
#include <sys/types.h>

/* Whether we run from a sealed copy. */
bool self_is_sealed(void);

/*
 * Make /proc/self/exe a sealed file in memory and nothing of our file mapped.  Returns 0
 * once it is so; where the kernel does not let us, this executes a sealed copy with argv,
 * whose own call then returns 0.
 */
int self_seal(char *const argv[], struct error *err);

/* Nobody in the container may trace us or open our /proc files. */
int self_hide(struct error *err);

/* Get the signal when the parent dies; ESRCH when it is not `parent` any more. */
int self_die_with(pid_t parent, int signal, struct error *err);
