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

@test "ND-obj ND-nomoveback: what is not applied is refused" {
	pair oct0 oct1
	refuses "an unknown device" '.linux.netDevices = {nope0: {}}'
	refuses "no network namespace" '.linux.netDevices = {oct0: {}} | .linux.namespaces |= map(select(.type != "network"))'
	refuses "a name too long" '.linux.netDevices = {oct0: {name: "sixteen-letters-x"}}'
	if ! has_feature netDevices; then
		refuses "not implemented" '.linux.netDevices = {oct0: {}}'
	fi
	ip link show oct0
}

@test "ND-obj ND-key ND-name ND-attr ND-up ND-tmpl ND-nomanage: devices are moved with their attributes" {
	has_feature netDevices || skip "not yet: netDevices"
	pair oct0 oct1
	ip link set oct0 mtu 1400 address 02:00:00:00:00:07 up
	ip addr add 10.7.7.1/24 dev oct0
	ip -6 addr add fd07::1/64 dev oct0 nodad
	pair oct2 oct3
	config '.linux.netDevices = {oct0: {name: "eth%d"}, oct2: {}}'
	in_ct 'ip -o link; ip -o addr'
	ok
	matches 'eth0.*mtu 1400'
	matches 'eth0.*UP'
	has 02:00:00:00:00:07
	has 10.7.7.1/24
	has fd07::1/64
	matches 'oct2.*UP'
	fails ip link show oct0
}

@test "ND-check ND-exists: a move that cannot be is an error, and what was moved comes back" {
	has_feature netDevices || skip "not yet: netDevices"
	pair oct0 oct1
	refuses "loopback" '.linux.netDevices = {lo: {}}'
	refuses "one good, one not" '.linux.netDevices = {oct0: {}, nope0: {}}'
	ip link show oct0
}

@test "RDT-nomount RDT-unset: intelRdt without resctrl is refused, without it nothing is touched" {
	if grep -q resctrl /proc/self/mountinfo; then skip "this host has resctrl"; fi
	refuses "no resctrl" '.linux.intelRdt = {closID: "x"}'
	refuses "no resctrl" '.linux.intelRdt = {l3CacheSchema: "L3:0=f"}'
	accepts "none" '.'
}
