#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# install: what engines are told of this runtime, below a directory of the test's own.

load helpers

install() {
	run rt install --prefix "$T/host" "$@"
}

# file ENGINE: where it is told.
file() {
	case $1 in
	podman | buildah) echo "$T/host/etc/containers/containers.conf.d/50-oci-rt.conf" ;;
	crio) echo "$T/host/etc/crio/crio.conf.d/50-oci-rt.conf" ;;
	containerd) echo "$T/host/etc/containerd/config.toml" ;;
	docker) echo "$T/host/etc/docker/daemon.json" ;;
	esac
}

@test "install: writes what contrib/engines shows, says so, and takes it back" {
	local pair engine
	for pair in podman:podman.conf buildah:podman.conf crio:crio.conf containerd:containerd.toml docker:docker.json; do
		engine=${pair%:*}
		install --for "$engine" --runtime /usr/local/bin/oci-rt --dry-run
		ok
		has "would write $(file "$engine")"
		[[ ! -e $T/host ]]
		install --for "$engine" --runtime /usr/local/bin/oci-rt
		ok
		has "wrote $(file "$engine")"
		diff "$HERE/../../contrib/engines/${pair#*:}" "$(file "$engine")"
		same "$(stat -c %a "$(file "$engine")")" 644
		install --for "$engine" --runtime /usr/local/bin/oci-rt
		ok
		has "nothing to do"
		install --for "$engine" --remove
		ok
		has "removed $(file "$engine")"
		[[ ! -e $(file "$engine") ]]
		install --for "$engine" --remove
		ok
		has "nothing to do"
		rm -r "$T/host"
	done
}

@test "install: without --runtime it is the program that runs" {
	install --for podman
	ok
	grep -qxF "oci-rt = [\"$OCI_RT\"]" "$(file podman)"
	install --for podman --runtime '/a"b'
	bad "without quotes"
	install
	bad "install needs --for"
	install --for lxc
	bad
}

@test "install: docker's daemon.json keeps every byte of others" {
	local text
	for text in '{"hosts": ["unix:///a"], "runtimes": {"x": {"path": "/x,}\"{"}}, "n": 5}' \
		'{ "a \"b\" : {": [1, {"c": "\\"}] }' $'{\n\t"live-restore": true\n}\n' \
		'{"runtimes":{"x":{"path":"/x"},"y":{"path":"/y"}},"default-runtime":"x"}'; do
		mkdir -p "$T/host/etc/docker"
		printf %s "$text" >"$(file docker)"
		chmod 600 "$(file docker)"
		install --for docker --runtime /bin/oci-rt
		ok
		jq -e '.runtimes["oci-rt"].path == "/bin/oci-rt"' "$(file docker)"
		same "$(jq -cS 'del(.runtimes["oci-rt"]) | if .runtimes == {} then del(.runtimes) else . end' "$(file docker)")" \
			"$(jq -cS . <<<"$text")"
		install --for docker --runtime /sbin/oci-rt
		ok
		jq -e '.runtimes["oci-rt"].path == "/sbin/oci-rt"' "$(file docker)"
		install --for docker --remove
		ok
		same "$(cat "$(file docker)"; echo x)" "$(printf %s "$text"; echo x)"
		same "$(stat -c %a "$(file docker)")" 600
	done
	install --for docker --default
	bad "names another default-runtime"
	same "$(cat "$(file docker)")" "$text"
	echo '{"runtimes": []}' >"$(file docker)"
	install --for docker
	bad "expected an object"
	echo '{' >"$(file docker)"
	install --for docker
	bad "is no JSON"
	same "$(cat "$(file docker)")" '{'
}

@test "install: --default for docker and podman, and both taken back" {
	mkdir -p "$T/host/etc/docker"
	echo '{"bip": "10.0.0.1/24"}' >"$(file docker)"
	install --for docker --default
	ok
	jq -e '."default-runtime" == "oci-rt" and .bip' "$(file docker)"
	install --for docker --remove
	ok
	same "$(cat "$(file docker)")" '{"bip": "10.0.0.1/24"}'
	install --for podman --default
	ok
	grep -qxF 'runtime = "oci-rt"' "$(file podman)"
	install --for containerd --default
	bad "default_runtime_name"
}

@test "install: containerd's config.toml keeps every line of others; formats 2 and 3" {
	local version
	mkdir -p "$T/host/etc/containerd"
	for version in 2 3; do
		printf 'version = %s\n\n[plugins]\n  [plugins.x]\n    a = "b"\n' $version >"$(file containerd)"
		cp "$(file containerd)" "$T/before"
		install --for containerd --runtime /bin/oci-rt
		ok
		same "$(head -n 5 "$(file containerd)")" "$(cat "$T/before")"
		grep -qF 'BinaryName = "/bin/oci-rt"' "$(file containerd)"
		same "$(grep -c "io.containerd.cri.v1.runtime" "$(file containerd)")" $((2 * (version - 2)))
		install --for containerd --runtime /sbin/oci-rt
		ok
		same "$(grep -c BinaryName "$(file containerd)")" 1
		install --for containerd --remove
		ok
		cmp "$T/before" "$(file containerd)"
	done
	echo 'disabled_plugins = ["cri"]' >"$(file containerd)"
	install --for containerd
	bad "has no line version = 2"
	same "$(cat "$(file containerd)")" 'disabled_plugins = ["cri"]'
}

@test "install: a configuration behind a link stays behind it" {
	mkdir -p "$T/host/etc/docker"
	echo '{}' >"$T/elsewhere.json"
	ln -s "$T/elsewhere.json" "$(file docker)"
	install --for docker
	ok
	[[ -L $(file docker) ]]
	jq -e '.runtimes["oci-rt"]' "$T/elsewhere.json"
}
