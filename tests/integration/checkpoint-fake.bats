#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What criu is asked for, and what becomes of its answers: a program of ours plays criu
# (tests/fakes/criu.c). What criu itself makes of it: checkpoint.bats.

load helpers

prepare_file() {
	local top=$HERE/../..
	mkdir "$F/criu"
	protoc-c --c_out="$F/criu" -I "$top/src/kernel" criu.proto &&
		"${CC:-cc}" -D_GNU_SOURCE -O1 -I "$F/criu" -o "$F/criu/criu" "$top/tests/fakes/criu.c" \
			"$F/criu/criu.pb-c.c" -lprotobuf-c || true
	export PATH=$F/criu:$PATH
}

prepare() {
	[[ -x $F/criu/criu ]] || skip "no protobuf-c to build with"
	"$OCI_RT" features | grep -q '"org.opencontainers.runc.checkpoint.enabled": "true"' ||
		skip "built without criu"
	I=$T/images
	export FAKE_CRIU='' FAKE_CRIU_REQUEST=$T/request
}

running() {
	args sleep 1000
	create_ct
	start_ct
}

checkpoint() {
	quiet rt checkpoint --image-path "$I" "$@" "$ID"
}

restore() {
	new_id
	quiet rt restore --detach --bundle "$BUNDLE" --image-path "$I" "$@" "$ID"
}

asked() {
	local line
	for line; do
		grep -qxF -- " $line" "$T/request" || {
			echo "not asked: $line"
			cat "$T/request"
			return 1
		}
	done
}

not_asked() {
	if grep -E "^ $1=" "$T/request"; then return 1; fi
}

agreed() {
	grep -qxF -- "$1: agreed" "$T/request" || { cat "$T/request"; return 1; }
}

# The mounts of the root, the parts that are always asked alike, and nothing else.
@test "checkpoint: without options criu is asked for the least" {
	running
	local pid
	pid=$(pid_of)
	checkpoint
	ok
	same "$output" ""
	nothing_left_of "$ID"
	asked kind=1 "images_fd=$I" "work_fd=$I" "pid=$pid" "root=$BUNDLE/rootfs" log_file=dump.log \
		log_level=4 cgroup_mode=3 manage_cgroups=1 notify=1 orphan_terminal=1
	not_asked "leave_running|tcp_.*|shell_job|file_locks|link_remap|ext_unix_sk|lazy_pages|auto_dedup|track_memory|as_sibling"
	not_asked "parent_image|page_server|config_file|network_lock|empty_namespaces|join|inherit|lsm_profile|cgroup_roots"
	grep -q "^ freeze_cgroup=/sys/fs/cgroup/.*$ID" "$T/request"
	agreed network-lock
	jq -e 'length == 3' "$I/descriptors.json"
	same "$(stat -c %a "$I")" 700
}

@test "checkpoint: a new network that hooks fill is asked to be left empty" {
	config '.linux.namespaces += [{type: "network"}] | .linux.namespaces |= unique_by(.type) |
		.hooks = {createRuntime: [{path: "/bin/true"}]}'
	running
	checkpoint
	ok
	asked empty_namespaces=1073741824
}

@test "checkpoint: every option is a field of the request" {
	running
	mkdir -p "$T/pre" # and not the directory of the images
	checkpoint --leave-running --tcp-established --tcp-skip-in-flight --tcp-close --shell-job \
		--file-locks --link-remap --ext-unix-sk --auto-dedup --work-path "$T/work" \
		--parent-path ../pre --page-server 10.0.0.1:2000 --manage-cgroups-mode strict \
		--empty-ns network --network-lock nftables
	ok
	is_status running
	asked kind=1 "images_fd=$I" "work_fd=$T/work" leave_running=1 tcp_established=1 \
		tcp_skip_in_flight=1 tcp_close=1 shell_job=1 file_locks=1 link_remap=1 ext_unix_sk=1 \
		auto_dedup=1 parent_image=../pre track_memory=1 cgroup_mode=5 network_lock=2 \
		empty_namespaces=1073741824 address=10.0.0.1 port=2000
}

@test "checkpoint: the other modes, locks and page servers" {
	running
	checkpoint --leave-running --manage-cgroups-mode full --network-lock iptables --page-server ::1:7
	ok
	asked cgroup_mode=4 manage_cgroups=1 network_lock=1 address=::1 port=7
	checkpoint --leave-running --manage-cgroups-mode ignore --network-lock skip
	ok
	asked cgroup_mode=0 network_lock=3
	not_asked manage_cgroups
	checkpoint --leave-running --manage-cgroups-mode some
	bad "soft"
}

@test "checkpoint --pre-dump: memory alone, and the container runs on" {
	running
	checkpoint --pre-dump
	ok
	is_status running
	asked kind=13 track_memory=1
	not_asked external
	[[ ! -e $I/descriptors.json ]]
}

@test "checkpoint: what comes from the host is left out by its name" {
	mkdir "$T/data"
	touch "$T/net"
	unshare --net="$T/net" true
	config '.mounts += [{destination: "/mnt/in", type: "bind", source: $d, options: ["bind"]}]
		| .linux.maskedPaths = ["/proc/kcore", "/proc/acpi"]
		| .linux.namespaces |= map(select(.type != "network")) + [{type: "network", path: $n}]' \
		--arg d "$T/data" --arg n "$T/net"
	running
	checkpoint
	ok
	local inode
	inode=$(stat -L -c %i "$T/net")
	asked "external=mnt[/mnt/in]:/mnt/in" "external=net[$inode]:extRootNetNS" \
		"external=mnt[/proc/kcore]:/proc/kcore"
	# A directory is masked by a tmpfs, which is the container's own.
	if grep -qxF " external=mnt[/proc/acpi]:/proc/acpi" "$T/request"; then false; fi
	restore
	ok
	asked "external=mnt[/mnt/in]:$T/data" "key=extRootNetNS" "fd=$T/net"
	not_asked join
	delete_ct
	umount "$T/net"
}

@test "checkpoint: criu's own options come from the annotation" {
	config '.annotations["org.criu.config"] = "/etc/criu/mine.conf"'
	running
	checkpoint --leave-running
	asked config_file=/etc/criu/mine.conf
	config '.annotations["org.criu.config"] = ""'
	restore
	ok
	not_asked config_file
}

@test "checkpoint --lazy-pages, --status-fd: a byte and the end, when pages can be fetched" {
	running
	FAKE_CRIU=ready
	mkfifo "$T/fifo"
	timeout 10 cat "$T/fifo" >"$T/status" 3>&- 4>&- &
	quiet rt checkpoint --image-path "$I" --lazy-pages --page-server 127.0.0.1:27 --status-fd 9 "$ID" 9>"$T/fifo"
	ok
	wait $!
	asked lazy_pages=1 port=27
	agreed status-ready
	same "$(od -An -tx1 "$T/status" | tr -d ' ')" 00
}

@test "checkpoint --status-fd: not one that cannot be written to" {
	running
	checkpoint --status-fd 77
	bad "--status-fd 77 is not open for writing"
	[[ ! -e $T/request ]]
	is_status running
}

@test "checkpoint: criu fails, and its log says why" {
	running
	FAKE_CRIU="log fail"
	checkpoint
	code 1
	same "$output" "oci-rt: criu could not dump the container: Can't open the moon: it is missing (its log: '$I/dump.log')"
	lacks 'o such file or directory|ot found'
	is_status running
	FAKE_CRIU=fail
	checkpoint --work-path "$T/work"
	bad "criu could not dump the container: it gives no reason (its log: '$T/work/dump.log')"
	is_status running
}

@test "checkpoint: criu ends early, or talks nonsense" {
	running
	FAKE_CRIU=die
	checkpoint
	bad "criu could not dump the container: criu ended before it was done"
	FAKE_CRIU=nonsense
	checkpoint
	bad "criu said what is not of its protocol"
	FAKE_CRIU="log die"
	checkpoint
	bad "Can't open the moon"
	is_status running
}

@test "checkpoint --timeout: a criu that hangs is ended" {
	running
	FAKE_CRIU=hang
	checkpoint --timeout 1
	bad "criu made no progress for 1 s and was ended"
	is_status running
	if kill -0 "$(sed -n "s/^criu: //p" "$T/request")"; then false; fi
}

@test "restore: what criu is asked for" {
	running
	checkpoint
	ok
	restore --tcp-established --tcp-close --shell-job --file-locks --ext-unix-sk --auto-dedup --lazy-pages \
		--lsm-profile apparmor:mine --lsm-mount-context "a:b:c" --manage-cgroups-mode full \
		--work-path "$T/work" --pid-file "$T/pid"
	ok
	same "$output" ""
	is_status running
	same "$(pid_of)" "$(cat "$T/pid")"
	asked kind=2 "images_fd=$I" "work_fd=$T/work" log_file=restore.log "root=$ROOT/$ID/criu-root" \
		tcp_established=1 tcp_close=1 shell_job=1 file_locks=1 ext_unix_sk=1 auto_dedup=1 \
		lazy_pages=1 lsm_profile=apparmor:mine lsm_mount_context=a:b:c as_sibling=1 \
		evasive_devices=1 cgroup_mode=4
	not_asked pid
	grep -qE "^ path=/.*$ID$" "$T/request" # of its cgroup
	agreed setup-namespaces
	agreed post-restore
	delete_ct
	nothing_left_of "$ID"
}

@test "restore: pipes and the host's files of the streams become ours" {
	args sleep 1000
	new_id
	status=0
	sleep 1000 3>&- 4>&- | timeout 10 "$OCI_RT" --root "$ROOT" run --detach --bundle "$BUNDLE" "$ID" \
		>"$T/file" 2>/dev/null 3>&- 4>&- &
	until_true is_status running
	checkpoint
	ok
	# shellcheck disable=SC2046 # the first of the pipeline, and the last
	kill $(jobs -p) $! 2>/dev/null || true
	local file
	file=$(jq -r '.[1]' "$I/descriptors.json")
	[[ $file == "file["*:*"]" ]]
	asked "external=$file"
	[[ $(jq -r '.[0]' "$I/descriptors.json") == "pipe:["* ]]
	restore
	ok
	asked "key=$file" "key=$(jq -r '.[0]' "$I/descriptors.json")" "fd=$OUT" "fd=/dev/null"
	delete_ct
}

@test "restore: criu fails, and nothing is left" {
	running
	checkpoint
	ok
	for FAKE_CRIU in "log fail" die "log nonsense" hang; do
		restore --timeout 1
		bad
		nothing_left_of "$ID"
	done
	FAKE_CRIU="log fail"
	restore
	bad "criu could not restore the container: Can't open the moon" "'$I/restore.log'"
}

@test "restore: a hook that fails makes criu give up, and nothing is left" {
	running
	checkpoint
	ok
	config '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "echo no >&2; exit 3"]}]}'
	restore
	bad "createRuntime"
	grep -qx "setup-namespaces: refused" "$T/request"
	nothing_left_of "$ID"
}

@test "restore: a terminal goes to the console socket" {
	config '.process.terminal = true'
	mkfifo "$T/silence"
	"$RECVTTY" "$T/socket" >"$T/tty" 2>&1 <>"$T/silence" 3>&- 4>&- &
	until_true grep -q listening "$T/tty"
	args sleep 1000
	create_ct --console-socket "$T/socket"
	start_ct
	checkpoint
	ok
	kill $! 2>/dev/null || true
	FAKE_CRIU=terminal
	restore
	bad "--console-socket"
	"$RECVTTY" "$T/socket2" >"$T/tty2" 2>&1 <>"$T/silence" 3>&- 4>&- &
	until_true grep -q listening "$T/tty2"
	restore --console-socket "$T/socket2"
	ok
	agreed orphan-pts-master
	kill $! 2>/dev/null || true
	delete_ct
}

# Where criu is asked to.
freeze() {
	local dir
	dir=$(sed -n 's/^ freeze_cgroup=//p' "$T/request")
	if [[ -e $dir/freezer.state ]]; then
		echo FROZEN >"$dir/freezer.state"
	else
		echo 1 >"$dir/cgroup.freeze"
	fi
}

@test "checkpoint: one that is killed leaves a container that can be resumed and deleted" {
	running
	FAKE_CRIU=hang
	"$OCI_RT" --root "$ROOT" checkpoint --image-path "$I" "$ID" >"$T/out" 2>&1 3>&- 4>&- &
	local checkpoint=$! fake
	until_true test -s "$T/request"
	fake=$(sed -n "s/^criu: //p" "$T/request")
	freeze # as criu does, and it is killed before it thaws
	kill -KILL "$checkpoint" "$fake"
	wait "$checkpoint" || true
	is_status paused
	run rt resume "$ID"
	ok
	is_status running
	freeze
	delete_ct
	nothing_left_of "$ID"
}

# fails_at ROLE:N COMMAND: a step that fails on purpose; false where there is no such step.
fails_at() {
	local step=$1
	shift
	"$@" --fail-at "$step"
	[[ $status -ne 0 ]] || return 1
	has "failed on purpose" || exit 1
	has "(${step%:*})" || exit 1
	same "$(wc -l <<<"$output")" 1 || exit 1
}

@test "checkpoint: a step that fails leaves the container as it was" {
	running
	local role i n=0
	for role in host intermediate; do
		for ((i = 0; i < 30; i++)); do
			fails_at "$role:$i" checkpoint --leave-running --work-path "$T/work" || break
			is_status running
			n=$((n + 1))
		done
		ok
	done
	[[ $n -ge 8 ]]
}

@test "restore: a step that fails leaves nothing" {
	mkdir "$T/data"
	add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$T/data\", \"options\": [\"bind\"]}"
	running
	checkpoint
	ok
	local role i n=0
	for role in host intermediate; do
		for ((i = 0; i < 60; i++)); do
			fails_at "$role:$i" restore --work-path "$T/work" --pid-file "$T/pid" || break
			nothing_left_of "$ID"
			no_process_left
			[[ ! -e $T/pid ]]
			n=$((n + 1))
		done
		ok
		delete_ct
		rm -f "$T/pid"
	done
	[[ $n -ge 20 ]]
}
