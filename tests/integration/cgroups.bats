#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Control groups as they are on this host: v1 controllers beside a cgroup2 ("hybrid").

load helpers

V1=/sys/fs/cgroup

prepare() {
	own_manager
	[[ ! -e $V1/cgroup.controllers ]] || skip "this host has no hierarchies of version 1"
	CG=/$UNIQUE-$BATS_TEST_NUMBER/box
	config '.linux.cgroupsPath = $p' --arg p "$CG"
	args /bin/sleep 1000
}

# cg CONTROLLER FILE: what the container's cgroup says.
cg() {
	cat "$V1/$1$CG/$2"
}

needs_controller() {
	[[ -d $V1/$1 ]] || skip "this host has no v1 controller $1"
}

@test "CGP-opt CGP-form CGP-abs CGP-create CGP-extra OP-del-res LC-12: an absolute path, in every hierarchy, gone after delete" {
	running_ct
	local pid dir
	pid=$(pid_of)
	for dir in $V1/*/; do
		[[ $dir == */unified/ && ! -e $V1/unified/cgroup.procs ]] && continue
		grep -qx "$pid" "$dir$CG/cgroup.procs" || { echo "not in $dir"; cat "/proc/$pid/cgroup"; false; }
	done
	same "$(cgroups_of "$pid")" "$CG"
	delete_ct
	no_cgroup_left
}

@test "CGP-default CGP-rel CGP-consist: no path, a relative path, wherever the caller is" {
	config 'del(.linux.cgroupsPath)'
	create_ct
	has_id=$(cut -d: -f3 "/proc/$(pid_of)/cgroup" | grep -c "$ID")
	[[ $has_id -ge 1 ]]
	delete_ct
	config '.linux.cgroupsPath = $p' --arg p "$UNIQUE-$BATS_TEST_NUMBER-rel/x"
	create_ct
	local first second
	first=$(grep pids "/proc/$(pid_of)/cgroup")
	delete_ct
	mkdir "$V1/pids/$UNIQUE-$BATS_TEST_NUMBER-caller"
	new_id
	(
		echo $BASHPID >"$V1/pids/$UNIQUE-$BATS_TEST_NUMBER-caller/cgroup.procs"
		quiet rt create --bundle "$BUNDLE" "$ID"
		ok
		echo 0 >"$V1/pids/cgroup.procs" 2>/dev/null || true
	)
	second=$(grep pids "/proc/$(pid_of)/cgroup")
	same "$first" "$second"
	delete_ct
	rmdir "$V1/pids/$UNIQUE-$BATS_TEST_NUMBER-caller"
}

@test "CGP-form: dots do not lead out" {
	config '.linux.cgroupsPath = $p' --arg p "/../../$UNIQUE-$BATS_TEST_NUMBER-up/./x"
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	if [[ $status -eq 0 ]]; then
		same "$(cgroups_of "$(pid_of)")" "/$UNIQUE-$BATS_TEST_NUMBER-up/x"
	fi
}

@test "OP-del-foreign: cgroups that were there before stay, with their limits (CGP-noresources)" {
	mkdir -p "$V1/pids$CG" "$V1/memory/$UNIQUE-$BATS_TEST_NUMBER"
	echo 77 >"$V1/pids$CG/pids.max"
	running_ct
	same "$(cg pids pids.max)" 77
	delete_ct
	[[ -d $V1/pids$CG && -d $V1/memory/$UNIQUE-$BATS_TEST_NUMBER ]]
	[[ ! -d $V1/memory$CG ]]
	[[ ! -d $V1/cpu/$UNIQUE-$BATS_TEST_NUMBER ]]
	rmdir "$V1/pids$CG" "$V1/pids/$UNIQUE-$BATS_TEST_NUMBER" "$V1/memory/$UNIQUE-$BATS_TEST_NUMBER"
}

@test "CGP-noresources: without resources the limits are the kernel's" {
	running_ct
	same "$(cg pids pids.max)" max
	same "$(cg memory memory.limit_in_bytes)" "$(cat $V1/memory/memory.limit_in_bytes)"
	same "$(cg cpu cpu.shares)" 1024
}

@test "MEM-obj L-CG1-mem-limit L-CG1-mem-resv L-CG1-mem-swap L-CG1-mem-swappiness L-CG1-mem-oom L-CG1-mem-ktcp L-CG1-mem-kernel L-CG1-mem-hier: memory" {
	local swap='' kernel=''
	if [[ -e $V1/memory/memory.memsw.limit_in_bytes ]]; then swap='swap: 200000000,'; fi
	if [[ -e $V1/memory/memory.kmem.tcp.limit_in_bytes ]]; then kernel='kernelTCP: 40000000,'; fi
	config ".linux.resources.memory = {limit: 104857600, reservation: 52428800, $swap $kernel disableOOMKiller: true, useHierarchy: true}"
	running_ct
	same "$(cg memory memory.limit_in_bytes)" 104857600
	same "$(cg memory memory.soft_limit_in_bytes)" 52428800
	[[ -z $swap ]] || same "$(cg memory memory.memsw.limit_in_bytes)" 199999488
	[[ -z $kernel ]] || same "$(cg memory memory.kmem.tcp.limit_in_bytes)" 39997440
	if [[ -e $V1/memory/memory.oom_control ]]; then cg memory memory.oom_control | grep -q 'oom_kill_disable 1'; fi
	delete_ct
	config '.linux.resources.memory = {limit: -1, reservation: -1, disableOOMKiller: false}'
	running_ct
	same "$(cg memory memory.limit_in_bytes)" "$(cat $V1/memory/memory.limit_in_bytes)"
	delete_ct
	if [[ -e $V1/memory/memory.swappiness ]]; then
		config '.linux.resources.memory = {swappiness: 0}'
		running_ct
		same "$(cg memory memory.swappiness)" 0
		delete_ct
	fi
	config 'del(.linux.resources)'
	refuses "swappiness above 100" '.linux.resources.memory = {swappiness: 101}'
	refuses "swap below limit" '.linux.resources.memory = {limit: 104857600, swap: 52428800}'
	refuses "a float" '.linux.resources.memory = {limit: 1.5}'
}

@test "memory: a program that takes more is killed" {
	config '.linux.resources.memory = {limit: 20971520}'
	args /bin/probe grow 60
	run_ct
	code 137
	matches "container '$ID': memory ran out at its limit of 20971520 bytes, and the kernel killed 1 of its processes"
	nothing_left_of "$ID"
	args /bin/probe grow 5
	run_ct
	has_line grown
	refuses "a limit too small to begin" '.linux.resources.memory = {limit: 4096}' "may use no more than 4096 bytes"
}

@test "CPU-obj L-CG1-cpu-shares L-CG1-cpu-quota L-CG1-cpu-period CPU-burst CPU-idle CPU-cpus CPU-mems: cpu" {
	config '.linux.resources.cpu = {shares: 2048, quota: 50000, period: 200000, burst: 10000, cpus: "0", mems: "0"}'
	running_ct
	same "$(cg cpu cpu.shares)" 2048
	same "$(cg cpu cpu.cfs_quota_us)" 50000
	same "$(cg cpu cpu.cfs_period_us)" 200000
	if [[ -e $V1/cpu$CG/cpu.cfs_burst_us ]]; then same "$(cg cpu cpu.cfs_burst_us)" 10000; fi
	same "$(cg cpuset cpuset.cpus)" 0
	same "$(cg cpuset cpuset.mems)" 0
	same "$(awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$(pid_of)/status")" 0
	delete_ct
	config '.linux.resources.cpu = {quota: -1, shares: 0}'
	running_ct
	same "$(cg cpu cpu.cfs_quota_us)" -1
	same "$(cg cpu cpu.shares)" 1024
	delete_ct
	if [[ -e $V1/cpu/cpu.idle || -n $(find $V1/cpu -maxdepth 2 -name cpu.idle) ]]; then
		config '.linux.resources.cpu = {shares: 512, idle: 1}'
		running_ct
		same "$(cg cpu cpu.idle)" 1
		delete_ct
	fi
	# Two levels are made: the upper cpuset must be filled too.
	config 'del(.linux.resources)'
	running_ct
	[[ -n $(cg cpuset cpuset.cpus) && -n $(cg cpuset cpuset.mems) ]]
}

@test "CPU-cpus: the caller's affinity does not narrow the container's cpuset" {
	local cpus
	cpus=$(cat $V1/cpuset/cpuset.cpus)
	[[ $cpus == *[-,]* ]] || skip "a single processor"
	config '.linux.resources.cpu = {cpus: $c}' --arg c "$cpus"
	args /bin/grep Cpus_allowed_list /proc/self/status
	new_id
	run taskset -c "${cpus%%[-,]*}" "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	has_line $'Cpus_allowed_list:\t'"$cpus"
}

@test "CPU-quota-burst CPU-burst-max L-CG1-cpu-period CPU-cpus L-CG1-cpu-rtrt L-CG1-cpu-rtper: cpu limits that cannot be" {
	refuses "burst above quota" '.linux.resources.cpu = {quota: 10000, burst: 20000}'
	refuses "period too short" '.linux.resources.cpu = {period: 999}'
	refuses "period too long" '.linux.resources.cpu = {period: 1000001}'
	refuses "cpus that are not there" '.linux.resources.cpu = {cpus: "5000"}'
	lacks 'no such file|not found|permission denied'
	refuses "cpus that are no list" '.linux.resources.cpu = {cpus: "x"}'
	refuses "idle 2" '.linux.resources.cpu = {idle: 2}'
	if [[ ! -e $V1/cpu/cpu.rt_runtime_us ]]; then
		refuses "realtime without its files" '.linux.resources.cpu = {realtimeRuntime: 1000}'
		lacks 'no such file|not found|permission denied'
	fi
}

@test "PID-obj PID-limit PID-zero: tasks" {
	config '.linux.resources.pids = {limit: 10}'
	args /bin/probe fork 50
	run_ct
	has "EAGAIN"
	config '.linux.resources.pids = {limit: -1}'
	args /bin/sleep 1000
	running_ct
	same "$(cg pids pids.max)" max
	delete_ct
	config '.linux.resources.pids = {limit: 0}'
	args /bin/probe fork 1
	run_ct
	has "forked 0 EAGAIN"
	args /bin/sleep 1000
	running_ct
	same "$(cg pids pids.max)" 0
	delete_ct
	config '.linux.resources.pids = {}'
	running_ct
	same "$(cg pids pids.max)" max
	delete_ct
	config 'del(.linux.resources)'
	refuses "minus two" '.linux.resources.pids = {limit: -2}'
}

@test "BLK-obj L-CG1-blk-weight BLK-rbps BLK-wbps BLK-riops BLK-wiops BLK-thr-mm BLK-thr-rate: block devices" {
	local device major minor
	device=$(awk '$4 ~ /^vd[a-z]$/ { print $1 ":" $2; exit }' /proc/partitions)
	[[ -n $device ]] || skip "no block device"
	major=${device%:*} minor=${device#*:}
	local d="major: $major, minor: $minor"
	config ".linux.resources.blockIO = {throttleReadBpsDevice: [{$d, rate: 1000000}], throttleWriteBpsDevice: [{$d, rate: 2000000}], throttleReadIOPSDevice: [{$d, rate: 300}], throttleWriteIOPSDevice: [{$d, rate: 400}]}"
	if [[ ! -e $V1/blkio/blkio.throttle.read_bps_device ]]; then
		new_id
		quiet rt create --bundle "$BUNDLE" "$ID"
		bad
		lacks 'no such file|not found|permission denied'
		return
	fi
	running_ct
	same "$(cg blkio blkio.throttle.read_bps_device)" "$device 1000000"
	same "$(cg blkio blkio.throttle.write_bps_device)" "$device 2000000"
	same "$(cg blkio blkio.throttle.read_iops_device)" "$device 300"
	same "$(cg blkio blkio.throttle.write_iops_device)" "$device 400"
	delete_ct
	config 'del(.linux.resources)'
	refuses "no rate" ".linux.resources.blockIO = {throttleReadBpsDevice: [{$d}]}"
	refuses "no minor" ".linux.resources.blockIO = {throttleReadBpsDevice: [{major: $major, rate: 1}]}"
	refuses "weight 5" '.linux.resources.blockIO = {weight: 5}'
	refuses "weight 1001" '.linux.resources.blockIO = {weight: 1001}'
	refuses "a device without weights" ".linux.resources.blockIO = {weightDevice: [{$d}]}"
}

@test "L-CG1-blk-leaf BLK-wdev BLK-wdev-lw RD-key NET-obj: limits that this kernel has no file for" {
	local file
	while IFS='|' read -r file filter; do
		if [[ -z $(find $V1 -maxdepth 3 -name "$file" -print -quit) ]]; then
			refuses "$file" "$filter"
			lacks 'no such file or directory|not found|permission denied|operation not permitted'
		fi
	done <<-'END'
		blkio.leaf_weight|.linux.resources.blockIO = {leafWeight: 500}
		net_cls.classid|.linux.resources.network = {classID: 1}
		rdma.max|.linux.resources.rdma = {mlx5_0: {hcaHandles: 1}}
	END
}

@test "HT-list HT-rsvd HT-fallback HT-size HT-limit: huge pages, whose controller is in the cgroup2 of a hybrid host" {
	local dir=$V1/hugetlb size=2MB
	if [[ ! -d $dir ]]; then
		dir=$V1/unified
		grep -qw hugetlb $dir/cgroup.controllers || skip "no hugetlb controller"
		config ".linux.resources.hugepageLimits = [{pageSize: \"$size\", limit: 4194304}]"
		running_ct
		same "$(cat "$dir$CG/hugetlb.$size.max")" 4194304
		same "$(cat "$dir$CG/hugetlb.$size.rsvd.max")" 4194304
	else
		config ".linux.resources.hugepageLimits = [{pageSize: \"$size\", limit: 4194304}]"
		running_ct
		same "$(cat "$dir$CG/hugetlb.$size.limit_in_bytes")" 4194304
	fi
	delete_ct
	config 'del(.linux.resources)'
	refuses "a size that there is not" '.linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 1}]'
	lacks 'no such file|not found|permission denied'
	refuses "no size" '.linux.resources.hugepageLimits = [{limit: 1}]'
	refuses "no limit" '.linux.resources.hugepageLimits = [{pageSize: "2MB"}]'
}

@test "UNI-obj UNI-unknown UNI-missing: unified keys go to the cgroup2 of a hybrid host, or are refused" {
	if [[ -e $V1/unified/cgroup.procs ]]; then
		config '.linux.resources.unified = {"cgroup.max.depth": "3"}'
		new_id
		quiet rt create --bundle "$BUNDLE" "$ID"
		if [[ $status -eq 0 ]]; then same "$(cat "$V1/unified$CG/cgroup.max.depth")" 3; fi
		delete_ct
	fi
	config 'del(.linux.resources)'
	refuses "a controller that is not there" '.linux.resources.unified = {"foo.max": "1"}'
	lacks 'no such file or directory|not found|permission denied'
	refuses "a path" '.linux.resources.unified = {"../x": "1"}'
}

@test "CG-fit CG-fit-err: a frozen cgroup is refused, it does not hang" {
	mkdir -p "$V1/freezer$CG"
	echo FROZEN >"$V1/freezer$CG/freezer.state"
	new_id
	RT_TIMEOUT=5
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad
	echo THAWED >"$V1/freezer$CG/freezer.state"
	rmdir "$V1/freezer$CG" "$V1/freezer/$UNIQUE-$BATS_TEST_NUMBER"
}

@test "CGO-v1: cgroups of v1 are nobody else's" {
	config '.process.user = {uid: 1000, gid: 1000} | .linux.namespaces += [{type: "cgroup"}] | .mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup"}]'
	running_ct
	local c
	for c in pids memory cpu; do same "$(stat -c %u "$V1/$c$CG" "$V1/$c$CG/cgroup.procs" | sort -u)" 0; done
}

@test "ATTACK CVE-2025-47291: with a user namespace the process is in its cgroup as well" {
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	own_root 100000
	running_ct
	same "$(cgroups_of "$(pid_of)")" "$CG"
}

@test "delete: processes that the container left in its cgroup go with it" {
	host_pids
	sh_args 'sleep 1000 & sleep 1000 & echo $$; exit 0'
	new_id
	quiet rt run --detach --bundle "$BUNDLE" "$ID"
	ok
	until_status stopped
	[[ $(wc -l <"$V1/pids$CG/cgroup.procs") -ge 1 ]]
	run rt delete "$ID"
	ok
	no_process_left
	no_cgroup_left
}

@test "kill --all: after the first process is gone too" {
	host_pids
	sh_args 'sleep 1000 & sleep 1000 & exit 0'
	new_id
	quiet rt run --detach --bundle "$BUNDLE" "$ID"
	until_status stopped
	run rt kill --all "$ID" 9
	ok
	until_true test -z "$(cat "$V1/pids$CG/cgroup.procs")" || until_true fails grep -q . "$V1/pids$CG/cgroup.procs"
	run rt kill --all "$ID" 9
	ok
	run rt delete "$ID"
	ok
}

@test "S-scope cgroups: a hundred creates and deletes leave nothing" {
	args /bin/true
	local i
	for i in $(seq 50); do
		rt run --bundle "$BUNDLE" "$ID-$i" || { echo "run $i"; false; }
	done
	no_cgroup_left
}
