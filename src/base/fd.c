/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See fd.h. */
#include "base/fd.h"
#include <errno.h>

void fd_close(int *fd)
{
	int code = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = code;
}
