#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# linux.intelRdt where no processor has it: what delete does with the groups that a
# container's record names, and what is refused.  How groups are made: tests/unit/test-rdt.c.

load helpers

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
