#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A host with cgroup v2 alone, as containers see it: in this file's own mount namespace a
# cgroup2 lies on /sys/fs/cgroup. What its controllers may not show here (they belong to
# v1 on a hybrid host) is shown on a tree of files by tests/unit/test-cgroup2.

load helpers

V2=/sys/fs/cgroup

prepare_file() {
	as_user || OCI_RT_TEST_VIEW=v2 show_cgroups
}

prepare() {
	own_manager
	TOP=/$UNIQUE-$BATS_TEST_NUMBER
	CG=$TOP/$UNIQUE-$BATS_TEST_NUMBER-box
	config '.linux.cgroupsPath = $p' --arg p "$CG"
	args /bin/sleep 1000
}

gone() {
	[[ ! -e $V2$TOP ]] || { echo "left behind: $(find $V2$TOP -type d)"; return 1; }
}

# cg FILE: what the container's cgroup says.
cg() {
	cat "$V2$CG/$1"
}

# with_cgroups [OPTION...]: a cgroup namespace and a mount of its own hierarchy.
with_cgroups() {
	config '.linux.namespaces += [{type: "cgroup"}] | .mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: $ARGS.positional}]' --args -- "$@"
}

owners() {
	stat -c '%u %n' "$V2$CG" "$V2$CG"/* | sed "s,$V2$CG,box,"
}

@test "v2: CGP-abs CGP-create CGP-form LC-12 OP-del-res: born in its cgroup, which is gone after delete" {
	running_ct
	grep -qx "$(pid_of)" "$V2$CG/cgroup.procs"
	same "$(grep '^0:' "/proc/$(pid_of)/cgroup")" "0::$CG"
	is_status running
	run rt kill "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	gone
	same "$("$OCI_RT" features | jq .linux.cgroup.v2)" true
}

@test "v2: CGP-default CGP-rel: no path, a relative path" {
	config 'del(.linux.cgroupsPath)'
	running_ct
	grep -q "^0::/.*$ID$" "/proc/$(pid_of)/cgroup"
	delete_ct
	[[ -z $(find $V2 -name "*$ID") ]]
	config '.linux.cgroupsPath = $p' --arg p "${TOP#/}/rel"
	running_ct
	same "$(grep '^0:' "/proc/$(pid_of)/cgroup")" "0::$TOP/rel"
	delete_ct
	gone
}

@test "v2: S-paused: a frozen container is paused; KILL ends it, delete --force does, a thawed one goes on" {
	running_ct
	echo 1 >"$V2$CG/cgroup.freeze"
	until_true grep -q 'frozen 1' "$V2$CG/cgroup.events"
	is_status paused
	echo 0 >"$V2$CG/cgroup.freeze"
	until_status running
	echo 1 >"$V2$CG/cgroup.freeze"
	until_status paused
	run rt kill "$ID" KILL
	ok
	until_status stopped
	delete_ct
	running_ct
	echo 1 >"$V2$CG/cgroup.freeze"
	until_status paused
	run rt delete "$ID"
	bad
	delete_ct
	gone
}

@test "v2: processes and cgroups that the container left behind go with it" {
	host_pids
	with_cgroups
	sh_args 'mkdir -p /sys/fs/cgroup/a/b && for i in 1 2 3; do (sleep 1000 & ) ; done; sh -c "echo 0 >/sys/fs/cgroup/a/b/cgroup.procs; exec sleep 1000" & sleep 0.2; exit 0'
	new_id
	quiet rt run --detach --bundle "$BUNDLE" "$ID"
	ok
	until_status stopped
	grep -q . "$V2$CG/cgroup.procs"
	grep -q . "$V2$CG/a/b/cgroup.procs"
	run rt delete "$ID"
	ok
	no_process_left
	gone
}

@test "v2: kill --all: after the first process is gone too" {
	host_pids
	sh_args 'sleep 1000 & sleep 1000 & exit 0'
	new_id
	quiet rt run --detach --bundle "$BUNDLE" "$ID"
	until_status stopped
	run rt kill --all "$ID" KILL
	ok
	until_true grep -q 'populated 0' "$V2$CG/cgroup.events"
	run rt delete "$ID"
	ok
	gone
}

@test "v2: OP-del-foreign CGP-noresources: a cgroup that was there before stays as it was" {
	mkdir -p "$V2$CG"
	echo 5 >"$V2$CG/cgroup.max.depth"
	running_ct
	same "$(cg cgroup.max.depth)" 5
	delete_ct
	[[ -d $V2$CG ]]
	# Nothing of ours judges the devices of who comes next.
	(
		echo $BASHPID >"$V2$CG/cgroup.procs"
		mknod "$T/node" b 254 77
		: <"$T/node"
	) 2>&1 | grep -qE 'No such device'
	running_ct
	delete_ct
	rmdir "$V2$CG" "$V2$TOP"
}

@test "v2: CG-fit CG-fit-err: a frozen cgroup, one with processes" {
	mkdir -p "$V2$CG"
	echo 1 >"$V2$CG/cgroup.freeze"
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad frozen
	echo 0 >"$V2$CG/cgroup.freeze"
	sleep 1000 3>&- 4>&- &
	echo $! >"$V2$CG/cgroup.procs"
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad 'holds processes'
	kill $!
	until_true grep -q 'populated 0' "$V2$CG/cgroup.events"
	rmdir "$V2$CG" "$V2$TOP"
}

@test "v2: a cgroup that can hold no process: divided, with processes on the way, threaded" {
	grep -qw hugetlb $V2/cgroup.controllers || skip "no controller is left for cgroup v2"
	mkdir -p "$V2$CG/below"
	echo +hugetlb >$V2/cgroup.subtree_control
	echo +hugetlb >"$V2$TOP/cgroup.subtree_control"
	echo +hugetlb >"$V2$CG/cgroup.subtree_control"
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad 'controllers enabled for cgroups below it'
	rmdir "$V2$CG/below" "$V2$CG" "$V2$TOP"
	mkdir "$V2$TOP"
	sleep 1000 3>&- 4>&- &
	echo $! >"$V2$TOP/cgroup.procs"
	running_ct
	same "$(cat "$V2$TOP/cgroup.type")" domain
	delete_ct
	config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad "it has processes of its own ($!, sleep)" 'another linux.cgroupsPath'
	kill $!
	until_true grep -q 'populated 0' "$V2$TOP/cgroup.events"
	config 'del(.linux.resources)'
	mkdir "$V2$TOP/threads"
	echo threaded >"$V2$TOP/threads/cgroup.type"
	config '.linux.cgroupsPath = $p' --arg p "$TOP/threads/box"
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	bad 'threaded'
	rmdir "$V2$TOP/threads" "$V2$TOP"
}

@test "v2: UNI-obj UNI-ctrl UNI-unknown HT-list HT-rsvd: controllers are enabled down the path, unified comes last" {
	grep -qw hugetlb $V2/cgroup.controllers || skip "no controller is left for cgroup v2"
	config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}] | .linux.resources.unified = {"hugetlb.2MB.max": "8388608", "cgroup.max.depth": "3"}'
	running_ct
	grep -qw hugetlb $V2/cgroup.subtree_control
	grep -qw hugetlb "$V2$TOP/cgroup.subtree_control"
	fails grep -qw hugetlb "$V2$CG/cgroup.subtree_control"
	same "$(cg hugetlb.2MB.max)" 8388608
	same "$(cg hugetlb.2MB.rsvd.max)" 4194304
	same "$(cg cgroup.max.depth)" 3
	delete_ct
	gone
}

@test "v2: UNI-missing UNI-noconv NET-v2 L-CG2-mem-limit L-CG2-mem-swappiness: what cannot be is refused, and nothing is left" {
	refuses "no such controller" '.linux.resources.unified = {"foo.max": "1"}' foo
	refuses "no such file" '.linux.resources.unified = {"cgroup.foo": "1"}' cgroup.foo
	lacks 'no such file or directory|not found'
	gone
	refuses "swappiness" '.linux.resources.memory = {swappiness: 5}' linux.resources.memory.swappiness
	refuses "a class" '.linux.resources.network = {classID: 5}' linux.resources.network.classID
	if ! grep -qw memory $V2/cgroup.controllers; then
		refuses "memory" '.linux.resources.memory = {limit: 104857600}' "no cgroup controller 'memory'"
	fi
	gone
}

@test "v2: CGO-may CGO-mount CGO-files CGO-missing CGO-others: a cgroup mounted writable is the user's, its limits are not" {
	config '.process.user = {uid: 1000, gid: 1000}'
	with_cgroups
	sh_args 'mkdir /sys/fs/cgroup/own && echo 0 >/sys/fs/cgroup/own/cgroup.procs && echo divided; echo 1 >/sys/fs/cgroup/cgroup.max.depth || echo kept; exec sleep 1000'
	create_ct
	start_ct
	until_true grep -q kept "$CT_OUT"
	grep -qx divided "$CT_OUT"
	# What the kernel says may be given away, of it what the controllers here have.
	same "$(owners | awk '$1 == 1000 { print $2 }' | sort | tr '\n' ' ')" \
		"$({ echo box; echo box/own; cd "$V2$CG" && xargs -a /sys/kernel/cgroup/delegate ls -d 2>/dev/null | sed s,^,box/,; } | sort | tr '\n' ' ')"
	same "$(stat -c %u "$V2$TOP")" 0
	delete_ct
	gone
}

@test "v2: CGO-may: with a user namespace the owner is the host's id of the user" {
	config '.process.user = {uid: 1000, gid: 1000} | .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	with_cgroups
	own_root 100000
	running_ct
	same "$(stat -c %u "$V2$CG" "$V2$CG/cgroup.procs" | sort -u)" 101000
	same "$(grep '^0:' "/proc/$(pid_of)/cgroup")" "0::$CG"
}

@test "v2: CGO-fallback: a kernel that does not say what may be given away" {
	mount -t tmpfs hidden /sys/kernel/cgroup
	config '.process.user = {uid: 1000, gid: 1000}'
	with_cgroups
	running_ct
	same "$(owners | awk '$1 == 1000 { print $2 }' | sort | tr '\n' ' ')" "box box/cgroup.procs box/cgroup.subtree_control box/cgroup.threads "
	umount /sys/kernel/cgroup
}

@test "v2: CGO-ns CGO-mount CGO-nomount: without a namespace, read-only or not mounted the cgroup stays root's" {
	config '.process.user = {uid: 1000, gid: 1000}'
	local plain
	plain=$(cat "$BUNDLE/config.json")
	with_cgroups ro
	running_ct
	same "$(owners | cut -d' ' -f1 | sort -u)" 0
	delete_ct
	echo "$plain" >"$BUNDLE/config.json"
	with_cgroups
	config '.mounts |= map(select(.source != "cgroup"))'
	running_ct
	same "$(owners | cut -d' ' -f1 | sort -u)" 0
	delete_ct
	echo "$plain" >"$BUNDLE/config.json"
	with_cgroups
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	running_ct
	same "$(owners | cut -d' ' -f1 | sort -u)" 0
	delete_ct
	gone
}

@test "v2: CGM-ns: a mount of type cgroup shows the container's cgroup as its root" {
	with_cgroups ro
	in_ct 'cat /proc/self/cgroup | grep ^0:; cat /sys/fs/cgroup/cgroup.procs; [ -e /sys/fs/cgroup/cgroup.events ] && echo below; mkdir /sys/fs/cgroup/x || echo readonly'
	ok
	has_line "0::/"
	has_line below
	has_line readonly
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	in_ct 'cat /sys/fs/cgroup/cgroup.procs; [ -e /sys/fs/cgroup/cgroup.events ] && echo below'
	ok
	has_line below
}

# Nodes to try: zero under another name, and two that the container does not have. A test
# prints which of them can be opened for r(eading), w(riting), b(oth), and made.
try_devices() {
	config '.process.capabilities = ({bounding: ["CAP_MKNOD"]} | .effective = .bounding | .permitted = .bounding)'
	in_ct 'rm -f /tmp/block /tmp/char
		try() { ( eval ": $2" ) 2>/tmp/err && echo "$1" || grep -q "not permitted" /tmp/err || echo "$1"; }
		try zero-r "</dev/zero"; try zero-w ">>/dev/zero"; try zero-b "<>/dev/zero"
		try null-w ">>/dev/null"
		if mknod /tmp/block b 254 77; then echo block-m; try block-r "</tmp/block"; fi
		if mknod /tmp/char c 10 77; then echo char-m; try char-r "</tmp/char"; fi'
	ok
}

can() {
	same "$(grep -E '^(zero|null|block|char)-[rwbm]$' <<<"$output" | tr '\n' ' ')" "$1 "
}

@test "v2: DV-noaccess CD-default: without rules, and with all denied, the usual devices work and no others" {
	try_devices
	can "zero-r zero-w zero-b null-w block-m char-m"
	config '.linux.resources.devices = [{allow: false, access: "rwm"}]'
	try_devices
	can "zero-r zero-w zero-b null-w block-m char-m"
}

@test "v2: CD-order CD-allow CD-access: the last rule wins for each access by itself" {
	config '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: false, type: "c", major: 1, minor: 5, access: "w"}]'
	try_devices
	can "zero-r null-w block-m char-m"
	config '.linux.resources.devices = [{allow: false, type: "c", major: 1, access: "rw"}, {allow: true, type: "c", major: 1, minor: 5, access: "r"}]'
	try_devices
	can "zero-r block-m char-m"
	config '.linux.resources.devices = [{allow: true, type: "b", access: "rwm"}, {allow: false, type: "b", major: 254, access: "m"}]'
	try_devices
	can "zero-r zero-w zero-b null-w char-m"
}

@test "v2: CD-type CD-majmin: a hole in a wider rule, both types, any number" {
	config '.linux.resources.devices = [{allow: true, type: "a", access: "rwm"}]'
	try_devices
	can "zero-r zero-w zero-b null-w block-m block-r char-m char-r"
	config '.linux.resources.devices = [{allow: true, access: "rwm"}, {allow: false, type: "b", major: 254, minor: 77, access: "r"}, {allow: false, type: "c", minor: 77, access: "rwm"}]'
	try_devices
	can "zero-r zero-w zero-b null-w block-m"
	config '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: false, access: "m"}]'
	try_devices
	config '.linux.resources.devices = [{allow: false, type: "c", access: "m"}, {allow: true, major: 254, access: "r"}]'
	try_devices
	can "zero-r zero-w zero-b null-w block-m block-r char-m"
}

@test "v2: CD-list: a thousand rules" {
	config '.linux.resources.devices = [range(1000) | {allow: true, type: "c", major: (300 + .), minor: ., access: "rw"}] + [{allow: true, type: "b", major: 254, minor: 77, access: "r"}]'
	try_devices
	can "zero-r zero-w zero-b null-w block-m block-r char-m"
}

@test "v2: OP-create-fail: a failure behind each step of the host leaves no cgroup" {
	config '.linux.resources.unified = {"cgroup.max.depth": "3"}'
	with_cgroups
	local i n
	n=$(rt run --dry-run --bundle "$BUNDLE" "$ID" | grep -c '^host')
	[[ $n -gt 10 ]]
	for i in $(seq 0 $((n - 1))); do
		new_id
		quiet rt run --fail-at "host:$i" --bundle "$BUNDLE" "$ID"
		bad || { echo "step $i"; false; }
		gone || { echo "step $i"; false; }
	done
}

@test "v2: S-scope: fifty runs leave nothing" {
	args /bin/true
	local i
	for i in $(seq 50); do
		rt run --bundle "$BUNDLE" "$ID-$i" || { echo "run $i"; false; }
	done
	gone
}

@test "v2: an exec is where the first process is, when the container's cgroup can hold none" {
	# A limit brings a controller down here, where there is one for version 2.
	local pages
	pages=$(find /sys/kernel/mm/hugepages -name 'hugepages-2048kB' 2>/dev/null)
	if [[ -n $pages ]] && grep -q hugetlb $V2/cgroup.controllers; then
		config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 2097152}]'
	fi
	running_ct
	# What a container with a cgroup of its own to manage does.
	mkdir "$V2$CG/leaf"
	pid_of >"$V2$CG/leaf/cgroup.procs"
	local controller
	controller=$(cut -d' ' -f1 "$V2$CG/cgroup.controllers")
	[[ -n $controller ]] || skip "no controller of version 2 reaches the container"
	echo "+$controller" >"$V2$CG/cgroup.subtree_control"
	quiet rt exec -d --pid-file "$T/pid" "$ID" /bin/sleep 1000
	ok
	same "$(grep '^0:' "/proc/$(cat "$T/pid")/cgroup")" "0::$CG/leaf"
	run rt exec --cgroup leaf "$ID" true
	ok
}
