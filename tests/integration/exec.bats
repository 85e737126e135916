#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# exec: how it is called, what it runs, how it ends. exec-confined.bats has under what.

load helpers

# as_reaper: a subreaper, like a shim, that waits for the process of a pid file.
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

# process FILTER: a process file as engines write them, in $T/process.json.
process() {
	jq ".process | $1" "$BUNDLE/config.json" >"$T/process.json"
}

@test "exec: a command in the foreground, its streams and its status" {
	running_ct
	run rt exec "$ID" /bin/sh -c 'echo out; echo err >&2; hostname; exit 7'
	code 7
	has_line out
	has_line err
	has_line box
	run rt exec "$ID" /bin/sh -c 'kill -KILL $$'
	code 137
	run rt exec "$ID" true
	code 0
	same "$output" ""
	output=$(echo typed | rt exec "$ID" cat)
	same "$output" typed
}

@test "exec: options end at the first operand, -- or not" {
	running_ct
	run rt exec "$ID" echo -d --tty -x
	has_line "-d --tty -x"
	run rt exec "$ID" -- echo --pid-file
	has_line "--pid-file"
	run rt exec -- "$ID" echo a
	has_line a
	run rt exec -env=A=1 "$ID" sh -c 'echo $A'
	has_line 1
}

@test "exec: a process file, detached, with a pid file: what containerd and conmon call" {
	running_ct
	process '.args = ["/bin/sh", "-c", "id -u; exit 9"] | .user = {uid: 1000, gid: 1000}'
	run as_reaper "$T/pid" "$OCI_RT" --root "$ROOT" --log "$T/log.json" --log-format json \
		exec --process "$T/process.json" --detach --pid-file "$T/pid" "$ID"
	ok
	has_line 1000
	has_line "reaped 9"
	same "$(wc -c <"$T/pid")" "$(printf %s "$(cat "$T/pid")" | wc -c)"
	[[ ! -s $T/log.json ]]
	[[ -z $(find "$T" -name '.pid*') ]]
	process '.args = ["/bin/sleep", "1000"]'
	quiet rt exec -d -p "$T/process.json" --pid-file "$T/pid" "$ID"
	ok
	same "$output" ""
	same "$(tr '\0' ' ' <"/proc/$(cat "$T/pid")/cmdline")" "/bin/sleep 1000 "
	run rt exec "$ID" ps
	has "sleep 1000"
	# A file that goes right away, one from a pipe, options beside it.
	run rt exec -p - -e X=y "$ID" sh -c 'echo $X' < <(cat "$T/process.json")
	ok
	has_line y
}

@test "exec: what a process file must be" {
	running_ct
	echo '{"args": [], "cwd": "/"}' >"$T/process.json"
	run rt exec -p "$T/process.json" "$ID"
	code 255
	has "exec failed: "
	has "args"
	echo '{"args": ["true"]}' >"$T/process.json"
	run rt exec -p "$T/process.json" "$ID"
	code 255
	has cwd
	run rt exec -p "$T/none" "$ID"
	code 255
	lacks 'no such file or directory|not found'
	run rt exec "$ID"
	code 255
	has "process args cannot be empty"
}

@test "exec: errors of the program are told, status 255, and leave no pid file and no process" {
	running_ct
	mkdir "$R/tmp/dir"
	echo garbage >"$R/tmp/garbage"
	chmod 755 "$R/tmp/garbage"
	touch "$R/tmp/plain"
	local what
	while read -r what text; do
		run rt exec --pid-file "$T/pid" "$ID" "$what"
		code 255
		has "exec failed: "
		has "$text"
		[[ ! -e $T/pid ]]
	done <<-END
		nowhere executable file not found in \$PATH
		/nowhere no such file or directory
		/tmp/plain permission denied
		/tmp/dir is a directory
		/tmp/garbage exec format error
	END
	run rt exec "$ID" ps
	same "$(grep -c . <<<"$output")" 3
	run "$OCI_RT" --root "$ROOT" --log "$T/log" --log-format json exec -d --pid-file "$T/pid" "$ID" nowhere
	code 255
	jq -s -e 'length == 1 and (.[0].msg | test("^exec failed: .*executable file not found in"))' "$T/log"
}

@test "exec: of what is stopped, missing, created, paused" {
	run rt exec nope true
	code 255
	has "container does not exist"
	args /bin/true
	create_ct
	run rt exec "$ID" echo early
	ok
	has_line early
	start_ct
	until_status stopped
	run rt exec "$ID" true
	code 255
	has "cannot exec in a stopped container"
	needs_cgroup
	running_ct
	run rt pause "$ID"
	ok
	run rt exec "$ID" true
	code 255
	has "cannot exec in a paused container (use --ignore-paused to override)"
	rt exec --ignore-paused "$ID" echo thawed </dev/null >"$T/out" 2>&1 3>&- &
	sleep 0.3
	[[ ! -s $T/out ]]
	run rt resume "$ID"
	ok
	wait $!
	same "$(cat "$T/out")" thawed
}

@test "exec: directory, environment, groups" {
	config '.process.env += ["A=config"] | .process.user.additionalGids = [5]'
	running_ct
	run rt exec --cwd /etc -e A=1 --env B=2 -e B=3 -g 7 --additional-gids 8 "$ID" sh -c 'pwd; echo $A $B; id -G; env'
	ok
	has_line /etc
	has_line "1 3"
	has_line "0 5 7 8"
	same "$(grep -c '^[AB]=' <<<"$output")" 2
	run rt exec --cwd /nowhere "$ID" true
	code 255
	has "no such file or directory"
	run rt exec --cwd relative "$ID" true
	code 255
	run rt exec -e =x "$ID" true
	code 255
	run rt exec -g x "$ID" true
	code 255
}

@test "exec: HOME is that of the container's passwd where nobody sets it" {
	echo "user:x:1000:1000::/home/user:/bin/sh" >>"$R/etc/passwd"
	running_ct
	run rt exec "$ID" sh -c 'echo $HOME'
	has_line /root
	run rt exec -u 1000 "$ID" sh -c 'echo $HOME'
	has_line /home/user
	run rt exec -u 1001 "$ID" sh -c 'echo $HOME'
	has_line /
	run rt exec -u 1000 -e HOME=/x "$ID" sh -c 'echo $HOME'
	has_line /x
	rm "$R/etc/passwd"
	mkfifo "$R/etc/passwd"
	run rt exec -u 1000 "$ID" sh -c 'echo $HOME'
	has_line /
	rm "$R/etc/passwd"
}

@test "ATTACK CVE-2026-30892: a user is exact or refused, never another" {
	running_ct
	run rt exec -u 1 "$ID" sh -c 'id -u; id -g'
	same "$output" $'1\n0'
	run rt exec --user 1:2 "$ID" sh -c 'id -u; id -g'
	same "$output" $'1\n2'
	run rt exec -u 4294967294:4294967294 "$ID" grep -E '^[UG]id' /proc/self/status
	has 4294967294
	local user
	for user in 4294967295 4294967296 -1 1x 1: : :1 root " 1" +1 0x1 ""; do
		run rt exec --user="$user" "$ID" true
		echo "user: '$user'"
		code 255
		has "--user"
	done
}

@test "exec: a terminal in the foreground, its size, signals and end" {
	running_ct
	run "$PROBE" pty 20 30 40 50 "$OCI_RT" --root "$ROOT" exec -t "$ID" probe tty
	output=$(tr -d '\r' <<<"$output")
	ok
	has_line "isatty=111 rows=20 cols=30"
	has_line devtty=ok
	has_line restored=1
	run "$PROBE" pty 20 30 40 50 "$OCI_RT" --root "$ROOT" exec --tty=false "$ID" probe tty
	has devtty=ENXIO
	"$PROBE" pty 20 30 40 50 "$OCI_RT" --root "$ROOT" exec -t "$ID" sh -c 'trap "stty size; exit 5" WINCH; echo ready; for i in $(seq 100); do sleep 0.05; done' </dev/null >"$T/out" 2>&1 3>&- &
	until_true grep -q ready "$T/out"
	kill -USR1 $!
	local rc=0
	wait $! || rc=$?
	same $rc 5
	grep -q '40 50' "$T/out"
}

@test "exec: a terminal over the console socket" {
	running_ct
	process '.terminal = true | .args = ["/bin/probe", "tty"] | .consoleSize = {height: 12, width: 34}'
	"$RECVTTY" "$T/socket" >"$T/tty" 2>&1 </dev/null 3>&- &
	until_true grep -q listening "$T/tty"
	quiet rt exec -d --process "$T/process.json" --console-socket "$T/socket" --pid-file "$T/pid" "$ID"
	ok
	wait $!
	grep -q '^name=.* fds=1 tty=1' "$T/tty"
	grep -q 'isatty=111 rows=12 cols=34' "$T/tty"
	run rt exec -d -t "$ID" true
	code 255
	has "cannot allocate tty if"
	run rt exec --console-socket "$T/socket" "$ID" true
	code 255
	has "cannot use console socket if"
}

@test "exec: signals go to the process" {
	running_ct
	"$OCI_RT" --root "$ROOT" exec "$ID" /bin/probe signals </dev/null >"$T/out" 2>&1 3>&- &
	until_true grep -q ready "$T/out"
	kill -USR2 $!
	until_true grep -qx 'got 12' "$T/out"
	kill -TERM $!
	until_true grep -qx 'got 15' "$T/out"
	kill -TERM $!
	local rc=0
	wait $! || rc=$?
	same $rc 7
	is_status running
}

@test "exec: files that are handed on, and none besides" {
	running_ct
	# shellcheck disable=SC2016
	run bash -c 'for i in $(seq 3 30); do eval "exec $i</etc/hostname"; done; exec "$@"' - "$OCI_RT" --root "$ROOT" exec "$ID" /bin/probe fds
	ok
	same "$(grep -c . <<<"$output")" 3
	# shellcheck disable=SC2016
	run bash -c 'exec 3</etc/hostname 4</etc/hostname 5</etc/hostname; exec "$@"' - "$OCI_RT" --root "$ROOT" exec --preserve-fds 2 "$ID" /bin/probe fds
	ok
	matches '^4 '
	lacks '^5 '
}

@test "exec: a pidfd over a socket" {
	running_ct
	"$RECVTTY" "$T/socket" >"$T/out" 2>&1 </dev/null 3>&- &
	until_true grep -q listening "$T/out"
	quiet rt exec -d --pidfd-socket "$T/socket" "$ID" /bin/sleep 0.2
	ok
	wait $! || true
	grep -q 'fds=1' "$T/out"
}

@test "exec: killed after each of its steps, in each role, it leaves no process" {
	local role n before failed=0
	config '.process.terminal = false'
	running_ct
	for role in host intermediate init; do
		for n in $(seq 0 60); do
			quiet rt exec -d --pid-file "$T/pid" --kill-at "$role:$n" "$ID" /bin/sleep 1000
			[[ $status -ne 0 ]] || break
			# From the moment the pid file is there the process is its reader's.
			[[ ! -e $T/pid ]] || { kill -KILL "$(cat "$T/pid")" 2>/dev/null || true; rm "$T/pid"; }
			until_true alone || { echo "$role:$n: left a process"; failed=1; }
		done
		echo "$role: $n steps"
		# On cgroup v2 the one between is born where it belongs.
		[[ $n -gt 3 ]] || failed=1
		kill -KILL "$(cat "$T/pid")" 2>/dev/null || true
		rm "$T/pid"
		until_true alone
	done
	is_status running
	return $failed
}

# alone: the first process has no company; the lines are those of ps itself.
alone() {
	[[ $(rt ps --format json "$ID" | jq length) -eq 1 ]]
}

@test "exec: --dry-run shows what would be done, and does nothing" {
	running_ct
	run rt exec --dry-run "$ID" touch /tmp/made
	ok
	has "execute touch"
	has "the first of the container"
	[[ ! -e $R/tmp/made ]]
}

@test "exec: many at a time, and none keeps the container from being deleted" {
	running_ct
	local i pids=()
	for i in $(seq 20); do
		rt exec "$ID" sh -c "echo $i" </dev/null >"$T/out.$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	for i in $(seq 20); do same "$(cat "$T/out.$i")" "$i"; done
	rt exec "$ID" sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	until_true executes 2 sleep
	delete_ct
	local rc=0
	wait $! || rc=$?
	same $rc 137
}

executes() { # N NAME: as many processes have executed this program
	[[ $(rt exec "$ID" ps -o comm | grep -c "^$2\$") -eq $1 ]]
}

@test "exec: a terminal where there is no procfs" {
	config '.mounts |= map(select(.destination != "/proc"))'
	running_ct
	run "$PROBE" pty 20 30 40 50 "$OCI_RT" --root "$ROOT" exec -t "$ID" probe tty
	ok
	has "isatty=111 rows=20 cols=30"
}

@test "exec: sockets are passed on, with LISTEN_PID of the process" {
	running_ct
	# shellcheck disable=SC2016
	run bash -c 'exec 3<"$1/etc/passwd"; shift; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"' - "$R" "$OCI_RT" --root "$ROOT" exec "$ID" \
		sh -c 'echo fds $LISTEN_FDS; [ $LISTEN_PID = $$ ] && echo mine; readlink /proc/$$/fd/3'
	ok
	has_line "fds 1"
	has_line mine
	matches 'passwd$'
}
