# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# A user of one mount namespace only, to be sourced by tests that run in one.

# add_user DIRECTORY NAME ID: the user, a group of the same name and number, and 65536 more
# ids from 200000 on.  The files are made in the directory and put over the machine's.
add_user() {
	mkdir "$1"
	for file in passwd group subuid subgid; do
		cp "/etc/$file" "$1/$file" 2>/dev/null || : >"$1/$file"
	done
	echo "$2:x:$3:$3::/:/bin/sh" >>"$1/passwd"
	echo "$2:x:$3:" >>"$1/group"
	echo "$2:200000:65536" >>"$1/subuid"
	echo "$2:200000:65536" >>"$1/subgid"
	for file in passwd group subuid subgid; do
		[ ! -e "/etc/$file" ] || mount --bind "$1/$file" "/etc/$file"
	done
}
