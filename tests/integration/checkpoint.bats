#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# checkpoint and restore with a real criu: the system's where it works on this kernel, else
# a newer one that contrib/criu-tree gets.

load helpers
load criu

prepare_file() {
	find_criu
}

prepare() {
	needs_criu
	I=$T/images
	export RT_TIMEOUT=60
}

# A program whose state shows: it counts, once a tenth of a second.
counter() {
	sh_args "${FIRST-}"'n=0; while :; do n=$((n + 1)); echo $n >/tmp/n.new; mv /tmp/n.new /tmp/n; sleep 0.1; done'
	config '.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]'
	create_ct "$@"
	start_ct
	until_true counted 3
}

count() {
	cat "/proc/$(pid_of)/root"/tmp/n
}

counted() {
	local n
	n=$(count 2>/dev/null) && [[ $n -ge $1 ]]
}

restore_ct() {
	quiet rt restore --detach --bundle "$BUNDLE" --image-path "$I" "$@" "$ID"
	[[ $status -eq 0 ]] || grep -E 'Error|Warn' "$I/restore.log" | head -n 20
	ok
}

checkpoint_ct() {
	quiet rt checkpoint --image-path "$I" "$@" "$ID"
	[[ $status -eq 0 ]] || grep -E 'Error|Warn' "$I/dump.log" | head -n 20
	ok
	same "$output" ""
}

@test "checkpoint: the container goes and comes back where it was" {
	counter
	local before
	checkpoint_ct
	nothing_left_of "$ID"
	[[ -f $I/descriptors.json && -f $I/dump.log ]]
	restore_ct --pid-file "$T/pid"
	is_status running
	same "$(cat "$T/pid")" "$(pid_of)"
	before=$(count)
	[[ $before -ge 3 ]]
	until_true counted $((before + 3))
	delete_ct
}

@test "checkpoint --leave-running: the container runs on" {
	counter
	local pid
	pid=$(pid_of)
	checkpoint_ct --leave-running
	is_status running
	same "$(pid_of)" "$pid"
	until_true counted $(($(count) + 2))
	delete_ct
	restore_ct
	until_true counted 4
}

@test "checkpoint --pre-dump, --parent-path: memory first, the rest on top of it" {
	counter
	quiet rt checkpoint --pre-dump --image-path "$T/pre" "$ID"
	later "Tracking memory is not available"
	ok
	is_status running
	checkpoint_ct --parent-path ../pre
	restore_ct
	until_true counted 4
}

@test "checkpoint: refused where it cannot be" {
	args sleep 1000
	create_ct
	run rt checkpoint --image-path "$I" "$ID"
	bad "cannot checkpoint a container in the created state"
	start_ct
	run rt checkpoint --image-path "$I" --parent-path /nowhere "$ID"
	bad "must be relative"
	run rt checkpoint --image-path "$I" --parent-path ../nowhere "$ID"
	bad "is missing"
	run rt checkpoint --image-path "$I" --empty-ns pid "$ID"
	bad "only network"
	run rt checkpoint --image-path "$I" --page-server nonsense "$ID"
	bad "ADDRESS:PORT"
	is_status running
	run rt checkpoint nobody
	bad "does not exist"
}

@test "restore: an option without its argument, help, and images that are none" {
	run rt restore --lsm-mount-context
	bad "requires an argument"
	run rt checkpoint --help
	ok
	new_id
	run rt restore --bundle "$BUNDLE" --image-path "$T/none" "$ID"
	bad "$T/none"
	nothing_left_of "$ID"
	mkdir "$T/empty"
	run rt restore --bundle "$BUNDLE" --image-path "$T/empty" "$ID"
	bad "criu could not restore the container" "restore.log"
	lacks 'o such file|ot found'
	nothing_left_of "$ID"
}

@test "restore: in the foreground, with the status of the program" {
	sh_args 'while [ ! -e /tmp/end ]; do sleep 0.1; done; exit 7'
	config '.mounts += [{destination: "/tmp", type: "bind", source: $d, options: ["bind"]}]' --arg d "$T/shared"
	mkdir -p "$T/shared"
	create_ct
	start_ct
	checkpoint_ct
	(sleep 2; touch "$T/shared/end") &
	quiet rt restore -no-subreaper --bundle "$BUNDLE" --image-path "$I" "$ID"
	wait $!
	code 7
	nothing_left_of "$ID"
}

# What it says goes where restore's own streams lead.
@test "restore: in the foreground, its streams are those of restore" {
	sh_args 'echo begin; while [ ! -e /tmp/end ]; do sleep 0.1; done; read -r word; echo "got $word"; echo bad >&2'
	config '.mounts += [{destination: "/tmp", type: "bind", source: $d, options: ["bind"]}]' --arg d "$T/shared"
	mkdir -p "$T/shared"
	create_ct
	start_ct
	until_true grep -q begin "$CT_OUT"
	checkpoint_ct
	rt restore --bundle "$BUNDLE" --image-path "$I" "$ID" </dev/null 2>"$T/errors" 3>&- 4>&- | cat
	grep "standard output of the container was a file when it was dumped" "$T/errors"
	nothing_left_of "$ID"
	(sleep 2; touch "$T/shared/end") 3>&- 4>&- &
	rt restore --bundle "$BUNDLE" --image-path "$I" "$ID" </dev/null >>"$CT_OUT" 2>&1 3>&- 4>&-
	wait $!
	same "$(ct_output)" "begin
got 
bad"
	nothing_left_of "$ID"
}

@test "restore: from pipes to other pipes, and to a file" {
	sh_args 'n=0; while :; do n=$((n + 1)); echo "line $n"; sleep 0.1; done'
	new_id
	sleep 1000 </dev/null 3>&- 4>&- |
		rt run --detach --bundle "$BUNDLE" "$ID" 2>&1 3>&- 4>&- | timeout 20 cat >"$T/first" 3>&- 4>&- &
	until_true grep -q "line 3" "$T/first"
	checkpoint_ct
	# shellcheck disable=SC2046 # the first of the pipeline, and the last
	kill $(jobs -p) $! 2>/dev/null || true
	restore_ct
	until_true grep -q line "$OUT"
	delete_ct
}

@test "checkpoint --tcp-established: connections on the container's loopback" {
	sh_args 'sleep 1000 | nc -l -p 5000 >/tmp/got & sleep 0.5; n=0; while :; do n=$((n + 1)); echo $n; sleep 0.1; done | nc 127.0.0.1 5000'
	config '.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]'
	create_ct
	nsenter -n -t "$(pid_of)" ip link set lo up
	start_ct
	until_true received 3
	run rt checkpoint --image-path "$I" --leave-running "$ID"
	bad "criu could not dump the container" "dump.log"
	is_status running
	rm -rf "$I"
	quiet rt checkpoint --image-path "$I" --tcp-established "$ID"
	# Linux 6.16 has SO_PASSCRED for UNIX sockets alone, which criu 4.1.1 does not know.
	[[ $output != *"Can't get 1:16 opt"* ]] || skip "this criu knows no TCP sockets of this kernel"
	ok
	restore_ct --tcp-established
	local before
	before=$(got)
	[[ $before -ge 3 ]]
	until_true received $((before + 3))
	# Every line once, and in order.
	nsenter -m -t "$(pid_of)" sh -c 'head -n 5 /tmp/got' | diff - <(seq 5)
	delete_ct
}

got() {
	wc -l <"/proc/$(pid_of)/root"/tmp/got
}

received() {
	local n
	n=$(got 2>/dev/null) && [[ $n -ge $1 ]]
}

# A number of the container's own memory tells whether its pages came over.
@test "checkpoint --page-server: memory goes to a server, and is restored from there" {
	counter
	mkdir -p "$T/pages"
	criu page-server --images-dir "$T/pages" --log-file server.log --address 127.0.0.1 --port 5001 3>&- 4>&- &
	until_true listens 5001
	checkpoint_ct --page-server 127.0.0.1:5001
	wait $!
	ls -la "$I" "$T/pages"; cat "$T/pages/server.log"
	[[ -z $(find "$I" -name 'pages-*') && -n $(find "$T/pages" -name 'pages-*' -size +0) ]]
	cp "$T/pages"/page* "$I/"
	restore_ct
	until_true counted 4
	delete_ct
}

# listens PORT: without being connected to, which would be the server's only client.
listens() {
	grep -qi ":$(printf %04x "$1") 00000000:0000 0A" /proc/net/tcp
}

@test "checkpoint, restore --lazy-pages: memory is fetched while the container runs" {
	criu check --feature uffd-noncoop >/dev/null 2>&1 || skip "this kernel or this criu has no lazy pages"
	# Without it criu cannot make its pipe as long as it wants, and does not say so.
	(((0x$(awk '$1 == "CapEff:" { print $2 }' /proc/self/status) >> 24) & 1)) || skip "we have no CAP_SYS_RESOURCE"
	counter
	local first=$ID server pages
	mkfifo "$T/ready"
	rt checkpoint --image-path "$I" --lazy-pages --page-server 127.0.0.1:5002 --status-fd 9 "$first" \
		9>"$T/ready" >"$T/said" 2>&1 3>&- 4>&- &
	server=$!
	same "$(timeout 20 head -c 1 "$T/ready" | od -An -tx1 | tr -d ' ')" 00
	criu lazy-pages --page-server --address 127.0.0.1 --port 5002 -D "$I" -W "$I" -o lazy.log 3>&- 4>&- &
	pages=$!
	until_true test -S "$I/lazy-pages.socket"
	new_id
	(sleep 4; cat "$I/lazy.log" >&2) &
	config '.linux.cgroupsPath = "/" + $id' --arg id "$ID"
	restore_ct --lazy-pages || { cat "$I/lazy.log"; tail -20 "$I/dump.log"; return 1; }
	until_true counted 4
	wait "$server"
	wait "$pages"
	same "$(cat "$T/said")" ""
	is_status running
	nothing_left_of "$first"
	delete_ct
}

@test "checkpoint: bind mounts of directories and files, read-only and below one another" {
	mkdir -p "$T/dir/sub" "$T/other"
	echo one >"$T/file"
	echo deep >"$T/other/deep"
	config '.mounts += [{destination: "/data", type: "bind", source: ($d + "/dir"), options: ["bind"]},
		{destination: "/data/sub", type: "bind", source: ($d + "/other"), options: ["bind", "ro"]},
		{destination: "/etc/file", type: "bind", source: ($d + "/file"), options: ["bind", "ro"]}]' --arg d "$T"
	counter
	checkpoint_ct
	restore_ct
	until_true counted 4
	local root
	root=/proc/$(pid_of)/root
	same "$(cat "$root/etc/file" "$root/data/sub/deep")" "one
deep"
	fails touch "$root/data/sub/new" 2>/dev/null
	touch "$root/data/new"
	[[ -e $T/dir/new ]]
	delete_ct
}

@test "checkpoint, restore: a network that a hook makes is left out, and made again by the hook" {
	prepare
	cat >"$T/hook" <<-'END'
		#!/bin/sh
		pid=$(jq -r .pid)
		ip link add "h$pid" type veth peer name eth0 netns "$pid" &&
			nsenter -n -t "$pid" ip addr add 10.9.9.2/24 dev eth0
	END
	chmod +x "$T/hook"
	config '.linux.namespaces += [{type: "network"}] | .linux.namespaces |= unique_by(.type) |
		.hooks = {prestart: [{path: $h}]}' --arg h "$T/hook"
	counter
	run rt checkpoint --image-path "$I" "$ID"
	ok
	restore_ct
	run nsenter -n -t "$(pid_of)" ip -o addr show eth0
	has 10.9.9.2/24
}

@test "restore: hooks of the runtime run, with the state" {
	counter
	checkpoint_ct
	config '.hooks = {prestart: [{path: "/bin/sh", args: ["sh", "-c", "cat >" + $d + "/pre"]}], createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "cat >" + $d + "/runtime"]}]}' --arg d "$T"
	restore_ct
	same "$(jq -r .id "$T/pre")" "$ID"
	same "$(jq .pid "$T/runtime")" "$(pid_of)"
}

@test "checkpoint: a user namespace" {
	own_root 100000
	FIRST='exec </dev/null >/dev/null 2>&1; ' # files of the host's root cannot be opened anew
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	counter
	checkpoint_ct
	same "$(stat -c %a "$I")" 700
	restore_ct
	same "$(stat -c '%a %g' "$I")" "700 0"
	until_true counted 4
}

@test "checkpoint: a terminal, handed out again" {
	config '.process.terminal = true'
	sh_args 'while read x; do echo "read $x"; done'
	mkfifo "$T/keys"
	"$RECVTTY" "$T/socket" >"$T/tty" 2>&1 <>"$T/keys" 3>&- &
	until_true grep -q listening "$T/tty"
	create_ct --console-socket "$T/socket"
	start_ct
	checkpoint_ct
	kill $! 2>/dev/null || true
	"$RECVTTY" "$T/socket2" >"$T/tty2" 2>&1 <>"$T/keys" 3>&- &
	until_true grep -q listening "$T/tty2"
	restore_ct --console-socket "$T/socket2"
	echo again >"$T/keys"
	until_true grep -q "read again" "$T/tty2"
	delete_ct
	kill $! 2>/dev/null || true
}

@test "checkpoint: no criu is told as such" {
	counter
	PATH=$(dirname "$(command -v env)") run rt checkpoint --image-path "$I" "$ID"
	bad "install the package criu"
	is_status running
}
