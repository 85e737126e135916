#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mounts add and remove: in a container that is there.

load helpers

prepare() {
	mkdir -p "$T/host/sub"
	echo hello >"$T/host/file"
	chown 1000:1000 "$T/host/file"
}

# list FILTER: what stands in $T/list.
list() {
	jq -n --arg t "$T" "$1" >"$T/list"
}

# inside CMD...: runs it in the container's mounts and root.
inside() {
	nsenter --target "$(pid_of)" --mount --pid --root "$@"
}

@test "mounts add: binds of a directory and of a file, and a tmpfs; remove takes them away" {
	running_ct
	list '[{destination: "/mnt/new/dir", type: "bind", source: ($t + "/host"), options: ["rbind", "ro", "nosuid"]},
		{destination: "/etc/added", source: ($t + "/host/file"), options: ["bind"]},
		{destination: "/opt", type: "tmpfs", source: "tmpfs", options: ["size=64k", "mode=700", "noexec"]}]'
	run rt mounts add "$ID" "$T/list"
	ok
	same "$output" ""
	same "$(inside /bin/cat /mnt/new/dir/file)" hello
	same "$(inside /bin/cat /etc/added)" hello
	fails inside /bin/touch /mnt/new/dir/x
	same "$(inside /bin/stat -c %a /opt)" 700
	inside /bin/cat /proc/self/mountinfo >"$T/info"
	grep -q ' /opt .*noexec.* tmpfs .*size=64k' "$T/info"
	grep ' /mnt/new/dir ' "$T/info" | grep -q 'ro,nosuid'
	# Nothing flows back to the host, nor from it.
	fails grep -qF "$R/opt" /proc/self/mountinfo
	same "$(state_of)" running
	list '[{destination: "/mnt/new/dir"}, {destination: "/etc/added"}, {destination: "/opt"}]'
	run rt mounts remove "$ID" - <"$T/list"
	ok
	inside /bin/cat /proc/self/mountinfo >"$T/info"
	fails grep -qE ' (/mnt/new/dir|/etc/added|/opt) ' "$T/info"
	same "$(inside /bin/cat /etc/added)" ""
}

@test "mounts add: all of them or none" {
	running_ct
	inside /bin/cat /proc/self/mountinfo | wc -l >"$T/before"
	list '[{destination: "/opt", type: "tmpfs", source: "tmpfs"}, {destination: "/etc/passwd", type: "tmpfs", source: "tmpfs"}]'
	run rt mounts add "$ID" "$T/list"
	bad "mounts[1]" "/etc/passwd"
	same "$(inside /bin/cat /proc/self/mountinfo | wc -l)" "$(cat "$T/before")"
	list '[{destination: "/opt", type: "tmpfs", source: "tmpfs"}, {destination: "/srv", source: ($t + "/nowhere"), options: ["bind"]}]'
	run rt mounts add "$ID" "$T/list"
	bad "mounts[1]" "$T/nowhere"
	same "$(inside /bin/cat /proc/self/mountinfo | wc -l)" "$(cat "$T/before")"
	list '[{destination: "/opt", type: "tmpfs", source: "tmpfs"}]'
	rt mounts add "$ID" "$T/list"
	list '[{destination: "/opt"}, {destination: "/home"}]'
	run rt mounts remove "$ID" "$T/list"
	bad "mounts[1]" "nothing is mounted on '/home'"
	same "$(inside /bin/cat /proc/self/mountinfo | wc -l)" $(($(cat "$T/before") + 1))
}

@test "mounts add: whichever step fails, nothing is mounted; a dry run does nothing" {
	running_ct
	local before step
	before=$(inside /bin/cat /proc/self/mountinfo | wc -l)
	list '[{destination: "/opt", type: "tmpfs", source: "tmpfs"}, {destination: "/srv/x", source: ($t + "/host"), options: ["bind"]}]'
	run rt mounts --dry-run add "$ID" "$T/list"
	ok
	has "attach 2 mounts in the container, or none"
	# Those in which the one hears of what the other has done come too late for that.
	for step in $(awk '!/tell host|wait for init/ { print $1 ":" $2 }' <<<"$output"); do
		run rt mounts --fail-at "$step" add "$ID" "$T/list"
		bad "failed on purpose"
		same "$(inside /bin/cat /proc/self/mountinfo | wc -l)" "$before" "step $step"
	done
}

@test "mounts: destinations are resolved in the container's root, and links are not removed through" {
	running_ct
	ln -s /../../../../../../opt "$R/mnt/link"
	ln -s /etc "$R/mnt/evil"
	list '[{destination: "/mnt/link/deep", type: "tmpfs", source: "tmpfs"}]'
	run rt mounts add "$ID" "$T/list"
	ok
	inside /bin/cat /proc/self/mountinfo | grep -q ' /opt/deep '
	[[ ! -e /opt/deep ]]
	run rt mounts remove "$ID" "$T/list"
	ok
	list '[{destination: "/mnt/evil"}]'
	run rt mounts remove "$ID" "$T/list"
	bad "nothing is mounted on '/mnt/evil'"
	list '[{destination: "/"}]'
	run rt mounts remove "$ID" "$T/list"
	bad "the root itself"
	run rt mounts add "$ID" "$T/list"
	bad
}

@test "mounts add: owners are mapped, by own maps and by those of the container" {
	running_ct
	list '[{destination: "/mnt/ids", source: ($t + "/host"), options: ["bind"], uidMappings: [{containerID: 1000, hostID: 5000, size: 1}], gidMappings: [{containerID: 1000, hostID: 5000, size: 1}]}]'
	run rt mounts add "$ID" "$T/list"
	[[ $output != *"cannot do that in this kernel"* ]] || skip "this kernel maps no ids on a tmpfs"
	ok
	same "$(inside /bin/stat -c %u /mnt/ids/file)" 5000
}

@test "mounts add: what cannot be had says why" {
	running_ct
	local type
	for type in proc sysfs mqueue cgroup; do
		list "[{destination: \"/mnt\", type: \"$type\", source: \"$type\"}]"
		run rt mounts add "$ID" "$T/list"
		bad "mounts[0]" "type '$type' cannot be added"
	done
	list '[{destination: "/proc/self/attr", source: ($t + "/host"), options: ["bind"]}]'
	run rt mounts add "$ID" "$T/list"
	bad "lies inside /proc"
	list '[{destination: "/mnt", type: "nonsense", source: "x"}]'
	run rt mounts add "$ID" "$T/list"
	bad "mounts[0]"
	echo '[{"destination": 7}]' >"$T/list"
	run rt mounts add "$ID" "$T/list"
	bad "mounts:1:18: mounts[0].destination"
	echo '{' >"$T/list"
	run rt mounts add "$ID" "$T/list"
	bad
	echo '[]' >"$T/list"
	run rt mounts add "$ID" "$T/list"
	ok
	run rt mounts add "$ID" "$T/nowhere"
	bad "open '$T/nowhere'"
	run rt mounts shake "$ID" "$T/list"
	bad "knows add and remove"
	run rt mounts add "$ID-nope" "$T/list"
	bad "does not exist"
	rt kill "$ID" KILL
	until_status stopped
	run rt mounts add "$ID" "$T/list"
	bad "container not running"
}

@test "mounts: not where the mounts are the host's; in one that is created, in one that is paused" {
	list '[{destination: "/opt", type: "tmpfs", source: "tmpfs"}]'
	args /bin/sleep 1000
	create_ct
	run rt mounts add "$ID" "$T/list"
	ok
	start_ct
	run rt pause "$ID"
	ok
	run rt mounts remove "$ID" "$T/list"
	ok
	run rt resume "$ID"
	ok
	delete_ct
	config '.linux.namespaces |= map(select(.type != "mount")) | del(.mounts, .linux.maskedPaths, .linux.readonlyPaths)'
	new_id
	quiet rt create --bundle "$BUNDLE" "$ID"
	if [[ $status -ne 0 ]]; then skip "no container without a mount namespace here"; fi
	run rt mounts add "$ID" "$T/list"
	bad "no mount namespace of its own"
}

@test "mounts add: in a container with a user namespace" {
	own_root 100000
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	running_ct
	list '[{destination: "/opt", source: ($t + "/host"), options: ["bind", "idmap"]}, {destination: "/srv/x", type: "tmpfs", source: "tmpfs"}]'
	run rt mounts add "$ID" "$T/list"
	[[ $output != *"cannot do that in this kernel"* ]] || skip "this kernel maps no ids on a tmpfs"
	ok
	same "$(inside /bin/stat -c %u /opt/file)" 101000
}
