#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Shares of the network by eBPF on the container's cgroup. Two network namespaces, made
# here, are joined by a veth pair: containers run in the one, their peer is in the other.

load helpers

prepare() {
	HOLDERS=()
	hold; NEAR=$HOLDER
	hold; FAR=$HOLDER
	nsenter --net="/proc/$NEAR/ns/net" ip link add near type veth peer name far netns "$FAR"
	address "$NEAR" near 10.9.0.1/24
	address "$FAR" far 10.9.0.2/24
	cp "$BLASTER" "$R/bin/blaster"
	config '.linux.namespaces |= map(if .type == "network" then .path = $p else . end)' --arg p "/proc/$NEAR/ns/net"
	args /bin/true
}

cleanup() {
	kill "${HOLDERS[@]}" 2>/dev/null || true
	wait "${HOLDERS[@]}" 2>/dev/null || true
}

# A new network namespace, of the process $HOLDER.
hold() {
	unshare -n sleep 1000 </dev/null >/dev/null 2>&1 3>&- 4>&- &
	HOLDER=$!
	HOLDERS+=("$HOLDER")
	until_true is_apart
}

is_apart() {
	[[ $(readlink /proc/self/ns/net) != "$(readlink "/proc/$HOLDER/ns/net")" ]]
}

address() {
	nsenter --net="/proc/$1/ns/net" sh -c "ip addr add $3 dev $2; ip link set $2 up; ip link set lo up"
}

limit() {
	config '.annotations[$k] = $v' --arg k "io.oci-rt.net.$1-bps" --arg v "$2"
}

# far NAME ARG...: the peer's blaster, in the background; prints to $T/NAME.
far() {
	nsenter --net="/proc/$FAR/ns/net" "$BLASTER" "${@:2}" >"$T/$1" </dev/null 2>&1 3>&- 4>&- &
	FAR_PID=$!
}

# between LEAST MOST NUMBER
between() {
	echo "# measured $3, expected $1 to $2" >&3
	[[ $3 -ge $1 && $3 -le $2 ]] || { echo "should be $1 to $2: $3"; return 1; }
}

@test "egress: UDP is held to its rate within 5 %, beside a neighbour that is not" {
	bundle neighbour
	cp "$BLASTER" "$R/bin/blaster"
	config '.linux.namespaces |= map(if .type == "network" then .path = $p else . end)' --arg p "/proc/$NEAR/ns/net"
	args /bin/blaster udp send 10.9.0.2 6000 4000 20000000
	create_ct
	local neighbour=$ID
	BUNDLE=$T/bundle R=$T/bundle/rootfs
	limit egress 4m
	args /bin/blaster udp send 10.9.0.2 5000 3500 12000000
	far limited udp receive 5000 2000
	local first=$FAR_PID
	far free udp receive 6000 2000
	start_ct "$neighbour"
	run_ct
	ok
	wait "$first" "$FAR_PID"
	between 3800000 4200000 "$(cat "$T/limited")"
	between 12000000 21000000 "$(cat "$T/free")"
}

@test "ingress: UDP is held to its rate within 5 %" {
	limit ingress 3000k
	args /bin/blaster udp receive 5000 2000
	(sleep 0.3; exec nsenter --net="/proc/$FAR/ns/net" "$BLASTER" udp send 10.9.0.1 5000 4000 12000000) </dev/null >/dev/null 2>&1 3>&- 4>&- &
	local sender=$!
	run_ct
	ok
	wait "$sender" || true
	between 2850000 3150000 "$output"
}

@test "egress: two processes on two processors share one rate, within 5 %" {
	limit egress 4m
	sh_args '/bin/blaster udp send 10.9.0.2 5000 3500 8000000 & /bin/blaster udp send 10.9.0.2 5001 3500 8000000; wait'
	far one udp receive 5000 2000
	local first=$FAR_PID
	far two udp receive 5001 2000
	run_ct
	ok
	wait "$first" "$FAR_PID"
	between 3800000 4200000 $(($(cat "$T/one") + $(cat "$T/two")))
}

@test "egress: TCP gets its rate, 15 % less at most and 5 % more" {
	limit egress 8m
	args /bin/blaster tcp send 10.9.0.2 5000 3500 1000000000
	far limited tcp receive 5000 3000
	run_ct
	wait "$FAR_PID"
	between 6800000 8400000 "$(cat "$T/limited")"
}

@test "loopback is not counted" {
	limit egress 10k
	limit ingress 10k
	sh_args '/bin/blaster udp receive 5000 1000 & sleep 0.1; /bin/blaster udp send 127.0.0.1 5000 1500 8000000; wait
		/bin/blaster tcp receive 5000 1000 & sleep 0.1; /bin/blaster tcp send 127.0.0.1 5000 1500 8000000; wait'
	run_ct
	ok
	between 6000000 9000000 "$(sed -n 1p <<<"$output")"
	between 6000000 9000000 "$(sed -n 2p <<<"$output")"
}

@test "the limits of a container that exists are on its cgroup, and go with it" {
	limit egress 1g
	limit ingress 1g
	args /bin/sleep 100
	create_ct
	start_ct
	delete_ct
	nothing_left_of "$ID"
	run rt features
	jq -e '.potentiallyUnsafeConfigAnnotations | index("io.oci-rt.net.egress-bps") and index("io.oci-rt.net.ingress-bps")' <<<"$output"
}

@test "a cgroup that was there before has no limit when its container has gone" {
	own_manager
	local cgroup=/sys/fs/cgroup/unified
	[[ -d $cgroup ]] || cgroup=/sys/fs/cgroup
	cgroup+=/$UNIQUE-before
	mkdir "$cgroup"
	config '.linux.cgroupsPath = $p' --arg p "/$UNIQUE-before"
	limit egress 10k
	limit ingress 10k
	run_ct
	ok
	config 'del(.annotations)'
	args /bin/blaster udp send 10.9.0.2 5000 1500 4000000
	far free udp receive 5000 1000
	run_ct
	rmdir "$cgroup"
	ok
	wait "$FAR_PID"
	between 3600000 4200000 "$(cat "$T/free")"
}

@test "rates that are none are refused, by name" {
	local rate
	for rate in '""' '"0"' '"-1"' '"1.5m"' '"10 MB"' '"1t"' '"2000g"' '"99999999999999"'; do
		refuses "$rate" ".annotations[\"io.oci-rt.net.egress-bps\"] = $rate" "io.oci-rt.net.egress-bps" "bytes a second"
	done
	run rt --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	ok
	limit egress 1m
	run rt --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	bad "io.oci-rt.net.egress-bps" "cgroup of version 2"
}

@test "NET-obj NET-prio NET-prio-prio NET-prio-name: priorities by eBPF where net_prio is not mounted" {
	[[ ! -d /sys/fs/cgroup/net_prio ]] || skip "this host has net_prio"
	args /bin/blaster priority
	run_ct
	ok
	has_line 0
	config '.linux.resources.network.priorities = [{name: "lo", priority: 5}]'
	run_ct
	ok
	has_line 5
	refuses "an unknown device" '.linux.resources.network.priorities = [{name: "nope0", priority: 5}]' "nope0"
	refuses "devices that differ" '.linux.resources.network.priorities += [{name: "lo", priority: 6}]' "one priority"
	refuses "a class" '.linux.resources.network = {classID: 7}' classID
	ip link add oct0 type veth peer name oct1
	config '.linux.namespaces |= map(select(.type != "network")) | .mounts |= map(select(.destination != "/sys"))'
	config '.linux.resources.network.priorities = [{name: "lo", priority: 5}, {name: "oct0", priority: 6}]'
	run_ct
	ip link del oct0
	ok
}
