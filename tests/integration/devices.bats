#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Device nodes: the default ones, the configured ones, the links of /dev.

load helpers

STAT='stat -c "%n %F %t:%T %a %u %g"'

@test "DD-null DD-zero DD-full DD-random DD-urandom DD-tty L-FS-pts L-FS-shm L-FS-proc L-FS-sys: the default devices and file systems" {
	in_ct "$STAT /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty; echo x >/dev/null && head -c 4 /dev/zero | wc -c; echo x >/dev/full; head -c 4 /dev/urandom | wc -c; stat -f -c %T /dev/pts /dev/shm /proc /sys"
	has_line "/dev/null character special file 1:3 666 0 0"
	has_line "/dev/zero character special file 1:5 666 0 0"
	has_line "/dev/full character special file 1:7 666 0 0"
	has_line "/dev/random character special file 1:8 666 0 0"
	has_line "/dev/urandom character special file 1:9 666 0 0"
	has_line "/dev/tty character special file 5:0 666 0 0"
	has "No space left"
	same "$(grep -cx 4 <<<"$output")" 2
}

@test "DD-ptmx DD-console SYM-fd SYM-stdin SYM-stdout SYM-stderr: the links" {
	in_ct 'for l in fd stdin stdout stderr ptmx core; do echo "$l $(readlink /dev/$l)"; done; ls -l /dev/console 2>&1; probe open /dev/ptmx rw'
	has_line "fd /proc/self/fd"
	has_line "stdin /proc/self/fd/0"
	has_line "stdout /proc/self/fd/1"
	has_line "stderr /proc/self/fd/2"
	matches '^ptmx (/dev/)?pts/ptmx'
	has_line "open /dev/ptmx rw: ok"
	has "No such file"
	# Without /proc there is nothing to link to.
	config '.mounts |= map(select(.destination != "/proc"))'
	in_ct 'for l in fd stdin stdout stderr; do if [ -L /dev/$l ]; then echo "link $l"; fi; done'
	same "$output" ""
}

@test "DV-list DV-type DV-path DV-majmin DV-mode DV-uid DV-gid DV-anywhere DV-same: configured devices" {
	config '.linux.devices = [
		{path: "/dev/mynull", type: "c", major: 1, minor: 3, fileMode: 438, uid: 0, gid: 0},
		{path: "/dev/private", type: "c", major: 1, minor: 3, fileMode: 384, uid: 7, gid: 8},
		{path: "/dev/unbuffered", type: "u", major: 1, minor: 5},
		{path: "/dev/blk", type: "b", major: 7, minor: 200, fileMode: 432},
		{path: "/dev/pipe", type: "p", fileMode: 420},
		{path: "/x/y/deep", type: "c", major: 1, minor: 7},
		{path: "/opt/else", type: "c", major: 1, minor: 8, fileMode: 8630}]'
	umask 077
	in_ct "$STAT /dev/mynull /dev/private /dev/unbuffered /dev/blk /dev/pipe /x/y/deep /opt/else"
	umask 022
	ok
	has_line "/dev/mynull character special file 1:3 666 0 0"
	has_line "/dev/private character special file 1:3 600 7 8"
	has_line "/dev/unbuffered character special file 1:5 666 0 0"
	has_line "/dev/blk block special file 7:c8 660 0 0"
	has_line "/dev/pipe fifo 0:0 644 0 0"
	has_line "/x/y/deep character special file 1:7 666 0 0"
	# S_IFCHR beside the permission bits is what some callers send.
	has_line "/opt/else character special file 1:8 666 0 0"
}

@test "DV-exist: what is there already must match" {
	mknod -m 600 "$R/opt/null" c 1 3
	config '.linux.devices = [{path: "/opt/null", type: "c", major: 1, minor: 3, fileMode: 438}]'
	in_ct "$STAT /opt/null"
	ok
	has "1:3 666"
	touch "$R/opt/file"
	refuses "a file" '.linux.devices[0].path = "/opt/file"'
	mknod "$R/opt/zero" c 1 5
	refuses "another device" '.linux.devices[0].path = "/opt/zero"'
	mkdir "$R/opt/dir"
	refuses "a directory" '.linux.devices[0].path = "/opt/dir"'
	ln -s /etc "$R/opt/link"
	refuses "a link" '.linux.devices[0].path = "/opt/link"'
}

@test "DV-type DV-majmin DV-path: entries that cannot be" {
	local d='.linux.devices = '
	refuses "unknown type" "$d"'[{path: "/dev/x", type: "x", major: 1, minor: 3}]'
	refuses "no type" "$d"'[{path: "/dev/x", major: 1, minor: 3}]'
	refuses "no path" "$d"'[{type: "c", major: 1, minor: 3}]'
	refuses "no minor" "$d"'[{path: "/dev/x", type: "c", major: 1}]'
	refuses "no major" "$d"'[{path: "/dev/x", type: "b", minor: 1}]'
	refuses "negative" "$d"'[{path: "/dev/x", type: "c", major: -1, minor: 3}]'
	refuses "too big" "$d"'[{path: "/dev/x", type: "c", major: 4096, minor: 3}]'
	refuses "too big" "$d"'[{path: "/dev/x", type: "c", major: 1, minor: 1048576}]'
}

@test "DD-bindmount: with a bind mount on /dev only what is missing may come" {
	mkdir "$T/dev"
	mknod "$T/dev/null" c 1 3
	mkdir "$T/dev/pts" "$T/dev/shm" "$T/dev/mqueue"
	config '.mounts |= map(if .destination == "/dev" then {destination: "/dev", source: ($t + "/dev"), options: ["rbind"]} else . end)' --arg t "$T"
	in_ct 'echo x >/dev/null && echo written'
	ok
	has_line written
}

@test "DD-null: what a container in a user namespace left in the root does not hinder the next" {
	config ".mounts |= map(select(.destination | startswith(\"/dev\") | not))"
	cp "$BUNDLE/config.json" "$T/plain"
	config ".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings"
	in_ct "echo x >/dev/null"
	ok
	cp "$T/plain" "$BUNDLE/config.json"
	in_ct "echo x >/dev/null && test -c /dev/null"
	ok
}

@test "DV-how: the same devices in a user namespace" {
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings
		| .linux.devices = [{path: "/dev/mynull", type: "c", major: 1, minor: 3, fileMode: 438}]'
	own_root 100000
	in_ct "$STAT /dev/null /dev/zero /dev/tty /dev/mynull; echo x >/dev/mynull && echo written; probe open /dev/ptmx rw"
	ok
	matches '/dev/null character special file 1:3 666'
	matches '/dev/mynull character special file 1:3'
	has_line written
	has_line "open /dev/ptmx rw: ok"
}

@test "CD-list CD-order CD-allow CD-type CD-majmin CD-access CD-default DV-noaccess ATTACK GHSA-g54h-m393-cpwq: device rules" {
	config '.linux.resources.devices = [{allow: false, access: "rwm"}]'
	in_ct 'probe open /dev/null rw; probe open /dev/zero r; probe open /dev/ptmx rw; mknod /tmp/full c 10 229; probe open /tmp/full r; mknod /tmp/kmsg c 1 2; probe open /tmp/kmsg r'
	has_line "open /dev/null rw: ok"
	has_line "open /dev/zero r: ok"
	has_line "open /dev/ptmx rw: ok"
	has_line "open /tmp/kmsg r: EPERM"
	has_line "open /tmp/full r: EPERM"
	config '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 10, minor: 229, access: "rw"}, {allow: false, type: "c", major: 10, minor: 229, access: "w"}]'
	in_ct 'mknod /tmp/dev c 10 229; rm /tmp/dev; mknod /tmp/dev c 10 229 && probe open /tmp/dev r; probe open /tmp/dev w; probe open /tmp/dev rw'
	has_line "open /tmp/dev r: ok"
	has_line "open /tmp/dev w: EPERM"
	has_line "open /tmp/dev rw: EPERM"
	config '.linux.resources.devices = [{allow: false, type: "c", major: 1, minor: 3, access: "rwm"}]'
	in_ct 'probe open /dev/null rw; probe open /dev/zero rw'
	has_line "open /dev/null rw: EPERM"
	has_line "open /dev/zero rw: ok"
	config '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, access: "r"}]'
	in_ct 'rm -f /tmp/*; probe open /dev/null w; mknod /tmp/k c 10 229 2>&1 || true; probe open /tmp/k r'
	refuses "no allow" '.linux.resources.devices = [{access: "rwm"}]'
	refuses "unknown access" '.linux.resources.devices = [{allow: true, access: "x"}]'
	refuses "unknown type" '.linux.resources.devices = [{allow: true, type: "z", access: "r"}]'
}
