#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# libocirt: a C program that knows only its header and library runs containers.

load helpers

@test "OP-support: create, state, list, start, delete and run through the library" {
	local program=${LIBRARY_TEST_DIR:-$BATS_TEST_DIRNAME/../library}/run-container
	[[ -x $program ]] || skip "tests/library/run-container is not built"
	args /bin/sh -c 'exit 7'
	run env LD_LIBRARY_PATH="$(dirname "$program")/../../.libs" "$program" "$ROOT" "$BUNDLE" "$ID"
	ok
	has "planned: 1"
	has "created: 1"
	has "listed: $ID created"
	has "twice: 1"
	has "executed: 5"
	has "paused: 1"
	has "pids: 1"
	[[ ! -d /sys/fs/cgroup/pids && ! -e /sys/fs/cgroup/cgroup.controllers ]] || has "limited: 1"
	has "deleted: 1"
	has "status: 7"
	has done
	same "$(rt list -q)" ""
}
