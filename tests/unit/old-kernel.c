/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See old-kernel.h. */
#include "tests/unit/old-kernel.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

static void install(struct sock_filter *code, size_t n)
{
	struct sock_fprog program = { .len = (unsigned short)n, .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0) {
		perror("seccomp");
		exit(1);
	}
}

#define LOAD BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define DENY(number)                                                                       \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                               \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

void pretend_no_mount_api(void)
{
	struct sock_filter code[] = {
		LOAD,	   DENY(428), DENY(429), DENY(430), DENY(431), DENY(432),
		DENY(433), DENY(437), DENY(442), ALLOW,
	};

	install(code, sizeof(code) / sizeof(*code));
}

void pretend_no_mount_setattr(void)
{
	struct sock_filter code[] = { LOAD, DENY(437), DENY(442), ALLOW };

	install(code, sizeof(code) / sizeof(*code));
}
