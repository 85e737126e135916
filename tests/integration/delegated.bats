#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A user in a part of cgroup v2 that was delegated to them: limits without a manager but
# ours. Run with OCI_RT_TEST_USER=1 in such a part; tests/vm has one.

load helpers

prepare() {
	as_user && ! by_systemd && gets_cgroup ||
		skip "needs a user in a delegated cgroup of version 2, and OCI_RT_TEST_USER=1"
	args /bin/sleep 1000
}

dir() {
	echo "/sys/fs/cgroup$(unified_path "$(pid_of)")"
}

@test "delegated: CGP-create: a user's limits of memory, processors and processes are kept" {
	config '.linux.resources = {
		memory: {limit: 67108864, reservation: 33554432},
		cpu: {shares: 2048, quota: 50000, period: 100000},
		pids: {limit: 33}}'
	create_ct
	same "$(cat "$(dir)"/{memory.max,memory.low,pids.max,cpu.max} | xargs)" "67108864 33554432 33 50000 100000"
	differ "$(dir)" "/sys/fs/cgroup$(unified_path self)"
	start_ct
	is_status running
	run rt update --pids-limit 44 --memory 48m "$ID"
	ok
	same "$(cat "$(dir)"/{memory.max,pids.max} | xargs)" "50331648 44"
	run rt exec "$ID" /bin/cat /proc/self/cgroup
	ok
	run rt pause "$ID"
	ok
	is_status paused
	run rt resume "$ID"
	ok
	delete_ct
}

@test "delegated: a limit of processes holds" {
	config '.linux.resources = {pids: {limit: 4}}'
	sh_args 'i=0; while [ $i -lt 8 ]; do sleep 3 & i=$((i + 1)); done; wait'
	run_ct
	matches "can.t fork"
}

@test "delegated: a cgroup that is not the user's cannot have limits" {
	config '.linux.cgroupsPath = "/oci-rt-foreign" | .linux.resources = {pids: {limit: 4}}'
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "linux.resources.pids.limit"
	lacks "[Pp]ermission denied|No such file"
	no_state_left
}
