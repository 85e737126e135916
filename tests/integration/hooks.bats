#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The six kinds of hooks: when, where, with what, and what their failure does.

load helpers

ALL='["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]'

# hook KIND SCRIPT [JQ]: adds a shell hook of this kind; JQ changes the entry.
# shellcheck disable=SC2016
hook() {
	config '.hooks[$k] += [{path: (if $k == "startContainer" then "/bin/sh" else $sh end), args: ["sh", "-c", $s]} | '"${3:-.}"']' \
		--arg k "$1" --arg s "$2" --arg sh "$F/root"/bin/sh
}

log_hooks() {
	local kind
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		hook "$kind" "echo $kind >>$LOG"
	done
}

prepare() {
	mkdir "$T/log"
	LOG=$T/log/hooks
	# The same folder inside and outside, so that all kinds can write to one file.
	mkdir -p "$R$T"
	config '.mounts += [{destination: ($t + "/log"), source: ($t + "/log"), options: ["bind"]}]' --arg t "$T"
}

@test "H-sc-when LC-3 LC-4 LC-5 LC-7 LC-9 LC-13 H-obj H-order H-prestart-dep H-prestart-first H-cc-after H-cr-list H-cc-list H-sc-list H-ps-list H-pp-list: all kinds, in order, at the right command" {
	log_hooks
	hook createRuntime "echo second >>$LOG"
	args /bin/sleep 1000
	create_ct
	same "$(cat "$LOG")" $'prestart\ncreateRuntime\nsecond\ncreateContainer'
	: >"$LOG"
	start_ct
	same "$(cat "$LOG")" $'startContainer\npoststart'
	: >"$LOG"
	run rt kill "$ID" KILL
	until_status stopped
	same "$(cat "$LOG")" ""
	run rt delete "$ID"
	ok
	same "$(cat "$LOG")" poststop
}

@test "H-state S-pid-rt S-pid-ct S-annot S-status S-st-creating H-env: the state on standard input, as their namespace sees it" {
	local kind
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		hook "$kind" "cat >$T/log/$kind"
	done
	config '.annotations = {"a.b": "c"}'
	args /bin/sleep 1000
	create_ct --pid-file "$T/pid"
	start_ct
	run rt kill "$ID" KILL
	until_status stopped
	run rt delete "$ID"
	ok
	local pid
	pid=$(cat "$T/pid")
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		echo "kind: $kind"
		jq -e --arg id "$ID" --arg b "$BUNDLE" '.id == $id and .bundle == $b and .annotations["a.b"] == "c" and (.ociVersion | test("^1\\."))' "$T/log/$kind"
	done
	for kind in prestart createRuntime poststart; do same "$(jq .pid "$T/log/$kind")" "$pid"; done
	for kind in createContainer startContainer; do same "$(jq .pid "$T/log/$kind")" 1; done
	for kind in createRuntime createContainer; do same "$(jq -r .status "$T/log/$kind")" creating; done
	same "$(jq -r .status "$T/log/prestart")" created
	same "$(jq -r .status "$T/log/startContainer")" created
	same "$(jq -r .status "$T/log/poststart")" running
	same "$(jq -r .status "$T/log/poststop")" stopped
}

@test "H-prestart-ns H-cr-ns H-cc-ns H-sc-ns H-ps-ns H-pp-ns H-prestart-path H-cr-path H-cc-path H-sc-path H-ps-path H-pp-path: whose namespaces and whose files" {
	local kind ns
	mkdir -p "$R/only"
	cp -l "$R/bin/busybox" "$R/only/sh"
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		hook "$kind" "for n in mnt net ipc uts pid; do readlink /proc/self/ns/\$n; done >$T/log/$kind"
	done
	config '.hooks.startContainer[0].path = "/only/sh"'
	args /bin/sleep 1000
	create_ct
	start_ct
	local own host
	own=$(for ns in mnt net ipc uts pid; do readlink "/proc/$(pid_of)/ns/$ns"; done)
	host=$(for ns in mnt net ipc uts pid; do readlink /proc/self/ns/$ns; done)
	delete_ct
	for kind in prestart createRuntime poststart poststop; do same "$(cat "$T/log/$kind")" "$host" $kind; done
	for kind in createContainer startContainer; do same "$(cat "$T/log/$kind")" "$own" $kind; done
}

@test "H-prestart-when H-cr-when H-cc-when: the container's mounts stand, its root has not been changed" {
	root_only "look into the container's first process while it hides"
	config '.mounts += [{destination: "/marked", type: "tmpfs", source: "marked"}]'
	hook createRuntime "p=\$(sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p'); grep ' - tmpfs marked' /proc/\$p/mountinfo | cut -d' ' -f5 >$T/log/createRuntime; readlink /proc/\$p/root >>$T/log/createRuntime"
	hook createContainer "grep ' - tmpfs marked' /proc/self/mountinfo | cut -d' ' -f5 >$T/log/createContainer; ls $F/root >/dev/null && echo host >>$T/log/createContainer"
	in_ct true
	ok
	head -1 "$T/log/createRuntime" | grep -q '/marked$'
	sed -n 2p "$T/log/createRuntime" | grep -qx /
	same "$(tail -1 "$T/log/createContainer")" host
	head -1 "$T/log/createContainer" | grep -q 'rootfs/marked$'
}

@test "H-args H-path H-path-abs H-timeout-pos: entries that cannot be" {
	refuses "relative path" '.hooks.createRuntime = [{path: "true"}]'
	refuses "no path" '.hooks.poststop = [{args: ["x"]}]'
	refuses "no time" '.hooks.poststart = [{path: "/bin/true", timeout: 0}]'
	refuses "negative time" '.hooks.startContainer = [{path: "/bin/true", timeout: -1}]'
	config '.hooks.createRuntime = [{path: $p, args: ["any", "words", $l, "a b", ""]}]' --arg p "$PROBE" --arg l "$LOG"
	in_ct true
	same "$(cat "$LOG")" $'any\nwords\n'"$LOG"$'\na b'
	cp "$F/base.json" "$BUNDLE/config.json"
	# Without args argv is the path alone.
	printf '#!/bin/sh\ntr "\\0" "|" </proc/$$/cmdline >%s\n' "$LOG" >"$T/hook.sh"
	chmod 755 "$T/hook.sh"
	config '.hooks.createRuntime = [{path: $p}]' --arg p "$T/hook.sh"
	in_ct true
	ok
	same "$(cat "$LOG")" "/bin/sh|$T/hook.sh|"
}

@test "H-env ATTACK CVE-2025-23266: nothing of anyone's environment, unless configured" {
	local kind
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		config '.hooks[$k] = [{path: $p, args: ["probe", "environ", $l]}, {path: $p, args: ["probe", "environ", "\($l).set"], env: ["SET=1", "PATH=/bin:/usr/bin"]}]' \
			--arg k "$kind" --arg l "$T/log/$kind" --arg p "$([[ $kind == startContainer ]] && echo /bin/probe || echo "$PROBE")"
	done
	config '.process.env += ["LD_PRELOAD=/proc/self/cwd/evil.so", "FROMCT=1"]'
	args /bin/true
	new_id
	FROMRT=1 quiet rt run --bundle "$BUNDLE" "$ID"
	ok
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		same "$(cat "$T/log/$kind")" "" $kind
		same "$(cat "$T/log/$kind.set")" $'SET=1\nPATH=/bin:/usr/bin' $kind
	done
}

@test "LC-3-fail LC-4-fail LC-5-fail H-exit: a hook that fails before start fails create; poststop still runs" {
	local kind
	for kind in prestart createRuntime createContainer; do
		cp "$BUNDLE/config.json" "$T/save"
		rm -f "$T/log/"*
		hook "$kind" 'echo "reason of it" >&2; exit 3'
		hook poststop "echo poststop >>$LOG"
		new_id
		quiet rt create --bundle "$BUNDLE" "$ID"
		bad "$kind"
		matches '3'
		has "reason of it"
		same "$(cat "$LOG")" poststop
		nothing_left_of "$ID"
		mv "$T/save" "$BUNDLE/config.json"
	done
	hook createRuntime 'kill -9 $$'
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad
	config '.hooks = {createRuntime: [{path: "/no/such/hook"}]}'
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "/no/such/hook"
	lacks 'no such file or directory|not found'
	nothing_left_of "$ID"
	no_process_left
}

@test "LC-7-fail: a startContainer hook that fails makes start fail, the container goes" {
	hook startContainer 'echo why >&2; exit 9'
	hook poststop "echo poststop >>$LOG"
	sh_args "echo ran >$T/log/ran"
	create_ct
	quiet rt start "$ID"
	bad startContainer
	[[ ! -e $T/log/ran ]]
	same "$(cat "$LOG")" poststop
	run rt state "$ID"
	bad
	nothing_left_of "$ID"
}

@test "LC-9-fail H-ps-when: poststart runs when the program does; its failure takes the container down" {
	hook poststart "p=\$(sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p'); cat /proc/\$p/comm >$T/log/comm; exit 4"
	hook poststop "echo poststop >>$LOG"
	args /bin/sleep 1000
	create_ct
	quiet rt start "$ID"
	bad poststart
	same "$(cat "$T/log/comm")" sleep
	same "$(cat "$LOG")" poststop
	run rt state "$ID"
	bad
	nothing_left_of "$ID"
	no_process_left
}

@test "LC-13-warn H-pp-when LC-warn: a poststop hook that fails is a warning, the next ones run" {
	hook poststop "exit 1"
	hook poststop "$OCI_RT --root $ROOT state $ID-x >$T/log/state 2>&1 || echo gone >>$LOG; find /sys/fs/cgroup -name '*$ID*' >>$LOG"
	args /bin/sleep 1000
	running_ct
	config '.hooks.poststop[1].args[2] |= gsub("-x "; " ")'
	run rt kill "$ID" KILL
	until_status stopped
	run rt delete "$ID"
	ok
	same "$(cat "$LOG")" gone
	run rt delete "$ID"
	bad
}

@test "H-timeout: a hook that takes too long is killed, with what it started" {
	hook createRuntime 'sleep 1234 & sleep 1235' '.timeout = 1'
	new_id
	local begin=$SECONDS
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad createRuntime
	[[ $((SECONDS - begin)) -le 4 ]]
	fails pgrep -f 'sleep 1235'
	fails pgrep -f 'sleep 1234'
	nothing_left_of "$ID"
	hook createRuntime 'true' '.timeout = 1'
	config 'del(.hooks.createRuntime[0])'
	in_ct true
	ok
}

@test "H-state: a megabyte of state to hooks that never read does not block" {
	head -c 1000000 /dev/zero | tr '\0' x >"$T/long"
	jq --rawfile l "$T/long" '.annotations = {long: $l}' "$BUNDLE/config.json" >"$T/new"
	mv "$T/new" "$BUNDLE/config.json"
	local kind
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		hook "$kind" true
	done
	hook createRuntime "wc -c >$LOG"
	in_ct true
	ok
	[[ $(cat "$LOG") -gt 1000000 ]]
}

@test "S-st-creating: state while create is still at work" {
	hook createRuntime "touch $T/log/in; while [ ! -e $T/log/go ]; do sleep 0.02; done"
	new_id
	rt create --bundle "$BUNDLE" "$ID" </dev/null >"$T/out" 2>&1 3>&- &
	until_true test -e "$T/log/in"
	same "$(timeout 2 "$OCI_RT" --root "$ROOT" state "$ID" | jq -r .status)" creating
	run timeout 2 "$OCI_RT" --root "$ROOT" start "$ID"
	bad
	run timeout 2 "$OCI_RT" --root "$ROOT" kill "$ID" KILL
	bad
	touch "$T/log/go"
	wait $!
	same "$(state_of)" created
}

@test "hooks: no descriptor beyond the standard three, no blocked signal" {
	local kind
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		hook "$kind" "ls -l /proc/self/fd | sed 's/.* \\([0-9]* ->\\)/\\1/' >$T/log/$kind; grep SigBlk /proc/self/status >>$T/log/$kind"
	done
	in_ct true
	ok
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		fails grep -E '^([4-9]|[0-9][0-9]) ->' "$T/log/$kind"
		grep -q '0000000000000000' "$T/log/$kind"
	done
}
