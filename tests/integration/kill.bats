#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kill: names, numbers, --all, and whom it must never hit.

load helpers

got() {
	grep -qx "got $1" "$CT_OUT"
}

@test "OP-kill-send OP-kill-noid AN-stopsig: signals by every name, by number, and the default" {
	args /bin/probe signals
	create_ct
	start_ct
	until_true grep -q ready "$CT_OUT"
	local spec
	for spec in HUP=1 SIGHUP=1 hup=1 sighup=1 INT=2 2=2 QUIT=3 USR1=10 SIGUSR2=12 10=10 ALRM=14 CHLD=17 CONT=18 WINCH=28 SYS=31 RTMIN=34 SIGRTMIN+3=37 RTMAX=64 RTMAX-1=63 34=34 64=64; do
		: >"$CT_OUT"
		run rt kill "$ID" "${spec%=*}"
		echo "$spec"
		ok
		same "$output" ""
		until_true got "${spec#*=}"
	done
	: >"$CT_OUT"
	run rt kill "$ID"
	ok
	until_true got 15
	for spec in NOPE SIGNOPE 65 -1 "" 99999999999 1x RTMIN+40; do
		run rt kill "$ID" "$spec"
		echo "signal: $spec"
		bad
	done
	same "$(state_of)" running
}

@test "OP-kill-wrong: stopped and unknown containers, never another's process" {
	run rt kill nope KILL
	code 1
	has "does not exist"
	sh_args 'exit 0'
	create_ct
	start_ct
	until_status stopped
	run rt kill "$ID" KILL
	code 1
	has "container not running"
	run rt kill "$ID" 0
	bad
}

@test "OP-kill-send: a created container can be killed" {
	args /bin/true
	create_ct
	run rt kill "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
}

@test "kill: a pid that was given to another process is not signalled" {
	running_ct
	local pid other
	pid=$(pid_of)
	sleep 900 </dev/null >/dev/null 2>&1 3>&- &
	other=$!
	run rt kill "$ID" KILL
	until_status stopped
	# As if the number had come round: the record names a live process of another start time.
	sed -i "s/\"pid\":\( *\)$pid\b/\"pid\":\1$other/g; s/\"init_process_pid\":$pid\b/\"init_process_pid\":$other/" "$ROOT/$ID"/*.json
	run rt kill "$ID" KILL
	bad
	same "$(state_of)" stopped
	run rt delete "$ID"
	ok
	is_alive $other
	kill $other
}

@test "kill --all: every process of the container, also where pids are the host's" {
	needs_cgroup
	host_pids
	sh_args 'probe signals >/tmp/one & probe signals >/tmp/two & exec probe signals'
	create_ct
	start_ct
	until_true grep -q ready "$R/tmp/one"
	until_true grep -q ready "$R/tmp/two"
	until_true grep -q ready "$CT_OUT"
	run rt kill --all "$ID" USR1
	ok
	until_true got 10
	until_true grep -q 'got 10' "$R/tmp/one"
	until_true grep -q 'got 10' "$R/tmp/two"
	run rt kill -a "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	no_process_left
}

@test "kill: options after the id and signals that begin with a dash do not mix up" {
	args /bin/probe signals
	create_ct
	start_ct
	until_true grep -q ready "$CT_OUT"
	run rt kill "$ID" 10
	ok
	until_true got 10
	run rt kill
	bad
	run rt kill "$ID" 9 extra
	bad
}

@test "kill --all: after the first process has ended, where pids are the host's" {
	needs_cgroup
	host_pids
	sh_args 'sleep 900 & sleep 901 & exit 0'
	new_id
	quiet rt run --detach --bundle "$BUNDLE" "$ID"
	ok
	until_status stopped
	[[ $(rt ps -f json "$ID" | jq length) == 2 ]]
	run rt kill "$ID" KILL
	code 1
	has "container not running"
	run rt kill --all "$ID" KILL
	ok
	same "$(rt ps -f json "$ID")" "[]"
	# Once more: nobody is left, and that is no error.
	run rt kill --all "$ID" 9
	ok
	run rt delete "$ID"
	ok
	no_process_left
}

@test "kill --all: the others of a paused container, and those frozen in a cgroup below" {
	needs_cgroup
	host_pids
	sh_args 'sleep 900 & sleep 901 & exec sleep 902'
	create_ct
	start_ct
	until_true eval '[[ $(rt ps -f json "$ID" | jq length) == 3 ]]'
	run rt pause "$ID"
	ok
	run rt kill --all "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	no_process_left
}
