#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# delete: when it may, when it must not, and what must be gone afterwards.

load helpers

@test "OP-del-wrong: a running container is not deleted without --force" {
	running_ct
	local pid
	pid=$(pid_of)
	run rt delete "$ID"
	code 1
	matches 'not stopped|running'
	same "$(state_of)" running
	is_alive "$pid"
	run rt delete --force "$ID"
	ok
	same "$output" ""
	fails is_alive "$pid"
	nothing_left_of "$ID"
}

@test "OP-del-noid: unknown ids; with --force they are no error" {
	run rt delete nope
	code 1
	has "does not exist"
	run rt delete --force nope
	ok
	same "$output" ""
	run rt delete nope -f
	ok
	run rt delete "../../x"
	bad
	run rt delete
	bad
}

@test "delete: a created container goes" {
	args /bin/true
	create_ct
	local pid
	pid=$(pid_of)
	run rt delete "$ID"
	ok
	until_true fails is_alive "$pid"
	nothing_left_of "$ID"
}

@test "OP-del-res: what the container left running in its namespaces is gone" {
	sh_args 'setsid sleep 1000 & setsid sh -c "trap \"\" TERM HUP; sleep 1000" & exec sleep 1000'
	create_ct
	start_ct
	sleep 0.1
	run rt delete --force "$ID"
	ok
	no_process_left
	nothing_left_of "$ID"
}

@test "OP-del-foreign: the root file system, the bundle and joined namespaces stay" {
	local before
	args /bin/sleep 1000
	running_ct
	before=$(find "$BUNDLE" | sort)
	delete_ct
	same "$(find "$BUNDLE" | sort)" "$before"
}

@test "delete --force: is quick" {
	running_ct
	local begin end
	begin=$(date +%s%N)
	rt delete --force "$ID"
	end=$(date +%s%N)
	[[ $(((end - begin) / 1000000)) -lt 1000 ]]
}

@test "delete: twice at once, once is enough" {
	running_ct
	rt delete --force "$ID" >"$T/one" 2>&1 3>&- &
	local one=$!
	rt delete --force "$ID" >"$T/two" 2>&1
	wait $one
	nothing_left_of "$ID"
}

@test "delete --force: of a container whose record is damaged or half written" {
	running_ct
	: >"$ROOT/$ID/state.json.new"
	run rt delete --force "$ID"
	ok
	mkdir -p "$ROOT/$UNIQUE-half"
	run rt delete --force "$UNIQUE-half"
	ok
	[[ ! -e $ROOT/$UNIQUE-half ]]
	mkdir -p "$ROOT/$UNIQUE-bad"
	echo '{"broken' >"$ROOT/$UNIQUE-bad/state.json"
	run rt delete --force "$UNIQUE-bad"
	ok
	[[ ! -e $ROOT/$UNIQUE-bad ]]
}

@test "delete --force ends a create that is stuck in a hook, and its hook with it" {
	config '.hooks.createRuntime = [{path: $sh, args: ["sh", "-c", $s]}]' \
		--arg sh "$F/root"/bin/sh --arg s "echo \$\$ >$T/hook.tmp; mv $T/hook.tmp $T/hook; exec sleep 1000"
	args /bin/sleep 1000
	"$OCI_RT" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- &
	local creator=$! hook
	until [[ -s $T/hook ]]; do sleep 0.05; done
	hook=$(cat "$T/hook")
	run rt delete "$ID"
	code 1
	has "is not stopped: creating"
	run timeout 20 "$OCI_RT" --root "$ROOT" delete --force "$ID"
	ok
	run wait "$creator"
	[[ ! -e $ROOT/$ID ]]
	until ! kill -0 "$hook" 2>/dev/null; do sleep 0.05; done
}

@test "delete --force: a process that cannot die is named, with its state, in bounded time" {
	root_only "freeze a cgroup from above"
	local freezer=/sys/fs/cgroup/freezer top=/$UNIQUE-$BATS_TEST_NUMBER
	[[ -d $freezer && -e /sys/fs/cgroup/memory/memory.limit_in_bytes ]] ||
		skip "this host has no freezer of version 1"
	config '.linux.cgroupsPath = $p' --arg p "$top/box"
	running_ct
	# Frozen from above it is in state D for everybody, and no signal reaches it.
	echo FROZEN >"$freezer$top/freezer.state"
	until_true grep -q FROZEN "$freezer$top/freezer.state"
	RT_TIMEOUT=25 run rt delete --force "$ID"
	code 1
	matches "'$ID' does not die: process [0-9]+ \((sleep|busybox)\), state D \(waits for"
	[[ -d $ROOT/$ID ]]
	echo THAWED >"$freezer$top/freezer.state"
	run rt delete --force "$ID"
	ok
	no_process_left
}
