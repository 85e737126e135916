#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# state and list: what is printed, in every state of a container's life.

load helpers

@test "S-ociVersion S-id S-status S-st-created S-st-running S-st-stopped S-pid S-pid-stopped S-bundle OP-state-ret S-schema S-extra: the document over a life" {
	config '.annotations = {"org.opencontainers.image.os": "linux", "x.y": ""}'
	args /bin/sleep 1000
	create_ct
	local doc
	doc=$(rt state "$ID")
	echo "$doc"
	jq -e --arg id "$ID" --arg b "$BUNDLE" '(.ociVersion | test("^1\\.[0-9]+\\.[0-9]+")) and .id == $id and .status == "created" and .pid > 1 and .bundle == $b and .annotations["org.opencontainers.image.os"] == "linux" and .annotations["x.y"] == ""' <<<"$doc"
	jq -e '.created | test("^20[0-9-]+T[0-9:]+(\\.[0-9]+)?Z$")' <<<"$doc"
	jq -e --arg r "$R" '.rootfs == $r' <<<"$doc"
	same "$(rt state "$ID" | tail -c 1)" "}" "no newline at the end"
	start_ct
	same "$(state_of)" running
	run rt kill "$ID" KILL
	until_status stopped
	jq -e '.pid == 0 or (has("pid") | not)' <<<"$(rt state "$ID")"
}

@test "S-st-stopped: a process that nobody reaped counts as stopped" {
	sh_args 'exit 0'
	new_id
	# The parent of the container's process is one that never waits.
	perl -e 'if (fork == 0) { exec @ARGV } sleep 1000' -- env - true >/dev/null 2>&1 3>&- &
	local lazy=$!
	perl -MPOSIX -e 'syscall(157, 36, 1); system(@ARGV) == 0 or exit 1; sleep 1000' \
		"$OCI_RT" --root "$ROOT" run --detach --pid-file "$T/pid" --bundle "$BUNDLE" "$ID" </dev/null >"$T/out" 2>&1 3>&- &
	local subreaper=$!
	until_true test -s "$T/pid"
	until_status stopped
	grep -q '^State:.*Z' "/proc/$(cat "$T/pid")/status"
	run rt kill "$ID" TERM
	bad "container not running"
	run rt delete "$ID"
	ok
	kill $subreaper $lazy
}

@test "OP-state-unknown OP-state-noid: unknown ids" {
	run rt state nope
	code 1
	has "does not exist"
	run rt state "../x"
	bad
	run rt state a b
	bad
}

@test "AN-absent: no annotations, none shown" {
	running_ct
	rt state "$ID" | jq -e '.annotations == null or .annotations == {}'
}

@test "list: table, json, quiet, empty, a root that is not there" {
	run rt list
	ok
	same "$(rt list -q)" ""
	[[ $(rt list -f json) == null || $(rt list -f json) == "[]" ]]
	running_ct
	local first=$ID
	args /bin/true
	create_ct
	run rt list
	ok
	matches '^ID +PID +STATUS +BUNDLE +CREATED +OWNER'
	matches "^$first +$(pid_of "$first") +running +$BUNDLE +20[0-9T:.-]+Z +$(id -un)"
	matches "^$ID +$(pid_of) +created"
	same "$(rt list -q | sort)" "$(printf '%s\n' "$first" "$ID" | sort)"
	same "$(rt list --quiet | sort)" "$(rt list -q | sort)"
	rt list --format json | jq -e --arg id "$first" --arg me "$(id -un)" 'length == 2 and (map(select(.id == $id))[0] | .status == "running" and .owner == $me and .bundle != null)'
	rt list --format=json | jq -e '.[0].ociVersion'
	run rt list -f xml
	bad
}

@test "state: one command's lock does not keep others from reading" {
	running_ct
	local jobs=() i
	for i in $(seq 20); do rt state "$ID" >/dev/null 3>&- & jobs+=($!); done
	for i in "${jobs[@]}"; do wait "$i"; done
}

@test "state: foreign files below the root are no containers" {
	mkdir -p "$ROOT/empty" && touch "$ROOT/file"
	mkdir "$ROOT/broken" && echo '{' >"$ROOT/broken/state.json"
	running_ct
	run rt list -q
	ok
	has_line "$ID"
	lacks '^(file|empty)$'
	rm -rf "$ROOT/empty" "$ROOT/broken" "$ROOT/file"
}
@test "AN-img-os AN-img-osver AN-img-osfeat AN-img-arch AN-img-var AN-img-auth AN-img-created AN-reserved: annotations of images pass through, none are added" {
	config '.annotations = {
		"org.opencontainers.image.os": "linux", "org.opencontainers.image.os.version": "1",
		"org.opencontainers.image.os.features": "x", "org.opencontainers.image.architecture": "amd64",
		"org.opencontainers.image.variant": "v3", "org.opencontainers.image.author": "a <b@c>",
		"org.opencontainers.image.created": "2026-01-01T00:00:00Z"}'
	running_ct
	same "$(rt state "$ID" | jq -S .annotations)" "$(jq -S .annotations "$BUNDLE/config.json")"
}

@test "AN-stopsig: kill without a signal sends the one that the image asks for" {
	config '.annotations = {"org.opencontainers.image.stopSignal": "SIGUSR2"}'
	args /bin/probe signals
	create_ct
	start_ct
	until_true grep -q ready "$CT_OUT"
	run rt kill "$ID"
	ok
	until_true grep -qx 'got 12' "$CT_OUT"
}

