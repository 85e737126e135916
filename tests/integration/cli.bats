#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The command line: help, versions, where options may stand, statuses, logs.

load helpers

@test "cli: no command, unknown commands, unknown options" {
	run "$OCI_RT"
	matches '[Uu]sage|COMMANDS'
	run rt nosuchcommand
	bad
	has nosuchcommand
	run rt state --no-such-option x
	bad
	has no-such-option
	run rt --no-such-option state x
	bad
	run rt create --bundle
	bad
	matches 'requires an argument|needs an argument'
	run rt list extra
	bad
}

@test "cli: help for all, version in the form that engines read" {
	local verb
	run "$OCI_RT" --help
	ok
	for verb in create start state kill delete run list spec features; do
		has "$verb"
		run "$OCI_RT" "$verb" --help
		ok
		has "$verb"
		run "$OCI_RT" help "$verb"
		ok
		run "$OCI_RT" --help
	done
	run "$OCI_RT" --version
	ok
	matches '^[a-z-]+ version [0-9]'
	matches '^commit: '
	matches '^spec: 1\.'
	run "$OCI_RT" -v
	ok
	run "$OCI_RT" -h
	ok
}

@test "cli: options in every form and at every place" {
	args /bin/sleep 1000
	quiet "$OCI_RT" --root="$ROOT" create --bundle="$BUNDLE" "$ID"
	ok
	quiet "$OCI_RT" -root "$ROOT" start "$ID"
	ok
	run "$OCI_RT" --root "$T/other" --root "$ROOT" state "$ID"
	ok
	run "$OCI_RT" --root "$ROOT" delete "$ID" --force
	ok
	quiet "$OCI_RT" --root "$ROOT" run -d -b "$BUNDLE" --no-new-keyring -no-subreaper "$ID"
	ok
	run "$OCI_RT" -root="$ROOT" delete -force "$ID"
	ok
	quiet "$OCI_RT" --root "$ROOT" create "$ID" --bundle "$BUNDLE"
	ok
	run "$OCI_RT" --debug --root "$ROOT" --log "$T/log" --log-format json delete -f "$ID"
	ok
	run "$OCI_RT" --root / state x
	bad
	run "$OCI_RT" --root "$ROOT" --systemd-cgroup --rootless false list
	ok
	run "$OCI_RT" --root "$ROOT" --rootless=auto list -q
	ok
}

@test "cli: a relative --root and a relative bundle" {
	cd "$T"
	args /bin/sleep 1000
	quiet "$OCI_RT" --root state create -b bundle "$ID"
	ok
	cd /
	same "$(state_of)" created
}

@test "cli --log: text and JSON, one line an error, on standard error too" {
	run "$OCI_RT" --root "$ROOT" --log "$T/log" state nope
	code 1
	has "does not exist"
	same "$(wc -l <"$T/log")" 1
	grep -q 'level=error' "$T/log"
	grep -q 'msg="' "$T/log"
	run "$OCI_RT" --root "$ROOT" --log "$T/log.json" --log-format json state nope
	code 1
	same "$(wc -l <"$T/log.json")" 1
	jq -e '.level == "error" and (.msg | contains("does not exist")) and (.time | test("^20[0-9-]+T"))' "$T/log.json"
	run "$OCI_RT" --root "$ROOT" --log-format json state nope
	jq -e '.level == "error"' <<<"$output"
	# Appended, and nothing where all is well.
	run "$OCI_RT" --root "$ROOT" --log "$T/log.json" --log-format json state nope
	same "$(wc -l <"$T/log.json")" 2
	args /bin/true
	run "$OCI_RT" --root "$ROOT" --log "$T/quiet" --log-format json run -b "$BUNDLE" "$ID"
	ok
	same "$output" ""
	[[ ! -s $T/quiet ]]
	run "$OCI_RT" --root "$ROOT" --log-format xml list
	bad
	run "$OCI_RT" --root "$ROOT" --log "$T/no/such/dir/log" list
	bad
}

@test "cli --log json: control characters, quotes and bad bytes keep it JSON" {
	run "$OCI_RT" --root "$ROOT" --log "$T/log" --log-format json state $'a"b\\c\n\t\x01\xff'
	code 1
	jq -e '.msg' "$T/log"
	same "$(wc -l <"$T/log")" 1
}

@test "cli --pid-file: atomic, without a newline, and told when it cannot be" {
	args /bin/sleep 1000
	echo old >"$T/pid"
	create_ct --pid-file "$T/pid"
	same "$(cat "$T/pid")" "$(pid_of)"
	same "$(ls "$T" | grep -c 'pid')" 1
	new_id
	quiet rt create --pid-file "$T/no/dir/pid" --bundle "$BUNDLE" "$ID"
	bad
	lacks 'no such file|not found'
	nothing_left_of "$ID"
}

@test "C-root-conv spec: a configuration to start from, which runs" {
	mkdir "$T/new"
	cd "$T/new"
	run "$OCI_RT" spec
	ok
	jq -e '.root.path == "rootfs" and .ociVersion and .process.args and (.linux.namespaces | length >= 5)' config.json
	grep -q $'^\t"ociVersion"' config.json
	run "$OCI_RT" spec
	bad "config.json exists"
	cp -al "$F/root" rootfs
	jq '.process.terminal = false | .process.args = ["/bin/echo", "runs"]' config.json >c && mv c config.json
	new_id
	run rt run "$ID"
	ok
	same "$output" runs
	mkdir "$T/rootless"
	run "$OCI_RT" spec --rootless --bundle "$T/rootless"
	ok
	jq -e '.linux.uidMappings and (.linux.namespaces | map(.type) | index("user"))' "$T/rootless/config.json"
}

@test "F-undef: features has no property that the specification of its ociVersionMax lacks" {
	local doc max path since
	doc=$("$OCI_RT" features)
	max=$(jq -r .ociVersionMax <<<"$doc")
	# The keys of annotations are anybody's.
	for path in $(jq -r '.annotations = 0 | [paths | select(all(.[]; type == "string"))] |
			map(join("."))[]' <<<"$doc"); do
		since=$(awk -F'\t' -v path="features.$path" '$1 == path { print $6 }' \
			"$HERE/../spec/fields.tsv")
		echo "features.$path: since ${since:-never}, of $max"
		[[ -n $since ]]
		same "$(printf '%s\n' "$since" "$max" | sort -V | tail -n 1)" "$max"
	done
}

@test "F-may F-static F-min F-max F-max-ge F-hooks F-linux F-ann F-ann-map F-unsafe FL-ns FL-caps FL-cg FL-cg-v1 FL-cg-v2 FL-cg-sd FL-cg-sdu FL-cg-rdma FL-sec FL-sec-en FL-sec-act FL-sec-op FL-sec-arch FL-sec-kf FL-sec-sf FL-aa FL-se FL-mp FL-mp-m FL-mp-f FL-rdt FL-rdt-s FL-rdt-m FL-me FL-me-en FL-nd F-nullempty: features" {
	run "$OCI_RT" features
	ok
	local doc=$output f
	f() { jq -e "$1" >/dev/null <<<"$doc" || { echo "features: not $1"; return 1; }; }
	f '.ociVersionMin == "1.0.0"'
	f '.ociVersionMax | test("^1\\.[3-9]")'
	f '.hooks == ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]'
	f '.linux.namespaces | sort == ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]'
	f '.linux.capabilities | length == 41 and index("CAP_CHECKPOINT_RESTORE")'
	f '.linux.cgroup | .v1 == true and .v2 == true and has("systemd") and has("systemdUser") and has("rdma")'
	f '.linux.seccomp | .enabled and (.actions | length == 9) and (.operators | length == 7) and (.archs | length == 23) and (.knownFlags | length == 4) and .supportedFlags'
	f '.linux.apparmor.enabled != null and .linux.selinux.enabled != null'
	f '.linux.memoryPolicy | (.modes | length == 7) and (.flags | length == 3)'
	f '.linux.intelRdt | .enabled and .schemata and .monitoring'
	f '.linux.mountExtensions.idmap.enabled'
	f '.linux.netDevices | has("enabled")'
	f '.annotations | to_entries | all((.key | length > 0) and (.value | type == "string"))'
	# A reserved name, but the one by which engines ask for checkpoints.
	f '.annotations | keys | all((startswith("org.opencontainers.") | not) or . == "org.opencontainers.runc.checkpoint.enabled")'
	f '.potentiallyUnsafeConfigAnnotations | type == "array"'
	same "$(chroot "$F" /bin/"${OCI_RT##*/}" features 2>/dev/null || echo "$doc")" "$doc"
}

@test "explain and --dry-run: what would be done, and nothing done" {
	needs explain
	run "$OCI_RT" explain --bundle "$BUNDLE"
	ok
	has tmpfs
	has box
	new_id
	run rt create --dry-run --bundle "$BUNDLE" "$ID"
	ok
	has tmpfs
	nothing_left_of "$ID"
	run rt state "$ID"
	bad
	run "$OCI_RT" explain --format json --bundle "$BUNDLE"
	ok
	jq -e . <<<"$output" >/dev/null
}

@test "--trace: every step with its role, begin and length" {
	needs trace
	args /bin/true
	new_id
	run rt run --trace "$T/trace" --bundle "$BUNDLE" "$ID"
	ok
	jq -e '(.traceEvents // .) | length > 10 and all(has("name") and has("ph"))' "$T/trace"
}

@test "run --rootfs: a command without a bundle" {
	needs rootfs
	cp -al "$F/root" "$T/rootfs"
	run rt run --rootfs "$T/rootfs" -- /bin/echo "hello there" </dev/null
	ok
	has "hello there"
	run rt run --rootfs "$T/rootfs" --hostname other --env A=b -- /bin/sh -c 'hostname; echo $A; exit 4' </dev/null
	code 4
	has other
	has_line b
}

@test "completion: scripts that their shells accept" {
	needs completion
	"$OCI_RT" completion bash | bash -n
	run "$OCI_RT" completion bash
	has delete
	run "$OCI_RT" completion nosuchshell
	bad
}
