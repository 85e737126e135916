#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# pause, resume and ps where there is cgroup v2 alone.

load helpers
load pause

prepare_file() {
	as_user || OCI_RT_TEST_VIEW=v2 show_cgroups
}

prepare() {
	own_manager
	CG=/$UNIQUE-$BATS_TEST_NUMBER/box
	config '.linux.cgroupsPath = $p' --arg p "$CG"
}

@test "v2: S-st-extra: pause and resume, and what each says in the wrong state" {
	pauses_and_resumes
}

@test "v2: pause: a paused container can be killed and deleted" {
	dies_although_paused
}

@test "v2: pause: a cgroup above that is frozen, too, is told" {
	running_ct
	run rt pause "$ID"
	ok
	echo 1 >"/sys/fs/cgroup${CG%/box}/cgroup.freeze"
	RT_TIMEOUT=20 run rt resume "$ID"
	code 1
	has "is one above it frozen, too?"
	echo 0 >"/sys/fs/cgroup${CG%/box}/cgroup.freeze"
	until_status running
}

@test "v2: update: device rules are replaced at once, and nodes of the configuration stay usable" {
	config '.linux.resources.devices = [{allow: false, access: "rwm"}]'
	config '.linux.devices = [{path: "/dev/kmsg2", type: "c", major: 1, minor: 11, fileMode: 438}]'
	sh_args 'mknod /tmp/tty0 c 4 0; sleep 1000'
	create_ct
	start_ct
	until_true test -e "$R/tmp/tty0"
	opens() { nsenter --target "$(pid_of)" --mount --pid --root /bin/sh -c "exec 3<$1"; }
	# Whoever enters the cgroup is asked, too.
	in_cgroup() { (echo 0 >"/sys/fs/cgroup$CG/cgroup.procs"; "$@") 2>/dev/null; }
	in_cgroup opens /dev/null
	fails in_cgroup opens /tmp/tty0
	echo '{"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 4, "minor": 0, "access": "r"}]}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	ok
	in_cgroup opens /dev/null
	in_cgroup opens /dev/kmsg2
	run in_cgroup opens /tmp/tty0
	lacks "Operation not permitted"
	# A failure in the same update leaves the rules alone.
	echo '{"devices": [{"allow": false, "access": "rwm"}], "unified": {"cgroup.max.depth": "-5"}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	bad
	run in_cgroup opens /tmp/tty0
	lacks "Operation not permitted"
	echo '{"devices": [{"allow": false, "access": "rwm"}]}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	ok
	fails in_cgroup opens /tmp/tty0
}

@test "v2: ps: processes in cgroups below are the container's" {
	host_pids
	running_ct
	mkdir "/sys/fs/cgroup$CG/below"
	pid_of >"/sys/fs/cgroup$CG/below/cgroup.procs"
	same "$(rt ps -f json "$ID")" "[$(pid_of)]"
	run rt pause "$ID"
	ok
	same "$(rt ps -f json "$ID")" "[$(pid_of)]"
}
