#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The root file system: pivot, read-only, propagation; masked and read-only paths.

load helpers

root_line() {
	awk '$5 == "/" { line = $0 } END { print line }' <<<"$output" | sed 's/^\([^ ]* \)\{6\}//; s/ \{0,1\}- .*//'
}

@test "C-root-ro: a read-only root; what is mounted below keeps its own mode" {
	config '.root.readonly = true | .mounts += [{destination: "/made", type: "tmpfs"}]'
	in_ct 'touch /x; mkdir /y; touch /dev/z && echo dev; touch /made/a && echo made'
	matches 'touch: /x: Read-only'
	has_line dev
	has_line made
	[[ -d $R/made ]]
	config '.root.readonly = false'
	in_ct 'touch /tmp/x && echo written'
	has_line written
}

@test "NS-mnt pivot: the old root is gone, the host's mounts are not to be seen, nor changed" {
	mount -t tmpfs secretmount "$T/state" 2>/dev/null || { mkdir -p "$T/state"; mount -t tmpfs secretmount "$T/state"; }
	in_ct 'cat /proc/self/mountinfo; ls -di /; ls /.. | head -3; readlink /proc/1/root'
	ok
	lacks secretmount
	same "$(awk '$5 == "/"' <<<"$output" | wc -l)" 1
	umount "$T/state"
}

@test "no-pivot: the same view, no way out" {
	args /bin/sh -c 'cat /proc/self/mountinfo; ls /; ls /proc/1/root'
	run_ct --no-pivot
	ok
	lacks ' /tmp/bats'
	has_line busybox || has_line bin
	# A proc of the host's that lies under the new root must not be reachable.
	same "$(awk '$5 == "/"' <<<"$output" | wc -l)" 1
}

@test "RP-obj RP-shared RP-slave RP-private RP-unbind: propagation of the root" {
	local p
	for p in shared rshared; do
		config ".linux.rootfsPropagation = \"$p\""
		args /bin/cat /proc/self/mountinfo
		run_ct
		ok
		[[ $(root_line) == *shared:* ]] || tell "$p"
		fails grep -q "shared:$(root_line | sed 's/.*shared:\([0-9]*\).*/\1/') " /proc/self/mountinfo
	done
	for p in private rprivate; do
		config ".linux.rootfsPropagation = \"$p\""
		run_ct
		same "$(root_line)" ""
	done
	for p in unbindable runbindable; do
		config ".linux.rootfsPropagation = \"$p\""
		run_ct
		same "$(root_line)" unbindable
	done
	config 'del(.linux.rootfsPropagation)'
	run_ct
	same "$(root_line)" ""
	refuses "unknown" '.linux.rootfsPropagation = "sideways"'
}

@test "RP-slave: mounts that the host makes below the root show up, the other way they do not" {
	# The bundle's own mount must be shared for anything to be passed on.
	mkdir -p "$T/shared"
	mount -t tmpfs shared "$T/shared"
	mount --make-shared "$T/shared"
	cp -a "$F/root" "$T/shared/rootfs"
	mkdir -p "$T/shared/rootfs/vol"
	config '.root.path = $p | .linux.rootfsPropagation = "rslave"' --arg p "$T/shared/rootfs"
	running_ct
	mount -t tmpfs late "$T/shared/rootfs/vol"
	grep -q ' - tmpfs late ' "/proc/$(pid_of)/mountinfo"
	nsenter -t "$(pid_of)" -m /bin/mount -t tmpfs inner /mnt 2>/dev/null || true
	fails grep -q ' - tmpfs inner ' /proc/self/mountinfo
	delete_ct
	umount -R "$T/shared"
}

@test "RP-private: mounts that the host makes later do not show up" {
	mkdir -p "$T/vol"
	mount --make-rshared "$F"
	config '.mounts += [{destination: "/vol", source: ($t + "/vol"), options: ["rbind", "rprivate"]}]' --arg t "$T"
	running_ct
	mount -t tmpfs late "$T/vol"
	fails grep -q ' - tmpfs late ' "/proc/$(pid_of)/mountinfo"
	umount "$T/vol"
	delete_ct
	mount --make-rprivate "$F"
}

@test "MK-list MK-abs: masked files read as empty, masked directories are empty and read-only" {
	mkdir -p "$R/secret/deep"
	echo secret >"$R/secret/file"
	echo secret >"$R/etc/secret"
	config '.linux.maskedPaths = ["/secret", "/etc/secret", "/proc/kcore", "/proc/acpi", "/nowhere", "/sys/firmware"]'
	in_ct 'ls -A /secret; touch /secret/x; cat /etc/secret; echo x >/etc/secret; cat /proc/kcore | head -c 10; stat -c %t:%T /etc/secret; ls /sys/firmware'
	matches 'secret/x: Read-only'
	has_line 1:3
	lacks '^secret$'
	lacks '^file$'
	refuses "relative" '.linux.maskedPaths = ["proc/kcore"]'
	same "$(cat "$R/etc/secret")" secret
}

@test "RO-list RO-abs: read-only paths keep their other flags, with what is mounted below" {
	mkdir -p "$R/keep/sub"
	config '.mounts += [
		{destination: "/keep", type: "tmpfs", options: ["nosuid", "nodev", "noexec"]},
		{destination: "/keep/sub", type: "tmpfs", options: ["nosuid"]}]
		| .linux.readonlyPaths = ["/keep", "/proc/sys", "/proc/bus", "/etc", "/nowhere"]'
	in_ct 'touch /keep/x; touch /keep/sub/x; touch /etc/x; echo 1 >/proc/sys/kernel/msgmax; grep " /keep" /proc/self/mountinfo'
	matches '/keep/x: Read-only'
	matches '/keep/sub/x: Read-only'
	matches '/etc/x: Read-only'
	matches 'msgmax: Read-only'
	matches ' /keep ro,nosuid,nodev,noexec'
	lacks ' /keep/sub ro,[^ ]*noexec'
	touch "$R/etc/still-writable"
	refuses "relative" '.linux.readonlyPaths = ["etc"]'
}

@test "MK-list: many masks, one tmpfs; symbolic links lead no further than the root" {
	local i paths=()
	for i in $(seq 30); do mkdir -p "$R/m/$i"; touch "$R/m/$i/f"; paths+=("/m/$i"); done
	echo outside >"$T/outside"
	ln -s "$T/outside" "$R/etc/out"
	ln -s ../../../../../../.."$T/outside" "$R/etc/out2"
	config '.linux.maskedPaths = $ARGS.positional' --args -- "${paths[@]}" /etc/out /etc/out2
	in_ct 'ls -A /m/*; ls -A /m/30 | wc -l'
	lacks '^f$'
	same "$(cat "$T/outside")" outside
}
