#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A real systemd manages the cgroups, the host's or the user's own: what it was told is
# what it says, and nothing is left of a unit. Run with OCI_RT_GLOBALS=--systemd-cgroup, most
# of it on cgroup v2 alone; tests/vm has both.

load helpers
load criu

prepare() {
	[[ ${OCI_RT_GLOBALS-} == *--systemd-cgroup* && -d /run/systemd/system ]] ||
		skip "needs a host run by systemd, and OCI_RT_GLOBALS=--systemd-cgroup"
	is_unified || [[ $BATS_TEST_DESCRIPTION == *"on any version"* ]] || skip "needs cgroup v2 alone"
	if as_user; then INSTANCE=--user; else INSTANCE=--system; fi
	unit box
	args /bin/sleep 1000
}

cleanup() {
	delete_all || true
	[[ -z ${UNIT-} ]] || no_unit
}

# unit PREFIX: the container's unit.
unit() {
	SLICE=$UNIQUE-deep.slice
	UNIT=$1-$UNIQUE-$BATS_TEST_NUMBER.scope
	config '.linux.cgroupsPath = $p' --arg p "$SLICE:$1:$UNIQUE-$BATS_TEST_NUMBER"
}

# says PROPERTY VALUE
says() {
	same "$(systemctl "$INSTANCE" show --value -p "$1" "$UNIT")" "$2" "$1"
}

dir() {
	echo "/sys/fs/cgroup$(systemctl "$INSTANCE" show --value -p ControlGroup "$UNIT")"
}

is_gone() {
	[[ $(systemctl "$INSTANCE" show --value -p LoadState "$UNIT") == not-found ]] &&
		! ls -d /run/systemd/transient/"$UNIT"* "${XDG_RUNTIME_DIR:-/nowhere}/systemd/transient/$UNIT"* 2>/dev/null
}

no_unit() {
	until_true is_gone || { systemctl "$INSTANCE" status "$UNIT"; return 1; }
	[[ -z $(find /sys/fs/cgroup -type d -name "$UNIT") ]]
}

@test "systemd itself: FL-cg-sd FL-cg-sdu: the unit has every limit as a property, and its cgroup as a file" {
	config '.linux.resources = {
		memory: {limit: 67108864, reservation: 33554432},
		cpu: {shares: 2048, quota: 50000, period: 100000},
		pids: {limit: 33}}'
	as_user || config '.linux.resources.cpu.cpus = "0"'
	create_ct
	says Slice "$SLICE"
	says Delegate yes
	says ActiveState active
	says MemoryMax 67108864
	says MemoryLow 33554432
	says TasksMax 33
	says CPUQuotaPerSecUSec 500ms
	same "$(systemctl "$INSTANCE" show --value -p CPUWeight "$UNIT")" "$(cat "$(dir)/cpu.weight")"
	same "$(cat "$(dir)/memory.max" "$(dir)/pids.max" "$(dir)/cpu.max" | xargs)" "67108864 33 50000 100000"
	if ! as_user; then
		says AllowedCPUs 0
		same "$(cat "$(dir)/cpuset.cpus")" 0
	fi
	same "$(unified_path "$(pid_of)")" "$(systemctl "$INSTANCE" show --value -p ControlGroup "$UNIT")"
	start_ct
	is_status running
	delete_ct
	no_unit
}

@test "systemd itself: what update changes stays when systemd reads its units anew" {
	config '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 33}}'
	running_ct
	run rt update --memory 48m --pids-limit 44 --cpu-share 512 --cpu-quota 20000 --cpu-period 50000 "$ID"
	ok
	says MemoryMax 50331648
	says TasksMax 44
	says CPUQuotaPerSecUSec 400ms
	systemctl "$INSTANCE" daemon-reload
	same "$(cat "$(dir)/memory.max" "$(dir)/pids.max" "$(dir)/cpu.max" | xargs)" "50331648 44 20000 50000"
	echo '{"unified": {"memory.high": "40001536"}, "pids": {"limit": -1}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	ok
	says MemoryHigh 40001536
	says TasksMax infinity
	delete_ct
	no_unit
}

# opens DEVICE ACCESS: what the container's next attempt comes to.
opens() {
	quiet rt exec "$ID" probe open "$1" "$2"
	sed 's/.*: //' <<<"$output"
}

@test "systemd itself: CD-list: device rules are the unit's on any version, and stay when systemd reads its units anew" {
	root_only "have devices of a container ruled over"
	config '.linux.resources.devices = [{allow: false, access: "rwm"},
			{allow: true, type: "c", major: 1, minor: 11, access: "r"},
			{allow: true, type: "c", minor: 2, access: "w"},
			{allow: true, type: "c", major: 4, access: "rw"}]'
	# Version 1 cannot cut one out of many.
	if is_unified; then config '.linux.resources.devices += [{allow: false, type: "c", major: 4, minor: 1, access: "rw"}]'; fi
	sh_args 'cd /tmp; mknod kmsg c 1 11; mknod mem c 1 2; mknod full c 1 7; mknod tty1 c 4 1; mknod tty2 c 4 2; mknod fuse c 10 229; touch made; sleep 1000'
	config '.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["dev"]}]'
	create_ct
	start_ct
	until_true test -e "/proc/$(pid_of)/root"/tmp/made
	says DevicePolicy strict
	[[ " $(systemctl show --value -p DeviceAllow "$UNIT" | xargs) " == *" /dev/char/1:11 r"* ]]
	local when
	for when in before after again; do
		same "$(opens /tmp/kmsg r)" ok "$when"
		same "$(opens /tmp/kmsg w)" EPERM "$when"
		same "$(opens /tmp/full rw)" ok "$when"
		same "$(opens /tmp/fuse rw)" EPERM "$when"
		same "$(opens /tmp/mem r)" EPERM "$when"
		if is_unified; then
			same "$(opens /tmp/mem w)" ENXIO "$when" # past the filter, and there is none
			same "$(opens /tmp/tty1 r)" EPERM "$when"
		fi
		systemctl daemon-reload
		[[ $when != after ]] || systemctl set-property --runtime "$UNIT" TasksMax=99 CPUWeight=50
	done
	echo '{"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw"}]}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	ok
	same "$output" ""
	# A limit that is refused takes the devices back, too.
	if is_unified; then
		echo '{"devices": [{"allow": false, "access": "rwm"}], "cpu": {"cpus": "700"}}' >"$T/r.json"
		run rt update -r "$T/r.json" "$ID"
		bad "linux.resources.cpu.cpus"
	fi
	for when in updated reloaded; do
		same "$(opens /tmp/kmsg r)" EPERM "$when"
		same "$(opens /tmp/fuse rw)" ok "$when"
		same "$(opens /tmp/full rw)" ok "$when"
		systemctl daemon-reload
	done
	delete_ct
	no_unit
}

@test "systemd itself: every device allowed is no policy at all, and our filter stays" {
	root_only "have devices of a container ruled over"
	is_unified || skip "version 1 knows no list of denials that lasts"
	config '.linux.resources.devices = [{allow: true, access: "rwm"}, {allow: false, type: "c", major: 1, minor: 7, access: "rw"}]'
	running_ct
	says DevicePolicy auto
	says DeviceAllow ""
	same "$(opens /dev/full r)" EPERM
	systemctl daemon-reload
	same "$(opens /dev/full r)" EPERM
	same "$(opens /dev/zero r)" ok
	delete_ct
	no_unit
}

@test "systemd itself: an update that fails changes neither the unit nor a file" {
	root_only "have processors of a cgroup set here"
	config '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 33},
		cpu: {quota: 20500, period: 100000}}'
	running_ct
	echo '{"pids": {"limit": 44}, "memory": {"limit": 50331648}, "cpu": {"cpus": "700", "quota": 30000}}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	bad "linux.resources.cpu.cpus"
	says TasksMax 33
	says MemoryMax 67108864
	systemctl "$INSTANCE" daemon-reload
	same "$(cat "$(dir)"/{memory.max,pids.max} | xargs)" "67108864 33"
	delete_ct
	no_unit
}

@test "systemd itself: exec, pause and kill work as with cgroups of our own" {
	running_ct
	run rt exec "$ID" /bin/sh -c 'echo in; cat /proc/self/cgroup'
	ok
	has in
	run rt pause "$ID"
	ok
	is_status paused
	run rt resume "$ID"
	ok
	run rt kill "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	no_unit
}

@test "systemd itself: a container that fails leaves no unit" {
	args /no/such/program
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad
	no_unit
	no_state_left
}

@test "systemd itself: a container out of memory leaves no unit" {
	config '.linux.resources = {memory: {limit: 8388608, swap: 8388608}}'
	sh_args 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'
	run_ct
	code 137
	no_unit
	no_state_left
}

@test "systemd itself: the unit of another is named, and left alone" {
	running_ct
	first=$ID
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "$UNIT"
	# In another slice there is no such cgroup, and yet the unit.
	config '.linux.cgroupsPath = $p' --arg p "$UNIQUE-other.slice:box:$UNIQUE-$BATS_TEST_NUMBER"
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "systemd has a unit '$UNIT' already"
	is_status running "$first"
	says ActiveState active
	delete_ct "$first"
	no_unit
}

@test "systemd itself: a unit stopped by another takes the container along" {
	running_ct
	systemctl "$INSTANCE" stop "$UNIT"
	until_status stopped
	run rt delete "$ID"
	ok
	no_unit
}

@test "systemd itself: annotations are properties" {
	config '.annotations = {"org.systemd.property.TimeoutStopSec": "5",
		"org.systemd.property.CollectMode": "\u0027inactive-or-failed\u0027",
		"org.systemd.property.After": "[\u0027basic.target\u0027]"}'
	create_ct
	says TimeoutStopUSec 5s
	says CollectMode inactive-or-failed
	delete_ct
	no_unit
	config '.annotations = {"org.systemd.property.KillMode": "5"}'
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "$UNIT"
	no_unit
	no_state_left
}

@test "systemd itself: an id of any characters is a unit" {
	config 'del(.linux.cgroupsPath)'
	new_id
	ID=$ID+plus_and.dot
	quiet rt create --bundle "$BUNDLE" "$ID"
	ok
	UNIT=$(jq -r .unit "$ROOT/$ID/state.json")
	says ActiveState active
	delete_ct
	no_unit
}

@test "systemd itself: a container is restored into a unit of its own, and its limits with it" {
	root_only "restore a container"
	find_criu
	needs_criu
	local images=$T/images
	config '.linux.resources = {pids: {limit: 33}}'
	create_ct
	start_ct
	run rt checkpoint --image-path "$images" "$ID"
	ok
	no_unit
	unit moved
	quiet rt restore --detach --bundle "$BUNDLE" --image-path "$images" "$ID"
	[[ $status -eq 0 ]] || grep -E 'Error|Warn' "$images/restore.log" | head -n 20
	ok
	is_status running
	says TasksMax 33
	says ActiveState active
	same "$(cat "$(dir)/pids.max")" 33
	same "$(cut -d : -f 3 "/proc/$(pid_of)/cgroup")" "$(dir | cut -c 15-)"
	systemctl daemon-reload
	is_status running
	delete_ct
	no_unit
}
