#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# events: statistics once and again, memory that ran out, and the end of it.

load helpers

V1=/sys/fs/cgroup

prepare() {
	own_manager
	! is_unified || skip "this host has no hierarchies of version 1"
	CG=/$UNIQUE-$BATS_TEST_NUMBER/box
	config '.linux.cgroupsPath = $p' --arg p "$CG"
}

@test "events --stats: one object of the shape that engines know" {
	config '.linux.resources.pids.limit = 77'
	sh_args 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; echo ready; exec sleep 1000'
	create_ct
	start_ct
	until_true grep -q ready "$CT_OUT"
	run --separate-stderr rt events --stats "$ID"
	ok
	same "$stderr" ""
	same "${#lines[@]}" 1
	local stats=$output
	same "$(jq -r '.type, .id' <<<"$stats" | paste -sd' ')" "stats $ID"
	same "$(jq -c '.data | keys_unsorted' <<<"$stats")" \
		'["cpu","cpuset","memory","pids","blkio","hugetlb","intel_rdt","network_interfaces"]'
	jq -e '.data.cpu.usage.total > 1000000' <<<"$stats"
	jq -e '.data.cpu.usage | has("kernel") and has("user")' <<<"$stats"
	jq -e '.data.pids == {current: 1, limit: 77}' <<<"$stats"
	jq -e '.data.memory.usage.usage > 4096 and .data.memory.usage.limit > 4096' <<<"$stats"
	jq -e '.data.memory.raw | length > 10' <<<"$stats"
	jq -e '.data.network_interfaces == null and .data.intel_rdt == {}' <<<"$stats"
	if [[ -r $V1/cpuset$CG/cpuset.cpus ]]; then
		same "$(jq '.data.cpuset.cpus | length' <<<"$stats")" "$(nproc)"
		jq -e '.data.cpuset.sched_relax_domain_level == -1' <<<"$stats"
	fi
	if [[ -r $V1/cpuacct$CG/cpuacct.usage_percpu ]]; then
		jq -e '(.data.cpu.usage.percpu | add) > 0 and (.data.cpu.usage.percpu_user | length) > 0' <<<"$stats"
	fi
	if [[ -r $V1/memory$CG/memory.limit_in_bytes ]]; then
		same "$(jq '.data.memory.usage.max >= .data.memory.usage.usage' <<<"$stats")" true
	fi
	if [[ -r $V1/unified$CG/cpu.pressure ]]; then
		jq -e '.data.cpu.psi.some | has("avg10") and has("total")' <<<"$stats"
		jq -e '.data.memory.psi.full.avg300 >= 0' <<<"$stats"
	fi
}

@test "events: statistics at every interval, until the container ends" {
	running_ct
	rt events --interval 100ms "$ID" >"$T/events" 2>"$T/errors" 3>&- &
	local pid=$!
	until_true eval '(($(wc -l <"$T/events") >= 3))'
	rt kill "$ID" KILL
	wait $pid
	same "$(jq -r .type "$T/events" | sort -u)" stats
	same "$(cat "$T/errors")" ""
}

@test "events: that memory ran out is told" {
	[[ -e $V1/memory/memory.limit_in_bytes ]] || skip "this host has no v1 controller memory"
	config '.linux.resources.memory = {limit: 20000000}'
	sh_args 'while [ ! -e /tmp/go ]; do sleep 0.05; done; dd if=/dev/zero of=/dev/null bs=60M count=1; echo "dd: $?"; exec sleep 1000'
	create_ct
	start_ct
	RT_TIMEOUT=20 rt events --interval 1h "$ID" >"$T/events" 3>&- &
	local pid=$!
	sleep 0.3
	touch "$R/tmp/go"
	until_true grep -q '"type":"oom"' "$T/events"
	same "$(jq -r .id "$T/events" | sort -u)" "$ID"
	rt kill "$ID" KILL
	wait $pid
	same "$(jq -r .type "$T/events" | sort -u)" oom
}

@test "events: of what does not run, and times that are none" {
	args /bin/true
	create_ct
	run rt events --stats "$ID"
	ok
	start_ct
	until_status stopped
	run rt events --stats "$ID"
	code 1
	has "container with id $ID is not running"
	run rt events "$ID"
	code 1
	has "container with id $ID is not running"
	run rt events --stats "$ID-nope"
	code 1
	has "container does not exist"
	local time
	for time in 5 0s -1s x 1q "" 1ss s; do
		run rt events --interval "$time" "$ID"
		echo "time: $time"
		bad "option '--interval'"
	done
}

@test "events --stats: a paused container" {
	running_ct
	run rt pause "$ID"
	ok
	run rt events --stats "$ID"
	ok
	run rt resume "$ID"
	ok
}
