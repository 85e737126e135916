#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Terminals: in the foreground on the caller's own, and handed out over a socket.

load helpers

# on_tty ROWS COLS CMD...: CMD on a terminal of that size; output without returns.
on_tty() {
	run "$PROBE" pty "$1" "$2" "${ROWS2:-50}" "${COLS2:-60}" "${@:3}"
	output=$(tr -d '\r' <<<"$output")
}

@test "P-terminal DD-console DD-tty: run on the caller's terminal gives the container one of its own" {
	config '.process.terminal = true'
	sh_args 'probe tty; stat -c "%F %t" /dev/console; grep " /dev/console " /proc/self/mountinfo | sed "s/.* - //"; readlink /proc/self/fd/0'
	new_id
	on_tty 33 44 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	ok
	has_line "isatty=111 rows=33 cols=44"
	matches 'sid=1 pid=[0-9]+ pgrp=[0-9]+ foreground=[0-9]+ tty=/dev/pts/0'
	has_line devtty=ok
	matches '^character special file'
	matches '^devpts'
	has_line /dev/pts/0
	has_line restored=1
}

@test "P-terminal: raw both ways, the status comes back, the terminal is restored" {
	config '.process.terminal = true'
	sh_args 'read x; echo "got $x"; exit 9'
	new_id
	run bash -c 'sleep 0.5 | cat - <(echo typed) <(sleep 1) | "$@"' - "$PROBE" pty 20 30 40 50 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	code 9
	has "got typed"
	has restored=1
}

@test "P-terminal: a change of the window's size is passed on" {
	config '.process.terminal = true'
	sh_args 'trap "stty size; exit 5" WINCH; echo ready; for i in $(seq 100); do sleep 0.05; done'
	new_id
	"$PROBE" pty 20 30 40 50 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$T/out" 2>&1 3>&- &
	until_true grep -q ready "$T/out"
	kill -USR1 $!
	local rc=0
	wait $! || rc=$?
	cat "$T/out"
	same $rc 5
	grep -q '40 50' "$T/out"
}

@test "P-consize P-conh P-conw: the configured size" {
	config '.process.terminal = true | .process.consoleSize = {height: 12, width: 34}'
	args /bin/probe tty
	"$RECVTTY" "$T/socket" >"$T/tty" 2>&1 </dev/null 3>&- &
	until_true grep -q listening "$T/tty"
	create_ct --console-socket "$T/socket"
	start_ct
	wait $!
	grep -q 'rows=12 cols=34' "$T/tty"
	refuses "no width" '.process.consoleSize = {height: 12}'
	refuses "no height" '.process.consoleSize = {width: 12}'
}

@test "P-terminal console-socket: the master goes over the socket, exactly one, with a name" {
	config '.process.terminal = true | .process.user = {uid: 1000, gid: 1000}'
	sh_args 'probe tty; tty; read x; echo "read $x"'
	mkfifo "$T/keys"
	"$RECVTTY" "$T/socket" >"$T/tty" 2>&1 <>"$T/keys" 3>&- &
	until_true grep -q listening "$T/tty"
	create_ct --console-socket "$T/socket"
	same "$output" ""
	start_ct
	until_true grep -q /dev/pts "$T/tty"
	echo typed >"$T/keys"
	wait $!
	output=$(tr -d '\r' <"$T/tty")
	matches '^name=.+ fds=1 tty=1'
	has "isatty=111"
	has devtty=ok
	has uid=1000
	has_line "read typed"
}

@test "console-socket: run --detach" {
	config '.process.terminal = true'
	args /bin/echo hello
	"$RECVTTY" "$T/socket" >"$T/tty" 2>&1 </dev/null 3>&- &
	until_true grep -q listening "$T/tty"
	new_id
	quiet rt run --detach --console-socket "$T/socket" --bundle "$BUNDLE" "$ID"
	ok
	wait $!
	grep -q hello "$T/tty"
}

@test "console-socket: what does not fit is refused" {
	config '.process.terminal = true'
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad console
	quiet rt run --detach --bundle "$BUNDLE" "$ID"
	bad console
	quiet rt create --console-socket "$T/none" --bundle "$BUNDLE" "$ID"
	bad
	lacks 'no such file or directory|not found'
	nothing_left_of "$ID"
	config '.process.terminal = false'
	quiet rt create --console-socket "$T/none" --bundle "$BUNDLE" "$ID"
	bad console
	nothing_left_of "$ID"
}

@test "P-terminal: in a user namespace" {
	own_root 100000
	config '.process.terminal = true | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	args /bin/probe tty
	new_id
	on_tty 10 20 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	ok
	has "isatty=111 rows=10 cols=20"
	has devtty=ok
	has uid=0
}

@test "ATTACK TIOCSTI: without a terminal of its own the container gets no hold on the caller's" {
	args /bin/probe tty
	new_id
	on_tty 10 20 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	ok
	has devtty=ENXIO
	matches 'sid=1 '
}
