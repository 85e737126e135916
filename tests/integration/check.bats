#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# oci-rt check: every problem of a bundle at once, with its place and its remedy.

load helpers

prepare() {
	needs check
}

@test "check: a good bundle, in silence" {
	run rt check --bundle "$BUNDLE"
	ok
	lacks 'config.json:'
}

@test "check: all problems in one go, each with line, column and path" {
	config '.process.args = [] | .process.cwd = "rel" | .linux.namespaces += [{type: "foo"}] | .mounts[0].destination = 3 | .process.rlimits = [{type: "RLIMIT_X", soft: 1, hard: 0}]'
	run rt check --bundle "$BUNDLE"
	bad
	matches 'config\.json:[0-9]+:[0-9]+: process\.args'
	matches 'config\.json:[0-9]+:[0-9]+: process\.cwd'
	matches 'config\.json:[0-9]+:[0-9]+: linux\.namespaces\[5\]\.type'
	matches 'config\.json:[0-9]+:[0-9]+: mounts\[0\]\.destination'
	matches 'config\.json:[0-9]+:[0-9]+: process\.rlimits\[0\]'
	new_id
	run rt create --bundle "$BUNDLE" "$ID"
	bad process.args process.cwd
}

@test "check: unknown members with the nearest known one; create does not mind" {
	config '.process.argz = [] | .hostnme = "x"'
	run rt check --bundle "$BUNDLE"
	has argz
	has args
	has hostnme
	has hostname
	in_ct true
	ok
}

@test "check C-ociver: a newer minor version is mentioned" {
	config '.ociVersion = "1.99.0"'
	run rt check --bundle "$BUNDLE"
	has 1.99.0
}

@test "check: what this host cannot give" {
	! grep -qsw rdma /sys/fs/cgroup/cgroup.controllers || skip "this host has the controller"
	config '.linux.resources.rdma = {mlx5_0: {hcaHandles: 1}}'
	run rt check --bundle "$BUNDLE"
	has rdma
}

@test "check: broken documents" {
	printf '{\n  "ociVersion": "1.0.0",\n  "process": {,\n' >"$BUNDLE/config.json"
	run rt check --bundle "$BUNDLE"
	bad "config.json:3:"
	rm "$BUNDLE/config.json"
	run rt check --bundle "$BUNDLE"
	bad
	mkfifo "$BUNDLE/config.json"
	RT_TIMEOUT=5
	run rt check --bundle "$BUNDLE"
	bad
}
