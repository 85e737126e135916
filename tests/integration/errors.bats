#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Messages: engines match words of them, so those words appear only where they are
# true; every message names what failed and what to do; nothing stays behind.

load helpers

# Words that make engines tell their users "command not found" or "permission denied".
FORBIDDEN='no such file or directory|not found|permission denied|operation not permitted|not a directory|is a directory'

# blames FILTER WORD...: fails with one line on standard error that names these.
blames() {
	local filter=$1 before
	shift
	before=$(cat "$BUNDLE/config.json")
	config "$filter"
	new_id
	quiet rt --log "$T/log.json" --log-format json create --bundle "$BUNDLE" "$ID"
	echo "$before" >"$BUNDLE/config.json"
	echo "case: $filter"
	bad "$@"
	lacks "$FORBIDDEN|^ | $"
	same "$(wc -l <"$T/log.json")" 1
	jq -e '.msg' "$T/log.json" >/dev/null
	rm "$T/log.json"
	nothing_left_of "$ID"
}

@test "errors: a failure that is not the command's never says so" {
	touch "$T/file"
	blames '.mounts += [{destination: "/x", source: "/no/where", options: ["bind"]}]' /no/where mounts
	blames '.mounts += [{destination: "/x", type: "nosuchfs", source: "x"}]' nosuchfs
	blames '.root.path = "nowhere"' nowhere
	blames ".root.path = \"$T/file\"" "$T/file"
	blames '.hooks.createRuntime = [{path: "/no/hook"}]' /no/hook
	blames '.hooks.createRuntime = [{path: "/etc"}]' /etc
	blames ".hooks.prestart = [{path: \"$T/file\"}]" "$T/file"
	blames '.linux.namespaces |= map(if .type == "network" then .path = "/no/ns" else . end)' /no/ns
	blames '.linux.sysctl = {"net.ipv4.nope": "1"}' net.ipv4.nope
	blames '.linux.devices = [{path: "/proc/self/x", type: "c", major: 1, minor: 3}]' /proc/self/x
	blames '.process.apparmorProfile = "nosuchprofile"' nosuchprofile
	blames '.linux.intelRdt = {closID: "x"}' intelRdt
	# An agent that is not there; before agents are served at all, NOTIFY is refused.
	blames '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/no/sock", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]}' seccomp
}

@test "errors: the command's own failures say so in the words that engines know" {
	args nowhere
	run_ct
	has 'executable file not found in $PATH'
	has nowhere
	args /no/where
	run_ct
	matches 'no such file or directory'
	touch "$R/bin/plain"
	args /bin/plain
	run_ct
	has 'permission denied'
	has /bin/plain
}

@test "errors: exec format, missing interpreters, Windows line ends" {
	printf '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xb7\0\x01\0\0\0' >"$R/bin/arm"
	head -c 100 /dev/zero >>"$R/bin/arm"
	printf '#!/no/interpreter\n' >"$R/bin/script"
	printf '#!/bin/sh\r\necho x\r\n' >"$R/bin/crlf"
	printf 'echo x\n' >"$R/bin/plain"
	chmod 755 "$R/bin/arm" "$R/bin/script" "$R/bin/crlf" "$R/bin/plain"
	args /bin/arm
	run_ct
	bad /bin/arm
	matches 'aarch64|format'
	args /bin/script
	run_ct
	bad /bin/script
	has /no/interpreter
	args /bin/crlf
	run_ct
	bad /bin/crlf
	has Windows
	args /bin/plain
	run_ct
	bad /bin/plain
}

@test "errors: an existing id whose container is dead says so" {
	args /bin/true
	create_ct
	start_ct
	until_status stopped
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "already exists" "delete"
}

@test "errors: success is silent" {
	args /bin/sleep 1000
	create_ct
	same "$output" ""
	same "$(rt start "$ID" 2>&1)" ""
	same "$(rt kill "$ID" KILL 2>&1)" ""
	until_status stopped
	same "$(rt delete "$ID" 2>&1)" ""
}
