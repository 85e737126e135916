# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What every test of this folder stands on. A test file loads this first; that moves
# it into namespaces of its own (mount, pid, uts, ipc, network), so nothing it does
# touches the machine and everything dies with it. Then, for each test: a bundle with
# a busybox root, ids that no one else uses, and a teardown that deletes the test's
# containers and asserts that no state, cgroup, mount or process is left.
#
# OCI_RT_GLOBALS: options for every call of the runtime ("--systemd-cgroup"). A manager of
# cgroups knows processes by the machine's numbers: with it there is no pid namespace.
# OCI_RT_TEST_USER=1: as an ordinary user, in no namespaces; bundles are what `spec
# --rootless` makes (not every file can be run so: tests/vm/check knows which).
# OCI_RT_TEST_VIEW=v1|v2: as on a host with version 1 or 2 of cgroups alone (a version 2
# that has only the controllers that no hierarchy of version 1 took). user: as a user to whom
# no cgroup was delegated (tests/as-user).

bats_require_minimum_version 1.5.0

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export HERE

# The file is sourced by a shell that still runs in the machine's namespaces: start
# that shell anew, in new ones. Its folders were made already and would be in the way.
enter_namespaces() {
	local argv
	mapfile -d '' -t argv </proc/$$/cmdline
	rm -rf "${BATS_FILE_TMPDIR:?}" "$BATS_FILE_TMPDIR"-*.source_file
	export OCI_RT_TEST_INSIDE=$$
	chmod 711 "$BATS_RUN_TMPDIR"
	local pids=(-p --fork --kill-child --mount-proc)
	[[ ${OCI_RT_GLOBALS-} != *systemd* ]] || pids=()
	exec unshare -m -u -i -n --propagation private "${pids[@]}" "${argv[@]}" >&3 2>&3
}

if [[ -z ${OCI_RT_TEST_INSIDE-} && $EUID -eq 0 && -n ${BATS_FILE_TMPDIR-} ]]; then
	enter_namespaces
fi

as_user() {
	[[ -n ${OCI_RT_TEST_USER-} ]]
}

# Are these tests alone in a pid namespace?
own_pids() {
	! as_user && [[ ${OCI_RT_GLOBALS-} != *systemd* ]]
}

can_run() {
	[[ -n ${OCI_RT_TEST_INSIDE-} ]] || as_user
}

# The hierarchies that this file's mount namespace shows.
show_cgroups() {
	case ${OCI_RT_TEST_VIEW-} in
	'') ;;
	v1)
		if mountpoint -q /sys/fs/cgroup/unified; then umount -l /sys/fs/cgroup/unified; fi
		;;
	v2)
		umount -l /sys/fs/cgroup/* 2>/dev/null || true
		umount -l /sys/fs/cgroup 2>/dev/null || true
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
		;;
	*)
		echo "OCI_RT_TEST_VIEW is v1 or v2, not '$OCI_RT_TEST_VIEW'" >&2
		return 1
		;;
	esac
}

# ---- the file: a tmpfs with a root file system and the programs under test

find_runtime() {
	local rt=${OCI_RT:-${RT:-${builddir:-$HERE/../..}/oci-rt}}
	rt=$(command -v "$rt") || {
		echo "no runtime to test: build it, or set OCI_RT" >&2
		return 1
	}
	# A copy others may execute; libtool's wrapper script stays where it is.
	if head -c 4 "$rt" | grep -q ELF; then
		mkdir -p "$F/bin"
		cp -L "$rt" "$F/bin/${rt##*/}"
		chmod 755 "$F/bin/${rt##*/}"
		rt=$F/bin/${rt##*/}
	fi
	if [[ -n ${OCI_RT_GLOBALS-} ]]; then
		printf '#!/bin/sh\nexec %q %s "$@"\n' "$rt" "$OCI_RT_GLOBALS" >"$F/bin/with-globals"
		chmod 755 "$F/bin/with-globals"
		rt=$F/bin/with-globals
	fi
	export OCI_RT=$rt
}

find_programs() {
	local name
	for name in probe recvtty blaster engine; do
		if [[ -x ${builddir:-$HERE/../..}/tests/integration/$name ]]; then
			cp "${builddir:-$HERE/../..}/tests/integration/$name" "$F/bin/$name"
		else
			"${CC:-cc}" -O1 -static -o "$F/bin/$name" "$HERE/$name.c"
		fi
	done
	export PROBE=$F/bin/probe RECVTTY=$F/bin/recvtty BLASTER=$F/bin/blaster ENGINE=$F/bin/engine
}

make_root() {
	local root=$1 name
	mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,proc,sys,dev,tmp,etc,root,run,var,home,mnt,opt}
	chmod 1777 "$root/tmp"
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp "$PROBE" "$root/bin/probe"
	busybox --list-full | while read -r name; do
		[[ -e $root/$name ]] || ln -s /bin/busybox "$root/$name"
	done
	echo "root:x:0:0:root:/root:/bin/sh" >"$root/etc/passwd"
	echo "root:x:0:" >"$root/etc/group"
}

# The config.json that every bundle begins with: a user maps their own id and those that
# /etc/subuid and /etc/subgid give them.
make_base() {
	local user='.'
	! as_user || user='.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: $uid, size: 1}, {containerID: 1, hostID: $sub[0], size: $sub[1]}]
		| .linux.gidMappings = [{containerID: 0, hostID: $gid, size: 1}, {containerID: 1, hostID: $sub[2], size: $sub[3]}]'
	jq --argjson uid "$EUID" --argjson gid "$(id -g)" --argjson sub "$(sub_ids)" "$user" "$HERE/base.json"
}

# sub_ids: first and number of the user ids that belong to this user, then of the group ids.
sub_ids() {
	awk -F: -v name="$(id -un)" '$1 == name { print $2; print $3; nextfile }' /etc/subuid /etc/subgid | jq -sc .
}

setup_file() {
	can_run || return 0
	export F=$BATS_FILE_TMPDIR
	as_user || mount -t tmpfs -o mode=755 tests "$F"
	show_cgroups
	mkdir "$F/bin"
	UNIQUE=octest$(od -An -N5 -tx1 /dev/urandom | tr -d ' \n')
	export UNIQUE BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-120}
	find_runtime
	find_programs
	make_root "$F/root"
	make_base >"$F/base.json"
	if declare -F prepare_file >/dev/null; then prepare_file; fi
}

# ---- the test

setup() {
	can_run || skip "these tests need root"
	T=$F/t$BATS_TEST_NUMBER
	ROOT=$T/state
	mkdir -p "$T"
	export OCI_RT_TEST_MARK=$UNIQUE-$BATS_TEST_NUMBER-
	IDS=0 OUTS=0
	new_id
	bundle
	mounts_before=$(mounts_now)
	if declare -F prepare >/dev/null; then prepare; fi
}

teardown() {
	can_run && [[ -n ${T-} ]] || return 0
	local leaks=0
	if declare -F cleanup >/dev/null; then cleanup; fi
	delete_all || leaks=1
	no_state_left && no_cgroup_left && no_mount_left && no_process_left || leaks=1
	[[ $leaks -eq 0 ]] || sweep
	rm -rf "${T:?}"
	return $leaks
}

# Every container of this test goes, in whatever state it is.
delete_all() {
	local dir id rc=0
	for dir in "$ROOT"/* "${USER_ROOT:-/nowhere}"/*; do
		id=${dir##*/}
		[[ -d $dir && $id == "$UNIQUE"* ]] || continue
		timeout -k 2 20 "$OCI_RT" --root "${dir%/*}" delete --force "$id" >"$T/delete.log" 2>&1 || {
			echo "delete --force $id failed: $(cat "$T/delete.log")"
			rc=1
		}
	done
	return $rc
}

no_state_left() {
	local left
	left=$(find "$ROOT" "${USER_ROOT:-$ROOT}" -mindepth 1 -path "*$UNIQUE*" 2>/dev/null) || true
	[[ -z $left ]] || { echo "state left behind: ${left//"$T/state/"/}"; return 1; }
}

# cgroups_named PATTERN: those whose names end so, and not those below them.
cgroups_named() {
	find /sys/fs/cgroup -mindepth 1 -type d -name "*$1" -prune 2>/dev/null || true
}

cgroups_left() {
	cgroups_named "$UNIQUE-$BATS_TEST_NUMBER*"
}

no_cgroup_left() {
	local left
	left=$(cgroups_left)
	[[ -z $left ]] || { echo "cgroups left behind: $left"; return 1; }
}

# Where something is mounted; without a program, for this is asked before and after each test.
mounts_now() {
	local point
	while read -r _ _ _ _ point _; do echo "$point"; done </proc/self/mountinfo
}

no_mount_left() {
	local now
	now=$(mounts_now)
	[[ $now == "$mounts_before" ]] || {
		echo "mounts changed:"
		diff <(echo "$mounts_before") <(echo "$now")
		return 1
	}
}

# stat_of PID: its state and its parent, in the variables state and parent; without a fork.
stat_of() {
	local line
	state='' parent=''
	read -r line 2>/dev/null <"/proc/$1/stat" || return 1
	line=${line##*) }
	state=${line%% *} line=${line#* }
	parent=${line%% *}
}

# In a pid namespace of its own only bats and what the test started can be alive; elsewhere
# what the test started is known by its cgroup and by the environment it was given.
candidates() {
	if own_pids; then
		printf '%s\n' /proc/[0-9]*
	else
		grep -alsF -e "$OCI_RT_TEST_MARK" /proc/[0-9]*/cgroup /proc/[0-9]*/environ |
			sed 's,/[a-z]*$,,' | sort -u
	fi
}

processes_left() {
	local dir pid state parent words ours=" 1 $$ $BASHPID $PPID " up=$BASHPID
	while stat_of "$up" && [[ $up -gt 1 ]]; do
		ours+="$up "
		up=$parent
	done
	for dir in $(candidates); do
		pid=${dir#/proc/}
		[[ $ours == *" $pid "* ]] && continue
		is_alive "$pid" || continue
		# What bats runs beside the test: its parts, and the watch over the test's time.
		mapfile -d '' -t words 2>/dev/null <"/proc/$pid/cmdline" || continue
		[[ "${words[*]}" =~ ^bash\ [^\ ]*bats-exec|^sleep\ $BATS_TEST_TIMEOUT$ ]] && continue
		echo "$pid"
	done
}

no_process_left() {
	local left pid
	for _ in 1 2 3 4 5; do
		left=$(processes_left)
		[[ -n $left ]] || return 0
		sleep 0.05
	done
	echo "processes left behind:"
	for pid in $left; do
		echo "  $pid $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) $(cat "/proc/$pid/comm" 2>/dev/null)"
	done
	return 1
}

# Whatever the assertions above found must not trouble the next test.
sweep() {
	local pid dir
	for pid in $(processes_left); do kill -KILL "$pid" 2>/dev/null || true; done
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[[ -n $(cgroups_left) ]] || break
		find /sys/fs/cgroup -depth -mindepth 1 -type d -path "*$UNIQUE-$BATS_TEST_NUMBER*" -exec rmdir {} + 2>/dev/null || sleep 0.05
	done
	diff <(echo "$mounts_before") <(mounts_now) |
		sed -n 's/^> //p' | tac | while read -r dir; do umount -l "$dir" 2>/dev/null || true; done
}

# ---- bundles

new_id() {
	IDS=$((IDS + 1))
	ID=$UNIQUE-$BATS_TEST_NUMBER-$IDS
}

# bundle [NAME]: a fresh bundle becomes $BUNDLE; its root is made of hard links.
bundle() {
	BUNDLE=$T/${1:-bundle}
	rm -rf "$BUNDLE"
	mkdir -p "$BUNDLE"
	cp -al "$F/root" "$BUNDLE/rootfs"
	# Files that tests write to must be no links.
	cp --remove-destination "$F/root"/etc/{passwd,group} "$BUNDLE/rootfs/etc/"
	cp "$F/base.json" "$BUNDLE/config.json"
	R=$BUNDLE/rootfs
}

# own_root UID: the root of $BUNDLE becomes a real copy that belongs to UID.
own_root() {
	root_only "give files to others"
	rm -rf "$R"
	cp -a "$F/root" "$R"
	chown -hR "$1:$1" "$R"
}

# config FILTER [jq options]: changes the config.json of $BUNDLE.
config() {
	local filter=$1
	shift
	jq "$filter" "$@" <"$BUNDLE/config.json" >"$BUNDLE/config.new"
	mv "$BUNDLE/config.new" "$BUNDLE/config.json"
}

# exact FROM TO: replaces the string "FROM" by the bare word TO; jq rounds big numbers.
exact() {
	sed -i "s/\"$1\"/$2/g" "$BUNDLE/config.json"
}

# host_pids: no pid namespace. An ordinary user may bind the machine's /proc, not mount another.
host_pids() {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	! as_user || config '(.mounts[] | select(.type == "proc")) |=
		. + {type: "bind", source: "/proc", options: ["rbind"]}'
	! as_user || ! gets_cgroup || config '.linux.resources.pids.limit = 1000'
}

# args ARG...: what the container runs.
args() {
	config '.process.args = $ARGS.positional' --args -- "$@"
}

sh_args() {
	args /bin/sh -c "$1"
}

add_mount() {
	config '.mounts += [$m]' --argjson m "$1"
}

# ---- running

rt() {
	timeout --foreground -k 2 "${RT_TIMEOUT:-10}" "$OCI_RT" --root "$ROOT" "$@"
}

# quiet CMD...: like run, but for commands that leave processes alive behind them.
quiet() {
	status=0
	OUT=$T/out.$((++OUTS))
	"$@" </dev/null >"$OUT" 2>&1 3>&- 4>&- || status=$?
	output=$(cat "$OUT")
}

# run_ct [OPTION...]: runs $BUNDLE in the foreground to its end.
run_ct() {
	new_id
	run rt run "$@" --bundle "$BUNDLE" "$ID"
}

# in_ct SCRIPT: runs SCRIPT in a container made of $BUNDLE.
in_ct() {
	sh_args "$1"
	run_ct
}

create_ct() {
	new_id
	quiet rt create "$@" --bundle "$BUNDLE" "$ID"
	CT_OUT=$OUT
	ok
}

start_ct() {
	quiet rt start "${1:-$ID}"
	ok
}

# running_ct: a container that sleeps until it is killed.
running_ct() {
	args "${@:-/bin/sleep}" ${1:-1000}
	create_ct
	start_ct
}

delete_ct() {
	run rt delete --force "${1:-$ID}"
	ok
}

state_of() {
	rt state "${1:-$ID}" | jq -r ".${2:-status}"
}

pid_of() {
	state_of "${1:-$ID}" pid
}

# What the container's processes printed since create.
ct_output() {
	cat "$CT_OUT"
}

is_alive() {
	local state parent
	stat_of "$1" && [[ -n $state && $state != Z && $state != X ]]
}

# until_true CMD...: waits up to five seconds.
until_true() {
	for _ in $(seq 100); do
		if "$@" >/dev/null 2>&1; then return 0; fi
		sleep 0.05
	done
	echo "never came true: $*"
	return 1
}

is_status() {
	[[ $(state_of "${2:-$ID}") == "$1" ]]
}

until_status() {
	until_true is_status "$1" "${2:-$ID}"
}

# ---- assertions: each prints what it saw when it fails

tell() {
	echo "$1"
	echo "status: $status"
	echo "output: $output"
	return 1
}

ok() {
	[[ $status -eq 0 ]] || tell "should have succeeded${1:+: $1}"
}

# bad [TEXT...]: failed as a command does (not killed, not timed out), saying TEXT.
bad() {
	[[ $status -ne 0 ]] || tell "should have failed" || return 1
	[[ $status -ne 124 && $status -ne 137 && $status -ne 139 && $status -ne 134 ]] ||
		tell "should have failed by itself" || return 1
	local text
	for text in "$@"; do has "$text" || return 1; done
}

code() {
	[[ $status -eq $1 ]] || tell "should have ended with status $1"
}

has() {
	grep -qF -- "$1" <<<"$output" || tell "should have said: $1"
}

has_line() {
	grep -qxF -- "$1" <<<"$output" || tell "should have printed the line: $1"
}

matches() {
	grep -qE -- "$1" <<<"$output" || tell "should have matched: $1"
}

lacks() {
	! grep -qE -- "$1" <<<"$output" || tell "should not have matched: $1"
}

same() {
	[[ $1 == "$2" ]] || {
		echo "should be the same${3:+ ($3)}:"
		echo "  $1"
		echo "  $2"
		return 1
	}
}

differ() {
	[[ $1 != "$2" ]] || {
		echo "should differ${3:+ ($3)}: $1"
		return 1
	}
}

fails() {
	if "$@"; then
		echo "should have failed: $*"
		return 1
	fi
}

# refuses WHAT FILTER [TEXT...]: this configuration makes create fail, cleanly.
refuses() {
	local what=$1 filter=$2 before
	shift 2
	before=$(cat "$BUNDLE/config.json")
	config "$filter"
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	echo "$before" >"$BUNDLE/config.json"
	echo "case: $what"
	bad "$@" && nothing_left_of "$ID"
}

# accepts WHAT FILTER: this configuration runs to its end.
accepts() {
	local what=$1 filter=$2 before
	before=$(cat "$BUNDLE/config.json")
	config "$filter"
	run_ct
	echo "$before" >"$BUNDLE/config.json"
	echo "case: $what"
	ok
}

# Once its processes have gone.
remove_cgroups_of() { # ID
	cgroups_named "$1" | xargs -r rmdir
}

nothing_left_of() {
	[[ ! -e $ROOT/$1 ]] || { echo "state of $1 left behind"; return 1; }
	local left
	left=$(cgroups_named "$1")
	[[ -z $left ]] || { echo "cgroups left behind: $left"; return 1; }
}

# root_only WHY: skips a test that an ordinary user cannot have.
root_only() {
	! as_user || skip "an ordinary user cannot: $1"
}

# is_kernel MAJOR MINOR: or a newer one.
is_kernel() {
	[[ $(printf '%s\n' "$1.$2" "$(uname -r)" | sort -V | head -n 1) == "$1.$2" ]]
}

# needs_kernel MAJOR MINOR WHAT: skips a test on older kernels.
needs_kernel() {
	is_kernel "$1" "$2" || skip "Linux $(uname -r) is too old for $3"
}

by_systemd() {
	[[ ${OCI_RT_GLOBALS-} == *systemd* ]]
}

# own_manager: skips a test of paths that systemd, or an ordinary user, does not choose.
own_manager() {
	! by_systemd || skip "systemd chooses the path of a cgroup"
	root_only "choose the path of a cgroup"
}

# gets_cgroup: a container gets a cgroup here; a user's does only where one was delegated.
gets_cgroup() {
	! as_user || by_systemd ||
		{ is_unified && [[ -w /sys/fs/cgroup$(unified_path self)/cgroup.procs ]]; }
}

# unified_path PID: where a process is in the hierarchy of version 2.
unified_path() {
	sed -n 's/^0:://p' "/proc/$1/cgroup"
}

needs_cgroup() {
	gets_cgroup || skip "no cgroup was delegated to this user"
}

# own_cgroup: a cgroup of the test's own, of path $CG where there is a choice. A user's
# container has one only where it is of use.
own_cgroup() {
	needs_cgroup
	CG=/$UNIQUE-$BATS_TEST_NUMBER/box
	if as_user; then
		config '.linux.resources.pids.limit = 1000'
	elif ! by_systemd; then
		config '.linux.cgroupsPath = $p' --arg p "$CG"
	fi
}

# its_cgroup: $CG, of a container that is there, whoever chose it.
its_cgroup() {
	CG=$(cgroups_of "$(pid_of)" | grep -m 1 "$UNIQUE-$BATS_TEST_NUMBER")
}

# cgroups_of PID: where a process is in the hierarchies that are mounted here, each path once.
cgroups_of() {
	local line
	while IFS= read -r line; do
		[[ $line == 0:* && ${OCI_RT_TEST_VIEW-} == v1 ]] || echo "${line#*:*:}"
	done <"/proc/$1/cgroup" | sort -u
}

# Is there no hierarchy of version 1?
is_unified() {
	[[ -e /sys/fs/cgroup/cgroup.controllers ]]
}

# later TEXT: skips a test whose feature the runtime says that it does not have yet.
later() {
	if [[ $status -ne 0 && $output == *"$1"* ]]; then skip "not yet: $1"; fi
}

# needs NAME: skips where the runtime under test does not have the option.
needs() {
	"$OCI_RT" --help 2>&1 | grep -q -- "$1" || skip "this runtime has no $1"
}
