/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pseudo terminals of a container, and the mode of the caller's own terminal.
 */
#pragma once
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

/*
 * A new pty of the container's devpts (/dev/pts/ptmx below its root, verified): fills both
 * fds.  The slave is opened through the master, never by name (CVE-2025-52565).
 */
int tty_open(int rootfd, int *out_master, int *out_slave, struct error *err);

int tty_set_size(int fd, uint16_t columns, uint16_t rows, struct error *err);

/* Give `to` the size of `from`; silent when `from` has none. */
void tty_copy_size(int from, int to);

/* Start a session with the terminal as the controlling one. */
int tty_make_controlling(int fd, struct error *err);

/* Raw mode, with the old mode for tty_restore. */
int tty_make_raw(int fd, struct termios *out_old, struct error *err);
void tty_restore(int fd, const struct termios *old);

/* Put the fd in place of 0, 1 and 2. */
int tty_make_stdio(int fd, struct error *err);
