# SPDX-License-Identifier: LGPL-2.1-or-later
# The bench's config.json: six namespaces, the usual mounts, no limits.
# --arg rootfs DIR --argjson args LIST --argjson seccomp PROFILE-or-null
{
	ociVersion: "1.0.2",
	process: {
		user: { uid: 0, gid: 0 },
		args: $args,
		env: ["PATH=/bin"],
		cwd: "/",
		noNewPrivileges: true,
		capabilities: { bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"] }
	},
	root: { path: $rootfs },
	hostname: "bench",
	mounts: [
		["/proc", "proc", "proc", "nosuid,noexec,nodev"],
		["/dev", "tmpfs", "tmpfs", "nosuid,mode=755,size=65536k"],
		["/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620"],
		["/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k"],
		["/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev"],
		["/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro"]
	] | map({ destination: .[0], type: .[1], source: .[2], options: (.[3] | split(",")) }),
	linux: ({
		namespaces: (["pid", "network", "ipc", "uts", "mount", "cgroup"] | map({ type: . }))
	} + if $seccomp then { seccomp: $seccomp } else {} end)
}
