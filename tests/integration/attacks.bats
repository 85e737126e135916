#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What broke container runtimes before. Each test plays the attack with harmless
# targets: either the container is refused, or it runs and nothing was reached.

load helpers

prepare() {
	V=$T/victim
}

# only_mounts DEST...: keeps the mounts on these.
only_mounts() {
	config '.mounts |= map(select(.destination as $d | $ARGS.positional | index($d)))' --args -- "$@"
}

# in_init SCRIPT: a createRuntime hook that acts in the container's mount namespace
# just before its root changes: a rival container that always wins the race.
in_init() {
	cat >"$T/rival" <<-END
		#!/bin/bash
		export PATH=/usr/sbin:/usr/bin:/sbin:/bin
		pid=\$(sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p' | head -1)
		nsenter -t \$pid -m -i -n /bin/bash -c 'R=$R; $1'
	END
	chmod 755 "$T/rival"
	config '.hooks.createRuntime = [{path: $p}]' --arg p "$T/rival"
}

@test "ATTACK CVE-2026-88264: a console that is a link in the image makes no file outside" {
	ln -s "$V" "$R/dev/console"
	only_mounts /proc
	config '.process.terminal = true | .mounts += [{destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666", "mode=0620"]}]'
	args /bin/true
	run "$PROBE" pty 10 10 10 10 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	[[ ! -e $V && ! -L $V ]]
	echo mine >"$V"
	run "$PROBE" pty 10 10 10 10 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID-2"
	same "$(cat "$V")" mine
	same "$(stat -c %F "$V")" "regular file"
	fails grep -q "$V" /proc/self/mountinfo
}

@test "ATTACK CVE-2026-88265: a null device that is a link in the image is not opened for the streams" {
	echo mine >"$V"
	ln -s "$V" "$R/dev/null"
	only_mounts /proc
	config '.process.user = {uid: 1000, gid: 1000}'
	sh_args 'echo attack; echo attack >&2; echo attack >/proc/self/fd/0'
	new_id
	"$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>/dev/null || true
	same "$(cat "$V")" mine
	same "$(stat -c %u "$V")" 0
	# A real device of another file, and a file in its place.
	rm "$R/dev/null"
	echo mine >"$R/dev/null"
	"$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID-2" </dev/null >/dev/null 2>/dev/null || true
	same "$(cat "$V")" mine
}

@test "ATTACK CVE-2026-47766 CVE-2026-41579: a /dev that is a link in the image gets nothing outside" {
	mkdir "$T/out"
	echo M >"$T/out/ptmx"
	rmdir "$R/dev"
	ln -s "$T/out" "$R/dev"
	only_mounts /proc
	args /bin/true
	run_ct
	same "$(ls "$T/out")" ptmx
	same "$(cat "$T/out/ptmx")" M
	rm "$R/dev"
	ln -s ../../../../../../../../../../.."$T/out" "$R/dev"
	run_ct
	same "$(ls "$T/out")" ptmx
}

@test "ATTACK CVE-2026-55686: a working directory through a link is made in the container" {
	mkdir "$T/host"
	ln -s "$T/host" "$R/link"
	config '.process.cwd = "/link/x"'
	in_ct pwd
	same "$(ls "$T/host")" ""
}

@test "ATTACK CVE-2025-52881: a sysctl does not land in another file" {
	in_init 'mount --bind $R/proc/sys/kernel/shm_rmid_forced $R/proc/sys/net/ipv4/ip_forward'
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	in_ct 'umount /proc/sys/net/ipv4/ip_forward 2>/dev/null; cat /proc/sys/kernel/shm_rmid_forced /proc/sys/net/ipv4/ip_forward'
	[[ $status -ne 0 ]] || same "$output" $'0\n1'
	in_init 'mount -t tmpfs x $R/proc; mkdir -p $R/proc/sys/net/ipv4 $R/proc/self/attr; echo 0 >$R/proc/sys/net/ipv4/ip_forward'
	in_ct 'umount /proc 2>/dev/null; cat /proc/sys/net/ipv4/ip_forward'
	[[ $status -ne 0 ]] || same "$output" 1
}

@test "ATTACK CVE-2025-31133: a null device that was exchanged is no mask" {
	echo secret >"$R/etc/secret"
	echo other >"$R/etc/other"
	config '.linux.maskedPaths = ["/etc/secret"]'
	in_init 'rm $R/dev/null; ln -s /etc/other $R/dev/null'
	in_ct 'cat /etc/secret; stat -L -c %t:%T /etc/secret'
	lacks secret$
	[[ $status -ne 0 ]] || same "$output" 1:3
	in_init 'rm -f $R/dev/null'
	in_ct 'cat /etc/secret; stat -L -c %t:%T /etc/secret'
	[[ $status -ne 0 ]] || same "$output" 1:3
	in_init 'rm -f $R/dev/null; mknod $R/dev/null c 1 5'
	in_ct 'stat -L -c %t:%T /etc/secret'
	[[ $status -ne 0 ]] || same "$output" 1:3
	same "$(cat "$R/etc/other")" other
}

@test "ATTACK CVE-2025-52565: a console whose terminal was exchanged" {
	mkdir "$T/pts"
	ln -s /dev/ptmx "$T/pts/ptmx"
	ln -s /proc/sys/kernel/shm_rmid_forced "$T/pts/0"
	config '.process.terminal = true | .mounts |= map(if .destination == "/dev/pts" then {destination: "/dev/pts", source: $p, options: ["bind"]} else . end)' --arg p "$T/pts"
	args /bin/cat /proc/self/mountinfo
	run "$PROBE" pty 10 200 10 10 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	lacks 'shm_rmid_forced'
}

@test "ATTACK CVE-2025-54867 CVE-2023-27561 CVE-2019-19921: a /proc or /sys that is a link in the image" {
	mkdir -p "$R/etc/alt"
	local name
	for name in proc sys; do
		rmdir "$R/$name"
		ln -s /etc/alt "$R/$name"
		new_id
		quiet rt create --bundle "$BUNDLE" "$ID"
		echo "$name"
		bad
		nothing_left_of "$ID"
		rm "$R/$name"
		mkdir "$R/$name"
	done
}

@test "ATTACK CVE-2019-16884 CVE-2015-3630: mounts over parts of proc" {
	mkdir "$T/fake"
	local d
	for d in /proc/self/attr /proc/self /proc/sys /proc/1/attr; do
		refuses "$d" ".mounts += [{destination: \"$d\", source: \"$T/fake\", options: [\"bind\"]}]"
	done
	echo fake >"$T/meminfo"
	config '.mounts += [{destination: "/proc/meminfo", source: $s, options: ["bind"]}]' --arg s "$T/meminfo"
	in_ct 'cat /proc/meminfo'
	same "$output" fake
}

@test "ATTACK CVE-2024-21626: no directory of the host through a descriptor" {
	local n
	args /bin/probe cwd
	for n in $(seq 3 30); do
		config '.process.cwd = $c' --arg c "/proc/self/fd/$n"
		run_ct
		# A directory of its own root is the container's to enter.
		[[ $status -ne 0 ]] || has_line cwd=/
	done
	config '.process.cwd = "/"'
	for n in $(seq 3 30); do
		args "/proc/self/fd/$n/../../../bin/ls" /
		run_ct
		bad
	done
	ln -s /proc/self/fd/7 "$R/link"
	ln -s /proc/self/fd/8/.. "$R/link2"
	for n in /link /link2; do
		config '.process.cwd = $c' --arg c $n
		in_ct 'ls -d /etc/hostname; pwd; ls'
		[[ $status -ne 0 ]] || lacks '^(lost\+found|boot|work)$'
	done
	config '.process.cwd = "/"'
	args /bin/probe cwd
	run_ct
	has_line cwd=/
}

@test "ATTACK CVE-2021-43784: paths of many kilobytes do not spill" {
	local long size
	for size in 4000 65519 65535 65551 70000; do
		long=/$(head -c $size /dev/zero | tr '\0' a)
		jq --rawfile l <(printf %s "$long") '.linux.namespaces |= map(if .type == "network" then .path = $l else . end)' "$HERE/base.json" >"$BUNDLE/config.json"
		new_id
		quiet rt create --bundle "$BUNDLE" "$ID"
		bad
		jq --rawfile l <(printf %s "$long") '.mounts += [{destination: "/x", source: $l, options: ["bind"]}]' "$HERE/base.json" >"$BUNDLE/config.json"
		quiet rt create --bundle "$BUNDLE" "$ID"
		bad
		nothing_left_of "$ID"
	done
}

@test "ATTACK CVE-2021-30465: a mount point that is exchanged for a link all the time" {
	mkdir -p "$T/vol" "$T/outside" "$R/test1"
	mkdir "$T/vol/mnt"
	ln -s / "$T/vol/link"
	"$PROBE" race "$T/vol/mnt" "$T/vol/link" 3>&- &
	local racer=$! i
	config '.mounts += [
		{destination: "/test1", source: $v, options: ["rbind"]},
		{destination: "/test1/mnt", type: "tmpfs", source: "caught"},
		{destination: "/test2", source: $v, options: ["rbind"]}]' --arg v "$T/vol"
	args /bin/grep caught /proc/self/mountinfo
	for i in $(seq 100); do
		output=$(rt run --bundle "$BUNDLE" "$ID-$i" 2>&1) || true
		lacks ' / [^ ]* .*tmpfs caught$' || true
		fails grep -q caught /proc/self/mountinfo
	done
	kill $racer
	wait $racer 2>/dev/null || true
	[[ ! -e /test1 && ! -e /caught ]]
	same "$(ls "$T/vol")" $'link\nmnt'
}

@test "ATTACK CVE-2024-45310: directories made for a mount stay in the volume" {
	mkdir -p "$T/vol/a" "$T/host"
	ln -s "$T/host" "$T/vol/b"
	echo x >"$T/file"
	"$PROBE" race "$T/vol/a" "$T/vol/b" 3>&- &
	local racer=$! i
	config '.mounts += [{destination: "/v", source: ($t + "/vol"), options: ["rbind"]}, {destination: "/v/a/x/y/z", source: ($t + "/file"), options: ["bind"]}]' --arg t "$T"
	args /bin/true
	for i in $(seq 100); do
		rt run --bundle "$BUNDLE" "$ID-$i" >/dev/null 2>&1 || true
		rm -rf "$T/vol/a/x" "$T/vol/b/x" 2>/dev/null || true
	done
	kill $racer
	wait $racer 2>/dev/null || true
	same "$(find "$T/host" -mindepth 1)" ""
}

@test "ATTACK CVE-2020-15257: no abstract socket while a container is made" {
	printf '#!/bin/sh\ncat /proc/net/unix >%s\n' "$T/unix" >"$T/look"
	chmod 755 "$T/look"
	config '.hooks.createRuntime = [{path: $p}]' --arg p "$T/look"
	running_ct
	fails grep ' @' "$T/unix"
	fails grep ' @' /proc/net/unix
}

@test "ATTACK CVE-2019-18837: a bind mount on a link in the image" {
	mkdir "$T/opt"
	echo host >"$T/opt/resolv.conf"
	echo engine >"$T/resolv.conf"
	ln -sf "$T/opt/resolv.conf" "$R/etc/resolv.conf"
	config '.mounts += [{destination: "/etc/resolv.conf", source: $s, options: ["bind"]}]' --arg s "$T/resolv.conf"
	in_ct 'cat /etc/resolv.conf'
	same "$(cat "$T/opt/resolv.conf")" host
	fails grep -q "$T/opt" /proc/self/mountinfo
	[[ $status -ne 0 ]] || same "$output" engine
}

@test "ATTACK CVE-2019-5736: the runtime's own program cannot be written from a container" {
	local sum i
	sum=$(sha256sum <"$OCI_RT")
	printf '#!/proc/self/exe\n' >"$R/bin/x"
	chmod 755 "$R/bin/x"
	config '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE"])'
	args /bin/probe steal "${OCI_RT##*/}"
	create_ct
	start_ct
	local thief=$ID
	local pid
	pid=$(pid_of)
	# The others are made in the thief's pid namespace, where it sees them come.
	config '.linux.namespaces |= map(if .type == "pid" then .path = "/proc/\($p)/ns/pid" else . end)' --arg p "$pid"
	for i in $(seq 60); do
		args /bin/x
		rt run --bundle "$BUNDLE" "$thief-$i" </dev/null >/dev/null 2>&1 || true
		args /proc/self/exe list
		rt run --bundle "$BUNDLE" "$thief-e$i" </dev/null >/dev/null 2>&1 || true
	done
	is_alive "$pid"
	fails grep -q stolen "$CT_OUT"
	same "$(sha256sum <"$OCI_RT")" "$sum"
	delete_ct "$thief"
}

@test "ATTACK CVE-2019-5736 CVE-2022-0847: no page of the runtime's file is in a container's process" {
	args /bin/true
	create_ct
	local pid
	pid=$(pid_of)
	same "$(cat "/proc/$pid/cmdline" | tr '\0' ' ' | wc -l)" 0
	differ "$(stat -L -c %d:%i "/proc/$pid/exe")" "$(stat -L -c %d:%i "$OCI_RT")"
	fails grep -q " $(stat -L -c %i "$OCI_RT") .*${OCI_RT##*/}" "/proc/$pid/maps"
}

@test "ATTACK CVE-2016-9962: a process that waits for start holds nothing of the host" {
	args /bin/true
	create_ct
	local pid fd
	pid=$(pid_of)
	for fd in /proc/"$pid"/fd/*; do
		# Its own root is what it may hold.
		[[ ! -d $fd || $(stat -L -c %d:%i "$fd") == $(stat -L -c %d:%i "/proc/$pid/root") ]] || { readlink "$fd"; false; }
	done
	same "$(stat -L -c %d:%i "/proc/$pid/root"/etc/passwd)" "$(stat -c %d:%i "$R/etc/passwd")"
}

@test "ATTACK CVE-2017-16539: the configuration to start from masks what must be masked" {
	mkdir "$T/spec"
	cd "$T/spec"
	run "$OCI_RT" spec
	ok
	local path
	for path in /proc/acpi /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/timer_stats /proc/sched_debug /proc/scsi /sys/firmware; do
		jq -e --arg p $path '.linux.maskedPaths | index($p)' config.json
	done
	jq -e '.root.path == "rootfs" and (.process.capabilities.inheritable // [] | length == 0) and .process.noNewPrivileges' config.json
}

@test "ATTACK LXC CVE-2015-1335: links anywhere on the way to a mount point" {
	mkdir -p "$T/outside"
	mkdir "$R/a"
	ln -s "$T/outside" "$R/a/b"
	ln -s /a/b/../../../../../.."$T" "$R/c"
	config '.mounts += [{destination: "/a/b/c/d", type: "tmpfs"}, {destination: "/c/outside/e", type: "tmpfs"}]'
	in_ct true
	same "$(find "$T/outside" -mindepth 1)" ""
	no_mount_left
}
