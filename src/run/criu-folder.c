/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See criu-folder.h.  The files in it are for all to read, as criu makes them. */
#include "run/criu-folder.h"
#include <sys/stat.h>
#include <unistd.h>

enum { PERMISSIONS = 07777 };

int criu_folder_share(struct criu_folder *folder, int fd, gid_t group, struct error *err)
{
	struct stat st;

	*folder = (struct criu_folder){ .fd = fd };
	if (group == 0)
		return 0;
	TRY(fstat(fd, &st), err, "look at the directory of the images");
	if (st.st_mode & S_IXOTH)
		return 0;
	folder->group = st.st_gid;
	folder->mode = st.st_mode & PERMISSIONS;
	folder->is_changed = true;
	/* First the mode: the new group gets no right that the old one had. */
	TRY(fchmod(fd, folder->mode & ~(mode_t)S_IRWXG), err,
	    "take the images from their group");
	TRY(fchown(fd, (uid_t)-1, group), err, "give the images' directory to group %u", group);
	TRY(fchmod(fd, (folder->mode & ~(mode_t)S_IRWXG) | S_IXGRP), err,
	    "let group %u enter the images' directory", group);
	return 0;
}

void criu_folder_unshare(struct criu_folder *folder)
{
	if (!folder->is_changed)
		return;
	/* Nothing is lost when it fails: the group is one of the container alone. */
	(void)fchmod(folder->fd, folder->mode & ~(mode_t)S_IRWXG);
	(void)!fchown(folder->fd, (uid_t)-1, folder->group);
	(void)fchmod(folder->fd, folder->mode);
}
