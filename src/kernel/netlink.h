/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network devices of the namespace that we are in.
 */
#pragma once
#include "base/error.h"

/* Set the loopback device up. */
int netlink_loopback_up(struct error *err);
