#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The runtime is killed at any moment; delete --force then leaves nothing.

load helpers

prepare() {
	if gets_cgroup; then
		own_cgroup
		config '.linux.resources.pids = {limit: 50}'
	fi
	config '.mounts += [{destination: "/x", type: "tmpfs"}]'
	args /bin/sleep 1000
}

# gone: what a crashed command left can be deleted, and then there is nothing.
gone() {
	rt delete --force "$ID" >"$T/delete" 2>&1 || { echo "delete: $(cat "$T/delete")"; return 1; }
	[[ ! -e $ROOT/$ID ]] || { echo "state left"; return 1; }
	until_true no_process_left || return 1
	no_cgroup_left && no_mount_left
}

@test "crash: create killed after each of its steps, in each role" {
	needs create
	local role n failed=0 steps
	"$OCI_RT" create --help 2>&1 | grep -q kill-at || true
	for role in host init; do
		for n in $(seq 0 60); do
			new_id
			quiet rt create --kill-at "$role:$n" --pid-file "$T/pid" --bundle "$BUNDLE" "$ID"
			if grep -q 'unknown option\|not defined' <<<"$output"; then skip "no --kill-at"; fi
			steps=$status
			gone || { echo "$role:$n: left something (create said $steps: $output)"; failed=1; }
			[[ $steps -ne 0 ]] || break
		done
		echo "$role: $n steps"
		[[ $n -gt 10 ]] || failed=1
	done
	return $failed
}

@test "crash: create, start, run and delete killed at random moments" {
	local i verb delay failed=0
	for i in $(seq 40); do
		new_id
		delay=0.0$(printf %02d $((RANDOM % 40)))
		case $((i % 4)) in
		0) verb=(create --bundle "$BUNDLE" "$ID") ;;
		1) verb=(run --detach --bundle "$BUNDLE" "$ID") ;;
		2) quiet rt create --bundle "$BUNDLE" "$ID"; verb=(start "$ID") ;;
		3) quiet rt run --detach --bundle "$BUNDLE" "$ID"; verb=(delete --force "$ID") ;;
		esac
		"$OCI_RT" --root "$ROOT" "${verb[@]}" </dev/null >"$T/out" 2>&1 3>&- &
		sleep "$delay"
		kill -KILL $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		gone || { echo "${verb[*]} after $delay: left something"; failed=1; }
	done
	return $failed
}

@test "crash: the monitor of a foreground run is killed" {
	new_id
	"$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$T/out" 2>&1 3>&- &
	until_true is_status running
	kill -KILL $!
	wait $! 2>/dev/null || true
	gone
}

@test "crash: the first process is killed while it waits for start" {
	create_ct
	kill -KILL "$(pid_of)"
	until_status stopped
	quiet rt start "$ID"
	bad
	gone
}

@test "crash: an id left by a killed create says that it is stale, and can be deleted without force" {
	create_ct
	kill -KILL "$(pid_of)"
	until_status stopped
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "already exists"
	run rt delete "$ID"
	ok
	gone
}
