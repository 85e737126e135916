#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# exec: the whole confinement of the container's first process, and attacks on it.

load helpers

# both FILE: what the first process and an exec'd one say of themselves are the same.
both() {
	same "$(rt exec "$ID" cat "/proc/self/$1")" "$(cat "/proc/$(pid_of)/$1")" "$1"
}

# A user's container has other numbers for its ids than who looks at it from outside.
status_of() {
	local ids='Groups|Uid|Gid|'
	! as_user || ids=''
	grep -E "^(${ids}Cap|NoNewPrivs|Seccomp|Umask|SigIgn|SigBlk)" "$1"
}

@test "ATTACK CVE-2019-10144 CVE-2019-10145 CVE-2019-10147: an exec'd process is confined as the first one is" {
	config '.linux.namespaces += [{type: "cgroup"}, {type: "time"}] | .linux.personality = {domain: "LINUX32"}
		| .process.noNewPrivileges = true | .process.user = {uid: 1000, gid: 1000, additionalGids: [5, 6], umask: 63}
		| .process.oomScoreAdj = 500 | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 88}]
		| .process.scheduler = {policy: "SCHED_BATCH", nice: 3} | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mseal"], action: "SCMP_ACT_ERRNO"}]}'
	running_ct
	local ns first
	first=$(pid_of)
	for ns in user mnt net ipc pid uts cgroup time; do
		same "$(rt exec "$ID" readlink "/proc/self/ns/$ns")" "$(readlink "/proc/$first/ns/$ns")" "$ns"
	done
	rt exec "$ID" cat /proc/self/status >"$T/exec"
	same "$(status_of "$T/exec")" "$(status_of "/proc/$first/status")"
	both oom_score_adj
	both limits
	run rt exec "$ID" probe schedule
	matches '^policy=3 flags=0 nice=3 '
	has_line "ioprio=16390 mempolicy=0 nodes=0"
	run rt exec "$ID" uname -m
	has_line i686
	# The cgroups, as the host sees them.
	quiet rt exec -d --pid-file "$T/pid" "$ID" sleep 1000
	same "$(cat "/proc/$(cat "$T/pid")/cgroup")" "$(cat "/proc/$first/cgroup")"
	same "$(cat "/proc/$(cat "$T/pid")/sessionid")" "$(cat "/proc/$first/sessionid")"
}

@test "exec: what a process file leaves out is the container's" {
	config '.process.noNewPrivileges = true | .process.user.umask = 63 | .process.oomScoreAdj = 500
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 88}]'
	running_ct
	echo '{"args": ["cat", "/proc/self/status", "/proc/self/limits", "/proc/self/oom_score_adj"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}' >"$T/process.json"
	rt exec -p "$T/process.json" "$ID" >"$T/exec"
	same "$(status_of "$T/exec")" "$(status_of "/proc/$(pid_of)/status")"
	grep -qE '^Max open files +77 +88' "$T/exec"
	grep -qx 500 "$T/exec"
	# What it says itself, it has.
	jq '.capabilities = {} | .noNewPrivileges = false | .rlimits = [] | .user.umask = 18' "$T/process.json" >"$T/own.json"
	rt exec -p "$T/own.json" "$ID" >"$T/exec"
	grep -qx $'CapEff:\t0000000000000000' "$T/exec"
	grep -qx $'NoNewPrivs:\t0' "$T/exec"
	grep -qx $'Umask:\t0022' "$T/exec"
}

@test "ATTACK CVE-2025-27612 CVE-2022-29162: --cap is neither inheritable nor ambient" {
	running_ct
	run rt exec --cap CAP_SYS_TIME -c net_raw "$ID" grep ^Cap /proc/self/status
	ok
	has_line $'CapInh:\t0000000000000000'
	has_line $'CapAmb:\t0000000000000000'
	local more=$(((1 << 25) | (1 << 13)))
	same "$((0x$(awk '/CapEff/ { print $2 }' <<<"$output") & more))" "$more"
	same "$((0x$(awk '/CapBnd/ { print $2 }' <<<"$output") & more))" "$more"
	run rt exec --cap CAP_NONE "$ID" true
	code 255
	has CAP_NONE
	config '.process.capabilities.inheritable = ["CAP_KILL", "CAP_NET_ADMIN"]'
	running_ct
	run rt exec --cap CAP_NET_ADMIN "$ID" grep ^CapAmb /proc/self/status
	has_line $'CapAmb:\t0000000000001000'
}

@test "exec: --no-new-privs, a label and a profile that this host does not have" {
	running_ct
	run rt exec --no-new-privs "$ID" grep NoNewPrivs /proc/self/status
	has_line $'NoNewPrivs:\t1'
	if ! grep -q Y /sys/module/apparmor/parameters/enabled 2>/dev/null; then
		run rt exec --apparmor octest-profile "$ID" true
		code 255
		has AppArmor
	fi
	if [[ ! -e /sys/fs/selinux/enforce ]]; then
		run rt exec --process-label a:b:c:d "$ID" true
		code 255
		has SELinux
	fi
}

@test "exec: the keyring is none of the caller's" {
	running_ct
	run rt exec "$ID" probe keyring
	matches "keyring.*_ses\\.$ID"
}

@test "AFF-obj AFF-init AFF-final AFF-nofinal: on which processors it runs" {
	config '.process.execCPUAffinity = {final: "1"}'
	running_ct
	run rt exec "$ID" grep Cpus_allowed_list /proc/self/status
	matches ':.1$'
	config '.process.execCPUAffinity = {initial: "0", final: "0-1"}'
	running_ct
	run rt exec "$ID" grep Cpus_allowed_list /proc/self/status
	matches ':.0-1$'
	fails grep -qE ':.0$' <(grep Cpus_allowed_list "/proc/$(pid_of)/status")
	config '.process.execCPUAffinity = {initial: "1"}'
	running_ct
	run rt exec "$ID" grep Cpus_allowed_list /proc/self/status
	# What the move to another set of processors makes of it is the kernel's: before 6.2, all.
	if is_kernel 6 2; then matches ':.1$'; else matches ':.(0-)?1$'; fi
	config '.process.execCPUAffinity = {final: "8000"}'
	running_ct
	run rt exec "$ID" true
	code 255
	has execCPUAffinity
}

@test "NS-path UM-uid: exec in a container with a user namespace" {
	own_root 100000
	config '.linux.namespaces += [{type: "user"}, {type: "cgroup"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	running_ct
	run rt exec "$ID" sh -c 'id -u; id -g; touch /tmp/made; grep NSpid /proc/self/status'
	ok
	same "$(head -2 <<<"$output")" $'0\n0'
	same "$(stat -c %u:%g "$R/tmp/made")" 100000:100000
	run rt exec -u 7:8 "$ID" cat /proc/self/uid_map
	ok
	same "$(tr -s ' ' <<<"$output")" " 0 100000 65536"
	run "$PROBE" pty 20 30 40 50 "$OCI_RT" --root "$ROOT" exec -t "$ID" probe tty
	has isatty=111
	run rt exec -u 70000 "$ID" true
	code 255
}

@test "NS-empty: exec in a container without namespaces of its own, but one" {
	root_only "do without a user namespace"
	config '.linux.namespaces = [{type: "mount"}] | del(.hostname)'
	running_ct
	run rt exec "$ID" sh -c 'ls /bin/probe; readlink /proc/self/ns/pid'
	ok
	has_line "$(readlink /proc/self/ns/pid)"
	config '.linux.namespaces = [] | del(.mounts, .linux.maskedPaths, .linux.readonlyPaths)'
	running_ct
	run rt exec "$ID" ls /bin/probe
	ok
	has_line /bin/probe
	run rt exec "$ID" ls "$BUNDLE"
	bad
}

@test "exec: cgroups below the container's, and none above" {
	own_cgroup
	running_ct
	its_cgroup
	local cg=$CG first dir path
	first=$(pid_of)
	# Each hierarchy gets one, wherever it is mounted.
	while IFS=: read -r _ names path; do
		dir=/sys/fs/cgroup/${names#name=}
		[[ -n $names ]] || dir=/sys/fs/cgroup/unified
		[[ -d $dir$path ]] || dir=/sys/fs/cgroup
		if [[ -d $dir$path && $path == "$cg" ]]; then mkdir "$dir$path/sub"; fi
	done <"/proc/$first/cgroup"
	[[ ! -e /sys/fs/cgroup/cpuset$cg/sub ]] || { cat "/sys/fs/cgroup/cpuset$cg/cpuset.cpus" >"/sys/fs/cgroup/cpuset$cg/sub/cpuset.cpus"; cat "/sys/fs/cgroup/cpuset$cg/cpuset.mems" >"/sys/fs/cgroup/cpuset$cg/sub/cpuset.mems"; }
	run rt exec --cgroup sub "$ID" cat /proc/self/cgroup
	ok
	fails grep -q ":$cg\$" <<<"$output"
	has ":$cg/sub"
	run rt exec --cgroup / "$ID" cat /proc/self/cgroup
	ok
	has ":$cg"
	if grep -q :pids: "/proc/$first/cgroup"; then
		run rt exec --cgroup pids:sub --cgroup memory,freezer:/sub "$ID" cat /proc/self/cgroup
		ok
		has "pids:$cg/sub"
		has "freezer:$cg/sub"
		matches "devices:$cg\$"
	fi
	for path in ../x sub/../../.. .. pids:.. a/..; do
		run rt exec --cgroup "$path" "$ID" true
		code 255
		has "--cgroup"
	done
	run rt exec --cgroup nocontroller:sub "$ID" true
	code 255
	has nocontroller
	run rt exec --cgroup missing "$ID" true
	code 255
	lacks 'no such file or directory|not found'
}

@test "CPS-pid CPS-state: an agent is told of the exec'd process, which runs" {
	local agent=${builddir:-$HERE/../..}/contrib/seccomp-agent
	[[ -x $agent ]] || skip "no agent built"
	cp "$agent" "$F/bin/agent"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $p, syscalls: [{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]}' --arg p "$T/agent"
	"$F/bin/agent" "$T/agent" >"$T/agent.out" 2>&1 </dev/null 3>&- &
	AGENT_PID=$!
	until_true grep -q listening "$T/agent.out"
	running_ct
	quiet rt exec -d --pid-file "$T/pid" "$ID" sleep 1000
	ok
	until_true grep -q "$(cat "$T/pid")" "$T/agent.out"
	cat "$T/agent.out"
	grep -q '"status":"running"' "$T/agent.out" || grep -q running "$T/agent.out"
}

cleanup() {
	if [[ -n ${AGENT_PID-} ]]; then
		kill -KILL "$AGENT_PID" 2>/dev/null || true
		wait "$AGENT_PID" 2>/dev/null || true
		AGENT_PID=
	fi
}

@test "ATTACK CVE-2024-21626: no directory of the host's is reached through a descriptor" {
	local n
	running_ct
	for n in $(seq 3 40); do
		run rt exec --cwd "/proc/self/fd/$n" "$ID" pwd
		[[ $status -ne 0 ]] || same "$output" "/proc/self/fd/$n is nowhere"
		run rt exec "$ID" "/proc/self/fd/$n/../../bin/ls"
		code 255
	done
	ln -s /proc/self/fd/7 "$R/link"
	for n in 6 7 8 9 10; do
		ln -sfn "/proc/self/fd/$n" "$R/link"
		run rt exec --cwd /link "$ID" probe cwd
		[[ $status -ne 0 ]] || lacks 'unreachable|sys/fs|state'
	done
}

@test "ATTACK CVE-2019-5736: the runtime's program is not there to be written" {
	local i sum
	sum=$(sha256sum <"$OCI_RT")
	printf '#!/proc/self/exe\n' >"$R/bin/x"
	chmod 755 "$R/bin/x"
	config '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
	args /bin/probe steal "${OCI_RT##*/}"
	create_ct
	start_ct
	for i in $(seq 60); do
		rt exec "$ID" /bin/x </dev/null >/dev/null 2>&1 || true
		rt exec "$ID" /proc/self/exe list </dev/null >/dev/null 2>&1 || true
	done
	is_alive "$(pid_of)"
	fails grep -q stolen "$CT_OUT"
	same "$(sha256sum <"$OCI_RT")" "$sum"
}

@test "ATTACK CVE-2016-9962: nothing of the host is seen through a process that enters" {
	config '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
	sh_args 'echo ready; while :; do for p in /proc/[0-9]*; do [ "$p" = /proc/1 ] || [ ! -e $p/root'"$T"'/bundle ] || echo "saw the host"; for l in $p/cwd $p/root $p/fd/*; do t=$(readlink $l 2>/dev/null) && case $t in /proc* | pipe:* | socket:* | anon* | /dev/* | /bin/* | / ) ;; */state* | */sys/fs/cgroup* | */bundle*) echo "saw $t" ;; esac; done; done; done'
	create_ct
	start_ct
	until_true grep -q ready "$CT_OUT"
	local i
	for i in $(seq 60); do
		rt exec "$ID" /bin/true </dev/null >/dev/null 2>&1 || true
	done
	fails grep saw "$CT_OUT"
}

@test "ATTACK CVE-2020-15257: exec opens no abstract socket" {
	running_ct
	rt exec "$ID" sleep 0.3 </dev/null >/dev/null 2>&1 3>&- &
	sleep 0.1
	fails grep -E ' @.*oci' /proc/net/unix
	wait $!
}
