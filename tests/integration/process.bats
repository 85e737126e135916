#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the program is given: arguments, environment, directory, ids, rights, limits.

load helpers

@test "P-args P-args-1 OP-start-run: the program is found through the container's PATH, its arguments arrive" {
	args printf '%s|' 'a b' '' $'new\nline' "quote's" '日本'
	run_ct
	ok
	same "$output" $'a b||new\nline|quote\'s|日本|'
	mkdir -p "$R/opt/x"
	printf '#!/bin/sh\necho found $0\n' >"$R/opt/x/tool"
	chmod 755 "$R/opt/x/tool"
	config '.process.env = ["PATH=/nowhere:/opt/x:/bin"]'
	args tool
	run_ct
	ok
	has "found /opt/x/tool"
	config '.process.cwd = "/opt/x"'
	args ./tool
	run_ct
	ok
	has_line "found ./tool"
	config '.process.cwd = "/opt"'
	args x/tool
	run_ct
	ok
	has_line "found x/tool"
	args tool
	config '.process.env = ["PATH=x"]'
	run_ct
	ok
	has_line "found x/tool"
	config '.process.cwd = "/" | .process.env = ["PATH=/bin"]'
	refuses "no arguments" '.process.args = []'
	refuses "no args at all" 'del(.process.args)'
	refuses "arguments that are numbers" '.process.args = [1]'
}

@test "P-args-1 errors: a program that cannot run is told with the words that engines know" {
	local verb
	for verb in /bin/nowhere nowhere; do
		args $verb
		run_ct
		code 1
		matches 'executable file not found in \$PATH|no such file or directory'
		has "nowhere"
		lacks 'permission denied'
	done
	touch "$R/bin/notexec"
	chmod 644 "$R/bin/notexec"
	args /bin/notexec
	run_ct
	bad "permission denied"
	lacks 'no such file'
	args /etc
	run_ct
	bad
	matches 'is a directory: permission denied'
	printf '\x7fELFjunk' >"$R/bin/junk"
	chmod 755 "$R/bin/junk"
	args /bin/junk
	run_ct
	bad
	printf '#!/no/interp\n' >"$R/bin/script"
	chmod 755 "$R/bin/script"
	args /bin/script
	run_ct
	bad
}

@test "P-env: the environment is exactly the configured one, in order" {
	config '.process.env = ["B=2", "PATH=/bin", "A=1 x=y", "EMPTY=", "UTF=ü"]'
	LEAK=yes args /bin/cat /proc/self/environ
	LEAK=yes run_ct
	ok
	output=$(rt run --bundle "$BUNDLE" "$ID-x" | tr '\0' '\n')
	same "$(grep -v '^HOME=' <<<"$output")" $'B=2\nPATH=/bin\nA=1 x=y\nEMPTY=\nUTF=ü'
	config 'del(.process.env)'
	args /usr/bin/env
	run_ct
	ok
	lacks LEAK
	lacks OLDPWD
}

@test "P-cwd P-cwd-abs: the working directory" {
	config '.process.cwd = "/etc"'
	in_ct pwd
	same "$output" /etc
	config '.process.cwd = "/made/for/us"'
	in_ct pwd
	ok
	same "$output" /made/for/us
	refuses "relative" '.process.cwd = "tmp"'
	refuses "empty" '.process.cwd = ""'
	refuses "none" 'del(.process.cwd)'
	touch "$R/etc/file"
	config '.process.cwd = "/etc/file"'
	in_ct pwd
	bad
	# A directory that only the user, or only root, may enter.
	mkdir -m 700 "$R/root"/mine "$R/mnt/theirs"
	as_user || chown 1000 "$R/mnt/theirs" # who cannot give files to others has it already
	config '.process.cwd = "/mnt/theirs" | .process.user = {uid: 1000, gid: 1000}'
	in_ct pwd
	same "$output" /mnt/theirs
}

@test "U-uid U-gid U-agids ATTACK CVE-2022-36109: the ids are the configured ones, and no others" {
	in_ct 'id -u; id -g; id -G'
	same "$output" $'0\n0\n0'
	config '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 100, 65000]}'
	in_ct 'id -u; id -g; grep -E "^(Uid|Gid|Groups)" /proc/self/status'
	has_line "$(printf 'Uid:\t1000\t1000\t1000\t1000')"
	has_line "$(printf 'Gid:\t1001\t1001\t1001\t1001')"
	matches '^Groups:\s5 100 65000 ?$'
	! as_user || return 0 # who cannot give the runtime other groups
	config '.process.user = {uid: 1000, gid: 1001, additionalGids: []}'
	sh_args 'grep Groups /proc/self/status'
	new_id
	run setpriv --groups 4,27,100 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	matches '^Groups:\s*$'
	config 'del(.process.user.additionalGids)'
	new_id
	run setpriv --groups 4,27,100 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	matches '^Groups:\s*$'
	refuses "no uid" 'del(.process.user.uid)'
	refuses "no gid" 'del(.process.user.gid)'
}

@test "ATTACK CVE-2024-40635: ids that are no 32-bit numbers are refused" {
	local bad_id
	for bad_id in 4294967296 -1 1e3x 1.5 '"0"' 18446744073709551616 9223372036854775808; do
		config '.process.user.uid = "@ID@"'
		exact @ID@ "$bad_id"
		new_id
		quiet rt create --bundle "$BUNDLE" "$ID"
		echo "uid $bad_id"
		bad
		cp "$F/base.json" "$BUNDLE/config.json"
		config '.process.user.additionalGids = ["@ID@"]'
		exact @ID@ "$bad_id"
		quiet rt create --bundle "$BUNDLE" "$ID"
		bad
		cp "$F/base.json" "$BUNDLE/config.json"
	done
	# -1 for the kernel: must never run as the caller.
	config '.process.user.uid = 4294967295'
	in_ct 'id -u'
	bad
	nothing_left_of "$ID"
}

@test "ATTACK CVE-2016-3697: a numeric name in the image's passwd file does not matter" {
	echo '1000:x:0:0::/:/bin/sh' >>"$R/etc/passwd"
	config '.process.user = {uid: 1000, gid: 1000}'
	in_ct 'grep Uid /proc/self/status'
	has "1000"
	lacks '\s0\s'
}

@test "U-umask: set when given, otherwise the caller's" {
	config '.process.user.umask = 63'
	in_ct umask
	same "$output" 0077
	config '.process.user.umask = 0'
	in_ct umask
	same "$output" 0000
	config 'del(.process.user.umask)'
	sh_args umask
	(
		umask 027
		new_id
		run rt run --bundle "$BUNDLE" "$ID"
		same "$output" 0027
	)
}

@test "CAP-obj CAP-eff CAP-bnd CAP-prm CAP-inh ATTACK CVE-2022-29162: the sets are the configured ones" {
	args /bin/grep Cap /proc/self/status
	config '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SYSLOG"], effective: ["CAP_CHOWN"], permitted: ["CAP_CHOWN", "CAP_KILL"], inheritable: []}'
	run_ct
	ok
	# For root, exec gives everything in the bounding set.
	has_line $'CapBnd:\t0000000400000021'
	has_line $'CapInh:\t0000000000000000'
	has_line $'CapAmb:\t0000000000000000'
	config '.process.capabilities = {}'
	run_ct
	has_line $'CapBnd:\t0000000000000000'
	has_line $'CapEff:\t0000000000000000'
	has_line $'CapPrm:\t0000000000000000'
}

@test "CAP-amb CAP-inh CAP-prm ATTACK CVE-2016-8867: a user has no capabilities unless ambient ones are configured" {
	args /bin/grep Cap /proc/self/status
	config '.process.user = {uid: 1000, gid: 1000}'
	run_ct
	has_line $'CapEff:\t0000000000000000'
	has_line $'CapPrm:\t0000000000000000'
	has_line $'CapAmb:\t0000000000000000'
	config '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}'
	run_ct
	has_line $'CapAmb:\t0000000000000020'
	has_line $'CapEff:\t0000000000000020'
	has_line $'CapPrm:\t0000000000000020'
	has_line $'CapInh:\t0000000000000020'
	has_line $'CapBnd:\t0000000000000021'
}

@test "CAP-warn CAP-nofail: an unknown or ungrantable capability is a warning" {
	config '.process.capabilities |= map_values(. + ["CAP_NO_SUCH", "CAP_SYS_RESOURCE"])'
	sh_args 'grep CapBnd /proc/self/status'
	new_id
	rt --log "$T/log" run --bundle "$BUNDLE" "$ID" >"$T/stdout"
	grep -q CapBnd "$T/stdout"
	grep -qi CAP_NO_SUCH "$T/log"
}

@test "RL-list RL-type RL-soft RL-hard RL-get: all sixteen limits" {
	config '.process.rlimits = [
		{type: "RLIMIT_AS", soft: 1000000000, hard: 1100000000},
		{type: "RLIMIT_CORE", soft: 0, hard: 4096},
		{type: "RLIMIT_CPU", soft: 100, hard: 200},
		{type: "RLIMIT_DATA", soft: 500000000, hard: 600000000},
		{type: "RLIMIT_FSIZE", soft: 10000000, hard: "@MAX@"},
		{type: "RLIMIT_LOCKS", soft: 10, hard: 20},
		{type: "RLIMIT_MEMLOCK", soft: 4096, hard: 8192},
		{type: "RLIMIT_MSGQUEUE", soft: 1000, hard: 2000},
		{type: "RLIMIT_NICE", soft: 0, hard: 0},
		{type: "RLIMIT_NOFILE", soft: 100, hard: 200},
		{type: "RLIMIT_NPROC", soft: 500, hard: 600},
		{type: "RLIMIT_RSS", soft: "@MAX@", hard: "@MAX@"},
		{type: "RLIMIT_RTPRIO", soft: 0, hard: 0},
		{type: "RLIMIT_RTTIME", soft: 1000000, hard: 2000000},
		{type: "RLIMIT_SIGPENDING", soft: 100, hard: 1000},
		{type: "RLIMIT_STACK", soft: 4000000, hard: 8000000}]'
	args /bin/probe limits
	exact @MAX@ 18446744073709551615
	run_ct
	ok
	has_line "RLIMIT_AS 1000000000 1100000000"
	has_line "RLIMIT_CORE 0 4096"
	has_line "RLIMIT_CPU 100 200"
	has_line "RLIMIT_DATA 500000000 600000000"
	has_line "RLIMIT_FSIZE 10000000 18446744073709551615"
	has_line "RLIMIT_LOCKS 10 20"
	has_line "RLIMIT_MEMLOCK 4096 8192"
	has_line "RLIMIT_MSGQUEUE 1000 2000"
	has_line "RLIMIT_NICE 0 0"
	has_line "RLIMIT_NOFILE 100 200"
	has_line "RLIMIT_NPROC 500 600"
	has_line "RLIMIT_RSS 18446744073709551615 18446744073709551615"
	has_line "RLIMIT_RTPRIO 0 0"
	has_line "RLIMIT_RTTIME 1000000 2000000"
	has_line "RLIMIT_SIGPENDING 100 1000"
	has_line "RLIMIT_STACK 4000000 8000000"
}

@test "RL-unknown RL-dup RL-hard: limits that cannot be are refused" {
	refuses "unknown" '.process.rlimits = [{type: "RLIMIT_FOO", soft: 1, hard: 1}]'
	refuses "twice" '.process.rlimits = [{type: "RLIMIT_CORE", soft: 1, hard: 1}, {type: "RLIMIT_CORE", soft: 1, hard: 1}]'
	refuses "soft above hard" '.process.rlimits = [{type: "RLIMIT_CORE", soft: 2, hard: 1}]'
	refuses "no soft" '.process.rlimits = [{type: "RLIMIT_CORE", hard: 1}]'
	refuses "no hard" '.process.rlimits = [{type: "RLIMIT_CORE", soft: 1}]'
	refuses "negative" '.process.rlimits = [{type: "RLIMIT_CORE", soft: -1, hard: 1}]'
	# Without CAP_SYS_RESOURCE a hard limit cannot be raised: an error, never a silent skip.
	if ! grep -q '^CapEff:.*1ffffffffff' /proc/self/status; then
		config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 10000000, hard: 10000000}]'
		run_ct
		bad RLIMIT_NOFILE
		lacks 'operation not permitted|permission denied'
	fi
}

@test "P-nnp: no_new_privs as configured" {
	args /bin/grep NoNewPrivs /proc/self/status
	config '.process.noNewPrivileges = true'
	run_ct
	has_line $'NoNewPrivs:\t1'
	config '.process.noNewPrivileges = false'
	run_ct
	has_line $'NoNewPrivs:\t0'
	config 'del(.process.noNewPrivileges)'
	run_ct
	has_line $'NoNewPrivs:\t0'
}

@test "OP-create-proc: what needs no program is in place once it is created" {
	config '.process.oomScoreAdj = 321'
	args true
	create_ct
	same "$(cat "/proc/$(pid_of)/oom_score_adj")" 321
	start_ct
}

@test "P-oom P-oom-unset: oom_score_adj exactly, or the caller's" {
	args /bin/cat /proc/self/oom_score_adj
	config '.process.oomScoreAdj = 500'
	run_ct
	same "$output" 500
	config 'del(.process.oomScoreAdj)'
	new_id
	run choom -n 100 -- "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	same "$output" 100
	config '.process.oomScoreAdj = 1000'
	run_ct
	same "$output" 1000
	# By way of a process between; it is never too late for it, as it can be for the host.
	config '.process.oomScoreAdj = 700 | .linux.namespaces += [{type: "time"}]'
	for _ in 1 2 3 4 5; do
		run_ct
		same "$output" 700
	done
	refuses "too much" '.process.oomScoreAdj = 1001'
	refuses "too little" '.process.oomScoreAdj = -1001'
}

@test "FD-3 FD-extra FD-null ATTACK CVE-2024-21626 fds: only the standard three, and those asked for" {
	args /bin/probe fds
	new_id
	output=$(
		for fd in $(seq 3 30); do eval "exec $fd</etc/hostname"; done
		"$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 2>&1
	)
	same "$(wc -l <<<"$output")" 3
	matches '^0 /dev/null$'
	new_id
	output=$(
		exec 3<"$R/etc/passwd" 4<"$R/etc/group" 5</etc/hostname
		"$OCI_RT" --root "$ROOT" run --preserve-fds 2 --bundle "$BUNDLE" "$ID" </dev/null 2>&1
	)
	same "$(wc -l <<<"$output")" 5
	matches '^3 .*passwd$'
	matches '^4 .*group$'
	# A descriptor that is asked for but closed.
	new_id
	status=0
	output=$(
		exec 3<&- 4<&-
		"$OCI_RT" --root "$ROOT" run --preserve-fds 2 --bundle "$BUNDLE" "$ID" </dev/null 2>&1
	) || status=$?
	bad
	# The container's own /dev/null, not the host's.
	in_ct 'stat -L -c %d /proc/self/fd/0 /dev/null'
	sh_args 'stat -L -c %d /proc/self/fd/0 /dev/null'
	output=$(rt run --bundle "$BUNDLE" "$ID-n" </dev/null)
	same "$(sort -u <<<"$output" | wc -l)" 1
	nothing_left_of "$ID"
}

@test "SIGNALS: nothing is blocked or ignored, whatever the caller does" {
	args /bin/grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
	new_id
	# Engines ignore SIGPIPE and never restore it.
	output=$(
		trap '' PIPE HUP USR1 INT
		"$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	)
	has_line $'SigBlk:\t0000000000000000'
	has_line $'SigIgn:\t0000000000000000'
	# And blocked ones.
	new_id
	run perl -MPOSIX -e 'my $s = POSIX::SigSet->new; $s->fillset; sigprocmask(SIG_BLOCK, $s); exec @ARGV' \
		"$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	has_line $'SigBlk:\t0000000000000000'
}

@test "P-hostname P-domain: host and domain name inside, the host's as before" {
	local before
	before=$(hostname)
	config '.domainname = "example.org"'
	in_ct 'hostname; cat /proc/sys/kernel/domainname'
	same "$output" $'box\nexample.org'
	same "$(hostname)" "$before"
	refuses "no uts namespace" '.linux.namespaces |= map(select(.type != "uts"))'
	same "$(hostname)" "$before"
	refuses "domainname without uts" 'del(.hostname) | .linux.namespaces |= map(select(.type != "uts"))'
}

@test "SY-obj SY-ns SY-order SY-sep: sysctls of the container's namespaces, and only those" {
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "net/ipv4/conf/lo/forwarding": "0", "kernel.msgmax": "9000", "fs.mqueue.queues_max": "17", "kernel.domainname": "dom"}'
	in_ct 'cd /proc/sys; cat net/ipv4/ip_forward net/ipv4/conf/lo/forwarding kernel/msgmax fs/mqueue/queues_max kernel/domainname'
	ok
	same "$output" $'1\n0\n9000\n17\ndom'
	config 'del(.linux.sysctl)'
	local before
	before=$(cat /proc/sys/kernel/panic)
	refuses "not of a namespace" '.linux.sysctl = {"kernel.panic": "77"}'
	same "$(cat /proc/sys/kernel/panic)" "$before"
	refuses "no network namespace" '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.namespaces |= map(select(.type != "network"))'
	refuses "no ipc namespace" '.linux.sysctl = {"kernel.msgmax": "1"} | .linux.namespaces |= map(select(.type != "ipc"))'
	refuses "host name" '.linux.sysctl = {"kernel.hostname": "x"}'
	refuses "up and out" '.linux.sysctl = {"net/../kernel/panic": "1"}'
	refuses "up and out" '.linux.sysctl = {"net.ipv4/../../kernel/panic": "1"}'
	refuses "no such key" '.linux.sysctl = {"net.ipv4.nope": "1"}'
	same "$(cat /proc/sys/kernel/panic)" "$before"
}

@test "PE-obj PE-domain PE-flags: personality" {
	config '.linux.personality = {domain: "LINUX32"}'
	in_ct 'uname -m'
	matches 'i.86'
	config '.linux.personality = {domain: "LINUX"}'
	in_ct 'uname -m'
	same "$output" "$(uname -m)"
	refuses "unknown domain" '.linux.personality = {domain: "BSD"}'
	refuses "no domain" '.linux.personality = {}'
	refuses "a flag" '.linux.personality = {domain: "LINUX", flags: ["X"]}'
}

@test "keyring: a session keyring of its own, unless refused" {
	args /bin/probe keyring
	run_ct
	ok
	lacks '_uid_ses|EACCES'
	local own=$output
	run_ct --no-new-keyring
	ok
	differ "$output" "$own"
}

@test "P-consize-ign: a console size without a terminal is ignored" {
	accepts "no terminal" '.process.consoleSize = {height: 10, width: 20}'
}

@test "AN-obj AN-map AN-str AN-nonempty AN-empty AN-unknown AN-absent: annotations" {
	accepts "none" '.annotations = {}'
	accepts "any" '.annotations = {"x.y": "", "org.opencontainers.image.os": "linux"}'
	refuses "empty key" '.annotations = {"": "x"}'
	refuses "a number" '.annotations = {"a": 1}'
	refuses "a list" '.annotations = []'
}
