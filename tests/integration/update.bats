#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# update, on the v1 controllers of this host; what version 2 is told is in tests/golden.

load helpers

V1=/sys/fs/cgroup
MB=1048576

prepare() {
	own_manager
	CG=/$UNIQUE-$BATS_TEST_NUMBER/box
	config '.linux.cgroupsPath = $p' --arg p "$CG"
	[[ -e $V1/memory/memory.limit_in_bytes && -e $V1/cpu/cpu.shares ]] ||
		skip "this host has no v1 controllers"
}

cg() {
	cat "$V1/$1$CG/$2"
}

# everything: all files that a limit is in, to compare.
everything() {
	local dir file
	for dir in "$V1"/*"$CG"; do
		for file in "$dir"/{memory.*limit_in_bytes,memory.swappiness,cpu.shares,cpu.cfs_*_us,cpu.idle,cpuset.cpus,cpuset.mems,pids.max,blkio.*weight*,blkio.throttle.*_device,memory.oom_control}; do
			[[ ! -r $file ]] || echo "${file#"$V1"}: $(grep -v under_oom "$file" | grep -v '^oom_kill ' | paste -sd' ')"
		done
	done
}

@test "update: every option, with units, where it belongs" {
	running_ct
	run rt update --memory 64m --memory-swap 1g --memory-reservation 32MiB --cpu-share 512 \
		--cpu-period 50000 --cpu-quota 20000 --cpuset-cpus 0 --cpuset-mems 0 --pids-limit 33 "$ID"
	ok
	same "$output" ""
	same "$(cg memory memory.limit_in_bytes)" $((64 * MB))
	[[ ! -e $V1/memory$CG/memory.memsw.limit_in_bytes ]] ||
		same "$(cg memory memory.memsw.limit_in_bytes)" $((1024 * MB))
	same "$(cg memory memory.soft_limit_in_bytes)" $((32 * MB))
	same "$(cg cpu cpu.shares)" 512
	same "$(cg cpu cpu.cfs_period_us)" 50000
	same "$(cg cpu cpu.cfs_quota_us)" 20000
	same "$(cg cpuset cpuset.cpus)" 0
	same "$(cg cpuset cpuset.mems)" 0
	same "$(cg pids pids.max)" 33
	run rt update --cpu-burst 1000 "$ID"
	ok
	same "$(cg cpu cpu.cfs_burst_us)" 1000
	run rt update --pids-limit -1 --cpu-burst 30000 "$ID"
	bad "option '--cpu-burst'"
	same "$(cg pids pids.max)" 33
	same "$(cg cpu cpu.cfs_burst_us)" 1000
	run rt update --pids-limit -1 --cpu-quota -1 --cpu-burst 0 "$ID"
	ok
	same "$(cg pids pids.max)" max
	same "$(cg cpu cpu.cfs_quota_us)" -1
	run rt update --cpu-idle 1 "$ID"
	ok
	same "$(cg cpu cpu.idle)" 1
	run rt update --cpu-idle 0 --cpu-share 2000 "$ID"
	ok
	same "$(cg cpu cpu.shares)" 2000
	run rt update --cpu-share 700 --cpu-idle 1 "$ID"
	ok
	same "$(cg cpu cpu.idle)" 1
	if [[ -e $V1/blkio$CG/blkio.bfq.weight || -e $V1/blkio$CG/blkio.weight ]]; then
		run rt update --blkio-weight 300 "$ID"
		ok
		grep -q 300 "$V1/blkio$CG"/blkio*.weight
	fi
}

@test "update: memory and swap in any direction" {
	running_ct
	[[ -e $V1/memory$CG/memory.memsw.limit_in_bytes ]] || skip "swap is not counted here"
	local pair
	for pair in "64 128" "256 512" "32 32" "600 700" "16 800" "1000 1000"; do
		set -- $pair
		run rt update --memory "$1m" --memory-swap "$2m" "$ID"
		echo "to $pair"
		ok
		same "$(cg memory memory.limit_in_bytes)" $(($1 * MB))
		same "$(cg memory memory.memsw.limit_in_bytes)" $(($2 * MB))
	done
	run rt update --memory 2000m "$ID"
	bad "option '--memory'"
	run rt update --memory-swap 10m "$ID"
	bad "option '--memory-swap'"
	run rt update --memory 64m --memory-swap 10m "$ID"
	bad "option '--memory-swap'" "is below memory.limit"
	run rt update --memory=-1 "$ID"
	ok
	same "$(cg memory memory.memsw.limit_in_bytes)" 9223372036854771712
}

@test "update: a document from a file or from standard input, and no other option then" {
	running_ct
	jq -n '{memory: {limit: 67108864, swap: 0}, cpu: {shares: 300, quota: 0, period: 0, cpus: "", mems: ""}, pids: {limit: 17}, devices: [{allow: false, access: "rwm"}]}' >"$T/r.json"
	run rt update --resources "$T/r.json" --pids-limit 99 "$ID"
	ok
	same "$(cg memory memory.limit_in_bytes)" $((64 * MB))
	same "$(cg cpu cpu.shares)" 300
	same "$(cg pids pids.max)" 17
	echo '{"pids": {"limit": 18}}' >"$T/r.json"
	run rt update -r - "$ID" <"$T/r.json"
	ok
	same "$(cg pids pids.max)" 18
	echo '{"pids": {"limit": 19}}' >"$T/r.json"
	run rt update --resources=- "$ID" <"$T/r.json"
	ok
	same "$(cg pids pids.max)" 19
	echo '{}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	ok
	echo '{"pids": {"limit": "x"}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	bad "resources:1:20: pids.limit: expected"
	run rt update -r "$T/nowhere.json" "$ID"
	bad "open "
	lacks "[Nn]o such file|not found"
	run rt update "$ID"
	bad "nothing to update"
	run rt update --memory 5q "$ID"
	bad "option '--memory'" "no amount of memory"
	run rt update --cpu-share many "$ID"
	bad "option '--cpu-share' takes a number"
	run rt update --cpuset-cpus 'a"b' "$ID"
	bad "option '--cpuset-cpus'"
}

# devices RULE...: an update by these rules behind one that denies everything.
devices() {
	local IFS=,
	echo "{\"devices\": [{\"allow\": false, \"access\": \"rwm\"}${*:+,}$*]}" >"$T/r.json"
	quiet rt update -r "$T/r.json" "$ID"
}

# as one sorted line, the rules of the list
device_list() {
	cg devices devices.list | sort | paste -s -d ,
}

@test "update: VB-update CD-list: device rules of a list that is in use" {
	local tun='{"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}' before
	running_ct
	before=$(device_list)
	devices
	ok
	same "$(device_list)" "$before"
	devices "$tun" '{"allow": true, "type": "b", "major": 7, "access": "r"}'
	ok
	cg devices devices.list | grep -qxF "c 10:200 rw"
	cg devices devices.list | grep -qxF "b 7:* r"
	devices '{"allow": true, "type": "c", "major": 10, "minor": 200, "access": "r"}'
	ok
	cg devices devices.list | grep -qxF "c 10:200 r"
	if cg devices devices.list | grep -q "^b 7:"; then false; fi
	# One that cannot be: as it was, and so are the limits.
	before=$(everything; device_list)
	echo '{"pids": {"limit": 7}, "devices": [{"allow": true, "access": "rwm"}, {"allow": false, "type": "c", "major": 1, "minor": 7, "access": "rwm"}]}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	bad "linux.resources.devices" "list what is allowed"
	same "$(everything; device_list)" "$before"
	echo "c 10:201 rwm" >"$V1/devices${CG%/box}/devices.deny"
	before=$(everything; device_list)
	devices "$tun" '{"allow": true, "type": "c", "major": 10, "minor": 201, "access": "rw"}'
	bad "linux.resources.devices" "'c 10:201 rw'"
	same "$(everything; device_list)" "$before"
	echo "c 10:201 rwm" >"$V1/devices${CG%/box}/devices.allow"
	echo '{"devices": [{"allow": true, "access": "rwm"}]}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	ok
	same "$(device_list)" "a *:* rwm"
	devices
	ok
	if cg devices devices.list | grep -q "^a "; then false; fi
	cg devices devices.list | grep -qxF "c 1:3 rwm"
	if cg devices devices.list | grep -q "^c 10:200"; then false; fi
}

@test "update: what this host has no controller for is told to root as such" {
	grep -qw rdma /proc/mounts && skip "this host has the controller rdma"
	running_ct
	echo '{"rdma": {"mlx5_1": {"hcaHandles": 3}}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	bad "linux.resources.rdma" "this host has no cgroup controller 'rdma'"
}

@test "update: CD-list: a device that the old and the new list allow is there at every moment" {
	sh_args 'while : </dev/null; do n=$((n + 1)); done'
	create_ct
	start_ct
	for _ in 1 2 3 4 5 6 7 8; do
		devices '{"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}'
		ok
		devices
		ok
	done
	is_status running
}

@test "update: the states it can be in" {
	args /bin/sleep 1000
	create_ct
	run rt update --pids-limit 20 "$ID"
	ok
	start_ct
	run rt pause "$ID"
	ok
	run rt update --pids-limit 21 "$ID"
	ok
	same "$(cg pids pids.max)" 21
	run rt resume "$ID"
	ok
	run rt kill "$ID" KILL
	until_status stopped
	run rt update --pids-limit 22 "$ID"
	code 1
	has "container not running"
	run rt update --pids-limit 22 "$ID-nope"
	code 1
	has "container does not exist"
}

@test "update: when one part fails nothing has changed" {
	config '.linux.resources = {memory: {limit: 67108864}, cpu: {shares: 500, quota: 50000, period: 100000, cpus: "0", mems: "0"}, pids: {limit: 100}}'
	running_ct
	local before
	before=$(everything)
	# The last of these is refused by the kernel.
	jq -n '{memory: {limit: 33554432, reservation: 16777216, swappiness: 7}, cpu: {shares: 600, quota: 20000, period: 40000, idle: 1}, pids: {limit: 50}, blockIO: {throttleReadBpsDevice: [{major: 4000, minor: 0, rate: 5}]}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	bad "throttleReadBpsDevice"
	same "$(everything)" "$before"
	run rt update --cpuset-cpus 0 --cpu-share 9 --pids-limit 5 --cpuset-mems 999 "$ID"
	bad "option '--cpuset-mems'"
	same "$(everything)" "$before"
	run rt update --pids-limit 5 --kernel-memory 50m "$ID"
	if [[ $status -ne 0 ]]; then has "option '--kernel-memory'"; same "$(everything)" "$before"; fi
}

@test "update: whichever step fails, everything is as before" {
	config '.linux.resources = {memory: {limit: 67108864}, cpu: {shares: 500, quota: 50000, period: 100000}, pids: {limit: 100}}'
	running_ct
	local before n i
	before=$(everything)
	set -- --memory 32m --memory-reservation 16m --cpu-share 600 --cpu-quota 20000 \
		--cpu-period 40000 --cpu-idle 1 --cpuset-cpus 0 --pids-limit 50
	n=$(rt update --dry-run "$@" "$ID" | wc -l)
	((n >= 9))
	same "$(everything)" "$before"
	for ((i = 0; i < n; i++)); do
		run rt update --fail-at "host:$i" "$@" "$ID"
		bad "failed on purpose"
		same "$(everything)" "$before" "step $i"
	done
	run rt update "$@" "$ID"
	ok
	differ "$(everything)" "$before"
}

@test "update: MEM-check: a limit below what is in use is refused when that is asked for" {
	sh_args 'mkdir -p /tmp/m && dd if=/dev/zero of=/dev/shm/x bs=1M count=20 2>/dev/null; echo ready; exec sleep 1000'
	add_mount '{"destination": "/dev/shm", "type": "tmpfs", "source": "shm"}'
	create_ct
	start_ct
	until_true grep -q ready "$CT_OUT"
	echo '{"memory": {"limit": 1048576, "checkBeforeUpdate": true}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	bad "memory.limit" "are in use now"
	same "$(cg memory memory.limit_in_bytes)" 9223372036854771712
	echo '{"memory": {"limit": 100000000, "checkBeforeUpdate": true}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	ok
	same "$(state_of)" running
}

@test "update: a dry run tells the steps and does none" {
	running_ct
	run rt update --dry-run --pids-limit 44 "$ID"
	ok
	has "linux.resources.pids.limit"
	has "pids.max to 44"
	differ "$(cg pids pids.max)" 44
}

@test "update: without a resctrl group there is no schema to change" {
	running_ct
	run rt update --l3-cache-schema 'L3:0=f' "$ID"
	bad "has no resctrl group"
}
