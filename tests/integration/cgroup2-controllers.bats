#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The controllers of cgroup v2 at work: limits as the kernel's files say them, and what comes
# of them. Skipped where version 1 has them (tests/vm shows them).

load helpers

V2=/sys/fs/cgroup

prepare() {
	local name
	own_manager
	for name in cpu cpuset io memory pids; do
		grep -qsw $name $V2/cgroup.controllers || skip "no controller $name in a cgroup2 on $V2"
	done
	TOP=/$UNIQUE-$BATS_TEST_NUMBER
	CG=$TOP/deep/$UNIQUE-$BATS_TEST_NUMBER-box
	config '.linux.cgroupsPath = $p' --arg p "$CG"
	args /bin/sleep 1000
}

limits() {
	config ".linux.resources = $1"
}

# cg FILE: what the container's cgroup says.
cg() {
	cat "$V2$CG/$1"
}

# says FILE TEXT
says() {
	same "$(cg "$1")" "$2" "$1"
}

event() {
	awk -v key="$2" '$1 == key { print $2 }' "$V2$CG/$1"
}

is_throttled() {
	[[ $(event cpu.stat nr_throttled) -ge 1 ]]
}

# A whole disk of the machine, as "major:minor".
disk() {
	local dir
	for dir in /sys/block/[vsn][dv]*; do
		[[ -e $dir/dev ]] || continue
		cat "$dir/dev"
		return
	done
	return 1
}

@test "MEM-obj L-CG2-mem-limit L-CG2-mem-resv L-CG2-mem-swap: memory" {
	limits '{memory: {limit: 67108864, swap: 134217728, reservation: 33554432, useHierarchy: true, disableOOMKiller: false}}'
	running_ct
	says memory.max 67108864
	says memory.low 33554432
	[[ ! -e $V2$CG/memory.swap.max ]] || says memory.swap.max 67108864
	delete_ct
	limits '{memory: {limit: -1, swap: -1, reservation: -1}}'
	running_ct
	says memory.max max
	says memory.low max
	delete_ct
	limits '{memory: {limit: 67108864, swap: 67108864}}'
	running_ct
	[[ ! -e $V2$CG/memory.swap.max ]] || says memory.swap.max 0
}

@test "L-CG2-mem-limit: a program that takes more is killed, and the cgroup counts it" {
	limits '{memory: {limit: 16777216, swap: 16777216}}'
	sh_args 'head -c 60000000 /dev/zero | tail -c 50000000 | wc -c; echo ended; sleep 1000'
	create_ct
	start_ct
	until_true grep -q ended "$CT_OUT"
	[[ $(event memory.events oom_kill) -ge 1 ]] || { cg memory.events; false; }
	delete_ct
	sh_args 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'
	run_ct
	code 137
	matches "container '$ID': memory ran out at its limit of [0-9]* bytes, and the kernel killed 1 of its processes"
	nothing_left_of "$ID"
}

@test "CPU-obj L-CG2-cpu-shares L-CG2-cpu-quota L-CG2-cpu-period CPU-burst CPU-idle: cpu" {
	limits '{cpu: {shares: 2, quota: 50000, period: 200000, burst: 20000}}'
	running_ct
	says cpu.weight 1
	says cpu.max "50000 200000"
	[[ ! -e $V2$CG/cpu.max.burst ]] || says cpu.max.burst 20000
	delete_ct
	limits '{cpu: {shares: 262144, quota: -1}}'
	running_ct
	says cpu.weight 10000
	says cpu.max "max 100000"
	delete_ct
	limits '{cpu: {shares: 1024, period: 50000}}'
	running_ct
	says cpu.weight 100
	says cpu.max "max 50000"
	delete_ct
	[[ -e $V2/$(unified_path self)/cpu.idle ]] || return 0
	limits '{cpu: {shares: 512, idle: 1}}'
	running_ct
	says cpu.idle 1
}

@test "L-CG2-cpu-quota: a program gets no more than its share of a processor" {
	limits '{cpu: {quota: 5000, period: 100000}}'
	sh_args 'while true; do :; done'
	create_ct
	start_ct
	until_true is_throttled
}

@test "CPU-cpus CPU-mems: processors and nodes" {
	limits '{cpu: {cpus: "0", mems: "0"}}'
	sh_args 'grep _allowed_list /proc/self/status; sleep 1000'
	create_ct
	start_ct
	says cpuset.cpus 0
	says cpuset.mems 0
	until_true grep -q Mems_allowed_list "$CT_OUT"
	same "$(awk '{ print $2 }' "$CT_OUT" | sort -u)" 0
	delete_ct
	refuses "a processor that is not there" '.linux.resources = {cpu: {cpus: "4000"}}' cpuset.cpus
}

@test "PID-obj PID-limit PID-zero: tasks" {
	limits '{pids: {limit: 5}}'
	sh_args 'for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; wait'
	create_ct
	start_ct
	says pids.max 5
	until_true grep -qi "can't fork" "$CT_OUT"
	[[ $(cg pids.current) -le 5 ]]
	delete_ct
	limits '{pids: {limit: -1}}'
	running_ct
	says pids.max max
	delete_ct
	limits '{pids: {limit: 0}}'
	sh_args 'echo alive; /bin/true & wait; echo not here'
	run_ct
	has alive
	lacks 'not here'
}

@test "BLK-obj L-CG2-blk-weight BLK-rbps BLK-wbps BLK-riops BLK-wiops BLK-thr-mm BLK-thr-rate: block devices" {
	local mm
	mm=$(disk) || skip "this host has no disk"
	limits "{blockIO: {weight: 500,
		throttleReadBpsDevice: [{major: ${mm%:*}, minor: ${mm#*:}, rate: 1048576}],
		throttleWriteBpsDevice: [{major: ${mm%:*}, minor: ${mm#*:}, rate: 2097152}],
		throttleReadIOPSDevice: [{major: ${mm%:*}, minor: ${mm#*:}, rate: 100}],
		throttleWriteIOPSDevice: [{major: ${mm%:*}, minor: ${mm#*:}, rate: 0}]}}"
	running_ct
	says io.max "$mm rbps=1048576 wbps=2097152 riops=100 wiops=max"
	if [[ -e $V2$CG/io.bfq.weight ]]; then
		says io.bfq.weight "default 500"
	else
		says io.weight "default 4950"
	fi
	delete_ct
	refuses "a device that is not there" \
		'.linux.resources = {blockIO: {throttleReadBpsDevice: [{major: 4000, minor: 1, rate: 1}]}}' \
		'linux.resources.blockIO.throttleReadBpsDevice[0]'
}

@test "HT-list HT-rsvd HT-fallback HT-limit HT-size: huge pages" {
	grep -qw hugetlb $V2/cgroup.controllers || skip "no controller hugetlb"
	limits '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
	running_ct
	says hugetlb.2MB.max 4194304
	[[ ! -e $V2$CG/hugetlb.2MB.rsvd.max ]] || says hugetlb.2MB.rsvd.max 4194304
	delete_ct
	refuses "pages that this host does not have" \
		'.linux.resources = {hugepageLimits: [{pageSize: "3MB", limit: 1}]}' 3MB
}

@test "UNI-obj UNI-ctrl UNI-noconv UNI-unknown: the kernel's own files, after everything else" {
	limits '{memory: {limit: 67108864}, unified: {"memory.max": "50331648", "memory.high": "40000000", "cpu.weight": "42", "pids.max": "77", "memory.oom.group": "1"}}'
	running_ct
	says memory.max 50331648
	says memory.high 39997440
	says cpu.weight 42
	says pids.max 77
	says memory.oom.group 1
	delete_ct
	refuses "a value that the kernel does not take" '.linux.resources = {unified: {"cpu.weight": "70000"}}' \
		'linux.resources.unified' 'cpu.weight'
	refuses "a file that is not there" '.linux.resources = {unified: {"memory.nosuch": "1"}}' memory.nosuch
}

@test "UNI-ctrl: without limits, too, the controllers that count are there for those who read them" {
	running_ct
	local file
	for file in cpu.stat io.stat memory.current memory.stat pids.current cpuset.cpus.effective; do
		cg $file >/dev/null
	done
	[[ $(cg memory.current) -gt 0 ]]
	says pids.current 1
}

@test "a limit that is too small for init is told as such" {
	limits '{memory: {limit: 40960, swap: 40960}}'
	run_ct
	bad
	matches 'memory.max|out of memory'
	lacks 'o such file|denied|not found|not permitted'
	nothing_left_of "$ID"
}
