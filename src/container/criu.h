/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What checkpoint and restore share.
 */
#pragma once
#include "container/container.h"

/* Fill what the caller left out: the directory of the images, criu's own options. */
void criu_fill_request(struct request *request);
