#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Security modules: AppArmor's profiles, SELinux' labels. Each test is skipped where the
# kernel runs another one; tests/vm shows both.

load helpers

PROFILE=oci-rt-test
LABEL=system_u:system_r:container_t:s0:c1,c2
FILES=system_u:object_r:container_file_t:s0:c1,c2

prepare_file() {
	if has_apparmor; then load_profile; fi
}

teardown_file() {
	if [[ -n ${OCI_RT_TEST_INSIDE-} ]] && has_apparmor; then
		apparmor_parser -R "$F/profile" || true
	fi
}

has_apparmor() {
	grep -qs Y /sys/module/apparmor/parameters/enabled && command -v apparmor_parser >/dev/null
}

has_selinux() {
	[[ -e /sys/fs/selinux/enforce ]]
}

load_profile() {
	cat >"$F/profile" <<-END
		profile $PROFILE flags=(attach_disconnected,mediate_deleted) {
			file,
			capability,
			network,
			signal,
			mount,
			umount,
			deny /tmp/secret rw,
		}
	END
	apparmor_parser -r "$F/profile"
}

needs_apparmor() {
	has_apparmor || skip "this host has no AppArmor"
}

needs_selinux() {
	has_selinux || skip "this host has no SELinux"
	chcon -R "$FILES" "$R"
}

# with_profile NAME
with_profile() {
	config '.process.apparmorProfile = $p' --arg p "$1"
}

with_label() {
	config '.process.selinuxLabel = $l' --arg l "$1"
}

@test "FL-aa FL-se: features name both, whatever the host runs" {
	same "$("$OCI_RT" features | jq -c '[.linux.apparmor.enabled, .linux.selinux.enabled]')" '[true,true]'
}

@test "P-aa: the program runs under the profile, with and without new privileges" {
	needs_apparmor
	with_profile $PROFILE
	local nnp
	for nnp in false true; do
		config ".process.noNewPrivileges = $nnp"
		in_ct 'cat /proc/1/attr/current; echo x >/tmp/other && cat /tmp/other; echo x >/tmp/secret'
		bad "$PROFILE (enforce)" "can't create /tmp/secret"
		has_line x
	done
}

@test "P-aa: unconfined, and the empty name" {
	needs_apparmor
	args cat /proc/1/attr/current
	local name
	for name in unconfined ""; do
		with_profile "$name"
		run_ct
		ok
		same "$output" unconfined
	done
}

@test "P-aa: a profile that is not loaded is named, with what to do, and nothing is left" {
	needs_apparmor
	refuses "at create" '.process.apparmorProfile = "nosuch"' process.apparmorProfile "'nosuch'" \
		"not loaded" apparmor_parser
	lacks 'o such file|denied|not found|not permitted'
	# Hooks run before the program's profile is set, and then start says it.
	config '.hooks.startContainer = [{path: "/bin/true"}]'
	with_profile nosuch
	run_ct
	bad "'nosuch'" "not loaded"
	nothing_left_of "$ID"
}

@test "P-aa: exec runs under the container's profile, or the one that it is given" {
	needs_apparmor
	with_profile $PROFILE
	running_ct
	run rt exec "$ID" cat /proc/self/attr/current
	later "unknown command 'exec'"
	ok
	has "$PROFILE (enforce)"
	run rt exec --apparmor unconfined "$ID" cat /proc/self/attr/current
	ok
	has unconfined
	run rt exec --apparmor nosuch "$ID" cat /proc/self/attr/current
	bad "'nosuch'" "not loaded"
}

@test "P-aa: a user namespace, a file system mounted on /proc/self in the image" {
	needs_apparmor
	with_profile $PROFILE
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
	own_root 100000
	args cat /proc/1/attr/current
	run_ct
	ok
	has "$PROFILE (enforce)"
}

@test "P-selinux: the program, its keyring and its mounts carry the labels" {
	needs_selinux
	with_label $LABEL
	config '.linux.mountLabel = $l' --arg l $FILES
	in_ct 'cat /proc/1/attr/current; echo; cat /proc/mounts; cat /proc/keys'
	ok
	has $LABEL
}

@test "ML-label: mounts that can have it, the others as they are" {
	needs_selinux
	mkdir "$T/bound"
	chcon system_u:object_r:tmp_t:s0 "$T/bound"
	config '.linux.mountLabel = $l | .linux.namespaces += [{type: "cgroup"}] | .mounts += [
		{destination: "/tmp", type: "tmpfs", source: "tmpfs"},
		{destination: "/dev/mqueue", type: "mqueue", source: "mqueue"},
		{destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["mode=1777", "size=64k"]},
		{destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"]},
		{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"]},
		{destination: "/mnt", type: "bind", source: $b, options: ["bind"]}]' \
		--arg l $FILES --arg b "$T/bound"
	args /bin/sleep 1000
	create_ct
	local dir root
	root=/proc/$(pid_of)/root
	for dir in dev tmp dev/pts dev/mqueue dev/shm; do
		same "$(stat -c %C "$root/$dir")" $FILES "$dir"
	done
	same "$(stat -c %C "$root/mnt")" system_u:object_r:tmp_t:s0
	for dir in proc sys sys/fs/cgroup; do
		differ "$(stat -c %C "$root/$dir")" $FILES "$dir"
	done
}

@test "P-selinux: a label that the policy does not have is named, and nothing is left" {
	needs_selinux
	refuses "at create" '.process.selinuxLabel = "system_u:system_r:nosuch_t:s0"' \
		process.selinuxLabel nosuch_t
	lacks 'o such file|denied|not found|not permitted'
}

@test "P-selinux: exec has the container's label, or the one that it is given" {
	needs_selinux
	with_label $LABEL
	running_ct
	run rt exec "$ID" cat /proc/self/attr/current
	later "unknown command 'exec'"
	ok
	has $LABEL
	run rt exec --process-label system_u:system_r:container_t:s0:c3,c4 "$ID" cat /proc/self/attr/current
	ok
	has c3,c4
}
