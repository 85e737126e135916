/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel that lacks the newer calls: a seccomp filter answers them with ENOSYS for the
 * calling process and its children, so the fallbacks run as they would there.
 */
#pragma once

/* Before 5.2: no openat2, open_tree, move_mount, fsopen, mount_setattr. */
void pretend_no_mount_api(void);

/* Before 5.12: no mount_setattr (and no openat2). */
void pretend_no_mount_setattr(void);
