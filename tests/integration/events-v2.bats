#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# events where there is cgroup v2 alone; its controllers may be missing here.

load helpers

prepare_file() {
	as_user || OCI_RT_TEST_VIEW=v2 show_cgroups
}

prepare() {
	own_manager
}

@test "v2: events --stats: the shape is the same" {
	sh_args 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; echo ready; exec sleep 1000'
	create_ct
	start_ct
	until_true grep -q ready "$CT_OUT"
	run rt events --stats "$ID"
	ok
	same "$(jq -c '.data | keys_unsorted' <<<"$output")" \
		'["cpu","cpuset","memory","pids","blkio","hugetlb","intel_rdt","network_interfaces"]'
	jq -e '.data.cpu.usage.total > 1000000' <<<"$output"
	jq -e '.data.cpu.psi.some | has("avg10")' <<<"$output" ||
		[[ ! -e /proc/pressure/cpu ]]
}

@test "v2: events: statistics at every interval, until the container ends" {
	running_ct
	rt events --interval 100ms "$ID" >"$T/events" 2>"$T/errors" 3>&- &
	local pid=$!
	until_true eval '(($(wc -l <"$T/events") >= 3))'
	rt kill "$ID" KILL
	wait $pid
	same "$(jq -r .type "$T/events" | sort -u)" stats
	same "$(cat "$T/errors")" ""
}
