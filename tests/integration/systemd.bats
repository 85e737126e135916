#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# systemd manages the cgroups; here a program of ours plays it (tests/fakes/systemd.c), on
# the hierarchies of this host and on a cgroup2 alone. The real one is asked in the guest.

load helpers
load criu

prepare_file() {
	"${CC:-cc}" -D_GNU_SOURCE -O1 -o "$F/bin/systemd" "$HERE/../fakes/systemd.c" -lsystemd || true
	LIMITS=v1
	if [[ $(stat -f -c %T /sys/fs/cgroup) == cgroup2fs ]]; then LIMITS=v2; fi
	export LIMITS
}

prepare() {
	[[ -x $F/bin/systemd ]] || skip "no libsystemd to build with"
	[[ -z ${OCI_RT_GLOBALS-} ]] || skip "these tests choose the manager themselves"
	BUS=$T/bus
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$BUS
	SLICE=$UNIQUE.slice
	# shellcheck disable=SC2046
	"$F/bin/systemd" "$BUS" $(hierarchies) >>"$T/said" 2>&1 3>&- 4>&- &
	FAKE=$!
	until_true test -S "$BUS"
	unit "box"
	args /bin/sleep 1000
}

cleanup() {
	delete_all || true
	[[ -z ${FAKE-} ]] || kill "$FAKE" 2>/dev/null || true
	find /sys/fs/cgroup -depth -type d -name "$UNIQUE*.slice" -exec rmdir {} + 2>/dev/null || true
}

# Those that systemd would know.
hierarchies() {
	if [[ $LIMITS == v2 ]]; then
		echo /sys/fs/cgroup
	else
		awk '$3 ~ /^cgroup2?$/ && $2 ~ /systemd|memory|pids|cpuacct|unified/ { print $2 }' /proc/mounts
	fi
}

# unit PREFIX: the container's unit.
unit() {
	UNIT=$1-$UNIQUE-$BATS_TEST_NUMBER.scope
	config '.linux.cgroupsPath = $p' --arg p "$SLICE:$1:$UNIQUE-$BATS_TEST_NUMBER"
}

create_sd() {
	new_id
	quiet rt --systemd-cgroup create --bundle "$BUNDLE" "$ID"
}

said() {
	grep -qxF -- "$1" "$T/said" || { echo "systemd was not told: $1"; cat "$T/said"; return 1; }
}

no_unit() {
	[[ -z $(find /sys/fs/cgroup -type d -name "$UNIT") ]] || {
		echo "left: $(find /sys/fs/cgroup -type d -name "$UNIT")"
		return 1
	}
}

@test "systemd: FL-cg-sd FL-cg-sdu CGP-create: init is in its scope, in every hierarchy; delete stops it without being told the manager" {
	same "$("$OCI_RT" features | jq -c '.linux.cgroup | [.systemd, .systemdUser]')" "[true,true]"
	create_sd
	ok
	said "start $UNIT"
	said "property Slice $SLICE"
	said "property Delegate 1"
	said "property CollectMode inactive-or-failed"
	if [[ $LIMITS == v2 ]]; then
		same "$(grep ^0:: "/proc/$(pid_of)/cgroup")" "0::/$SLICE/$UNIT"
	else
		[[ -z $(grep -v "/$SLICE/$UNIT$" "/proc/$(pid_of)/cgroup") ]]
	fi
	same "$(jq -r .cgroupManager,.unit "$ROOT/$ID/state.json" | xargs)" "systemd $UNIT"
	start_ct
	is_status running
	run rt delete --force "$ID"
	ok
	said "stop $UNIT"
	no_unit
}

@test "systemd: limits are properties and files" {
	config '.linux.resources = {pids: {limit: 33}}'
	create_sd
	if [[ $LIMITS == v2 && ! -e /sys/fs/cgroup/pids.max && $(cat /sys/fs/cgroup/cgroup.controllers) != *pids* ]]; then
		bad "pids"
		skip "no controller pids here"
	fi
	ok
	said "property TasksMax 33"
	same "$(cat "$(find /sys/fs/cgroup -path "*$UNIT/pids.max")")" 33
	delete_ct
	no_unit
}

@test "systemd: CD-list: device rules are properties, and the list begins empty" {
	config '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 10, minor: 229, access: "rw"},
		{allow: true, type: "b", major: 7, access: "r"}]'
	create_sd
	ok
	said "property DevicePolicy strict"
	same "$(grep -c '^property DeviceAllow' "$T/said")" 2
	same "$(grep -m 1 '^property DeviceAllow' "$T/said")" "property DeviceAllow"
	grep '^property DeviceAllow .*/dev/char/1:3 rwm' "$T/said" | grep '/dev/char/10:229 rwm' | grep -w 'block-7 rm'
	delete_ct
	: >"$T/said"
	config '.linux.resources.devices = [{allow: true, access: "rwm"}]'
	create_sd
	ok
	said "property DevicePolicy auto"
	same "$(grep '^property DeviceAllow' "$T/said" | uniq)" "property DeviceAllow"
	delete_ct
	no_unit
}

@test "systemd: VB-update CD-list: devices alone, of the unit and of our filter" {
	config '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "rwm"}]'
	create_sd
	ok
	: >"$T/said"
	echo '{"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rwm"}]}' >"$T/r.json"
	run rt update -r "$T/r.json" "$ID"
	ok
	same "$output" ""
	said "change $UNIT"
	said "property DevicePolicy strict"
	same "$(grep -m 1 '^property DeviceAllow' "$T/said")" "property DeviceAllow"
	grep '^property DeviceAllow .*/dev/char/10:229 rwm' "$T/said"
	fails grep '^property DeviceAllow .*/dev/char/1:11' "$T/said"
	if [[ -e /sys/fs/cgroup/freezer ]]; then
		grep -x 'c 10:229 rwm' "/sys/fs/cgroup/devices/$SLICE/$UNIT/devices.list"
		same "$(cat "/sys/fs/cgroup/freezer/$SLICE/$UNIT/freezer.state")" THAWED
		run rt pause "$ID"
		ok
		run rt update -r "$T/r.json" "$ID"
		ok
		is_status paused
	fi
	delete_ct
	no_unit
}

@test "systemd: unit properties by annotation; others are refused" {
	config '.annotations = {"org.systemd.property.TimeoutStopSec": "5", "org.systemd.property.KillMode": "\u0027mixed\u0027"}'
	create_sd
	ok
	said "property TimeoutStopUSec 5000000"
	said "property KillMode mixed"
	delete_ct
	config '.annotations = {"org.systemd.property.ExecStopPost": "\u0027/bin/evil\u0027"}'
	create_sd
	bad "ExecStopPost"
	no_unit
}

@test "systemd: CGP-invalid: what names no unit" {
	local path
	for path in /a/b a:b x.slice:a:b:c a/b.slice:c:d x.slice:p:y.slice -x.slice:a:b; do
		config '.linux.cgroupsPath = $p' --arg p "$path"
		create_sd
		bad "linux.cgroupsPath"
	done
}

@test "systemd: a container is restored into a unit of its own, and its limits with it" {
	find_criu
	needs_criu
	export RT_TIMEOUT=60
	local images=$T/images
	config '.linux.resources = {pids: {limit: 33}}'
	create_sd
	[[ $LIMITS != v2 || -e /sys/fs/cgroup/pids.max || $(cat /sys/fs/cgroup/cgroup.controllers) == *pids* ]] ||
		skip "no controller pids here"
	start_ct
	run rt --systemd-cgroup checkpoint --image-path "$images" "$ID"
	ok
	no_unit
	unit moved
	quiet rt --systemd-cgroup restore --detach --bundle "$BUNDLE" --image-path "$images" "$ID"
	[[ $status -eq 0 ]] || grep -E 'Error|Warn' "$images/restore.log" | head -n 20
	ok
	said "start $UNIT"
	said "property TasksMax 33"
	same "$(cat "$(find /sys/fs/cgroup -path "*$UNIT/pids.max")")" 33
	[[ -z $(grep -v "/$SLICE/$UNIT$" "/proc/$(pid_of)/cgroup") ]]
	same "$(jq -r .cgroupManager,.unit "$ROOT/$ID/state.json" | xargs)" "systemd $UNIT"
	is_status running
	quiet rt --systemd-cgroup restore --detach --bundle "$BUNDLE" --image-path "$images" "$ID"
	bad "already exists"
	run rt delete --force "$ID"
	ok
	said "stop $UNIT"
	no_unit
	mv "$images/inventory.img" "$images/gone.img"
	quiet rt --systemd-cgroup restore --detach --bundle "$BUNDLE" --image-path "$images" "$ID"
	bad "criu"
	no_unit
	nothing_left_of "$ID"
}

@test "systemd: OP-create-dup: an id in use is what is told, not its unit" {
	create_sd
	ok
	quiet rt --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	bad "already exists"
	lacks "another container"
	is_status created
	delete_ct
}

@test "systemd: a job that fails: the unit, its result, and nothing left" {
	unit fail
	create_sd
	bad "'$UNIT'" "ended as 'failed'"
	said "stop $UNIT"
	no_unit
	no_state_left
}

@test "systemd: a job that never ends" {
	unit stall
	export SYSTEMD_BUS_TIMEOUT=1
	create_sd
	bad "'$UNIT' within 1 s" "systemctl list-jobs"
	no_unit
	no_state_left
}

@test "systemd: a unit that failed before makes room" {
	unit taken
	create_sd
	ok
	said "reset $UNIT"
	delete_ct
}

@test "systemd: an older one that does not know a property" {
	[[ $LIMITS == v2 && $(cat /sys/fs/cgroup/cgroup.controllers) == *memory* ]] || skip "no memory controller on v2 here"
	unit old
	config '.linux.resources = {memory: {reservation: 33554432}}'
	create_sd
	ok
	delete_ct
}

@test "systemd: a container that fails later leaves no unit" {
	args /no/such/program
	create_sd
	bad
	said "stop $UNIT"
	no_unit
}

@test "systemd: processes that outlive init go, and so does the unit" {
	host_pids
	sh_args 'sleep 1000 & sleep 1000 & exit 0'
	new_id
	quiet rt --cgroup-manager systemd run --detach --bundle "$BUNDLE" "$ID"
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	no_unit
}

@test "systemd: VB-update: update changes the unit, too, and puts it back when a file refuses" {
	[[ $LIMITS == v1 && -e /sys/fs/cgroup/pids && -e /sys/fs/cgroup/cpu/cpu.cfs_burst_us ]] ||
		skip "this host has no v1 controllers"
	local cg=$SLICE/$UNIT
	config '.linux.resources = {pids: {limit: 33}}'
	create_sd
	ok
	: >"$T/said"
	run rt update --pids-limit 44 --cpu-quota 20000 "$ID"
	ok
	said "change $UNIT"
	said "property TasksMax 44"
	said "property CPUQuotaPerSecUSec 200000"
	run rt update --cpu-period 50000 "$ID"
	ok
	[[ $output == *"does not know the property 'CPUQuotaPeriodUSec'"* ]]
	same "$(cat "/sys/fs/cgroup/cpu/$cg/cpu.cfs_period_us")" 50000
	same "$(cat "/sys/fs/cgroup/pids/$cg/pids.max")" 44
	: >"$T/said"
	run rt update --pids-limit 55 --cpu-burst 30000 "$ID"
	bad "option '--cpu-burst'"
	same "$(grep -c "^change $UNIT" "$T/said")" 2
	same "$(grep '^property' "$T/said" | tail -n 1)" "property TasksMax 44"
	same "$(cat "/sys/fs/cgroup/pids/$cg/pids.max")" 44
	delete_ct
	no_unit
}

@test "systemd: update, when nobody can be asked, changes nothing" {
	[[ $LIMITS == v1 && -e /sys/fs/cgroup/pids ]] || skip "this host has no v1 controllers"
	config '.linux.resources = {pids: {limit: 33}}'
	create_sd
	ok
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$T/nobody run rt update --pids-limit 55 "$ID"
	bad "$T/nobody"
	same "$(cat "/sys/fs/cgroup/pids/$SLICE/$UNIT/pids.max")" 33
	delete_ct
}

@test "systemd: exec joins the scope, ps and kill --all find its processes" {
	host_pids
	create_sd
	ok
	start_ct
	quiet rt exec --detach --pid-file "$T/exec.pid" "$ID" /bin/sleep 1001
	ok
	if [[ $LIMITS == v2 ]]; then
		same "$(grep ^0:: "/proc/$(<"$T/exec.pid")/cgroup")" "0::/$SLICE/$UNIT"
	else
		same "$(cat "/proc/$(<"$T/exec.pid")/cgroup")" "$(cat "/proc/$(pid_of)/cgroup")"
	fi
	run rt ps --format json "$ID"
	ok
	same "$(jq -c sort <<<"$output")" "$(printf '%s\n' "$(pid_of)" "$(<"$T/exec.pid")" | jq -cs sort)"
	run rt kill --all "$ID" KILL
	ok
	until_status stopped
	until_true test ! -e "/proc/$(<"$T/exec.pid")/exe"
	run rt delete "$ID"
	ok
	no_unit
}

@test "systemd: kill and pause need no option" {
	create_sd
	ok
	start_ct
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

@test "systemd: update tells it what changed, without being told the manager" {
	[[ $LIMITS == v1 || $(cat /sys/fs/cgroup/cgroup.controllers) == *pids* ]] || skip "no pids controller on v2 here"
	create_sd
	ok
	run rt update --pids-limit 44 "$ID"
	ok
	said "change $UNIT"
	said "property TasksMax 44"
	same "$(cat "$(find /sys/fs/cgroup -path "*$UNIT/pids.max")")" 44
	delete_ct
	no_unit
}

@test "systemd: nobody there: which address, and what to do" {
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$T/nobody
	create_sd
	bad "$T/nobody" "leave --systemd-cgroup out"
	lacks "No such file|no such file|not found"
}

@test "disabled: no cgroup is made; kill and delete work without" {
	config 'del(.linux.cgroupsPath) | .linux.resources = {}'
	new_id
	quiet rt --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	ok
	same "$(sed 's/.*://' "/proc/$(pid_of)/cgroup" | sort -u)" "$(sed 's/.*://' /proc/self/cgroup | sort -u)"
	start_ct
	run rt kill "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	config '.linux.resources = {pids: {limit: 5}}'
	new_id
	quiet rt --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	bad "disabled"
}
