/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two ways of self.c; nobody else includes it.
 */
#pragma once
#include <stdbool.h>

/* A sealed, executable file in memory; the contents are written before sealing. */
int self_new_memory(void);
int self_seal_memory(int fd);

/*
 * Replace what is mapped of our file by anonymous copies at the same addresses, and
 * /proc/self/exe by a sealed file that is no program.  -1: nothing has changed, or only
 * where our pages come from; executing a copy works as well.
 */
int self_leave_file(void);
