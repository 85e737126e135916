#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# linux.netDevices and linux.intelRdt: applied, or refused; never passed over.

load helpers

has_feature() {
	"$OCI_RT" features | jq -e ".linux.$1.enabled" >/dev/null
}

# A pair of devices in this file's own network namespace.
pair() {
	ip link add "$1" type veth peer name "$2"
	LINKS+=("$1")
}

prepare() {
	LINKS=()
}

cleanup() {
	local link
	for link in "${LINKS[@]}"; do ip link del "$link" 2>/dev/null || true; done
}

@test "ND-key ND-obj: what cannot be is refused" {
	pair oct0 oct1
	refuses "an unknown device" '.linux.netDevices = {nope0: {}}' "nope0"
	refuses "no network namespace" '.linux.netDevices = {oct0: {}} | .linux.namespaces |= map(select(.type != "network"))'
	refuses "the runtime's own network namespace" '.linux.netDevices = {oct0: {}} | .linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)' "own network namespace"
	refuses "a name too long" '.linux.netDevices = {oct0: {name: "sixteen-letters-x"}}'
	refuses "loopback" '.linux.netDevices = {lo: {}}' "loopback"
	ip link show oct0
}

@test "ND-obj ND-name ND-attr ND-up ND-nomanage FL-nd: devices are moved with their attributes" {
	has_feature netDevices
	pair oct0 oct1
	ip link set oct0 mtu 1400 address 02:00:00:00:00:07 up
	ip link set oct1 up
	ip addr add 10.7.7.1/24 brd + dev oct0 label oct0:web
	ip addr add 10.7.7.9/24 dev oct0
	ip addr add 10.7.8.1/24 dev oct0 valid_lft 1000 preferred_lft 1000
	ip -6 addr add fd07::1/64 dev oct0 nodad
	pair oct2 oct3
	config '.linux.netDevices = {oct0: {name: "eth7"}, oct2: {}}'
	config '.linux.sysctl = {"net.ipv4.conf.eth7.forwarding": "1"}'
	in_ct 'ip -o link; ip -o addr; cat /proc/sys/net/ipv4/conf/eth7/forwarding'
	ok
	matches 'eth7.*[<,]UP[,>].*mtu 1400'
	has 02:00:00:00:00:07
	matches '10.7.7.1/24 brd 10.7.7.255 .*eth7:web'
	has 10.7.7.9/24
	has fd07::1/64
	lacks '10[.]7[.]8[.]1'
	matches 'oct2.*[<,]UP[,>]'
	has_line 1
	fails ip link show oct0
	fails ip link show oct2
}

@test "ND-tmpl: the kernel picks the number of eth%d, whatever is there" {
	pair oct0 oct1
	pair oct2 oct3
	config '.linux.netDevices = {oct0: {name: "eth%d"}, oct2: {name: "eth%d"}}'
	in_ct 'ip -o link'
	ok
	matches 'eth0.*[<,]UP[,>]'
	matches 'eth1.*[<,]UP[,>]'
	lacks 'oct|eth2'
}

is_apart() {
	[[ $(readlink /proc/self/ns/net) != "$(readlink "/proc/$HOLDER/ns/net")" ]]
}

# A network namespace that containers join, held by a process of this test.
other_namespace() {
	unshare -n sleep 100 </dev/null >/dev/null 2>&1 3>&- 4>&- &
	HOLDER=$!
	until_true is_apart
	OTHER="/proc/$HOLDER/ns/net"
	config '.linux.namespaces |= map(if .type == "network" then .path = $p else . end)' --arg p "$OTHER"
}

inside() {
	nsenter --net="$OTHER" "$@"
}

@test "ND-exists ND-check ND-tmpl: names and numbers that are taken in a joined namespace" {
	other_namespace
	pair oct0 oct1
	ip addr add 10.7.7.1/24 dev oct0
	ip link set oct0 up
	local index
	index=$(ip -o link show dev oct0 | cut -d: -f1)
	inside ip link add oct0 index "$index" type veth peer name eth0
	refuses "the same name" '.linux.netDevices = {oct0: {}}' "'oct0'" "a device of that name"
	refuses "another's name" '.linux.netDevices = {oct0: {name: "eth0"}}' "'oct0'" "'eth0'"
	ip -o addr show dev oct0 | grep -F 10.7.7.1/24
	config '.linux.netDevices = {oct0: {name: "eth%d"}}'
	in_ct 'ip -o addr'
	ok
	matches 'eth1.*10.7.7.1/24'
	inside ip link show eth1
	inside ip link del eth1
	kill "$HOLDER"
	wait "$HOLDER" || true
}

@test "ND-nomoveback: what was moved for a create that failed comes back as it was; delete leaves it" {
	other_namespace
	pair oct0 oct1
	ip link set oct0 mtu 1300 up
	ip addr add 10.7.7.1/24 dev oct0
	ip -6 addr add fd07::1/64 dev oct0 nodad
	pair oct2 oct3
	refuses "one good, one not" '.linux.netDevices = {oct0: {name: "eth7"}, nope0: {}}' nope0
	refuses "a hook that fails" '.linux.netDevices = {oct0: {name: "eth7"}, oct2: {}} |
		.hooks.createRuntime = [{path: "/bin/false"}]'
	ip -o link show dev oct0 | grep -E '[<,]UP[,>].* mtu 1300 '
	ip -o addr show dev oct0 | grep -F 10.7.7.1/24
	ip -o addr show dev oct0 | grep -F fd07::1/64
	fails sh -c "ip -o link show dev oct2 | grep -E '[<,]UP[,>]'"
	fails inside ip link show eth7
	config '.linux.netDevices = {oct0: {}}'
	create_ct
	delete_ct
	fails ip link show oct0
	inside ip link show oct0
	inside ip link del oct0
	kill "$HOLDER"
	wait "$HOLDER" || true
}

@test "ND-obj: devices for a container with users of its own" {
	pair oct0 oct1
	ip addr add 10.7.7.1/24 dev oct0
	own_root 100000
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	config '.linux.netDevices = {oct0: {name: "eth0"}}'
	in_ct 'ip -o link; ip -o addr'
	ok
	matches 'eth0.*[<,]UP[,>]'
	has 10.7.7.1/24
}

@test "RDT-nomount RDT-unset: intelRdt without resctrl is refused, without it nothing is touched" {
	if grep -q resctrl /proc/self/mountinfo; then skip "this host has resctrl"; fi
	refuses "no resctrl" '.linux.intelRdt = {closID: "x"}'
	refuses "no resctrl" '.linux.intelRdt = {l3CacheSchema: "L3:0=f"}'
	accepts "none" '.'
}
