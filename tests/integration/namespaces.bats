#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The eight namespaces: new, joined by path, inherited; each against each.

load helpers

KINDS=(mount network ipc uts pid user cgroup time)

declare -gA LINK=([mount]=mnt [network]=net [ipc]=ipc [uts]=uts [pid]=pid [user]=user
	[cgroup]=cgroup [time]=time)

prepare() {
	# No mounts, so that any combination of namespaces is possible.
	config '.mounts = [] | del(.hostname)'
	args /bin/sleep 1000
	DONORS=()
}

cleanup() {
	local pid
	for pid in "${DONORS[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
}

# donor OPTION...: a process in new namespaces whose pid becomes $DONOR.
donor() {
	unshare "$@" --fork --kill-child sleep 900 </dev/null >/dev/null 2>&1 3>&- 4>&- &
	local up=$!
	DONORS+=("$up")
	until_true test -n "$(until_child "$up")"
	DONOR=$(until_child "$up")
	DONORS+=("$DONOR")
	[[ " $* " != *" -U "* ]] || {
		echo 0 0 65536 >"/proc/$DONOR/uid_map"
		echo 0 0 65536 >"/proc/$DONOR/gid_map"
	}
}

until_child() {
	local child comm
	for _ in $(seq 200); do
		child=$(cat "/proc/$1/task/$1/children" 2>/dev/null) || true
		comm=$(cat "/proc/${child%% *}/comm" 2>/dev/null) || true
		if [[ $comm == sleep ]]; then echo "${child%% *}"; return; fi
		sleep 0.005
	done
}

# ns_filter KIND MODE: the jq filter that adds KIND in this MODE.
ns_filter() {
	case $2 in
	new) echo "| .linux.namespaces += [{type: \"$1\"}]" ;;
	join) echo "| .linux.namespaces += [{type: \"$1\", path: \"/proc/$DONOR/ns/${LINK[$1]}\"}]" ;;
	esac
	if [[ $1 == user && $2 == new ]]; then
		echo '| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
			| .linux.gidMappings = .linux.uidMappings'
	fi
}

inode_of() {
	readlink "/proc/$1/ns/${LINK[$2]}"
}

# check_ns PID KIND MODE: the namespace of PID is the one that MODE asks for.
check_ns() {
	local is host gift
	is=$(inode_of "$1" "$2")
	host=$(inode_of self "$2")
	gift=$(inode_of "$DONOR" "$2")
	case $3 in
	new) [[ $is != "$host" && $is != "$gift" ]] ;;
	join) [[ $is == "$gift" ]] ;;
	inherit) [[ $is == "$host" ]] ;;
	esac
}

# combination KIND MODE KIND MODE: made, looked at, deleted.
combination() {
	local filter pid
	if [[ $2 == join && $1 == mount || $4 == join && $3 == mount ]]; then new_donor; fi
	filter=".linux.namespaces = [] $(ns_filter "$1" "$2") $(ns_filter "$3" "$4")"
	if [[ $1 != mount && $3 != mount ]]; then filter+=$(ns_filter mount new); fi
	# A user namespace leaves files to mount devices on; the others would find them.
	rm -rf "$R/dev"/*
	jq "$filter" <"$T/plain.json" >"$BUNDLE/config.json"
	new_id
	quiet rt create --pid-file "$T/pid" --bundle "$BUNDLE" "$ID"
	if [[ $status -ne 0 ]]; then
		echo "$*: $output"
		return 1
	fi
	pid=$(cat "$T/pid")
	check_ns "$pid" "$1" "$2" || { echo "$*: $1 is $(inode_of "$pid" "$1")"; return 1; }
	check_ns "$pid" "$3" "$4" || { echo "$*: $3 is $(inode_of "$pid" "$3")"; return 1; }
	rt delete --force "$ID" || { echo "$*: not deleted"; return 1; }
}

new_donor() {
	# shellcheck disable=SC2086
	donor $DONOR_OPTIONS
}

# pairs_of KIND OPTION...: KIND with all kinds after it, in the nine pairs of modes.
pairs_of() {
	local first=$1 second mode1 mode2 past=0 failed=0
	shift
	DONOR_OPTIONS=$*
	cp "$BUNDLE/config.json" "$T/plain.json"
	new_donor
	for second in "${KINDS[@]}"; do
		if [[ $second == "$first" ]]; then past=1; continue; fi
		[[ $past -eq 1 ]] || continue
		for mode1 in new join inherit; do
			for mode2 in new join inherit; do
				combination "$first" "$mode1" "$second" "$mode2" || failed=$((failed + 1))
			done
		done
	done
	echo "$failed combinations failed"
	return $((failed > 0))
}

ALL="-m -n -i -u -p -C -T -U"

@test "NS-mnt NS-new NS-path NS-inherit: mount with every other kind" {
	pairs_of mount $ALL
}

@test "NS-net NS-new NS-path NS-inherit: network with every other kind" {
	pairs_of network $ALL
}

@test "NS-ipc NS-new NS-path NS-inherit: ipc with every other kind" {
	pairs_of ipc $ALL
}

@test "NS-uts NS-new NS-path NS-inherit: uts with every other kind" {
	pairs_of uts $ALL
}

@test "NS-pid NS-new NS-path NS-inherit: pid with every other kind" {
	pairs_of pid $ALL
}

@test "NS-user NS-cgroup NS-time NS-new NS-path NS-inherit: user, cgroup and time" {
	pairs_of user $ALL
	pairs_of cgroup $ALL
}

@test "NS-path NS-user: namespaces that belong to the host's user namespace, joined beside a new one" {
	cp "$BUNDLE/config.json" "$T/plain.json"
	local kind failed=0
	DONOR_OPTIONS="-m -n -i -u -p -C -T"
	new_donor
	for kind in network ipc uts pid cgroup time; do
		combination "$kind" join user new || failed=1
	done
	return $failed
}

@test "NS-new NS-path: all eight new, all eight joined" {
	local kind filter="." pid
	DONOR_OPTIONS=$ALL
	new_donor
	for kind in "${KINDS[@]}"; do filter+=$(ns_filter "$kind" new); done
	config ".linux.namespaces = [] | $filter"
	create_ct
	pid=$(pid_of)
	for kind in "${KINDS[@]}"; do check_ns "$pid" "$kind" new || { echo "$kind is not new"; false; }; done
	start_ct
	same "$(nsenter -t "$pid" -p -r -w -S 0 -- cat /proc/self/stat 2>/dev/null | wc -l)" 0 "no proc was mounted"
	delete_ct
	filter="."
	for kind in "${KINDS[@]}"; do filter+=$(ns_filter "$kind" join); done
	config "del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces = [] | $filter"
	create_ct
	pid=$(pid_of)
	for kind in "${KINDS[@]}"; do check_ns "$pid" "$kind" join || { echo "$kind is not joined"; false; }; done
	start_ct
}

@test "NS-pid: the program is process 1 of a new pid namespace, its pid in state is the host's" {
	config '.mounts = [{destination: "/proc", type: "proc", source: "proc"}]'
	in_ct 'echo $$; ls -d /proc/[0-9]* | wc -l'
	has_line 1
	running_ct
	matches '' && is_alive "$(pid_of)"
	same "$(awk '/NSpid/ { print $NF }' "/proc/$(pid_of)/status")" 1
}

@test "NS-pid: a joined pid namespace, with a proc of its own" {
	config '.mounts = [{destination: "/proc", type: "proc", source: "proc"}]'
	donor -p -m
	config '.linux.namespaces |= map(if .type == "pid" then .path = $p else . end)' --arg p "/proc/$DONOR/ns/pid"
	in_ct 'cat /proc/1/comm; echo "me $$"'
	ok
	has_line sleep
	lacks '^me 1$'
	# The joined namespace lives on, its own processes too.
	is_alive "$DONOR"
}

@test "NS-net: loopback is up in a new network namespace and nothing else is there" {
	config '.mounts = [{destination: "/proc", type: "proc", source: "proc"}]'
	in_ct 'ip -o link | cut -d: -f2; ip -o link show lo; ip -o addr show lo'
	ok
	has "UP"
	has "127.0.0.1"
	same "$(grep -c 'link/' <<<"$output")" 1
}

@test "NS-type NS-dup NS-path-abs NS-path-type: what a namespace entry may not be" {
	local n='.linux.namespaces +='
	refuses "unknown kind" "$n [{type: \"foo\"}]"
	refuses "no kind" "$n [{path: \"/proc/self/ns/net\"}]"
	refuses "twice" "$n [{type: \"network\"}]"
	refuses "twice, one by path" "$n [{type: \"network\", path: \"/proc/1/ns/net\"}]"
	refuses "relative path" '.linux.namespaces |= map(if .type == "network" then .path = "proc/1/ns/net" else . end)'
	refuses "another kind" '.linux.namespaces |= map(if .type == "network" then .path = "/proc/1/ns/ipc" else . end)'
	refuses "a file" '.linux.namespaces |= map(if .type == "network" then .path = "/etc/hostname" else . end)'
	lacks 'no such file'
	refuses "nothing there" '.linux.namespaces |= map(if .type == "network" then .path = "/proc/1/ns/nope" else . end)'
	lacks 'no such file or directory|not found'
	accepts "an empty path is no path" '.linux.namespaces |= map(.path = "") | .process.args = ["/bin/true"]'
	accepts "a file that is a namespace" '.process.args = ["/bin/true"]'
}

@test "NS-path: a namespace that is kept by a bind mount" {
	touch "$T/netns"
	unshare --net="$T/netns" true
	config '.linux.namespaces |= map(if .type == "network" then .path = $p else . end)' --arg p "$T/netns"
	create_ct
	same "$(readlink "/proc/$(pid_of)/ns/net")" "net:[$(stat -c %i "$T/netns")]"
	delete_ct
	umount "$T/netns"
}

@test "NS-mnt-nomounts: without a mount namespace the host's mounts are never touched" {
	local drop='.linux.namespaces |= map(select(.type != "mount"))'
	refuses "mounts" "$drop | .mounts = [{destination: \"/proc\", type: \"proc\", source: \"proc\"}]"
	refuses "masks" "$drop | .linux.maskedPaths = [\"/etc\"]"
	refuses "read-only paths" "$drop | .linux.readonlyPaths = [\"/etc\"]"
	refuses "a read-only root" "$drop | .root.readonly = true"
	no_mount_left
	accepts "a chroot" "$drop | .process.args = [\"/bin/true\"]"
	no_mount_left
}

# mounts_of PID: where the process's namespace has mounts below our state directory.
mounts_of() {
	awk -v root="$ROOT/" 'index($5, root) == 1 { print $5 }' "/proc/$1/mountinfo"
}

@test "NS-path NS-mnt: mounts in a mount namespace that is joined go when the container goes" {
	donor -m
	config '.linux.namespaces = [{type: "mount", path: $path}, {type: "pid"}]
		| .linux.maskedPaths = ["/etc/passwd"]
		| .mounts = [{destination: "/proc", type: "proc", source: "proc"},
			{destination: "/data", type: "tmpfs", source: "tmpfs"}]' \
		--arg path "/proc/$DONOR/ns/mnt"
	args /bin/sleep 1000
	create_ct
	start_ct
	no_mount_left
	[[ $(mounts_of "$DONOR" | wc -l) -ge 4 ]]
	run rt exec "$ID" /bin/sh -c 'cat /etc/passwd; cat /proc/1/comm; touch /data/x && ls /'
	ok
	has_line sleep
	has_line data
	lacks "root:"
	run rt mounts remove "$ID" - <<<'[{"destination": "/data"}]'
	bad "joined"
	quiet rt delete --force "$ID"
	ok
	same "$(mounts_of "$DONOR")" ""
}

@test "NS-path: kill -9 and failures leave no mount in a namespace that is joined" {
	donor -m
	config '.linux.namespaces = [{type: "mount", path: $path}]
		| .mounts = [{destination: "/data", type: "tmpfs", source: "tmpfs"}]
		| .hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", "kill -9 $(cat $1); sleep 5", "sh", $pid]}]' \
		--arg path "/proc/$DONOR/ns/mnt" --arg pid "$T/runtime"
	new_id
	run sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$T/runtime" "$OCI_RT" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
	same "$status" 137
	until_true test -n "$(mounts_of "$DONOR")"
	quiet rt delete --force "$ID"
	ok
	same "$(mounts_of "$DONOR")" ""
	config '.hooks.createContainer = [{path: "/bin/false"}]'
	new_id
	run rt create --bundle "$BUNDLE" "$ID"
	bad "createContainer"
	same "$(mounts_of "$DONOR")" ""
}

@test "NS-path NS-mnt-nomounts: no mount spreads from a joined namespace, none is made in the runtime's own" {
	local wants='.mounts = [{destination: "/data", type: "tmpfs", source: "tmpfs"}]'
	donor -m --propagation shared
	refuses "below a shared mount" "$wants | .linux.namespaces = [{type: \"mount\", path: \"/proc/$DONOR/ns/mnt\"}]"
	has "shared mount"
	refuses "the runtime's own" "$wants | .linux.namespaces = [{type: \"mount\", path: \"/proc/self/ns/mnt\"}]"
	has "the runtime's own"
	no_mount_left
	donor -m
	nsenter -t "$DONOR" -m mount -t tmpfs hidden "$ROOT"
	refuses "where the state directory is hidden" "$wants | .linux.namespaces = [{type: \"mount\", path: \"/proc/$DONOR/ns/mnt\"}]"
	has "does not show"
}

@test "NS-mnt: a container without linux.namespaces, without linux" {
	accepts "no namespaces" 'del(.linux.namespaces) | .process.args = ["/bin/true"]'
	accepts "no linux" 'del(.linux) | .process.args = ["/bin/true"]'
}

@test "TO-obj TO-secs TO-nsecs TO-keys: clocks of a time namespace" {
	config '.mounts = [{destination: "/proc", type: "proc", source: "proc"}]
		| .linux.namespaces += [{type: "time"}]
		| .linux.timeOffsets = {boottime: {secs: 1000000, nanosecs: 5}, monotonic: {secs: -10}}'
	in_ct 'cut -d. -f1 /proc/uptime; cat /proc/self/timens_offsets'
	ok
	[[ $(head -1 <<<"$output") -gt 1000000 ]]
	matches 'boottime +1000000 +5'
	matches 'monotonic +-10 +0'
	refuses "without a time namespace" '.linux.namespaces |= map(select(.type != "time"))'
	refuses "another clock" '.linux.timeOffsets = {realtime: {secs: 1}}'
	refuses "a second of nanoseconds" '.linux.timeOffsets = {monotonic: {nanosecs: 1000000000}}'
	refuses "a clock before zero" '.linux.timeOffsets = {monotonic: {secs: -1000000000}}'
	accepts "a time namespace without offsets" 'del(.linux.timeOffsets) | .process.args = ["/bin/true"]'
}

@test "NS-cgroup: the container sees its own cgroup as the root" {
	config '.mounts = [{destination: "/proc", type: "proc", source: "proc"}]
		| .linux.namespaces += [{type: "cgroup"}]'
	in_ct 'cat /proc/self/cgroup'
	ok
	same "$(cut -d: -f3 <<<"$output" | sort -u)" /
}
