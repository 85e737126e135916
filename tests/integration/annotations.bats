#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The annotations of crun's that engines and their users rely on.

load helpers

annotate() { # KEY VALUE
	config '.annotations[$k] = $v' --arg k "run.oci.$1" --arg v "$2"
}

hook() { # KIND SCRIPT
	config '.hooks[$k] += [{path: "/bin/sh", args: ["sh", "-c", $s]}]' --arg k "$1" --arg s "$2"
}

@test "annotations: keep_original_groups keeps the groups of the caller, and nothing else does" {
	root_only "give the runtime other groups"
	args /bin/grep '^Groups:' /proc/self/status
	new_id
	run setpriv --groups 7,4242 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	lacks 4242
	annotate keep_original_groups 1
	new_id
	run setpriv --groups 7,4242 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	ok
	has $'Groups:\t7 4242'
	annotate keep_original_groups 0
	new_id
	run setpriv --groups 7,4242 "$OCI_RT" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	lacks 4242
	refuses "no switch" '.annotations["run.oci.keep_original_groups"] = "maybe"' \
		'annotations["run.oci.keep_original_groups"]: expected "1" or "0", got "maybe"'
}

@test "annotations: what hooks of every kind print is added to the files hooks.stdout and hooks.stderr" {
	local kind
	echo before >"$T/hooks.out"
	annotate hooks.stdout "$T/hooks.out"
	annotate hooks.stderr "$T/hooks.err"
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		hook $kind "echo out $kind; echo err $kind >&2"
	done
	args /bin/true
	create_ct
	start_ct
	until_status stopped
	run rt delete "$ID"
	ok
	same "$(cat "$T/hooks.out")" "before
out prestart
out createRuntime
out createContainer
out startContainer
out poststart
out poststop"
	same "$(sort "$T/hooks.err" | wc -l)" 6
	same "$(stat -c %a "$T/hooks.err")" 600
}

@test "annotations: hooks.stderr alone; the rest is kept back and told of when a hook fails" {
	annotate hooks.stderr "$T/hooks.err"
	hook createRuntime 'echo reason; echo detail >&2; exit 3'
	args /bin/true
	run_ct
	bad "exited with 3: reason"
	same "$(cat "$T/hooks.err")" detail
	refuses "a folder" ".annotations[\"run.oci.hooks.stderr\"] = \"$T\"" 'run.oci.hooks.stderr' "'$T'"
	refuses "a relative path" '.annotations["run.oci.hooks.stderr"] = "log"' 'absolute path of a file, got "log"'
}

@test "annotations: pidfd_receiver gets a pidfd of the first process" {
	"$ENGINE" take "$T/pidfd" >"$T/engine.out" 3>&- &
	until_true grep -q listening "$T/engine.out"
	annotate pidfd_receiver "$T/pidfd"
	running_ct
	wait $!
	output=$(cat "$T/engine.out")
	has_line "bytes 5 fds 1 name pidfd"
	has_line "pid $(pid_of)"
	has_line "then 0"
	refuses "nobody listens" ".annotations[\"run.oci.pidfd_receiver\"] = \"$T/nobody\"" "$T/nobody"
	lacks 'no such file or directory|not found'
}

# insn CODE JT JF K: an instruction of classic BPF, as it lies in memory.
insn() {
	printf "\\x$(printf %02x $(($1 & 255)))\\x$(printf %02x $(($1 >> 8)))\\x$(printf %02x "$2")\\x$(printf %02x "$3")"
	printf "\\x$(printf %02x $(($4 & 255)))\\x$(printf %02x $(($4 >> 8 & 255)))\\x$(printf %02x $(($4 >> 16 & 255)))\\x$(printf %02x $(($4 >> 24 & 255)))"
}

# What answers one system call (by number) so, and allows the others.
code() {
	{
		insn 0x20 0 0 0
		insn 0x15 0 1 "$1"
		insn 0x06 0 0 "$2"
		insn 0x06 0 0 0x7fff0000
	} | base64 -w0
}

@test "annotations: seccomp_bpf_data is the filter, whatever the profile says" {
	annotate seccomp_bpf_data "$(code 140 $((0x50000 | 51)))"
	args /bin/probe call getpriority 0 0
	run_ct
	has "getpriority=-1 EL2HLT"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
	run_ct
	has "getpriority=-1 EL2HLT"
	in_ct 'mkdir /tmp/x && echo made; grep ^Seccomp: /proc/self/status'
	has_line made
	has_line $'Seccomp:\t2'
	refuses "no base64" '.annotations["run.oci.seccomp_bpf_data"] = "*"' "expected a filter in base64"
	refuses "half an instruction" '.annotations["run.oci.seccomp_bpf_data"] = "AAAA"' "got 3 bytes"
	# What the kernel does not take is an error of start, and of run.
	annotate seccomp_bpf_data "$(insn 0xff 0 0 0 | base64)"
	run_ct
	bad "load the seccomp filter"
}

@test "annotations: seccomp_bpf_data may ask the agent of seccomp.receiver" {
	"${builddir:-$HERE/../..}/contrib/seccomp-agent" "$T/agent" 51 >"$T/agent.out" 2>&1 </dev/null 3>&- &
	AGENT_PID=$!
	until_true grep -q listening "$T/agent.out"
	annotate seccomp_bpf_data "$(code 140 0x7fc00000)"
	annotate seccomp.receiver "$T/agent"
	args /bin/probe call getpriority 0 0
	run_ct
	has "getpriority=-1 EL2HLT"
}

cleanup() {
	[[ -z ${AGENT_PID-} ]] || kill "$AGENT_PID"
}

@test "annotations: RUN_OCI_SECCOMP_RECEIVER stands for an agent that nothing else names, also for start" {
	"${builddir:-$HERE/../..}/contrib/seccomp-agent" "$T/agent" 51 >"$T/agent.out" 2>&1 </dev/null 3>&- &
	AGENT_PID=$!
	until_true grep -q listening "$T/agent.out"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}]}'
	args /bin/probe call getpriority 0 0
	run_ct
	bad "SCMP_ACT_NOTIFY needs linux.seccomp.listenerPath"
	new_id
	quiet env RUN_OCI_SECCOMP_RECEIVER="$T/agent" "$OCI_RT" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
	ok
	CT_OUT=$OUT
	start_ct
	until_status stopped
	output=$(ct_output)
	has "getpriority=-1 EL2HLT"
}

@test "annotations: seccomp_fail_unknown_syscall makes a name that nobody knows an error" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["no_such_call"], action: "SCMP_ACT_ERRNO"}]}'
	args /bin/true
	run_ct
	ok
	annotate seccomp_fail_unknown_syscall 1
	run_ct
	bad "'no_such_call' is no system call"
}

@test "annotations: mount_context_type is one of the kernel's four" {
	annotate mount_context_type rootcontext
	args /bin/true
	run_ct
	ok
	refuses "another" '.annotations["run.oci.mount_context_type"] = "label"' \
		'expected context, fscontext, defcontext or rootcontext, got "label"'
}

@test "annotations: features lists each of them as unsafe" {
	local key
	for key in hooks.stdout hooks.stderr keep_original_groups mount_context_type pidfd_receiver \
		seccomp.receiver seccomp_bpf_data seccomp_fail_unknown_syscall; do
		rt features | jq -e --arg k "run.oci.$key" '.potentiallyUnsafeConfigAnnotations | index($k)'
	done
}
