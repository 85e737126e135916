# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A real criu: the system's where it works on this kernel, else a newer one that
# contrib/criu-tree gets. For files that load helpers.

# For prepare_file: puts it in front of PATH, or says in CRIU_NONE why there is none.
find_criu() {
	local dir
	ip link set lo up # it tries its connections out
	CRIU_NONE=
	if dir=$("$HERE/../../contrib/criu-tree" --if-needed 2>"$F/criu-tree.log"); then
		PATH=${dir:+$dir:}$PATH
	else
		CRIU_NONE="no criu works on this kernel: $(tail -n 1 "$F/criu-tree.log")"
	fi
	export PATH CRIU_NONE
}

needs_criu() {
	[[ -z $CRIU_NONE ]] || skip "$CRIU_NONE"
	"$OCI_RT" features | grep -q '"org.opencontainers.runc.checkpoint.enabled": "true"' ||
		skip "built without criu"
}
