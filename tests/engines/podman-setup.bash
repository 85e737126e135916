# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# podman's configuration in the sandbox, for the user who sources this: the drop-in that
# `oci-rt install --for podman` writes, and what a machine without systemd, registries and
# CAP_SYS_RESOURCE needs.

limits_of_this_machine() { # podman's own defaults cannot be set without CAP_SYS_RESOURCE
	local files
	files=$(ulimit -Hn)
	[[ $files != unlimited && $files -le 20000 ]] || files=20000
	printf '["nofile=%s:%s", "nproc=32768:32768"]' "$files" "$files"
}

configure_podman() {
	local etc=$1
	export PODMAN_IGNORE_CGROUPSV1_WARNING=1
	mkdir -p "$etc/containers.conf.d"
	cat >"$etc/containers.conf" <<-END
		[containers]
		default_ulimits = $(limits_of_this_machine)
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		infra_image = "localhost/pause:1"
		runtime = "$RUNTIME"
		runtime_supports_json = ["crun", "runc", "oci-rt"]
		runtime_supports_nocgroup = ["crun", "oci-rt"]
		[engine.runtimes]
		oci-rt = ["$OCI_RT"]
		crun = ["$CRUN"]
		runc = ["$RUNC"]
	END
	echo 'unqualified-search-registries = []' >"$etc/registries.conf"
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$etc/policy.json"
	for file in subuid subgid; do
		echo containers:1000000:1048576 >"/etc/$file"
	done
}

import_images() {
	podman import -q -c 'CMD ["/bin/sh"]' \
		-c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
		"$IMAGE/base.tar" localhost/base:latest >/dev/null
	podman import -q -c 'ENTRYPOINT ["/pause","-P"]' "$IMAGE/pause.tar" \
		localhost/pause:1 >/dev/null
}

runtime_root() { # the option that leads to podman's containers, where there is one
	:
}
runtime_containers() {
	"$RUNTIME_PATH" list -q 2>/dev/null
}
export -f runtime_root runtime_containers
