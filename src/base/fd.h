/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File descriptors with an owner.  Every fd of ours is born close-on-exec.
 */
#pragma once
#include <unistd.h>

/* Close *fd unless it is negative, and forget it; errno is kept. */
void fd_close(int *fd);

/* int fd scoped_fd = open(...): closed at the end of the scope. */
#define scoped_fd __attribute__((cleanup(fd_close), unused))

/* Give the fd away: the variable forgets it, the caller owns it. */
#define take_fd(fd)                                                                        \
	({                                                                                 \
		int *taken_ = &(fd);                                                       \
		int value_ = *taken_;                                                      \
		*taken_ = -1;                                                              \
		value_;                                                                    \
	})
