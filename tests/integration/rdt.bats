#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# linux.intelRdt where no processor has it: containers on a resctrl file system that only
# the runtime sees (tests/fakes/resctrl.c), what delete does with the groups that a record
# names, and what is refused.  More of how groups are made: tests/unit/test-rdt.c.

load helpers

prepare_file() {
	"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -O1 -o "$F/bin/resctrl.so" "$HERE/../fakes/resctrl.c" || true
}

# with_rdt JSON: intelRdt in the configuration, and a file system for it.
with_rdt() {
	config ".linux.intelRdt = $1"
	export RESCTRL_ROOT=$T/rdt RESCTRL_MOUNTS=$T/mountinfo
	mkdir -p "$RESCTRL_ROOT/mon_groups"
	: >"$RESCTRL_ROOT/tasks"
	echo "    L3:0=7ff;1=7ff" >"$RESCTRL_ROOT/schemata"
	cat /proc/self/mountinfo >"$RESCTRL_MOUNTS"
	echo "999 1 0:99 / $RESCTRL_ROOT rw - resctrl resctrl rw" >>"$RESCTRL_MOUNTS"
	ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" \
		LD_PRELOAD=$F/bin/resctrl.so "$OCI_RT" run --dry-run --bundle "$BUNDLE" x >/dev/null ||
		skip "this runtime cannot be preloaded"
}

rdt() {
	ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" LD_PRELOAD=$F/bin/resctrl.so rt "$@"
}

create_rdt() {
	new_id
	quiet rdt create --bundle "$BUNDLE" "$ID"
}

group_of() {
	mkdir -p "$1/mon_groups"
	touch "$1/tasks"
	echo "$2" >"$1/schemata"
}

@test "RDT-id RDT-task RDT-both RDT-sch-last RDT-mon-mk RDT-rm RDT-mon-rm: a container in groups of its own" {
	with_rdt '{memBwSchema: "MB:0=20", schemata: ["L2:0=f"], l3CacheSchema: "L3:0=f", enableMonitoring: true}'
	args sleep 1000
	create_rdt
	ok
	local group=$RESCTRL_ROOT/$ID
	same "$(cat "$group/schemata")" $'L3:0=f\nMB:0=20\nL2:0=f'
	# Before the program is started.
	same "$(cat "$group/tasks")" "$(pid_of)"
	same "$(cat "$group/mon_groups/$ID/tasks")" "$(pid_of)"
	quiet rdt start "$ID"
	ok
	quiet rdt delete --force "$ID"
	ok
	[ ! -e "$group" ]
	same "$(cat "$RESCTRL_ROOT/tasks")" ""
}

@test "RDT-clos-new RDT-clos-cmp RDT-clos-pre RDT-keep: classes of service by name" {
	with_rdt '{closID: "gold", l3CacheSchema: "L3:0=f"}'
	args sleep 1000
	create_rdt
	ok
	same "$(cat "$RESCTRL_ROOT/gold/tasks")" "$(pid_of)"
	quiet rdt delete --force "$ID"
	ok
	[ -d "$RESCTRL_ROOT/gold" ]
	echo "    L3:0=00f;1=7ff" >"$RESCTRL_ROOT/gold/schemata"
	create_rdt
	ok
	quiet rdt delete --force "$ID"
	echo "    L3:0=ff;1=7ff" >"$RESCTRL_ROOT/gold/schemata"
	create_rdt
	bad "L3:0=ff"
	nothing_left_of "$ID"
	with_rdt '{closID: "silver"}'
	create_rdt
	bad "there is no resctrl group"
	[ ! -e "$RESCTRL_ROOT/silver" ]
	group_of "$RESCTRL_ROOT/silver" "    L3:0=1"
	create_rdt
	ok
	same "$(cat "$RESCTRL_ROOT/silver/schemata")" "    L3:0=1"
	quiet rdt delete --force "$ID"
}

@test "RDT-none RDT-keep RDT-clos RDT-mon-mk RDT-mon-rm: the root class, and a group that was there before" {
	with_rdt '{closID: "/", enableMonitoring: true}'
	args sleep 1000
	create_rdt
	ok
	same "$(cat "$RESCTRL_ROOT/tasks")" "$(pid_of)"
	same "$(cat "$RESCTRL_ROOT/mon_groups/$ID/tasks")" "$(pid_of)"
	same "$(cat "$RESCTRL_ROOT/schemata")" "    L3:0=7ff;1=7ff"
	quiet rdt delete --force "$ID"
	ok
	[ ! -e "$RESCTRL_ROOT/mon_groups/$ID" ]
	[ -e "$RESCTRL_ROOT/schemata" ]
	with_rdt '{}'
	new_id
	group_of "$RESCTRL_ROOT/$ID" "as it was"
	quiet rdt create --bundle "$BUNDLE" "$ID"
	ok
	same "$(cat "$RESCTRL_ROOT/$ID/schemata")" "as it was"
	quiet rdt delete --force "$ID"
	ok
	[ -d "$RESCTRL_ROOT/$ID" ]
}

@test "RDT-mon-fail LC-err-atomic: a create that fails leaves no group; a monitoring group of others is an error" {
	with_rdt '{closID: "new", schemata: ["L3:0=f"], enableMonitoring: true}'
	config '.hooks.createRuntime = [{path: "/bin/false"}]'
	create_rdt
	bad createRuntime
	[ ! -e "$RESCTRL_ROOT/new" ]
	config 'del(.hooks)'
	group_of "$RESCTRL_ROOT/new" "L3:0=f"
	new_id
	mkdir "$RESCTRL_ROOT/new/mon_groups/$ID"
	quiet rdt create --bundle "$BUNDLE" "$ID"
	bad "monitoring group"
	nothing_left_of "$ID"
	[ -d "$RESCTRL_ROOT/new/mon_groups/$ID" ]
}

# record FILTER: changes what is remembered of the container, after it has ended.
record() {
	jq -c "$1" --arg id "$ID" --arg at "$T/resctrl" "$ROOT/$ID/state.json" >"$T/record"
	cat "$T/record" >"$ROOT/$ID/state.json"
}

ended_ct() {
	args true
	create_ct
	start_ct
	until_status stopped
	mkdir -p "$T/resctrl/mon_groups/$ID" "$T/resctrl/$ID"
}

@test "RDT-rm RDT-mon-rm: delete removes the groups that were made for the container" {
	ended_ct
	record '.intelRdt = {path: "\($at)/\($id)", monPath: "\($at)/mon_groups/\($id)", remove: true}'
	delete_ct
	[ ! -e "$T/resctrl/$ID" ]
	[ ! -e "$T/resctrl/mon_groups/$ID" ]
	[ -d "$T/resctrl/mon_groups" ]
}

@test "RDT-keep RDT-mon-rm: delete keeps a class of others, and removes the monitoring in it" {
	ended_ct
	record '.intelRdt = {path: "\($at)/\($id)", monPath: "\($at)/mon_groups/\($id)", remove: false}'
	delete_ct
	[ -d "$T/resctrl/$ID" ]
	[ ! -e "$T/resctrl/mon_groups/$ID" ]
}

@test "RDT-rm: groups that somebody else has removed are no error" {
	ended_ct
	record '.intelRdt = {path: "\($at)/gone", monPath: "\($at)/mon_groups/gone", remove: true}'
	delete_ct
}

@test "RDT-unset: without intelRdt nothing of resctrl is recorded" {
	ended_ct
	fails jq -e .intelRdt "$ROOT/$ID/state.json"
	delete_ct
	[ -d "$T/resctrl/$ID" ]
}

@test "RDT-clos RDT-mb RDT-schemata RDT-nomount: what cannot be is refused before anything is made" {
	refuses "a path" '.linux.intelRdt = {closID: "a/b"}' "intelRdt.closID"
	refuses "a climb" '.linux.intelRdt = {closID: ".."}' "intelRdt.closID"
	refuses "no bandwidth" '.linux.intelRdt = {memBwSchema: "L3:0=f"}' "memBwSchema"
	refuses "two lines" '.linux.intelRdt = {schemata: ["L3:0=f\nMB:0=10"]}' "schemata[0]"
	if ! grep -q ' - resctrl ' /proc/self/mountinfo; then
		refuses "no resctrl" '.linux.intelRdt = {}' "no resctrl file system"
	fi
}

@test "update: the schemata of a container's group; a later failure writes the old ones back" {
	with_rdt '{l3CacheSchema: "L3:0=f"}'
	args sleep 1000
	create_rdt
	ok
	local group=$RESCTRL_ROOT/$ID
	# The file of these tests keeps every line that was written to it.
	quiet rdt update --l3-cache-schema 'L3:0=3' --mem-bw-schema 'MB:0=50' "$ID"
	ok
	same "$(cat "$group/schemata")" $'L3:0=f\nL3:0=3\nMB:0=50'
	echo 'L3:0=3' >"$group/schemata"
	quiet rdt update --fail-at host:1 --l3-cache-schema 'L3:0=1' "$ID"
	bad "failed on purpose"
	same "$(cat "$group/schemata")" $'L3:0=3\nL3:0=1\nL3:0=3'
	# Limits from a document leave no room for other options.
	echo '{}' >"$T/r.json"
	quiet rdt update --resources "$T/r.json" --l3-cache-schema 'L3:0=7' "$ID"
	ok
	same "$(tail -n 1 "$group/schemata")" 'L3:0=3'
	quiet rdt delete --force "$ID"
	ok
}
