#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What engines ask of a runtime, each row by a program that plays the engine (engine.c):
#
#   what is asked                                   who asks           where it is proved
#   globals before the command, = or space, twice   all, conmon-rs     here: globals
#   -long with one dash, options behind operands    go-runc            here: dashes
#   numbers of operands, unknown commands: status   podman, people     here: usage
#   names of containers                             all                here: names
#   stdout only what was asked for, stderr empty    shim, CRI-O        here: silence
#   one error, one JSON object, one write, appended shim, podman       here: log
#   an error also on standard error                 conmon, buildah    here: log
#   words matched by engines only where true        all                here: words; errors.bats
#   pid file: digits alone, renamed into place      shim, conmon       here: pid file
#   console socket: one message, one fd, a name     conmon, shim       here: console socket
#   pidfd socket: the same                          runc's users       here: pidfd socket
#   console options that contradict                 all                terminal.bats
#   init reparents to the subreaper of the caller   shim, conmon       here: subreaper
#   wait4 on init itself                            buildah            here: subreaper
#   killed at any moment, then delete --force       shim, conmon       here: killed; crash.bats
#   ignored and blocked signals are reset           conmon             here: rude
#   delete --force from any state, thrice           shim, podman       here: delete from any state
#   the manager comes from what is saved            shim               here: saved manager
#   kill --all after init has ended                 shim               engine.bats
#   kill, delete of what is gone: the sentences     shim, CRI-O        here: sentences; engine.bats
#   init in its last cgroup when create returns     shim               engine.bats
#   cgroup stays until delete (OOM is read there)   conmon, shim       here: cgroup stays
#   state, list, features: documents                CRI-O, buildah     here: documents; state.bats
#   --version: a line that callers can read         go-runc, dockerd   cli.bats
#   LISTEN_FDS, LISTEN_PID                          systemd, conmon    engine.bats
#   NOTIFY_SOCKET: readiness, pid, barrier          systemd, podman    here: notify
#   environment with next to nothing                podman             engine.bats
#   run in the foreground: status, SIGWINCH, kill   BuildKit           here: foreground; engine.bats
#   delete without force of what has stopped        buildah, BuildKit  engine.bats
#   checkpoint --help, restore without an argument  podman             checkpoint.bats
#   exec, ps, pause, resume, update                 all                exec, pause, update.bats

load helpers

# As the shim calls: globals first, a JSON log of its own.
shim() {
	"$OCI_RT" --root "$ROOT" --log "$BUNDLE/log.json" --log-format json "$@"
}

@test "contract: globals in every form, given twice, the last one counts" {
	args /bin/true
	new_id
	run "$OCI_RT" --root=/nowhere -root "$ROOT" --log-format=json -log="$T/log" --debug=false \
		--rootless false run --bundle="$BUNDLE" "$ID"
	ok
	same "$output" ""
	run "$OCI_RT" --root /nowhere --root="$ROOT" list --format=json
	ok
	run "$OCI_RT" --root / list
	bad "--root"
	run "$OCI_RT" --log-format xml list
	bad "invalid log-format"
}

@test "contract: long options with one dash, and options behind operands" {
	args /bin/sleep 100
	new_id
	quiet rt run -bundle "$BUNDLE" -detach -no-subreaper -pid-file="$T/pid" "$ID"
	ok
	run rt delete "$ID" --force
	ok
	new_id
	quiet rt create "$ID" -no-pivot=false --bundle "$BUNDLE" -no-new-keyring
	ok
	run rt delete "$ID" -f
	ok
}

@test "contract: usage errors end with 1, an unknown command with 3, on one line" {
	local words
	for words in "state" "state a b" "delete" "create" "kill" "start --no-such-option a" \
		"create --bundle" "create --preserve-fds x a" "list a"; do
		# shellcheck disable=SC2086
		run rt $words
		code 1
		same "${#lines[@]}" 1 "$words"
	done
	run rt frobnicate
	code 3
	run rt --criu x list
	code 1
	for words in --help -h help "create --help" "help create" --version -v; do
		# shellcheck disable=SC2086
		run --separate-stderr rt $words
		ok "$words"
		# shellcheck disable=SC2154
		same "$stderr" ""
	done
}

@test "contract: names of containers" {
	local name
	args /bin/true
	for name in a.b a_b a+b a-b 0 .a "$(printf 'x%.0s' $(seq 200))"; do
		run rt run --bundle "$BUNDLE" "$name"
		ok "$name"
	done
	for name in . .. a/b "a b" 'a*' ../x "$(printf 'x%.0s' $(seq 1100))" 'a
b'; do
		run rt run --bundle "$BUNDLE" "$name"
		bad "container ID"
	done
	run rt state ""
	bad "container id cannot be empty"
}

@test "contract: nothing on standard error, and on standard output what was asked for" {
	args /bin/sleep 1000
	new_id
	said() { # COMMAND...: both streams into one, as CombinedOutput
		quiet shim "$@"
		ok "$*"
	}
	said create --bundle "$BUNDLE" --pid-file "$T/pid" "$ID" && same "$output" ""
	said start "$ID" && same "$output" ""
	said state "$ID" && jq -e .id <<<"$output"
	said list --format json && jq -e 'length == 1' <<<"$output"
	said list -q && same "$output" "$ID"
	said features && jq -e .ociVersionMin <<<"$output"
	said kill "$ID" 9 && same "$output" ""
	until_status stopped
	said delete "$ID" && same "$output" ""
	said delete --force "$ID" && same "$output" ""
	[[ ! -s $BUNDLE/log.json ]]
}

@test "contract: an error is one object in one write to an appended log, and a line on standard error" {
	command -v strace >/dev/null || skip "no strace"
	echo '{"level":"info","msg":"of somebody else","time":"2026-01-01T00:00:00Z"}' >"$T/log"
	run strace -f -e trace=openat,open,write -e signal=none -o "$T/strace" \
		"$OCI_RT" --root "$ROOT" --log "$T/log" --log-format json state nope
	bad "container does not exist"
	same "${#lines[@]}" 1
	grep -F "\"$T/log\"" "$T/strace" | grep -q O_APPEND
	same "$(grep -c 'write([0-9]*, "{' "$T/strace")" 1
	jq -es 'length == 2 and .[1].level == "error" and (.[1].msg | contains("does not exist"))
		and (.[1] | keys == ["level", "msg", "time"]) and (.[1].time | fromdateiso8601 > 0)' "$T/log"
	# From any process of the runtime: here it is init that fails.
	config '.process.cwd = "/proc/1/nowhere"'
	: >"$T/log"
	new_id
	quiet "$OCI_RT" --root "$ROOT" --log "$T/log" --log-format json run --bundle "$BUNDLE" "$ID"
	bad
	jq -es 'length == 1' "$T/log"
}

@test "contract: words that engines match stand only where they are true" {
	local words='no such file|not found|permission denied|operation not permitted|is a directory|not a directory|does not exist|already exists|not running'
	quiet shim create --bundle "$T/nowhere" x1
	bad
	lacks "$words"
	for change in '.root.path = "nowhere"' '.mounts += [{destination: "/m", source: "/nowhere", options: ["bind"]}]' \
		'.hooks.prestart = [{path: "/nowhere"}]' '.linux.namespaces += [{type: "network", path: "/nowhere"}]' \
		'.linux.sysctl["net.nowhere"] = "1"' \
		'.mounts += [{destination: "/etc/passwd/x", source: "tmpfs", type: "tmpfs"}]'; do
		refuses "$change" "$change"
		lacks "$words"
	done
	args /nowhere
	run_ct
	matches 'executable file not found in \$PATH|no such file or directory'
	args /etc/passwd
	run_ct
	has "permission denied"
}

@test "contract: the pid file holds digits alone and is renamed into place" {
	args /bin/sleep 1000
	new_id
	echo old >"$T/pid"
	exec 7<"$T/pid"
	quiet shim create --bundle "$BUNDLE" --pid-file "$T/pid" "$ID"
	ok
	same "$(cat <&7)" old
	exec 7<&-
	same "$(od -An -c "$T/pid" | tr -d ' \n')" "$(state_of "$ID" pid)"
	same "$(find "$T" -maxdepth 1 -name '*pid*' | wc -l)" 1
	same "$(stat -c %a "$T/pid")" 644
}

# takes NAME: the engine's end of a socket; what it got is in $output after `took`.
takes() {
	"$ENGINE" take "$T/$1" >"$T/$1.out" 2>&1 3>&- &
	TAKER=$!
	until_true grep -q listening "$T/$1.out"
}
took() {
	wait "$TAKER"
	output=$(cat "$T/$1.out")
}

@test "contract: the console socket gets one message with one terminal and a name" {
	takes console
	config '.process.terminal = true'
	args /bin/true
	new_id
	quiet shim create --bundle "$BUNDLE" --console-socket "$T/console" "$ID"
	ok
	took console
	matches '^bytes [1-9][0-9]* fds 1 name .'
	# The root may change before or after the engine looks.
	matches '^fd .*/dev/pts/ptmx$'
	has_line "then 0"
}

@test "contract: the pidfd socket gets one message with the pidfd of init" {
	takes pidfd
	args /bin/sleep 1000
	new_id
	quiet shim create --bundle "$BUNDLE" --pidfd-socket "$T/pidfd" "$ID"
	ok
	took pidfd
	matches '^bytes [1-9][0-9]* fds 1 name .'
	has_line "pid $(pid_of)"
	has_line "then 0"
}

@test "contract: init falls to the caller's subreaper, which waits for it by number" {
	local namespaces
	for namespaces in 'map(select(.type != "pid"))' '. + [{type: "time"}]' '.'; do
		# Only who owns the pid namespace may mount a procfs.
		[[ $namespaces != map* ]] || ! as_user || continue
		config ".linux.namespaces |= ($namespaces)"
		sh_args 'exit 7'
		new_id
		# shellcheck disable=SC2016
		run "$ENGINE" reap "$T/pid" sh -c '"$1" --root "$2" create --bundle "$3" --pid-file "$4" "$5" </dev/null &&
			"$1" --root "$2" start "$5"' - "$OCI_RT" "$ROOT" "$BUNDLE" "$T/pid" "$ID"
		ok
		has_line "reaped 7"
		run rt delete "$ID"
		ok
	done
}

@test "contract: an engine that is killed at any moment leaves nothing that delete --force does not take" {
	local patience
	args /bin/sleep 1000
	for patience in 0 500 1000 1500 2000 2500 3000 4000 5000 6000 8000 10000 15000 20000; do
		new_id
		quiet timeout 20 env ENGINE_PATIENCE=$patience "$ENGINE" leave "$OCI_RT" --root "$ROOT" create \
			--bundle "$BUNDLE" --pid-file "$T/pid" "$ID"
		ok
		run rt delete --force "$ID"
		ok "after $patience microseconds"
		same "$output" ""
		no_process_left
		nothing_left_of "$ID"
	done
}

@test "contract: signals that the caller ignores or blocks are reset, its files are not passed on" {
	sh_args 'grep -E "^Sig(Ign|Blk|Cgt)" /proc/self/status; ls /proc/$$/fd; sleep 0.1; exit 5'
	new_id
	run "$ENGINE" rude "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	code 5
	has_line $'SigIgn:\t0000000000000000'
	has_line $'SigBlk:\t0000000000000000'
	same "$(grep -cx '[3-9]' <<<"$output")" 0
	# Hooks, too, and the runtime waits for them though nobody waits for its children.
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "grep -E ^Sig.*[1-9] /proc/self/status | grep -v SigCgt; exit 3"]}]'
	new_id
	run "$ENGINE" rude "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	bad "exited with 3"
	lacks 'Sig(Ign|Blk)'
}

@test "contract: delete --force from any state, and again" {
	local state
	args /bin/sleep 1000
	for state in creating created running stopped halved emptied; do
		new_id
		if [[ $state = creating ]]; then
			quiet "$OCI_RT" --root "$ROOT" create --kill-at host:9 --bundle "$BUNDLE" "$ID"
		else
			quiet shim create --bundle "$BUNDLE" "$ID"
			ok
		fi
		case $state in
		running) start_ct ;;
		stopped)
			start_ct
			rt kill "$ID" KILL
			until_status stopped
			;;
		halved) # a delete that was killed when init and cgroups had gone
			kill -KILL "$(pid_of)"
			until_true remove_cgroups_of "$ID"
			;;
		emptied) # the record is gone, the process with it
			kill -KILL "$(pid_of)"
			until_true remove_cgroups_of "$ID"
			rm "$ROOT/$ID/state.json"
			;;
		esac
		quiet shim delete --force "$ID"
		ok "$state"
		same "$output" "" "$state"
		nothing_left_of "$ID"
		quiet shim delete --force "$ID"
		ok "$state, again"
		same "$output" ""
	done
	no_process_left
}

@test "contract: who manages the cgroups comes from what create saved" {
	args /bin/sleep 1000
	new_id
	config 'del(.linux.cgroupsPath, .linux.resources)'
	quiet rt --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	ok
	start_ct
	run rt --systemd-cgroup kill "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	same "$output" ""
}

@test "contract: the sentences of what is not there, or not so" {
	run rt state nope
	bad "container does not exist"
	run rt kill nope 9
	bad "container does not exist"
	run rt delete nope
	bad "container does not exist"
	args /bin/true
	create_ct
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "container with given ID already exists"
	start_ct
	until_status stopped
	run rt kill "$ID" 9
	bad "container not running"
	run rt start "$ID"
	bad "cannot start a container that has stopped"
	running_ct
	run rt start "$ID"
	bad "cannot start an already running container"
	run rt delete "$ID"
	bad "cannot delete container" "that is not stopped: running"
}

@test "contract: the cgroup stays until delete" {
	! by_systemd || skip "systemd takes a scope away with its last process"
	own_cgroup
	args /bin/true
	create_ct
	start_ct
	until_status stopped
	[[ -n $(cgroups_left) ]]
	run rt delete "$ID"
	ok
	[[ -z $(cgroups_left) ]]
}

@test "contract: state and list are the documents that callers read" {
	config '.annotations = {"a.b": "c"}'
	args /bin/sleep 1000
	create_ct
	rt state "$ID" | jq -e --arg id "$ID" --arg b "$BUNDLE" '.id == $id and .bundle == $b
		and .status == "created" and (.pid | type == "number" and . > 0)
		and (.created | test("^20[0-9-]+T[0-9:.]+Z$")) and .annotations["a.b"] == "c"
		and (.rootfs | startswith("/")) and .owner == "" and (.ociVersion | test("^1\\."))'
	rt list -f json | jq -e --arg id "$ID" --arg user "$(id -un)" 'length == 1 and .[0].id == $id and .[0].owner == $user'
	same "$(rt list -f json | wc -l)" 1
	start_ct
	rt kill "$ID" KILL
	until_status stopped
	rt state "$ID" | jq -e '.pid == 0'
	delete_ct
	run rt list -f json
	matches '^(null|\[\])$'
}

@test "contract: run in the foreground ends as the program does, and passes signals on" {
	sh_args 'exit 42'
	run_ct
	code 42
	# shellcheck disable=SC2016
	sh_args 'kill -9 $$'
	host_pids
	run_ct
	code 137
	sh_args 'trap "exit 9" USR1; echo ready; while :; do sleep 0.05; done'
	new_id
	"$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$T/out" 2>&1 3>&- &
	local up=$! rc=0
	until_true grep -q ready "$T/out"
	kill -WINCH $up
	kill -USR1 $up
	wait $up || rc=$?
	same $rc 9
}

# manager N: plays systemd at $T/notify until N messages have come.
manager() {
	rm -f "$T/notify"
	"$ENGINE" manage "$T/notify" "$1" >"$T/manager.out" 2>&1 3>&- &
	MANAGER=$!
	until_true grep -q listening "$T/manager.out"
	cp "$ENGINE" "$R/bin/engine"
}

@test "contract: notify: start waits until the container is ready, and tells the manager its pid" {
	manager 2
	sh_args 'engine notify "STATUS=not yet"; sleep 0.2; engine notify "READY=1
MAINPID=1"; sleep 1000'
	config '.process.user = {uid: 1000, gid: 1000}'
	new_id
	NOTIFY_SOCKET=$T/notify create_ct --pid-file "$T/pid"
	quiet env NOTIFY_SOCKET="$T/notify" "$OCI_RT" --root "$ROOT" start "$ID"
	ok
	same "$output" ""
	kill "$MANAGER" 2>/dev/null || true
	output=$(cat "$T/manager.out")
	has_line "message STATUS=not yet"
	has_line "message READY=1"
	has_line "MAINPID=$(cat "$T/pid")"
	lacks '^MAINPID=1$'
	run rt kill "$ID" KILL
	ok
}

@test "contract: notify: the barrier comes last; others may act meanwhile; the end ends the wait" {
	manager 2
	sh_args 'engine notify READY=1; sleep 1000'
	NOTIFY_SOCKET=$T/notify create_ct
	quiet env NOTIFY_SOCKET="$T/notify" "$OCI_RT" --root "$ROOT" start "$ID"
	ok
	wait "$MANAGER"
	same "$(tail -n 1 "$T/manager.out")" "message with fd BARRIER=1"
	args /bin/sleep 1000
	NOTIFY_SOCKET=$T/notify create_ct
	NOTIFY_SOCKET=$T/notify "$OCI_RT" --root "$ROOT" start "$ID" </dev/null >"$T/start.out" 2>&1 3>&- &
	local starter=$!
	until_status running
	RT_TIMEOUT=5 run rt kill "$ID" KILL
	ok
	wait $starter
	run rt delete "$ID"
	ok
	nothing_left_of "$ID"
}

@test "contract: notify: run passes words on while it waits; detached it waits to be ready" {
	manager 2
	sh_args 'echo $NOTIFY_SOCKET; engine notify READY=1; engine notify "STOPPING=1
FDSTORE=1"; touch /run/notify/x; sleep 0.2'
	new_id
	run env NOTIFY_SOCKET="$T/notify" "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	has_line /run/notify/notify.sock
	has "Read-only file system"
	wait "$MANAGER"
	output=$(cat "$T/manager.out")
	has_line "message READY=1"
	has_line "message STOPPING=1"
	lacks 'MAINPID|FDSTORE'
	manager 2
	sh_args 'sleep 0.2; engine notify READY=1; sleep 1000'
	new_id
	quiet env NOTIFY_SOCKET="$T/notify" "$OCI_RT" --root "$ROOT" run --detach --bundle "$BUNDLE" "$ID"
	ok
	wait "$MANAGER"
	grep -qx "MAINPID=$(pid_of)" "$T/manager.out"
	rt delete --force "$ID"
	# What the engine has seen to itself is left alone.
	config '.process.env += ["NOTIFY_SOCKET=/own"]'
	sh_args 'echo $NOTIFY_SOCKET; ls /run/notify'
	rm -rf "$R/run/notify"
	new_id
	run env NOTIFY_SOCKET="$T/notify" "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	has_line /own
	has "No such file"
}

@test "contract: exec --process --detach: the pid file names a child of the caller's subreaper" {
	running_ct
	jq '.process | .args = ["/bin/sh", "-c", "exit 6"] | .terminal = false' \
		"$BUNDLE/config.json" >"$T/process.json"
	run "$ENGINE" reap "$T/exec.pid" "$OCI_RT" --root "$ROOT" --log "$T/log" --log-format json \
		exec --process "$T/process.json" --detach --pid-file "$T/exec.pid" "$ID"
	ok
	has_line "reaped 6"
	[[ ! -s $T/log ]]
	same "$(find "$T" -maxdepth 1 -name '*exec.pid*' | wc -l)" 1
	# Without --detach, as BuildKit calls: the process' own status.
	run rt exec --process "$T/process.json" --pid-file "$T/fore.pid" "$ID"
	code 6
	same "$(od -An -c "$T/fore.pid" | tr -d ' 0-9\n')" ""
}

@test "contract: exec: 255 and one JSON object when the runtime fails, the sentences of what is not so" {
	running_ct
	quiet "$OCI_RT" --root "$ROOT" --log "$T/log" --log-format json exec "$ID" /nowhere
	code 255
	matches 'exec failed: .*(executable file not found in \$PATH|no such file or directory)'
	jq -es 'length == 1 and .[0].level == "error"' "$T/log"
	run rt exec "$ID" /etc/passwd
	code 255
	has "permission denied"
	# dockerd knows the first half, podman the second; both give 126 for it.
	run rt exec "$ID" /etc
	code 255
	has "is a directory: permission denied"
	run rt exec nope /bin/true
	code 255
	has "container does not exist"
	if gets_cgroup; then
		run rt pause "$ID"
		ok
		same "$output" ""
		run rt exec "$ID" /bin/true
		code 255
		has "cannot exec in a paused container (use --ignore-paused to override)"
		same "$(state_of)" paused
		run rt resume "$ID"
		ok
	fi
	run rt resume "$ID"
	bad "container not paused"
	run rt kill "$ID" KILL
	until_status stopped
	run rt exec "$ID" /bin/true
	code 255
	has "cannot exec in a stopped container"
	run rt pause "$ID"
	bad "container not running"
}

@test "contract: exec: the console socket, the pidfd socket, words behind the first operand" {
	running_ct
	takes console
	quiet rt exec --console-socket "$T/console" --tty --detach "$ID" /bin/sleep 1
	ok
	took console
	matches '^bytes [1-9][0-9]* fds 1 name .'
	# The root may change before or after the engine looks.
	matches '^fd .*/dev/pts/ptmx$'
	has_line "then 0"
	takes pidfd
	quiet rt exec --pidfd-socket "$T/pidfd" --detach "$ID" /bin/sleep 1
	ok
	took pidfd
	has_line "then 0"
	run rt exec "$ID" /bin/echo --detach -x
	ok
	has_line "--detach -x"
}

@test "contract: exec: an engine that is killed at any moment leaves the program, or nothing" {
	local patience pid
	running_ct
	for patience in 0 500 1000 2000 3000 4000 6000 10000; do
		quiet timeout 20 env ENGINE_PATIENCE=$patience "$ENGINE" leave "$OCI_RT" --root "$ROOT" exec "$ID" \
			/bin/sleep 1000
		ok
	done
	sleep 0.2
	for pid in $(rt ps --format json "$ID" | jq '.[]'); do
		same "$(cat "/proc/$pid/comm")" sleep
	done
	run rt delete --force "$ID"
	ok
	no_process_left
}

@test "contract: exec: signals that the caller ignores or blocks are reset" {
	running_ct
	run "$ENGINE" rude "$OCI_RT" --root "$ROOT" exec "$ID" /bin/grep -E '^Sig(Ign|Blk)' /proc/self/status
	ok
	has_line $'SigIgn:\t0000000000000000'
	has_line $'SigBlk:\t0000000000000000'
}

@test "contract: ps --format json is an array alone; update reads standard input" {
	running_ct
	quiet shim ps --format json "$ID"
	ok
	same "$output" "[$(pid_of)]"
	# shellcheck disable=SC2016
	run sh -c 'echo "{\"pids\": {\"limit\": 77}}" | "$0" --root "$1" update --resources=- "$2"' "$OCI_RT" "$ROOT" "$ID"
	later "no cgroups"
	ok
	same "$output" ""
}

@test "contract: delete --force of a paused container" {
	needs_cgroup
	running_ct
	run rt pause "$ID"
	ok
	quiet shim delete --force "$ID"
	ok
	same "$output" ""
	nothing_left_of "$ID"
	no_process_left
}
