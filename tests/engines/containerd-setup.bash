# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# containerd in the sandbox: its configuration, its start and restart, a network for CNI.
# The image of make-image is docker.io/library/base:latest.

configure_containerd() {
	mkdir -p /etc/cni/net.d /etc/containerd
	cat >/etc/containerd/config.toml <<-END
		version = 2
		oom_score = 0
		[plugins."io.containerd.grpc.v1.cri"]
		  restrict_oom_score_adj = true
		  disable_apparmor = true
		[plugins."io.containerd.grpc.v1.cri".cni]
		  bin_dir = "/usr/lib/cni"
		  conf_dir = "/etc/cni/net.d"
		[plugins."io.containerd.grpc.v1.cri".containerd]
		  default_runtime_name = "tested"
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested]
		  runtime_type = "io.containerd.runc.v2"
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested.options]
		  BinaryName = "$RUNTIME_PATH"
	END
	jq -n '{cniVersion: "0.4.0", name: "engines", plugins: [
		{type: "bridge", bridge: "cni0", isGateway: true, ipMasq: true,
			ipam: {type: "host-local", ranges: [[{subnet: "10.90.0.0/16"}]],
				routes: [{dst: "0.0.0.0/0"}]}},
		{type: "portmap", capabilities: {portMappings: true}},
		{type: "loopback"}]}' >/etc/cni/net.d/10-engines.conflist
}

launch_containerd() {
	containerd >>"$SCRATCH/containerd.log" 2>&1 &
	echo $! >"$SCRATCH/containerd.pid"
	until_true ctr version || {
		echo "Bail out! containerd does not start"
		tail -n 20 "$SCRATCH/containerd.log" | sed 's/^/# /'
		exit 1
	}
}

restart_containerd() {
	local pid
	pid=$(cat "$SCRATCH/containerd.pid")
	kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
	launch_containerd
}

start_containerd() {
	configure_containerd
	launch_containerd
	ctr image import "$IMAGE/base.docker.tar" >/dev/null
}

fails() {
	! "$@"
}
export -f launch_containerd restart_containerd fails
