# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# docker in the sandbox: its configuration, with all runtimes there are (its own name for
# runc is runc), and its start.  The image of make-image is base:latest.

# Debian's client beside Debian's daemon, even where another is first in the path.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH DOCKER_BUILDKIT=0 DOCKER_HOST=unix:///run/docker.sock

configure_docker() {
	mkdir -p /etc/docker
	jq -n --arg default "$RUNTIME" --arg oci_rt "$OCI_RT" --arg crun "$CRUN" '{
		runtimes: ({"oci-rt": {path: $oci_rt}} + if $crun == "" then {}
			else {crun: {path: $crun}} end),
		"default-runtime": $default, "exec-opts": ["native.cgroupdriver=cgroupfs"],
		"storage-driver": "overlay2", hosts: ["unix:///run/docker.sock"]}' \
		>/etc/docker/daemon.json
}

start_docker() {
	configure_docker
	dockerd >"$SCRATCH/dockerd.log" 2>&1 &
	until_true docker version || until_true docker version || {
		echo "Bail out! dockerd does not start"
		tail -n 20 "$SCRATCH/dockerd.log" | sed 's/^/# /'
		exit 1
	}
	docker import -c 'CMD ["/bin/sh"]' -c 'ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin' \
		"$IMAGE/base.tar" base:latest >/dev/null
}
