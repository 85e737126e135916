#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The life of a container: create, start, run, and what each refuses.

load helpers

@test "LC-1 LC-2-env LC-2-norun LC-6 LC-8 LC-11 LC-12 OP-support OP-create-new OP-start-run: create builds, start runs, delete removes" {
	sh_args 'echo ran >/tmp/marker; echo hello; sleep 1000'
	create_ct --pid-file "$T/pid"
	same "$output" ""
	same "$(state_of)" created
	[[ ! -e $R/tmp/marker ]]
	pid=$(cat "$T/pid")
	same "$(wc -l <"$T/pid")" 0 "no newline in the pid file"
	same "$(pid_of)" "$pid"
	is_alive "$pid"

	quiet rt start "$ID"
	ok
	same "$output" ""
	until_true test -e "$R/tmp/marker"
	same "$(state_of)" running
	same "$(pid_of)" "$pid"

	run rt kill "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	same "$output" ""
	run rt state "$ID"
	bad "does not exist"
	until_true fails is_alive "$pid"
	no_state_left
	no_cgroup_left
}

@test "OP-create-apply: everything but the process is in place after create" {
	config '.linux.sysctl = {"kernel.shmmni": "4000"}'
	running_ct
	pid=$(pid_of)
	local own=()
	! as_user || own=(-U --preserve-credentials)
	same "$(nsenter -t "$pid" "${own[@]}" -i cat /proc/sys/kernel/shmmni)" 4000
	same "$(nsenter -t "$pid" "${own[@]}" -u hostname)" box
	[[ -c "/proc/$pid/root"/dev/null ]]
}

@test "OP-create-noarg OP-state-noid OP-start-noid OP-kill-noid OP-del-noid: a command without an id is refused" {
	for verb in create start state kill delete run; do
		run rt $verb
		bad
	done
}

@test "B-config: a bundle without config.json is refused, nothing stays" {
	mkdir "$T/empty"
	run rt create --bundle "$T/empty" "$ID"
	bad
	run rt create --bundle "$T/nowhere" "$ID"
	bad
	mkdir "$T/dir" && mkdir "$T/dir/config.json"
	run rt create --bundle "$T/dir" "$ID"
	bad
	nothing_left_of "$ID"
}

@test "OP-create-dup: an id in use is refused, its container is untouched" {
	running_ct
	pid=$(pid_of)
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "already exists"
	quiet rt run --bundle "$BUNDLE" "$ID"
	bad "already exists"
	same "$(state_of)" running
	same "$(pid_of)" "$pid"
	is_alive "$pid"
}

@test "OP-create-badid S-id: ids that are no names are refused" {
	local long
	long=$(printf 'x%.0s' $(seq 1100))
	for bad_id in "" . .. a/b ../x /abs "a b" $'a\nb' 'a*' "$long" 'é' -- ; do
		quiet rt create --bundle "$BUNDLE" "$bad_id"
		echo "id: $bad_id"
		bad
	done
	new_id
	args /bin/true
	ID="$ID+a_b.c-D9"
	run rt run --bundle "$BUNDLE" "$ID"
	ok
}

@test "OP-start-wrong: only a created container starts" {
	quiet rt start "$ID-nope"
	bad "does not exist"
	running_ct
	quiet rt start "$ID"
	bad
	same "$(state_of)" running
	run rt kill "$ID" KILL
	until_status stopped
	quiet rt start "$ID"
	bad
	same "$(state_of)" stopped
}

@test "LC-2-snap: what config.json becomes after create does not matter" {
	sh_args 'echo first >/tmp/who'
	config '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "echo first >>\($t)/poststop"]}]' --arg t "$T"
	create_ct
	sh_args 'echo second >/tmp/who'
	config '.hooks.poststop[0].args[2] = "echo second >>\($t)/poststop"' --arg t "$T"
	rm "$BUNDLE/config.json"
	start_ct
	until_true test -s "$R/tmp/who"
	same "$(cat "$R/tmp/who")" first
	until_status stopped
	run rt delete "$ID"
	ok
	same "$(cat "$T/poststop")" first
}

@test "OP-create-noprocess OP-start-noprocess P-opt: a container without process is created, but not started" {
	config 'del(.process)'
	create_ct
	same "$(state_of)" created
	quiet rt start "$ID"
	bad
	run rt delete --force "$ID"
	ok
}

@test "OP-create-noargs: a program that is not there is told, at create or at start" {
	args /bin/nowhere
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	if [[ $status -eq 0 ]]; then quiet rt start "$ID"; fi
	bad
	matches 'no such file or directory|executable file not found'
	run rt delete --force "$ID"
}

@test "C-root-path C-root-dir B-onedir: root.path relative to the bundle, absolute, missing, a file" {
	args /bin/cat /etc/where
	echo relative >"$R/etc/where"
	cd /
	run_ct
	ok
	same "$output" relative
	cp -al "$F/root" "$T/elsewhere"
	echo absolute >"$T/elsewhere/etc/where"
	config '.root.path = $p' --arg p "$T/elsewhere"
	run_ct
	ok
	same "$output" absolute
	refuses "no such root" '.root.path = "nowhere"'
	touch "$BUNDLE/file"
	refuses "a file as root" '.root.path = "file"'
	refuses "no root" 'del(.root)'
}

@test "S-bundle: the bundle is the working directory by default, and made absolute" {
	cd "$BUNDLE"
	new_id
	args /bin/sleep 1000
	quiet rt create "$ID"
	ok
	same "$(state_of "$ID" bundle)" "$BUNDLE"
	new_id
	cd "$T"
	quiet rt create -b bundle "$ID"
	ok
	same "$(state_of "$ID" bundle)" "$BUNDLE"
}

@test "C-ociver C-ociver-compat F-min-acc F-max-acc: versions of the specification" {
	for good in 1.0.0 1.0.2 1.0.2-dev 1.1.0+x 1.2.1-rc.1 1.3.0; do
		accepts "$good" ".ociVersion = \"$good\""
	done
	for wrong in '""' '"1"' '"1.0"' '"x"' '"2.0.0"' '"0.9.0"' '"v1.0.0"' '"01.0.0"' 1 null; do
		refuses "$wrong" ".ociVersion = $wrong"
	done
	refuses "none" 'del(.ociVersion)'
	min=$(rt features | jq -r .ociVersionMin)
	max=$(rt features | jq -r .ociVersionMax)
	accepts "min $min" ".ociVersion = \"$min\""
	accepts "max $max" ".ociVersion = \"$max\""
}

@test "G-utf8 G-dup G-unord EXT-unknown EXT-invalid PLAT-other PLAT-vm AFF-obj: what a document may hold" {
	accepts "unknown members" '.x = {y: [1]} | .process.x = 1 | .linux.x = [] | .root.x = null | .mounts[0].x = {} | .linux.namespaces[0].x = "y"'
	accepts "other platforms" '.windows = {} | .solaris = {} | .freebsd = {} | .zos = {} | .process.commandLine = "x" | .process.user.username = "x"'
	cp "$BUNDLE/config.json" "$T/good.json"
	sed 's/"hostname": "box",/"hostname": "box", "hostname": "bax",/' "$T/good.json" >"$BUNDLE/config.json"
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad
	sed 's/"box"/"b\xffx"/' "$T/good.json" >"$BUNDLE/config.json"
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad
	head -c 500 "$T/good.json" >"$BUNDLE/config.json"
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad
	: >"$BUNDLE/config.json"
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad
	jq 'to_entries | reverse | from_entries' "$T/good.json" >"$BUNDLE/config.json"
	run_ct
	ok
	nothing_left_of "$ID"
}

@test "OP-create-validate: create refuses the whole configuration at once, and names every problem" {
	config '.process.cwd = "relative" | .linux.namespaces += [{type: "mount"}]'
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "process.cwd" "linux.namespaces"
	nothing_left_of "$ID"
}

@test "LC-2-err OP-create-cannot LC-err-atomic: a create that fails leaves nothing" {
	local before
	before=$(find "$R" | sort)
	refuses "a mount of no type" '.mounts += [{destination: "/x", type: "nosuchfs", source: "x"}]'
	refuses "no source" '.mounts += [{destination: "/x", source: "/no/where", options: ["bind"]}]'
	refuses "a device" '.linux.devices = [{path: "/dev/x", type: "x", major: 1, minor: 3}]'
	no_process_left
	no_mount_left
}

@test "LC-10 run: the status of run is the status of the program" {
	for want in 0 1 42 255; do
		in_ct "exit $want"
		code $want
	done
	# The first process of a pid namespace cannot be killed from inside.
	host_pids
	in_ct "kill -9 \$\$"
	code 137
	same "$output" ""
	in_ct "kill -TERM \$\$; sleep 5"
	code 143
	nothing_left_of "$ID"
}

@test "run: --detach leaves it running, --keep leaves it stopped, --pid-file tells the pid" {
	args /bin/sleep 1000
	new_id
	quiet rt run --detach --pid-file "$T/pid" --bundle "$BUNDLE" "$ID"
	ok
	same "$output" ""
	same "$(state_of)" running
	same "$(cat "$T/pid")" "$(pid_of)"
	delete_ct
	args /bin/sh -c 'exit 3'
	new_id
	run rt run --keep --bundle "$BUNDLE" "$ID"
	code 3
	same "$(state_of)" stopped
	run rt delete "$ID"
	ok
}

@test "run: signals reach the program, the runtime dies as it does" {
	args /bin/probe signals
	new_id
	"$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 </dev/null 3>&- &
	until_true grep -q ready "$T/out"
	for s in HUP USR1 USR2 TERM; do kill -$s $!; sleep 0.05; done
	until_true grep -q 'got 15' "$T/out"
	kill -TERM $!
	rc=0
	wait $! || rc=$?
	same $rc 7
	grep -q 'got 1$' "$T/out"
	grep -q 'got 10' "$T/out"
	grep -q 'got 12' "$T/out"
}

@test "run: stdin, stdout and stderr are the caller's" {
	sh_args 'cat; echo out; echo err >&2'
	new_id
	echo in | rt run --bundle "$BUNDLE" "$ID" >"$T/stdout" 2>"$T/stderr"
	same "$(cat "$T/stdout")" $'in\nout'
	same "$(cat "$T/stderr")" err
}

@test "OP-del-reuse: an id can be used again" {
	args /bin/true
	new_id
	for _ in 1 2 3; do
		run rt run --bundle "$BUNDLE" "$ID"
		ok
	done
}

@test "S-scope: twenty containers side by side, created, started and deleted at once" {
	args /bin/sleep 1000
	local ids=() i jobs=()
	for i in $(seq 20); do new_id; ids+=("$ID"); done
	for i in "${ids[@]}"; do
		{ rt create --bundle "$BUNDLE" "$i" && rt start "$i"; } </dev/null >>"$T/out" 2>&1 3>&- &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do wait "$i" || { cat "$T/out"; false; }; done
	for i in "${ids[@]}"; do same "$(state_of "$i")" running; done
	same "$(rt list -q | wc -l)" 20
	jobs=()
	for i in "${ids[@]}"; do rt delete --force "$i" >>"$T/out" 2>&1 3>&- & jobs+=($!); done
	for i in "${jobs[@]}"; do wait "$i" || { cat "$T/out"; false; }; done
	same "$(rt list -q)" ""
}

@test "OP-create-dup: of ten creates of one id at once, one wins" {
	args /bin/sleep 1000
	local won=0 jobs=() i
	for i in $(seq 10); do
		rt create --bundle "$BUNDLE" "$ID" </dev/null >>"$T/out" 2>&1 3>&- &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do if wait "$i"; then won=$((won + 1)); fi; done
	same $won 1
	same "$(state_of)" created
}
