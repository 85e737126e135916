#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# pause, resume and ps, on the hierarchies of this host; pause-v2.bats has
# the same on cgroup v2 alone.

load helpers
load pause

prepare() {
	own_cgroup
}

@test "S-st-extra: pause and resume, and what each says in the wrong state" {
	pauses_and_resumes
}

@test "pause: of what is created, has stopped, never was" {
	args /bin/true
	create_ct
	run rt pause "$ID"
	ok
	same "$(state_of)" paused
	run rt start "$ID"
	code 1
	has "cannot start a container in the paused state"
	run rt resume "$ID"
	ok
	same "$(state_of)" created
	start_ct
	until_status stopped
	run rt pause "$ID"
	code 1
	has "container not running"
	run rt resume "$ID"
	code 1
	has "container not paused"
	run rt pause "$ID-nope"
	code 1
	has "container does not exist"
}

@test "pause: a hundred times while processes come and go, each time in time" {
	host_pids
	sh_args 'while :; do /bin/true; done & while :; do /bin/true & wait $!; done'
	create_ct
	start_ct
	for _ in $(seq 100); do
		run rt pause "$ID"
		ok
		run rt resume "$ID"
		ok
	done
}

@test "pause: a paused container can be killed and deleted" {
	dies_although_paused
}

@test "pause: who froze itself in a cgroup below dies, too" {
	host_pids
	running_ct
	its_cgroup
	local pid dir=/sys/fs/cgroup/freezer$CG
	pid=$(pid_of)
	[[ -d $dir ]] || skip "this host has no freezer of version 1"
	mkdir "$dir/below"
	echo "$pid" >"$dir/below/cgroup.procs"
	echo FROZEN >"$dir/below/freezer.state"
	until_true grep -q FROZEN "$dir/below/freezer.state"
	run rt kill "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	running_ct
	its_cgroup
	dir=/sys/fs/cgroup/freezer$CG
	mkdir "$dir/below"
	pid_of >"$dir/below/cgroup.procs"
	echo FROZEN >"$dir/below/freezer.state"
	until_true grep -q FROZEN "$dir/below/freezer.state"
	run rt kill --all "$ID" KILL
	ok
	until_status stopped
	run rt delete --force "$ID"
	ok
	no_process_left
}

@test "pause: nothing to freeze is said" {
	config 'del(.linux.cgroupsPath, .linux.resources)'
	args /bin/sleep 1000
	new_id
	quiet rt --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID"
	ok
	run rt pause "$ID"
	code 1
	has "has no cgroup that can be frozen"
	same "$(rt ps --format json "$ID")" "[$(pid_of)]"
}

@test "ps: json is an array in one line, and nothing else on either stream" {
	sh_args 'sleep 900 & sleep 901 & exec sleep 902'
	create_ct
	start_ct
	until_true pids_are 3
	run --separate-stderr rt ps --format json "$ID"
	ok
	matches '^\[[0-9]+,[0-9]+,[0-9]+\]$'
	same "$stderr" ""
	same "$(rt ps -f json "$ID" | jq -c 'sort == .')" true
	jq -e "index($(pid_of)) != null" <<<"$output"
	same "$(rt ps --format json "$ID" | tail -c 1 | od -An -c | tr -d ' ')" '\n'
}

pids_are() {
	[[ $(rt ps --format json "$ID" | jq length) == "$1" ]]
}

@test "ps: the table is that of ps(1), with its options, of the container alone" {
	sh_args 'sleep 900 & exec sleep 902'
	create_ct
	start_ct
	until_true pids_are 2
	run rt ps "$ID"
	ok
	has "UID"
	same "$(wc -l <<<"$output")" 3
	has "sleep 900"
	run rt ps "$ID" --pid 1 -o pid,comm
	ok
	same "$(wc -l <<<"$output")" 1
	run rt ps "$ID" -e -o comm,pid
	ok
	same "$(awk 'NR > 1 { print $2 }' <<<"$output" | sort -n | paste -sd,)" \
		"$(rt ps -f json "$ID" | tr -d '[]')"
	run rt ps "$ID" -- -e -o pid,args
	ok
	has "sleep 902"
	run rt ps "$ID" -e -o comm
	code 1
	has "no column PID"
	run rt ps "$ID" --format json
	bad
	run env PATH=/nowhere "$OCI_RT" --root "$ROOT" ps "$ID"
	code 1
	has "the command 'ps' is not installed"
	lacks "not found|[Nn]o such file"
}

@test "ps: processes in cgroups below are the container's, those of a stopped one are none" {
	host_pids
	sh_args 'sleep 900 & exec sleep 902'
	create_ct
	start_ct
	until_true pids_are 2
	its_cgroup
	local first dir
	first=$(rt ps -f json "$ID" | jq '.[-1]')
	for dir in /sys/fs/cgroup/*"$CG" "/sys/fs/cgroup$CG"; do
		[[ -d $dir ]] || continue
		mkdir -p "$dir/below" # a hierarchy of two controllers has two names
		if [[ $dir == */cpuset/* ]]; then
			cat "$dir/cpuset.cpus" >"$dir/below/cpuset.cpus"
			cat "$dir/cpuset.mems" >"$dir/below/cpuset.mems"
		fi
		echo "$first" >"$dir/below/cgroup.procs"
	done
	pids_are 2
	run rt kill --all "$ID" KILL
	ok
	until_status stopped
	same "$(rt ps -f json "$ID")" "[]"
	run rt ps -f json "$ID-nope"
	code 1
	has "container does not exist"
}
