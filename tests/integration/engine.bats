#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The calls of engines, argument for argument, by small scripts that play them.

load helpers

# A subreaper that runs a script and reaps what falls to it, as shims and conmon do.
# as_reaper PIDFILE SCRIPT: prints the status of the process that PIDFILE names.
as_reaper() {
	# shellcheck disable=SC2016
	perl -MPOSIX -e '
		syscall(157, 36, 1, 0, 0, 0);
		my ($pidfile, @cmd) = @ARGV;
		system(@cmd) == 0 or exit 99;
		open(my $f, "<", $pidfile) or exit 98;
		my $pid = <$f>;
		$pid =~ /^\d+$/ or exit 97;
		my $got = waitpid($pid, 0);
		exit 96 if $got != $pid;
		print "reaped ", WIFEXITED($?) ? WEXITSTATUS($?) : 128 + WTERMSIG($?), "\n";
	' "$@"
}

@test "containerd: create, start, kill, delete; the shim reaps the first process" {
	sh_args 'echo out; echo err >&2; exit 7'
	run as_reaper "$BUNDLE/init.pid" /bin/sh -c "
		'$OCI_RT' --root '$ROOT' --log '$BUNDLE/log.json' --log-format json create --bundle '$BUNDLE' --pid-file '$BUNDLE/init.pid' '$ID' &&
		'$OCI_RT' --root '$ROOT' --log '$BUNDLE/log.json' --log-format json start '$ID'"
	ok
	has_line out
	has_line err
	has_line "reaped 7"
	[[ ! -s $BUNDLE/log.json ]]
	run "$OCI_RT" --root "$ROOT" --log "$BUNDLE/log.json" --log-format json delete "$ID"
	ok
	run "$OCI_RT" --root "$ROOT" --log "$BUNDLE/log.json" --log-format json delete "$ID"
	bad "does not exist"
	jq -e '.msg | contains("does not exist")' "$BUNDLE/log.json"
}

@test "containerd: init is in its final cgroup when create returns" {
	own_manager
	own_cgroup
	create_ct --pid-file "$T/pid"
	same "$(cgroups_of "$(cat "$T/pid")")" "$CG"
}

@test "containerd: kill --all ID 9 after init died, without a pid namespace" {
	needs_cgroup
	host_pids
	sh_args 'sleep 1000 & exit 0'
	create_ct
	start_ct
	until_status stopped
	run rt kill --all "$ID" 9
	ok
	until_true no_process_left
	run rt kill --all "$ID" 9
	ok
	run rt delete "$ID"
	ok
}

@test "containerd: kill of what is gone is one of the sentences it knows" {
	args /bin/true
	create_ct
	start_ct
	until_status stopped
	run rt kill "$ID" 15
	bad
	matches 'process already finished|container not running|no such process'
	run rt kill nope 15
	matches 'does not exist'
}

@test "containerd: features with an absolute path and no globals, nothing on standard error" {
	"$OCI_RT" features 2>"$T/err" | jq -e .ociVersionMin
	[[ ! -s $T/err ]]
}

@test "containerd: the last error of log.json is the reason; a shim that was killed can be cleaned up after" {
	args /bin/nowhere
	quiet "$OCI_RT" --root "$ROOT" --log "$BUNDLE/log.json" --log-format json create --bundle "$BUNDLE" --pid-file "$T/pid" "$ID"
	[[ $status -ne 0 ]] || quiet "$OCI_RT" --root "$ROOT" --log "$BUNDLE/log.json" --log-format json start "$ID"
	bad
	jq -s -e 'map(select(.level == "error")) | last | .msg | test("no such file or directory|executable file not found")' "$BUNDLE/log.json"
	run rt delete --force "$ID"
	args /bin/sleep 1000
	create_ct
	start_ct
	run "$OCI_RT" --root "$ROOT" --log "$BUNDLE/log.json" --log-format json delete --force "$ID"
	ok
}

@test "conmon: SIGPIPE ignored, pipes as streams, pid file, status reaped" {
	sh_args 'grep SigIgn /proc/self/status; echo over; exit 3'
	run as_reaper "$T/pid" /bin/sh -c "
		trap '' PIPE
		exec '$OCI_RT' --root '$ROOT' run --detach --bundle '$BUNDLE' --pid-file '$T/pid' '$ID'"
	ok
	has_line "reaped 3"
	has_line over
	has_line $'SigIgn:\t0000000000000000'
	same "$(wc -c <"$T/pid")" "$(printf %s "$(cat "$T/pid")" | wc -c)"
}

@test "conmon: death of the caller in the midst of create leaves something that delete --force takes away" {
	config '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "2.5"]}]'
	new_id
	"$OCI_RT" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$T/out" 2>&1 3>&- &
	sleep 0.3
	kill -KILL $!
	wait $! 2>/dev/null || true
	run rt delete --force "$ID"
	ok
	until_true no_process_left
	nothing_left_of "$ID"
}

@test "podman: one JSON object in the log of a call that fails" {
	run "$OCI_RT" --log-format=json --log "$T/oci-log" --root "$ROOT" create --bundle "$T/nowhere" --pid-file "$T/pid" "$ID"
	bad
	jq -e -s 'length == 1 and .[0].level == "error"' "$T/oci-log"
}

@test "podman: the default root of root, only XDG_RUNTIME_DIR in the environment" {
	run env -i XDG_RUNTIME_DIR="$T/xdg" PATH="$PATH" "$OCI_RT" --root "$ROOT" delete --force nope
	ok
	run env -i "$OCI_RT" --root "$ROOT" list
	ok
}

@test "buildah: create, start, state until stopped, delete without force, wait on the process itself" {
	args /bin/sh -c 'sleep 0.2; exit 5'
	run as_reaper "$T/pid" /bin/bash -c "
		'$OCI_RT' --root '$ROOT' create --bundle '$BUNDLE' --pid-file '$T/pid' '$ID' || exit 1
		'$OCI_RT' --root '$ROOT' start '$ID' || exit 1
		for i in \$(seq 50); do
			s=\$('$OCI_RT' --root '$ROOT' state '$ID' | jq -r .status)
			case \$s in creating|created|running) sleep 0.05 ;; stopped) exit 0 ;; *) exit 2 ;; esac
		done"
	ok
	has_line "reaped 5"
	run rt delete "$ID"
	ok
}

@test "BuildKit: run in the foreground, state tells running, kill 9, the status is 137" {
	args /bin/sleep 1000
	new_id
	setsid "$OCI_RT" --log "$T/log.json" --log-format json --root "$ROOT" run --bundle "$BUNDLE" --keep "$ID" </dev/null >"$T/out" 2>&1 3>&- &
	local up=$!
	until_true is_status running
	same "$(state_of "$ID" bundle)" "$BUNDLE"
	run rt kill "$ID" 9
	ok
	local rc=0
	wait $up || rc=$?
	same $rc 137
	run rt delete "$ID"
	ok
	[[ ! -s $T/log.json ]]
}

@test "CRI-O: kill by names in a loop, state in a form it reads, CombinedOutput stays clean" {
	sh_args 'trap "" TERM; echo ready; while :; do sleep 0.05; done'
	create_ct
	start_ct
	until_true grep -q ready "$CT_OUT"
	run rt kill "$ID" TERM
	ok
	same "$output" ""
	run rt state "$ID"
	jq -e '.status == "running" and (.created | test("^20"))' <<<"$output"
	run rt kill "$ID" KILL
	until_status stopped
	run rt kill "$ID" KILL
	bad "container not running"
	run rt delete --force "$ID"
	ok
	run rt state "$ID"
	bad
}

@test "systemd: sockets passed on, with LISTEN_PID of the container" {
	sh_args 'echo "$LISTEN_FDS $LISTEN_PID"; ls /proc/self/fd | wc -l'
	config '.process.args[2] = "echo fds $LISTEN_FDS pid $LISTEN_PID; readlink /proc/$$/fd/3"'
	new_id
	# shellcheck disable=SC2016
	run bash -c 'exec 3<"$1/etc/passwd"; shift; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"' - "$R" "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	ok
	has_line "fds 1 pid 1"
	matches 'passwd$'
}
