/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Security modules: which are active, and the label of the next exec.  Labels are written
 * through our own procfs fd only (CVE-2019-19921, CVE-2025-52881).
 */
#pragma once
#include "base/error.h"
#include <stdbool.h>

bool lsm_has_apparmor(void);
bool lsm_has_selinux(void);

/* Label of the next exec of this process: an AppArmor profile, or an SELinux label. */
int lsm_set_apparmor_profile(int procfd, const char *profile, struct error *err);
int lsm_set_selinux_label(int procfd, const char *label, struct error *err);

/* The SELinux label of the keys and keyrings that this thread makes until it execs. */
int lsm_set_key_label(int procfd, const char *label, struct error *err);
