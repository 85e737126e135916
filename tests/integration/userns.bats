#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# User namespaces: made by root, and by a user who may not do anything else.

load helpers

UID_OF_USER=12345

prepare_file() {
	# shellcheck source=../user.sh
	. "$HERE/../user.sh"
	add_user "$F/etc" octest $UID_OF_USER
}

prepare() {
	USER_ROOT=$T/user-state
	mkdir "$USER_ROOT" "$T/run"
	chown $UID_OF_USER:$UID_OF_USER "$USER_ROOT" "$T/run"
	chmod 755 "$T"
}

# user_rt ARG...: the runtime as the ordinary user.
user_rt() {
	env -i PATH="$PATH" HOME=/ XDG_RUNTIME_DIR="$T/run" LANG=C timeout --foreground -k 2 30 \
		setpriv --reuid $UID_OF_USER --regid $UID_OF_USER --clear-groups --inh-caps=-all \
		"$OCI_RT" --root "$USER_ROOT" "$@"
}

# A bundle for the user: no cgroup, maps, a root that is theirs.
user_bundle() {
	! by_systemd || skip "this user has no systemd that could be asked"
	own_root $UID_OF_USER
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: $u, size: 1}]
		| .linux.gidMappings = [{containerID: 0, hostID: $u, size: 1}]
		| .mounts |= map(.options |= if . then map(select(. != "gid=5")) else . end)' \
		--argjson u $UID_OF_USER
}

with_maps() {
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 65536}]'
	rm -rf "$R"
	cp -a "$F/root" "$R"
	chown -hR 100000:200000 "$R"
}

@test "NS-user UM-uid UM-gid UM-cid UM-hid UM-nochown U-uid: root in the container is a user outside" {
	with_maps
	touch "$R/etc/owned"
	chown 101000:201000 "$R/etc/owned"
	in_ct 'id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map; stat -c "%u %g" /etc/owned; touch /tmp/new; cat /proc/self/setgroups'
	ok
	matches '^ +0 +100000 +65536$'
	matches '^ +0 +200000 +65536$'
	has_line "1000 1000"
	has_line allow
	same "$(stat -c '%u %g' "$R/tmp/new")" "100000 200000"
	same "$(stat -c '%u %g' "$R/etc/owned")" "101000 201000"
}

@test "NS-user: capabilities, other users and groups, limits work inside" {
	with_maps
	config '.process.user = {uid: 1000, gid: 1000, additionalGids: [5, 6]} | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 100}] | .process.oomScoreAdj = 300'
	in_ct 'id -u; id -G; grep -E "CapEff|Groups" /proc/self/status; ulimit -n; cat /proc/self/oom_score_adj; hostname'
	ok
	has_line 1000
	has_line "1000 5 6"
	has_line $'CapEff:\t0000000000000000'
	has_line 100
	has_line 300
	has_line box
	config '.process.user = {uid: 0, gid: 0}'
	in_ct 'hostname changed && hostname; mount -t tmpfs x /mnt && echo mounted; ip link set lo down && echo down'
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "7777", "user.max_mnt_namespaces": "55"}'
	in_ct 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax /proc/sys/user/max_mnt_namespaces'
	same "$output" $'1\n7777\n55'
}

@test "UM-size UM-limit U-uid: maps that cannot be" {
	with_maps
	refuses "size zero" '.linux.uidMappings[0].size = 0'
	refuses "overlap inside" '.linux.uidMappings += [{containerID: 10, hostID: 300000, size: 10}]'
	refuses "overlap outside" '.linux.uidMappings += [{containerID: 70000, hostID: 100010, size: 10}]'
	refuses "overflow" '.linux.uidMappings[0] = {containerID: 0, hostID: 4294967295, size: 2}'
	refuses "341 entries" '.linux.uidMappings = [range(341) | {containerID: ., hostID: (100000 + 2 * .), size: 1}]'
	refuses "a user without a map" '.process.user.uid = 65536'
	refuses "a group without a map" '.process.user.gid = 70000'
	refuses "an additional group without a map" '.process.user.additionalGids = [65537]'
	refuses "maps without a user namespace" '.linux.namespaces |= map(select(.type != "user"))'
	refuses "no hostID" 'del(.linux.uidMappings[0].hostID)'
	own_root 1000
	accepts "340 entries" '.linux.uidMappings = [range(340) | {containerID: ., hostID: (1000 + .), size: 1}] | .linux.gidMappings = [range(340) | {containerID: ., hostID: (1000 + .), size: 1}] | .mounts |= map(select(.destination != "/dev/pts"))'
}

@test "NS-user NS-path: a user namespace that is joined, with namespaces that belong to it" {
	with_maps
	args /bin/sleep 1000
	create_ct
	start_ct
	local donor n
	donor=$(pid_of)
	bundle second
	rm -rf "$R" && cp -a "$F/root" "$R" && chown -hR 100000:200000 "$R"
	config '.linux.namespaces = [{type: "mount"}, {type: "user", path: "/proc/\($p)/ns/user"}, {type: "network", path: "/proc/\($p)/ns/net"}, {type: "ipc", path: "/proc/\($p)/ns/ipc"}, {type: "uts", path: "/proc/\($p)/ns/uts"}, {type: "pid", path: "/proc/\($p)/ns/pid"}] | del(.hostname)' --arg p "$donor"
	in_ct 'for n in user net ipc uts pid; do readlink /proc/self/ns/$n; done; id -u; hostname'
	ok
	for n in user net ipc uts pid; do has_line "$(readlink "/proc/$donor/ns/$n")"; done
	has_line 0
	has_line box
	accepts "maps beside a joined namespace do not matter" ".linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings"
}

@test "M-type NS-user: a sysfs whose network namespace is the host's is bound" {
	with_maps
	config '.linux.namespaces |= map(select(.type != "network"))'
	in_ct 'grep " /sys " /proc/self/mountinfo; ls /sys'
	ok
	matches ' /sys ro,.* - sysfs '
	has_line block
}

@test "rootless: an ordinary user, one id" {
	user_bundle
	sh_args 'id -u; cat /proc/self/uid_map; cat /proc/self/setgroups; touch /tmp/made; echo $$; hostname; stat -c %t:%T /dev/null; echo x >/dev/null && echo null'
	new_id
	run user_rt run --bundle "$BUNDLE" "$ID"
	ok
	matches "^ +0 +$UID_OF_USER +1$"
	has_line deny
	has_line 1
	has_line box
	has_line null
	same "$(stat -c %u "$R/tmp/made")" $UID_OF_USER
}

@test "rootless: create, state, start, kill, delete by the same user" {
	user_bundle
	args /bin/sleep 1000
	new_id
	quiet user_rt create --pid-file "$T/run/pid" --bundle "$BUNDLE" "$ID"
	ok
	same "$(user_rt state "$ID" | jq -r .status)" created
	quiet user_rt start "$ID"
	ok
	same "$(user_rt state "$ID" | jq -r .status)" running
	same "$(awk '/^Uid/ { print $2 }' "/proc/$(cat "$T/run/pid")/status")" $UID_OF_USER
	run user_rt list -q
	has_line "$ID"
	run user_rt kill "$ID" KILL
	ok
	until_true test "$(user_rt state "$ID" | jq -r .status)" = stopped || sleep 0.2
	run user_rt delete "$ID"
	ok
	same "$(ls "$USER_ROOT")" ""
}

@test "rootless: the default root is in XDG_RUNTIME_DIR" {
	user_bundle
	args /bin/true
	new_id
	run env -i PATH="$PATH" HOME=/ XDG_RUNTIME_DIR="$T/run" setpriv --reuid $UID_OF_USER --regid $UID_OF_USER --clear-groups --inh-caps=-all "$OCI_RT" run --bundle "$BUNDLE" "$ID"
	ok
	[[ -n $(ls "$T/run") ]]
}

@test "rootless: without a cgroup of its own the container is shown those that we are in" {
	user_bundle
	config '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"]}]'
	sh_args 'ls /sys/fs/cgroup | sort; touch /sys/fs/cgroup/x 2>/dev/null || echo kept'
	new_id
	run user_rt run --bundle "$BUNDLE" "$ID"
	ok
	has_line kept
	[[ ! -d /sys/fs/cgroup/pids ]] || has_line pids
	[[ ! -e /sys/fs/cgroup/cgroup.controllers ]] || has_line cgroup.controllers
}

@test "rootless: VB-exec: exec in a container that is created: its first process shows itself for that long" {
	user_bundle
	args /bin/sleep 1000
	new_id
	run_quiet_user create --bundle "$BUNDLE" "$ID"
	local pid i
	pid=$(user_rt state "$ID" | jq .pid)
	for i in 1 2; do
		run user_rt exec "$ID" /bin/sh -c 'id -u; hostname; readlink /proc/self/exe'
		ok
		has_line "$(jq -r .hostname "$BUNDLE/config.json")"
		# Hidden again: root of the container is that user outside.
		fails as_user_outside readlink "/proc/$pid/exe"
	done
	same "$(user_rt state "$ID" | jq -r .status)" created
	run user_rt start "$ID"
	ok
	run user_rt exec "$ID" /bin/sh -c 'echo started'
	has_line started
	run user_rt delete --force "$ID"
	ok
}

as_user_outside() {
	setpriv --reuid $UID_OF_USER --regid $UID_OF_USER --clear-groups --inh-caps=-all "$@"
}

run_quiet_user() {
	user_rt "$@" </dev/null >"$T/user-out" 2>&1 3>&- 4>&- || { cat "$T/user-out"; return 1; }
}

# Root of a user namespace that the ordinary user made, as it is below podman without root.
in_user_namespace() { # COMMAND...
	env -i PATH="$PATH" HOME=/ setpriv --reuid $UID_OF_USER --regid $UID_OF_USER --clear-groups \
		--inh-caps=-all unshare --map-root-user --map-users 200000,1,65536 \
		--map-groups 200000,1,65536 -S 0 -G 0 -- "$@"
}

@test "rootless: below an engine that made the user namespace, ids are given on without helpers" {
	command -v newuidmap >/dev/null || skip "no newuidmap"
	user_bundle
	config '.linux.uidMappings = [{containerID: 0, hostID: 1, size: 1000}, {containerID: 1000, hostID: 0, size: 1}]
		| .linux.gidMappings = .linux.uidMappings | .process.user.additionalGids = [7]'
	sh_args 'cat /proc/self/uid_map; id -G'
	rm -rf "$R" && cp -a "$F/root" "$R" && chown -hR 200000:200000 "$R"
	new_id
	run in_user_namespace env XDG_RUNTIME_DIR="$T/run" "$OCI_RT" run --bundle "$BUNDLE" "$ID"
	ok
	matches '^ +0 +1 +1000$'
	matches '^ +1000 +0 +1$'
	has_line "0 7"
	[[ -d $T/run/oci-rt ]]
}

@test "rootless: exec below an engine that made the user namespace, with and without one of the container's own" {
	user_bundle
	args /bin/sleep 1000
	rm -rf "$R" && cp -a "$F/root" "$R" && chown -hR $UID_OF_USER:$UID_OF_USER "$R"
	for namespaces in '.' 'map(select(.type != "user"))'; do
		config '.linux.namespaces |= ('"$namespaces"') |
			if any(.linux.namespaces[]; .type == "user") then
				.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings
			else del(.linux.uidMappings, .linux.gidMappings) end'
		new_id
		# shellcheck disable=SC2016
		quiet in_user_namespace env XDG_RUNTIME_DIR="$T/run" sh -c '
			"$0" create --bundle "$1" "$2" && "$0" start "$2" && "$0" exec "$2" /bin/ps
			"$0" delete --force "$2"' "$OCI_RT" "$BUNDLE" "$ID"
		ok
		matches '1 .*sleep 1000'
		has ps
	done
}

@test "rootless: root that owns the machine it is in keeps the state in /run" {
	user_bundle
	config '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings'
	args /bin/ls /
	rm -rf "$R" && cp -a "$F/root" "$R" && chown -hR $UID_OF_USER:$UID_OF_USER "$R"
	# shellcheck disable=SC2016
	run in_user_namespace unshare -m env USER=root XDG_RUNTIME_DIR="$T/run" sh -c '
		mount -t tmpfs run /run && "$0" create --bundle "$1" "$2" && ls /run/oci-rt &&
		"$0" delete --force "$2"' "$OCI_RT" "$BUNDLE" "$ID"
	ok
	has_line "$ID"
	[[ ! -e $T/run/oci-rt ]]
}

@test "rootless: many ids through newuidmap and newgidmap" {
	command -v newuidmap >/dev/null || skip "no newuidmap"
	user_bundle
	config '.linux.uidMappings += [{containerID: 1, hostID: 200000, size: 65536}] | .linux.gidMappings += [{containerID: 1, hostID: 200000, size: 65536}] | .process.user = {uid: 1000, gid: 1000, additionalGids: [7]}'
	sh_args 'id -u; id -G; cat /proc/self/uid_map; cat /proc/self/setgroups'
	new_id
	run user_rt run --bundle "$BUNDLE" "$ID"
	ok
	has_line 1000
	has_line "1000 7"
	matches '^ +1 +200000 +65536$'
	# An id that /etc/subuid does not give.
	config '.linux.uidMappings[1].hostID = 300000'
	new_id
	run user_rt run --bundle "$BUNDLE" "$ID"
	bad subuid
	lacks 'permission denied|operation not permitted|not found'
}

@test "rootless: what an ordinary user cannot have is told with what to do" {
	user_bundle
	config 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
	args /bin/true
	new_id
	run user_rt run --bundle "$BUNDLE" "$ID"
	bad
	has user
	lacks 'permission denied|operation not permitted'
	user_bundle
	config '.linux.uidMappings[0].hostID = 0'
	run user_rt run --bundle "$BUNDLE" "$ID"
	bad
}

@test "ATTACK CVE-2023-25809: rootless without a cgroup namespace the host's cgroups cannot be written" {
	user_bundle
	config '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup"}]'
	sh_args 'for d in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $d/octest-escape 2>/dev/null && echo made $d && rmdir $d/octest-escape; done; true'
	new_id
	run user_rt run --bundle "$BUNDLE" "$ID"
	lacks '^made /sys/fs/cgroup/'
}

@test "exec: by a user, under all that confines the first process" {
	user_bundle
	config '.process.oomScoreAdj = 500 | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mseal"], action: "SCMP_ACT_ERRNO"}]}'
	args /bin/sleep 1000
	new_id
	quiet user_rt create --bundle "$BUNDLE" "$ID"
	ok
	run user_rt exec "$ID" grep Seccomp: /proc/self/status
	ok
	has_line $'Seccomp:\t2'
	quiet user_rt start "$ID"
	ok
	run user_rt exec "$ID" sh -c 'id -u; cat /proc/self/oom_score_adj; grep Seccomp: /proc/self/status; readlink /proc/self/ns/user; readlink /proc/1/ns/user; exit 3'
	code 3
	has_line 0
	has_line 500
	has_line $'Seccomp:\t2'
	same "$(tail -n 1 <<<"$output")" "$(tail -n 2 <<<"$output" | head -n 1)"
	run "$PROBE" pty 20 30 40 50 env -i PATH="$PATH" XDG_RUNTIME_DIR="$T/run" setpriv --reuid $UID_OF_USER \
		--regid $UID_OF_USER --clear-groups --inh-caps=-all "$OCI_RT" --root "$USER_ROOT" exec -t "$ID" probe tty
	has "isatty=111 rows=20 cols=30"
}
