#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# How the program is scheduled: CPU policy, I/O priority, memory policy.

load helpers

prepare() {
	args /bin/probe schedule
}

@test "SCH-obj SCH-policy SCH-nice SCH-p-OTHER SCH-p-BATCH SCH-p-IDLE SCH-f-RESET_ON_FORK: policies for everyone" {
	config '.process.scheduler = {policy: "SCHED_OTHER", nice: 5}'
	run_ct
	ok
	has "policy=0 flags=0 nice=5"
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: 3, flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
	run_ct
	ok
	has "policy=3 flags=1 nice=3"
	config '.process.scheduler = {policy: "SCHED_IDLE"}'
	run_ct
	has "policy=5 "
}

@test "SCH-prio SCH-p-FIFO SCH-p-RR: realtime policies, where the cgroup has realtime to give" {
	config '.process.scheduler = {policy: "SCHED_FIFO", priority: 10}'
	run_ct
	if [[ $status -ne 0 ]]; then
		matches 'SCHED_FIFO'
		lacks 'operation not permitted|permission denied'
	else
		has "policy=1 flags=0 nice=0 priority=10"
	fi
	config '.process.scheduler = {policy: "SCHED_RR", priority: 99}'
	run_ct
	[[ $status -ne 0 ]] || has "policy=2 flags=0 nice=0 priority=99"
}

@test "SCH-rt SCH-dl SCH-per SCH-p-DEADLINE SCH-f-RECLAIM SCH-f-DL_OVERRUN: deadlines" {
	config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 10000000, deadline: 30000000, period: 100000000, flags: ["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN"]}'
	run_ct
	if [[ $status -ne 0 ]]; then
		has SCHED_DEADLINE
		lacks 'operation not permitted|permission denied'
	else
		has "policy=6 flags=7"
		has "runtime=10000000 deadline=30000000 period=100000000"
	fi
}

@test "SCH-p-ISO SCH-f-KEEP_POLICY SCH-f-KEEP_PARAMS SCH-f-UTIL_CLAMP_MIN SCH-f-UTIL_CLAMP_MAX: what the kernel does not do is an error of the kernel's" {
	config '.process.scheduler = {policy: "SCHED_ISO"}'
	run_ct
	bad SCHED_ISO
	local flag
	for flag in KEEP_POLICY KEEP_PARAMS UTIL_CLAMP_MIN UTIL_CLAMP_MAX; do
		config ".process.scheduler = {policy: \"SCHED_OTHER\", flags: [\"SCHED_FLAG_$flag\"]}"
		run_ct
		echo $flag
		[[ $status -eq 0 ]] || has scheduler
	done
}

@test "SCH-policy SCH-nice SCH-prio SCH-flags: what cannot be" {
	refuses "unknown policy" '.process.scheduler = {policy: "SCHED_X"}'
	refuses "no policy" '.process.scheduler = {nice: 1}'
	refuses "too nice" '.process.scheduler = {policy: "SCHED_OTHER", nice: 20}'
	refuses "a priority without realtime" '.process.scheduler = {policy: "SCHED_OTHER", priority: 1}'
	refuses "realtime without priority" '.process.scheduler = {policy: "SCHED_FIFO"}'
	refuses "unknown flag" '.process.scheduler = {policy: "SCHED_OTHER", flags: ["X"]}'
}

@test "IOP-obj IOP-class IOP-prio: I/O priority" {
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	run_ct
	has "ioprio=$((2 << 13 | 6))"
	config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
	run_ct
	has "ioprio=$((3 << 13))"
	config '.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 1}'
	run_ct
	[[ $status -ne 0 ]] || has "ioprio=$((1 << 13 | 1))"
	config 'del(.process.ioPriority)'
	refuses "priority 8" '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}'
	refuses "unknown class" '.process.ioPriority = {class: "BE", priority: 1}'
	refuses "no priority" '.process.ioPriority = {class: "IOPRIO_CLASS_BE"}'
}

@test "AFF-obj: execCPUAffinity does not touch the first process" {
	config '.process.execCPUAffinity = {initial: "0", final: "0"}'
	in_ct 'grep Cpus_allowed_list /proc/self/status'
	ok
	same "$(awk '{ print $2 }' <<<"$output")" "$(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)"
	refuses "no list" '.process.execCPUAffinity = {initial: "a"}'
}

@test "MP-obj MP-mode MP-nodes MP-flags MP-err MP-m-DEFAULT MP-m-BIND MP-m-INTERLEAVE MP-m-LOCAL MP-m-PREFERRED MP-m-PREFERRED_MANY MP-m-WEIGHTED_INTERLEAVE MP-f-STATIC_NODES MP-f-RELATIVE_NODES MP-f-NUMA_BALANCING: memory policy" {
	[[ -e /proc/self/numa_maps ]] || skip "this kernel has no memory policies"
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}'
	run_ct
	has "mempolicy=0x2 nodes=0x1"
	config '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0-0", flags: ["MPOL_F_STATIC_NODES"]}'
	run_ct
	has "mempolicy=0x8003 nodes=0x1"
	config '.linux.memoryPolicy = {mode: "MPOL_LOCAL"}'
	run_ct
	matches 'mempolicy=0x(1|4)'
	config '.linux.memoryPolicy = {mode: "MPOL_PREFERRED", nodes: "0"}'
	run_ct
	has "mempolicy=0x1 nodes=0x1"
	config '.linux.memoryPolicy = {mode: "MPOL_PREFERRED_MANY", nodes: "0"}'
	run_ct
	ok
	config '.linux.memoryPolicy = {mode: "MPOL_WEIGHTED_INTERLEAVE", nodes: "0"}'
	run_ct
	[[ $status -eq 0 ]] || has MPOL_WEIGHTED_INTERLEAVE
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_RELATIVE_NODES"]}'
	run_ct
	has "mempolicy=0x4002"
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_NUMA_BALANCING"]}'
	run_ct
	[[ $status -eq 0 ]] || has memoryPolicy
	config '.linux.memoryPolicy = {mode: "MPOL_DEFAULT"}'
	run_ct
	has "mempolicy=0 "
	config 'del(.linux.memoryPolicy)'
	refuses "unknown mode" '.linux.memoryPolicy = {mode: "X"}'
	refuses "no mode" '.linux.memoryPolicy = {nodes: "0"}'
	refuses "nodes for local" '.linux.memoryPolicy = {mode: "MPOL_LOCAL", nodes: "0"}'
	refuses "no nodes" '.linux.memoryPolicy = {mode: "MPOL_BIND"}'
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1000"}'
	run_ct
	bad
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]}'
	run_ct
	bad
}
