/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * procfs that nobody can have tampered with, and processes that cannot be confused with
 * later ones of the same pid.  Writes go through a private procfs fd and never cross a
 * mount or a symlink (CVE-2025-52881: a container can mount over /proc).
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The root of a detached procfs of our pid namespace, or of a verified /proc. */
int proc_open_own(struct error *err);

/* Open "self/...", "sys/..." below the procfs root; flags as for open(2). */
int proc_open(int procfd, const char *path, int flags, struct error *err);

/* Write the text with one write(2). */
int proc_write(int procfd, const char *path, const char *text, struct error *err);

/* Start time of a process in clock ticks since boot; -1 with errno (ESRCH: it is gone). */
int proc_start_time(pid_t pid, uint64_t *out);

/*
 * A pidfd of exactly the process that started then; -1 with err->code ESRCH when it is
 * gone (or its pid belongs to another one now).  A zombie is still there.
 */
int proc_open_process(pid_t pid, uint64_t start_time, struct error *err);

/*
 * The namespaces of a process that are not ours, as NS_BIT()s; err->code ESRCH when it is
 * gone, EACCES when we may not look.
 */
int proc_other_namespaces(pid_t pid, unsigned *out, struct error *err);

/* Whether that process still runs; a zombie does not. */
bool proc_is_alive(pid_t pid, uint64_t start_time);

/* The state letter of the process ('R', 'S', 'D', 'Z', 'T', ...); 0 when it is gone. */
char proc_state(pid_t pid);

/*
 * "7 (sleep), state D (waits for a device, a file system or a thaw)" in a buffer of
 * PROC_DESCRIPTION bytes, which is returned.
 */
enum { PROC_DESCRIPTION = 96 };
const char *proc_describe(pid_t pid, char *buffer);

/* The process and its descendants, as they are at the moment. */
int proc_descendants(struct arena *arena, pid_t pid, pid_t **out, size_t *out_n,
		     struct error *err);
