#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# update and events on the controllers of cgroup v2; skipped where version 1 has them
# (tests/vm shows them).

load helpers

V2=/sys/fs/cgroup
MB=1048576

prepare() {
	local name
	own_manager
	for name in cpu cpuset io memory pids; do
		grep -qsw $name $V2/cgroup.controllers || skip "no controller $name in a cgroup2 on $V2"
	done
	CG=/$UNIQUE-$BATS_TEST_NUMBER/box
	config '.linux.cgroupsPath = $p' --arg p "$CG"
}

# says FILE TEXT
says() {
	same "$(cat "$V2$CG/$1")" "$2" "$1"
}

everything() {
	local file
	for file in "$V2$CG"/{memory.max,memory.low,memory.high,memory.swap.max,cpu.max,cpu.max.burst,cpu.weight,cpu.idle,cpuset.{cpus,mems}.effective,pids.max,io.max,io.weight,io.bfq.weight}; do
		[[ ! -r $file ]] || echo "${file##*/}: $(paste -sd' ' "$file")"
	done
}

# Controllers that no limit of create asked for are enabled on the way.
@test "v2: update: every option where it belongs, also of controllers that were not in use" {
	running_ct
	run rt update --memory 64m --memory-swap 96m --memory-reservation 32m --cpu-share 2048 \
		--cpu-period 50000 --cpu-quota 20000 --cpuset-cpus 0 --cpuset-mems 0 --pids-limit 33 "$ID"
	ok
	says memory.max $((64 * MB))
	[[ ! -e $V2$CG/memory.swap.max ]] || says memory.swap.max $((32 * MB))
	says memory.low $((32 * MB))
	says cpu.max "20000 50000"
	says cpuset.cpus 0
	says pids.max 33
	differ "$(cat "$V2$CG/cpu.weight")" 100
	# One of the two alone leaves the other as it is.
	run rt update --cpu-period 100000 "$ID"
	ok
	says cpu.max "20000 100000"
	run rt update --cpu-quota 30000 "$ID"
	ok
	says cpu.max "30000 100000"
	run rt update --cpu-quota -1 "$ID"
	ok
	says cpu.max "max 100000"
	run rt update --cpu-period 200000 "$ID"
	ok
	says cpu.max "max 200000"
	run rt update --memory-swap 80m "$ID"
	ok
	[[ ! -e $V2$CG/memory.swap.max ]] || says memory.swap.max $((16 * MB))
	run rt update --memory=-1 "$ID"
	ok
	says memory.max max
	[[ ! -e $V2$CG/memory.swap.max ]] || says memory.swap.max max
	run rt update --cpu-idle 1 "$ID"
	ok
	run rt update --cpu-idle 0 --cpu-share 512 "$ID"
	ok
	says cpu.idle 0
	run rt update --kernel-memory 64m "$ID"
	bad "option '--kernel-memory'" "cgroup v2 cannot do this"
	run rt update --cpu-rt-runtime 1000 "$ID"
	bad "option '--cpu-rt-runtime'" "cgroup v2 cannot do this"
	echo '{"unified": {"memory.high": "50000000", "pids.max": "44"}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	ok
	says memory.high 49999872
	says pids.max 44
}

@test "v2: update: whichever step fails, everything is as before" {
	config '.linux.resources = {memory: {limit: 67108864}, cpu: {shares: 500, quota: 50000, period: 100000}, pids: {limit: 100}}'
	running_ct
	local before n i
	# What is enabled stays so: it limits nothing.
	rt update --cpuset-mems 0 --cpu-idle 0 "$ID"
	before=$(everything)
	set -- --memory 32m --memory-reservation 16m --cpu-share 600 --cpu-quota 20000 \
		--cpu-period 40000 --cpu-idle 1 --cpuset-cpus 0 --pids-limit 50
	n=$(rt update --dry-run "$@" "$ID" | wc -l)
	((n >= 9))
	for ((i = 0; i < n; i++)); do
		run rt update --fail-at "host:$i" "$@" "$ID"
		bad "failed on purpose"
		same "$(everything)" "$before" "step $i"
	done
	run rt update "$@" "$ID"
	ok
	differ "$(everything)" "$before"
}

@test "v2: update: MEM-check: a limit below what is in use is refused when that is asked for" {
	sh_args 'dd if=/dev/zero of=/dev/shm/x bs=1M count=20 2>/dev/null; echo ready; exec sleep 1000'
	add_mount '{"destination": "/dev/shm", "type": "tmpfs", "source": "shm"}'
	config '.linux.resources.memory.limit = 100000000'
	create_ct
	start_ct
	until_true grep -q ready "$CT_OUT"
	echo '{"memory": {"limit": 1048576, "checkBeforeUpdate": true}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	bad "memory.limit" "are in use now"
	same "$(state_of)" running
}

@test "v2: events: what is used, and that memory ran out" {
	config '.linux.resources = {memory: {limit: 20000000, swap: 20000000}, pids: {limit: 9}}'
	sh_args 'while [ ! -e /tmp/go ]; do sleep 0.05; done; dd if=/dev/zero of=/dev/null bs=60M count=1; exec sleep 1000'
	create_ct
	start_ct
	run rt events --stats "$ID"
	ok
	jq -e '.data.pids.limit == 9 and .data.memory.usage.limit == 19996672' <<<"$output"
	jq -e '.data.memory.usage.usage > 4096 and .data.cpu.usage.total > 0' <<<"$output"
	RT_TIMEOUT=60 rt events --interval 1h "$ID" >"$T/events" 3>&- &
	local pid=$!
	sleep 1
	touch "$R/tmp/go"
	until_true grep -q '"type":"oom"' "$T/events"
	rt kill "$ID" KILL
	wait $pid
}

@test "v2: pause and ps beside limits" {
	config '.linux.resources.pids.limit = 20'
	running_ct
	run rt pause "$ID"
	ok
	same "$(state_of)" paused
	same "$(rt ps -f json "$ID")" "[$(pid_of)]"
	run rt resume "$ID"
	ok
	same "$(state_of)" running
}
