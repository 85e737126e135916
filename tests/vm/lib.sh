# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What build-image and run agree on: where images are kept and what an image is made from.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VM_CACHE=${OCI_RT_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/oci-rt-vm}

vm_fail() {
	echo "tests/vm: $1" >&2
	exit "${2:-125}"
}

# key_of FILE...: a short name for the content of files.
key_of() {
	cat "$@" | sha256sum | cut -c 1-16
}

# Packages are installed once for a list of them; the rest is made anew in seconds.
root_key() {
	key_of "$VM_DIR/packages"
}

image_key() {
	(
		cd "$VM_DIR" || exit
		find build-image packages guest -type f | sort | xargs sha256sum
	) | sha256sum | cut -c 1-16
}

# image_dir KERNEL: the folder of vmlinux, initrd, root.ext4 and of snapshots.
image_dir() {
	echo "$VM_CACHE/image-$1-$(image_key)"
}

# missing_tools: what has to be installed before a guest can be had, one line.
missing_tools() {
	local tool
	for tool in qemu-system-x86_64 mmdebstrap mke2fs dpkg-deb apt-get busybox xz zstd flock; do
		command -v "$tool" >/dev/null || printf '%s ' "$tool"
	done
}
