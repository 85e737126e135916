#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# linux.seccomp: actions, operators, architectures, flags, the agent's socket.

load helpers

prepare_file() {
	local built=${builddir:-$HERE/../..}/contrib/seccomp-agent
	export AGENT=$F/bin/seccomp-agent
	if [[ -x $built ]]; then
		cp "$built" "$AGENT"
	else
		"${CC:-cc}" -O1 -D_GNU_SOURCE -o "$AGENT" "$HERE/../../contrib/seccomp-agent.c"
	fi
}

# seccomp JSON: the profile; one call that no start of a program needs is the subject.
seccomp() {
	config ".linux.seccomp = $1 | .process.capabilities |= map_values(. - [\"CAP_SYS_ADMIN\"])"
}

# rule ACTION [MORE]: getpriority is what the tests forbid.
rule() {
	seccomp "{defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"SCMP_ARCH_X86_64\"], syscalls: [{names: [\"getpriority\"], action: \"$1\"${2:+, $2}}]}"
}

call() {
	args /bin/probe call "$@"
	run_ct
}

@test "SC-obj SC-default SC-sys SC-act-ALLOW SC-native: a filter is there when asked for, and only then" {
	args /bin/grep '^Seccomp:' /proc/self/status
	run_ct
	has_line $'Seccomp:\t0'
	rule SCMP_ACT_ERRNO
	run_ct
	has_line $'Seccomp:\t2'
	config '.process.noNewPrivileges = true'
	run_ct
	has_line $'Seccomp:\t2'
	seccomp '{defaultAction: "SCMP_ACT_ALLOW", syscalls: []}'
	run_ct
	ok
	refuses "no default" '.linux.seccomp = {syscalls: []}'
	refuses "unknown default" '.linux.seccomp = {defaultAction: "SCMP_ACT_NO"}'
}

@test "SC-act-ERRNO SC-errno SC-action: errors, the given one, zero too" {
	rule SCMP_ACT_ERRNO
	call getpriority 0 0
	has_line "getpriority=-1 EPERM"
	rule SCMP_ACT_ERRNO "errnoRet: 38"
	call getpriority 0 0
	has_line "getpriority=-1 ENOSYS"
	rule SCMP_ACT_ERRNO "errnoRet: 0"
	call getpriority 0 0
	has_line "getpriority=0 ok"
	call getppid
	has "ok"
}

@test "SC-deferrno: the default's error" {
	seccomp '{defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 51, syscalls: [{names: ["execve", "execveat", "sendto", "sendmsg", "close", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "getrandom", "mprotect", "rt_sigaction", "fstat", "newfstatat", "write", "exit_group", "exit", "ioctl", "mmap", "munmap", "rt_sigreturn", "getpid", "gettid", "tgkill"], action: "SCMP_ACT_ALLOW"}]}'
	config '.process.noNewPrivileges = true'
	call getpriority 0 0
	has_line "getpriority=-1 EL2HLT"
}

@test "SC-act-KILL SC-act-KILL_THREAD SC-act-KILL_PROCESS SC-act-TRAP SC-act-TRACE SC-act-LOG: the other actions" {
	local action
	for action in SCMP_ACT_KILL SCMP_ACT_KILL_THREAD SCMP_ACT_KILL_PROCESS; do
		rule $action
		call getpriority 0 0
		echo $action
		code 159
	done
	rule SCMP_ACT_TRAP
	call getpriority 0 0
	has "SIGSYS call=140"
	code 3
	# Nobody traces: the call fails.
	rule SCMP_ACT_TRACE "errnoRet: 7"
	call getpriority 0 0
	has_line "getpriority=-1 ENOSYS"
	rule SCMP_ACT_LOG
	call getpriority 0 0
	matches 'getpriority=[0-9]+ ok'
}

@test "SC-op-EQ SC-op-NE SC-op-LT SC-op-LE SC-op-GE SC-op-GT SC-op-MASKED_EQ SC-idx SC-val SC-val2 SC-args: arguments compared in 64 bits" {
	local op value spec blocked allowed v big=8589934592
	# op, value, arguments that match, arguments that do not; the value is 2^33 + 5.
	value=$((big + 5))
	while IFS='|' read -r op blocked allowed; do
		rule SCMP_ACT_ERRNO "errnoRet: 99, args: [{index: 1, value: $value, op: \"SCMP_CMP_$op\"}]"
		config ".linux.seccomp.syscalls[0].names = [\"lseek\"]"
		for v in $blocked; do
			call lseek 999 "$v" 0
			echo "$op $v"
			has EADDRNOTAVAIL
		done
		for v in $allowed; do
			call lseek 999 "$v" 0
			echo "$op $v"
			has EBADF
		done
	done <<-END
		EQ|$value|5 $big $((value + 1))
		NE|5 $((value + 1))|$value
		LT|5 $((value - 1))|$value $((value + 1))
		LE|5 $value|$((value + 1))
		GE|$value $((value + 1))|5 $((value - 1))
		GT|$((value + 1)) 18446744073709551615|$value 7
	END
	seccomp '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["lseek"], action: "SCMP_ACT_ERRNO", errnoRet: 99, args: [{index: 1, value: 240, valueTwo: 80, op: "SCMP_CMP_MASKED_EQ"}]}]}'
	call lseek 999 0x51 0
	has EADDRNOTAVAIL
	call lseek 999 0x61 0
	has EBADF
	config '.linux.seccomp.syscalls[0].args[0] = {index: 1, value: "@V@", op: "SCMP_CMP_EQ"}'
	args /bin/probe call lseek 999 18446744073709551615 0
	exact @V@ 18446744073709551615
	run_ct
	has EADDRNOTAVAIL
}

@test "SC-args: conditions of one entry are joined, those on one argument are alternatives" {
	rule SCMP_ACT_ERRNO 'errnoRet: 99, args: [{index: 1, value: 3, op: "SCMP_CMP_EQ"}, {index: 2, value: 4, op: "SCMP_CMP_EQ"}]'
	config '.linux.seccomp.syscalls[0].names = ["lseek"]'
	call lseek 999 3 4
	has EADDRNOTAVAIL
	call lseek 999 3 0
	has EBADF
	rule SCMP_ACT_ERRNO 'errnoRet: 99, args: [{index: 1, value: 3, op: "SCMP_CMP_EQ"}, {index: 1, value: 4, op: "SCMP_CMP_EQ"}]'
	config '.linux.seccomp.syscalls[0].names = ["lseek"]'
	call lseek 999 3 0
	has EADDRNOTAVAIL
	call lseek 999 4 0
	has EADDRNOTAVAIL
	call lseek 999 5 0
	has EBADF
}

@test "SC-archs SC-arch-X86 SC-arch-X86_64 SC-arch-X32 SC-arch-ARM SC-arch-AARCH64 SC-arch-MIPS SC-arch-MIPS64 SC-arch-MIPS64N32 SC-arch-MIPSEL SC-arch-MIPSEL64 SC-arch-MIPSEL64N32 SC-arch-PPC SC-arch-PPC64 SC-arch-PPC64LE SC-arch-S390 SC-arch-S390X SC-arch-PARISC SC-arch-PARISC64 SC-arch-RISCV64 SC-arch-LOONGARCH64 SC-arch-M68K SC-arch-SH SC-arch-SHEB: every architecture loads" {
	local arch
	for arch in X86 X86_64 X32 ARM AARCH64 MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE S390 S390X PARISC PARISC64 RISCV64 LOONGARCH64 M68K SH SHEB; do
		seccomp "{defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"SCMP_ARCH_$arch\"], syscalls: [{names: [\"getpriority\"], action: \"SCMP_ACT_ERRNO\"}]}"
		call getpriority 0 0
		echo $arch
		has_line "getpriority=-1 EPERM"
	done
	refuses "unknown" '.linux.seccomp.architectures = ["SCMP_ARCH_Z80"]'
	# A call of the x32 table does not slip past rules for x86_64.
	seccomp '{defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], syscalls: [{names: ["getpriority"], action: "SCMP_ACT_ERRNO", errnoRet: 99}]}'
	call $((0x40000000 + 140)) 0 0
	lacks ' ok'
}

@test "SC-flags SC-flag-TSYNC SC-flag-LOG SC-flag-SPEC_ALLOW SC-flag-WAIT_KILLABLE_RECV FL-sec-kf FL-sec-sf: flags" {
	local flag
	for flag in TSYNC LOG SPEC_ALLOW; do
		rule SCMP_ACT_ERRNO
		config ".linux.seccomp.flags = [\"SECCOMP_FILTER_FLAG_$flag\"]"
		call getpriority 0 0
		echo $flag
		has_line "getpriority=-1 EPERM"
	done
	config '.linux.seccomp.flags = []'
	call getpriority 0 0
	has EPERM
	refuses "unknown" '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_X"]'
}

@test "SC-names: no names are refused, unknown ones are passed over" {
	rule SCMP_ACT_ERRNO
	refuses "no names" '.linux.seccomp.syscalls[0].names = []'
	refuses "names missing" 'del(.linux.seccomp.syscalls[0].names)'
	config '.linux.seccomp.syscalls[0].names += ["nosuchcall"]'
	call getpriority 0 0
	has_line "getpriority=-1 EPERM"
}

@test "SC-deferrno-bad SC-errno-bad SC-idx SC-op-EQ SC-meta-bad SC-notify-guard: what a profile may not say" {
	rule SCMP_ACT_ERRNO
	refuses "an error for allow" '.linux.seccomp.defaultErrnoRet = 1'
	refuses "an error for kill" '.linux.seccomp.syscalls[0].action = "SCMP_ACT_KILL" | .linux.seccomp.syscalls[0].errnoRet = 1'
	refuses "a seventh argument" '.linux.seccomp.syscalls[0].args = [{index: 6, value: 0, op: "SCMP_CMP_EQ"}]'
	refuses "no value" '.linux.seccomp.syscalls[0].args = [{index: 0, op: "SCMP_CMP_EQ"}]'
	refuses "no operator" '.linux.seccomp.syscalls[0].args = [{index: 0, value: 1}]'
	refuses "unknown operator" '.linux.seccomp.syscalls[0].args = [{index: 0, value: 1, op: "EQ"}]'
	refuses "unknown action" '.linux.seccomp.syscalls[0].action = "SCMP_ACT_X"'
	refuses "metadata without a listener" '.linux.seccomp.listenerMetadata = "x"'
	refuses "notify without a listener" '.linux.seccomp.syscalls[0].action = "SCMP_ACT_NOTIFY"'
}

@test "SC-lign: a listener that nobody needs is not called" {
	rule SCMP_ACT_ERRNO
	config '.linux.seccomp.listenerPath = "/no/such/socket"'
	call getpriority 0 0
	has EPERM
}

# agent [ERRNO | CALL=ERRNO]...: answers the containers of this test.
agent() {
	"$AGENT" "$T/agent" "$@" >"$T/agent.out" 2>&1 </dev/null 3>&- &
	AGENT_PID=$!
	until_true grep -q listening "$T/agent.out"
}

# asks ACTION_OF_DEFAULT NAMES [MORE]: the agent is asked about NAMES.
asks() {
	seccomp "{defaultAction: \"$1\", listenerPath: \"$T/agent\", syscalls: $2}"
	config '.annotations = {"a.b": "c"}'
}

cleanup() {
	if [[ -n ${AGENT_PID-} ]]; then
		kill -KILL "$AGENT_PID" 2>/dev/null || true
		wait "$AGENT_PID" 2>/dev/null || true
	fi
}

agent_saw() {
	output=$(cat "$T/agent.out")
}

# The one state that the agent got.
agent_state() {
	sed -n 's/^state //p' "$T/agent.out"
}

@test "SC-act-NOTIFY SC-lpath SC-lsock SC-lone SC-lclose SC-lfds SC-seccompfd SC-meta CPS-send CPS-first CPS-ver CPS-fds CPS-pid CPS-meta CPS-state: the agent gets the listener and the state" {
	agent 51
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	config '.linux.seccomp.listenerMetadata = "meta \"data\" \u00e9"'
	args /bin/probe call getpriority 0 0
	create_ct --pid-file "$T/pid"
	# Nothing is sent before there is a filter.
	same "$(cat "$T/agent.out")" listening
	start_ct
	until_status stopped
	output=$(ct_output)
	has 'getpriority=-1 EL2HLT'
	until_true grep -q ended "$T/agent.out"
	agent_saw
	has "fds=1 late=0 closed"
	# The process as the runtime sees it, not as the container does.
	matches "pid=$(cat "$T/pid") call=140 args=0,0,.* answer=51"
	same "$(grep -c '^state' "$T/agent.out")" 1
	agent_state | jq -e --argjson pid "$(cat "$T/pid")" --arg id "$ID" --arg b "$BUNDLE" '
		.fds == ["seccompFd"] and .pid == $pid and .metadata == "meta \"data\" \u00e9"
		and (.ociVersion | test("^[0-9]+\\.")) and .state.id == $id
		and .state.bundle == $b and .state.pid == $pid and .state.status == "created"
		and .state.annotations["a.b"] == "c" and (.state.ociVersion == .ociVersion)'
}

@test "SC-act-NOTIFY CPS-pid: run asks the agent, too; what it refuses fails, what it lets go works" {
	agent 83=1
	asks SCMP_ACT_ALLOW '[{names: ["mkdir", "rmdir"], action: "SCMP_ACT_NOTIFY"}]'
	sh_args 'mkdir /tmp/a; mkdir -p /mnt/b; rmdir /opt && echo gone'
	run_ct
	has "can't create directory '/tmp/a': Operation not permitted"
	has_line gone
	agent_state | jq -e '.metadata == null and .state.status == "created"'
	agent_saw
	matches 'pid=[1-9][0-9]* call=83 .* answer=1'
	matches 'call=84 .* answer=-1'
	# Another container, another connection; after noNewPrivileges and as another user.
	config '.process.noNewPrivileges = true | .process.user = {uid: 1000, gid: 1000}'
	sh_args 'mkdir /tmp/a; id -u'
	run_ct
	has "Operation not permitted"
	has_line 1000
	same "$(grep -c '^state' "$T/agent.out")" 2
}

@test "SC-notify-guard: an agent that is asked about everything hangs nobody" {
	local late limits
	agent
	args /bin/sh -c 'mkdir /tmp/a && echo made'
	for late in true false; do
		asks SCMP_ACT_NOTIFY '[]'
		config ".process.noNewPrivileges = $late"
		run_ct
		ok
		has_line made
		rmdir "$R/tmp/a"
		create_ct
		start_ct
		until_status stopped
		output=$(ct_output)
		has_line made
		rmdir "$R/tmp/a"
	done
	# Those that the runtime itself would have to use.
	asks SCMP_ACT_ALLOW '[{names: ["write", "sendmsg", "recvmsg", "close", "futex", "poll", "ppoll", "exit_group", "execve", "clock_gettime", "sched_yield", "dup", "dup3", "fcntl"], action: "SCMP_ACT_NOTIFY"}]'
	run_ct
	ok
	has_line made
	rmdir "$R/tmp/a"
	# Limits that forbid files, memory and processes come before the filter.
	limits='[{type: "RLIMIT_FSIZE", soft: 0, hard: 0}, {type: "RLIMIT_NOFILE", soft: 16, hard: 16}, {type: "RLIMIT_NPROC", soft: 1, hard: 1}]'
	config ".process.rlimits = $limits | .process.args = [\"/bin/true\"]"
	run_ct
	ok
	agent_saw
	has "call=59 "
}

@test "SC-act-NOTIFY: a program that does not exist is told by start, through the filter" {
	agent
	asks SCMP_ACT_NOTIFY '[]'
	printf '#!/no/such/interpreter\n' >"$R/bin/script"
	chmod 755 "$R/bin/script"
	args /bin/script
	create_ct
	run rt start "$ID"
	bad "/no/such/interpreter"
	until_status stopped
}

@test "SC-flag-WAIT_KILLABLE_RECV SC-flag-TSYNC: flags that come with a listener" {
	agent 51
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_TSYNC"]'
	call getpriority 0 0
	has "getpriority=-1 EL2HLT"
	has "getpriority"
}

# More than any socket takes at once.
ten_megabytes_of_metadata() {
	config '.linux.seccomp.listenerMetadata = "@LONG@"'
	{
		sed '/@LONG@/,$d' "$BUNDLE/config.json"
		grep '@LONG@' "$BUNDLE/config.json" | sed 's/@LONG@.*//' | tr -d '\n'
		head -c 10000000 /dev/zero | tr '\0' x
		grep '@LONG@' "$BUNDLE/config.json" | sed 's/.*@LONG@//'
		sed '1,/@LONG@/d' "$BUNDLE/config.json"
	} >"$T/c"
	mv "$T/c" "$BUNDLE/config.json"
}

@test "CPS-multi: ten megabytes of metadata" {
	agent
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	args /bin/true
	ten_megabytes_of_metadata
	run_ct
	ok
	agent_saw
	matches '^bytes=10000[0-9]+ fds=1 late=0 closed'
}

@test "seccomp: the annotation run.oci.seccomp.receiver stands for listenerPath" {
	agent 51
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	config '.annotations["run.oci.seccomp.receiver"] = .linux.seccomp.listenerPath | del(.linux.seccomp.listenerPath)'
	call getpriority 0 0
	has "getpriority=-1 EL2HLT"
	refuses "a relative path" '.annotations["run.oci.seccomp.receiver"] = "agent"' "absolute path of an agent's socket"
}

@test "SC-lfail: an agent that cannot be called fails create and run, cleanly" {
	rule SCMP_ACT_NOTIFY
	refuses "no socket" '.linux.seccomp.listenerPath = "/no/such/socket"'
	lacks 'no such file or directory|not found'
	touch "$T/file"
	refuses "a file" ".linux.seccomp.listenerPath = \"$T/file\""
	no_process_left
	config '.linux.seccomp.listenerPath = "/no/such/socket"'
	new_id
	quiet rt run --bundle "$BUNDLE" "$ID"
	bad "/no/such/socket"
	nothing_left_of "$ID"
}

@test "SC-lfail: start without its agent fails and changes nothing; with it the container runs" {
	agent 51
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	args /bin/probe call getpriority 0 0
	create_ct
	mv "$T/agent" "$T/away"
	run rt start "$ID"
	bad "$T/agent"
	is_status created
	mv "$T/away" "$T/agent"
	start_ct
	until_status stopped
	output=$(ct_output)
	has EL2HLT
}

@test "SC-lfail: each step of start that fails leaves the container created, stopped or running, never waiting" {
	local n status_then
	agent
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	args /bin/sleep 1000
	for n in 0 1 2 3 4 5 6 7; do
		create_ct
		quiet rt start --fail-at "host:$n" "$ID"
		bad "failed on purpose"
		case $n in
		0 | 1 | 2) status_then=created ;;
		3 | 4 | 5) status_then=stopped ;;
		*) status_then=running ;;
		esac
		echo "step $n"
		until_status $status_then
		delete_ct
	done
	quiet rt start --fail-at host:8 "$ID"
	bad
}

@test "SC-act-NOTIFY: in a new user namespace, and for an ordinary user" {
	local user=12345
	agent 51
	chmod 777 "$T/agent"
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	own_root $user
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: $u, size: 1}]
		| .linux.gidMappings = [{containerID: 0, hostID: $u, size: 1}]
		| .mounts |= map(.options |= if . then map(select(. != "gid=5")) else . end)' --argjson u $user
	call getpriority 0 0
	has "getpriority=-1 EL2HLT"
	# This user has no systemd to ask.
	! by_systemd || return 0
	chmod 755 "$T"
	mkdir "$T/user-state"
	chown $user:$user "$T/user-state"
	for late in true false; do
		config ".process.noNewPrivileges = $late"
		run env -i PATH="$PATH" HOME=/ timeout --foreground -k 2 30 setpriv --reuid $user \
			--regid $user --clear-groups --inh-caps=-all \
			"$OCI_RT" --root "$T/user-state" run --bundle "$BUNDLE" "$ID"
		has "getpriority=-1 EL2HLT"
	done
}

@test "SC-act-NOTIFY: a runtime that may not trace says what it lacks" {
	root_only "take itself what its user namespace gives it"
	agent
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	args /bin/true
	new_id
	run setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	bad CAP_SYS_PTRACE
	nothing_left_of "$ID"
}

@test "SC-lfail: an agent that hangs up before it has read all fails run and start; init is ended" {
	agent --hang-up
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	config '.linux.seccomp.listenerMetadata = ("x" * 4000000)'
	args /bin/sleep 1000
	new_id
	quiet rt run --bundle "$BUNDLE" "$ID"
	bad "agent"
	nothing_left_of "$ID"
	create_ct
	run rt start "$ID"
	bad "agent"
	until_status stopped
	delete_ct
}

@test "seccomp: does not hinder hooks nor the runtime, whatever it forbids" {
	config '.hooks.startContainer = [{path: "/bin/probe", args: ["probe", "call", "getpriority", "0", "0"]}]'
	seccomp '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getpriority", "close", "close_range", "chdir", "fchdir", "setuid", "setresuid", "capset", "prctl", "sendmsg", "recvmsg", "socket", "connect", "openat2", "mount", "umount2"], action: "SCMP_ACT_ERRNO"}]}'
	config '.process.noNewPrivileges = true | .process.user = {uid: 1000, gid: 1000}'
	call getpriority 0 0
	has_line "getpriority=-1 EPERM"
}

@test "SC-lfail: a start that is killed while its agent does not read takes init with it, at once" {
	local starter
	agent
	asks SCMP_ACT_ALLOW '[{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]'
	args /bin/sleep 1000
	ten_megabytes_of_metadata
	create_ct
	kill -STOP "$AGENT_PID"
	"$OCI_RT" --root "$ROOT" start "$ID" </dev/null >/dev/null 2>&1 3>&- &
	starter=$!
	# The filter is loaded: init waits without a system call.
	until_true grep -q '^Seccomp:.*2' "/proc/$(pid_of)/status"
	kill -KILL "$starter"
	run wait "$starter"
	until_status stopped
}
