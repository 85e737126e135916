/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who may enter the directory of the images: criu opens some of them when it has become
 * root of the container's user namespace already, who is nobody to the directory.
 */
#pragma once
#include "base/error.h"
#include <stdbool.h>
#include <sys/types.h>

/* A directory as it was. */
struct criu_folder {
	int fd;
	bool is_changed;
	gid_t group;
	mode_t mode;
};

/* Let the host's group enter, but not list; 0 is no group. */
int criu_folder_share(struct criu_folder *folder, int fd, gid_t group, struct error *err);

/* As it was before. */
void criu_folder_unshare(struct criu_folder *folder);
#define scoped_criu_folder __attribute__((cleanup(criu_folder_unshare)))
