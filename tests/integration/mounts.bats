#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mounts[]: order, sources, destinations, every option keyword.

load helpers

# mount_line DEST: the container's mountinfo line of DEST, from a run's output.
options_of() {
	awk -v d="$1" '$5 == d { line = $0 } END { print line }' <<<"$output"
}

# The mount flags of DEST (sixth column) and those of its file system (the last).
mount_flags() { options_of "$1" | awk '{ print $6 }'; }
super_flags() { options_of "$1" | awk '{ print $NF }'; }
# propagation_of DEST: the optional fields.
propagation_of() { options_of "$1" | sed 's/^\([^ ]* \)\{6\}//; s/ \{0,1\}- .*//'; }

has_flag() { [[ ,$1, == *,$2,* ]] || { echo "no $2 in $1"; return 1; }; }
no_flag() { [[ ,$1, != *,$2,* ]] || { echo "$2 in $1"; return 1; }; }

mountinfo_of() {
	args /bin/cat /proc/self/mountinfo
	run_ct
	ok
}

@test "M-order M-dest M-src M-type: mounts in their order, mount points made, file systems of every kind" {
	mkdir -p "$T/data/sub"
	echo one >"$T/data/one"
	echo file >"$T/file"
	config '.mounts += [
		{destination: "/new/dir", type: "tmpfs", options: ["size=1m"]},
		{destination: "/new/dir/below", type: "bind", source: ($t + "/data"), options: ["bind"]},
		{destination: "/new/file", source: ($t + "/file"), options: ["bind", "ro"]},
		{destination: "/over", type: "tmpfs", source: "first"},
		{destination: "/over", type: "tmpfs", source: "second"},
		{destination: "/ram", type: "ramfs", source: "ramfs"},
		{destination: "/dbg", type: "debugfs", source: "debugfs"},
		{destination: "/mq", type: "mqueue"}]' --arg t "$T"
	in_ct 'cat /new/dir/below/one /new/file; grep " /over " /proc/self/mountinfo | tail -1; for f in tmpfs ramfs debugfs mqueue proc sysfs devpts; do grep -q " - $f " /proc/self/mountinfo && echo "has $f"; done; stat -f -c %b /new/dir'
	ok
	has_line one
	has_line file
	has second
	for f in tmpfs ramfs debugfs mqueue proc sysfs devpts; do has_line "has $f"; done
	has_line 256
}

@test "M-order: mountinfo, which kernels since 6.8 sort by age, has the order of config.json" {
	needs_kernel 6 3 "ids of a tmpfs"
	mkdir -p "$T/src/sub"
	mount -t tmpfs src "$T/src"
	mkdir "$T/src/sub"
	mount -t tmpfs sub "$T/src/sub"
	mount --make-rshared "$T/src"
	local map='uidMappings: [{containerID: 0, hostID: 0, size: 10}], gidMappings: [{containerID: 0, hostID: 0, size: 10}]'
	local mounts='
		{destination: "/m/1", source: "'"$T"'/src", options: ["bind"]},
		{destination: "/m/2", type: "tmpfs"},
		{destination: "/m/3", source: "'"$T"'/src", options: ["rbind"]},
		{destination: "/m/4", source: "'"$T"'/src", options: ["rbind", "rshared"]},
		{destination: "/m/5", type: "tmpfs"},
		{destination: "/m/5", options: ["remount", "ro"]},
		{destination: "/m/6", source: "'"$T"'/src", options: ["bind", "idmap"], '"$map"'},
		{destination: "/m/7", type: "proc", source: "proc"},
		{destination: "/m/8", source: "/", options: ["rbind", "ro"]},
		{destination: "/m/9", source: "'"$T"'/src", options: ["bind", "slave"]}'
	config ".mounts += [$mounts]"
	mountinfo_of
	same "$(awk '$5 ~ "^/m/.$" { print $5 }' <<<"$output")" "$(printf '/m/%d\n' 1 2 3 4 5 6 7 8 9)"
	# The same numbers as the host's: a peer of the source, not only like one.
	[[ $(propagation_of /m/4) == "$(awk -v d="$T/src" '$5 == d { print $7 }' /proc/self/mountinfo)" ]]
	# The host is bound as it is: without what the container has mounted.
	same "$(awk -v r="/m/8$R" 'index($5, r) == 1' <<<"$output")" ""
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings | del(.mounts[] | select(.options | index("idmap")))'
	mountinfo_of
	same "$(awk '$5 ~ "^/m/.$" { print $5 }' <<<"$output")" "$(printf '/m/%d\n' 1 2 3 4 5 7 8 9)"
	umount -R "$T/src"
}

@test "M-order: a source that is not there stops the create in the middle, and nothing is left" {
	mkdir "$T/src"
	config '.mounts += [
		{destination: "/m/1", type: "tmpfs"},
		{destination: "/m/2", source: ($t + "/src"), options: ["bind"]},
		{destination: "/m/3", source: ($t + "/none"), options: ["bind"]}]' --arg t "$T"
	sh_args true
	run_ct
	bad "$T/none"
	has "mounts["
	same "$(rt list -q)" ""
}

@test "M-src-rel M-isbind M-dest-rel M-dest-abs: relative sources and destinations, what makes a bind" {
	mkdir "$BUNDLE/data"
	echo here >"$BUNDLE/data/x"
	config '.mounts += [
		{destination: "/a", source: "data", options: ["bind"]},
		{destination: "/b", type: "tmpfs", source: "data", options: ["bind"]},
		{destination: "/c", type: "none", source: "data", options: ["rbind"]},
		{destination: "rel/d", source: "data", options: ["bind"]}]'
	sh_args 'cat /a/x /b/x /c/x /rel/d/x'
	cd /
	run_ct
	ok
	same "$output" $'here\nhere\nhere\nhere'
	refuses "no destination" '.mounts += [{type: "tmpfs"}]'
	refuses "a type that is bind, without the option" '.mounts += [{destination: "/e", type: "nosuchfs", source: "data"}]'
}

@test "M-must8 MO-ro MO-rw MO-nosuid MO-suid MO-nodev MO-dev MO-noexec MO-exec MO-noatime MO-atime MO-nodiratime MO-diratime MO-relatime MO-norelatime MO-strictatime MO-nostrictatime MO-nosymfollow MO-symfollow: the last of a pair wins, on a tmpfs and on a bind" {
	local pair set clear n=0 filter='.'
	local pairs="ro:rw nosuid:suid nodev:dev noexec:exec noatime:atime nodiratime:diratime nosymfollow:symfollow"
	mkdir "$T/src"
	for pair in $pairs; do
		set=${pair%:*} clear=${pair#*:} n=$((n + 1))
		filter+="| .mounts += [
			{destination: \"/t/set$n\", type: \"tmpfs\", options: [\"$clear\", \"$set\"]},
			{destination: \"/t/clear$n\", type: \"tmpfs\", options: [\"$set\", \"$clear\"]},
			{destination: \"/b/set$n\", source: \"$T/src\", options: [\"bind\", \"$clear\", \"$set\"]},
			{destination: \"/b/clear$n\", source: \"$T/src\", options: [\"$set\", \"bind\", \"$clear\"]}]"
	done
	filter+='| .mounts += [
		{destination: "/t/rel", type: "tmpfs", options: ["noatime", "relatime"]},
		{destination: "/t/norel", type: "tmpfs", options: ["relatime", "norelatime"]},
		{destination: "/t/strict", type: "tmpfs", options: ["strictatime"]},
		{destination: "/t/nostrict", type: "tmpfs", options: ["strictatime", "nostrictatime"]},
		{destination: "/t/both", type: "tmpfs", options: ["noatime", "strictatime"]}]'
	config "$filter"
	mountinfo_of
	n=0
	for pair in $pairs; do
		set=${pair%:*} n=$((n + 1))
		for kind in t b; do
			has_flag "$(mount_flags "/$kind/set$n")" "$set"
			no_flag "$(mount_flags "/$kind/clear$n")" "$set"
		done
	done
	has_flag "$(mount_flags /t/rel)" relatime
	no_flag "$(mount_flags /t/rel)" noatime
	no_flag "$(mount_flags /t/norel)" noatime
	no_flag "$(mount_flags /t/strict)" relatime
	no_flag "$(mount_flags /t/strict)" noatime
	has_flag "$(mount_flags /t/nostrict)" relatime
	no_flag "$(mount_flags /t/both)" relatime
	no_flag "$(mount_flags /t/both)" noatime
}

@test "MO-sync MO-async MO-dirsync MO-lazytime MO-nolazytime MO-mand MO-nomand MO-iversion MO-noiversion MO-silent MO-loud MO-defaults M-custom8 M-unknown: options of the file system" {
	config '.mounts += [
		{destination: "/f/sync", type: "tmpfs", options: ["async", "sync"]},
		{destination: "/f/async", type: "tmpfs", options: ["sync", "async"]},
		{destination: "/f/dirsync", type: "tmpfs", options: ["dirsync"]},
		{destination: "/f/lazy", type: "tmpfs", options: ["nolazytime", "lazytime"]},
		{destination: "/f/nolazy", type: "tmpfs", options: ["lazytime", "nolazytime"]},
		{destination: "/f/mand", type: "tmpfs", options: ["mand", "nomand"]},
		{destination: "/f/mand2", type: "tmpfs", options: ["mand"]},
		{destination: "/f/iver", type: "tmpfs", options: ["iversion"]},
		{destination: "/f/noiver", type: "tmpfs", options: ["iversion", "noiversion"]},
		{destination: "/f/silent", type: "tmpfs", options: ["silent"]},
		{destination: "/f/loud", type: "tmpfs", options: ["silent", "loud"]},
		{destination: "/f/defaults", type: "tmpfs", options: ["nosuid", "defaults"]},
		{destination: "/f/proc", type: "proc", source: "proc", options: ["defaults"]},
		{destination: "/f/bind", source: "rootfs/etc", options: ["bind", "defaults"]},
		{destination: "/f/mount8", type: "tmpfs", options: ["nofail", "_netdev", "noauto", "auto", "user", "nouser", "x-foo=1", "x-systemd.automount"]},
		{destination: "/f/data", type: "tmpfs", options: ["mode=700", "size=1m", "nr_inodes=99", "uid=7", "gid=8"]}]'
	mountinfo_of
	has_flag "$(super_flags /f/sync)" sync
	no_flag "$(super_flags /f/async)" sync
	has_flag "$(super_flags /f/dirsync)" dirsync
	has_flag "$(super_flags /f/lazy)" lazytime
	no_flag "$(super_flags /f/nolazy)" lazytime
	no_flag "$(super_flags /f/mand)" mand
	has_flag "$(super_flags /f/data)" size=1024k
	has_flag "$(super_flags /f/data)" nr_inodes=99
	in_ct 'stat -c "%a %u %g" /f/data'
	has_line "700 7 8"
	refuses "data the file system does not know" '.mounts += [{destination: "/g", type: "tmpfs", options: ["nosuchoption=1"]}]' nosuchoption
	lacks 'no such file|not found|permission denied|operation not permitted'
}

@test "MO-private MO-shared MO-slave MO-unbindable MO-rprivate MO-rshared MO-rslave MO-runbindable: propagation" {
	local p filter=.
	mkdir -p "$T/src/sub"
	mount -t tmpfs src "$T/src"
	mkdir "$T/src/sub"
	mount -t tmpfs sub "$T/src/sub"
	mount --make-rshared "$T/src"
	for p in private shared slave unbindable rprivate rshared rslave runbindable; do
		filter+="| .mounts += [{destination: \"/p/$p\", source: \"$T/src\", options: [\"rbind\", \"$p\"]},
			{destination: \"/q/$p\", type: \"tmpfs\", options: [\"$p\"]}]"
	done
	config "$filter"
	mountinfo_of
	for p in private rprivate; do
		same "$(propagation_of /p/$p)" ""
		same "$(propagation_of /q/$p)" ""
	done
	for p in shared rshared; do
		[[ $(propagation_of /p/$p) == *shared:* ]]
		[[ $(propagation_of /q/$p) == *shared:* ]]
	done
	for p in slave rslave; do
		[[ $(propagation_of /p/$p) == *master:* && $(propagation_of /p/$p) != *shared:* ]]
	done
	for p in unbindable runbindable; do
		[[ $(propagation_of /p/$p) == unbindable ]]
		[[ $(propagation_of /q/$p) == unbindable ]]
	done
	[[ $(propagation_of /p/rshared/sub) == *shared:* ]]
	[[ $(propagation_of /p/rslave/sub) == *master:* ]]
	same "$(propagation_of /p/rprivate/sub)" ""
	same "$(propagation_of /p/runbindable/sub)" unbindable
	umount -R "$T/src"
}

@test "MO-bind MO-rbind: a mount below the source comes along with rbind only" {
	mkdir -p "$T/src/sub"
	mount -t tmpfs sub "$T/src/sub"
	touch "$T/src/sub/seen"
	config '.mounts += [
		{destination: "/one", source: ($t + "/src"), options: ["bind"]},
		{destination: "/all", source: ($t + "/src"), options: ["rbind", "ro"]}]' --arg t "$T"
	in_ct 'ls /one/sub; echo -; ls /all/sub; touch /all/x 2>&1; touch /one/y && echo written; touch /all/sub/z && echo below'
	ok
	same "$(head -2 <<<"$output")" $'-\nseen'
	has "Read-only"
	has_line written
	has_line below
	umount "$T/src/sub"
}

@test "MO-rro MO-rrw MO-rnosuid MO-rsuid MO-rnodev MO-rdev MO-rnoexec MO-rexec MO-rnoatime MO-ratime MO-rnodiratime MO-rdiratime MO-rrelatime MO-rnorelatime MO-rstrictatime MO-rnostrictatime MO-rnosymfollow MO-rsymfollow: recursive options reach the mounts below" {
	local word flag filter=.
	mkdir -p "$T/plain" "$T/flags"
	mount -t tmpfs top "$T/plain" && mkdir "$T/plain/sub" && mount -t tmpfs sub "$T/plain/sub"
	mount -t tmpfs top "$T/flags" && mkdir "$T/flags/sub" && mount -t tmpfs sub "$T/flags/sub"
	for word in $T/flags/sub $T/flags; do
		mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow "$word"
	done
	for flag in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
		filter+="| .mounts += [{destination: \"/on/$flag\", source: \"$T/plain\", options: [\"rbind\", \"r$flag\"]}]"
	done
	for word in rrw rsuid rdev rexec ratime rdiratime rsymfollow; do
		filter+="| .mounts += [{destination: \"/off/$word\", source: \"$T/flags\", options: [\"rbind\", \"$word\"]}]"
	done
	for word in rrelatime rstrictatime rnorelatime rnostrictatime; do
		filter+="| .mounts += [{destination: \"/time/$word\", source: \"$T/flags\", options: [\"rbind\", \"$word\"]}]"
	done
	config "$filter"
	mountinfo_of
	for flag in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
		has_flag "$(mount_flags /on/$flag)" $flag
		has_flag "$(mount_flags /on/$flag/sub)" $flag
	done
	set -- rrw:ro rsuid:nosuid rdev:nodev rexec:noexec ratime:noatime rdiratime:nodiratime rsymfollow:nosymfollow
	for word in "$@"; do
		no_flag "$(mount_flags "/off/${word%:*}")" "${word#*:}"
		no_flag "$(mount_flags "/off/${word%:*}/sub")" "${word#*:}"
	done
	has_flag "$(mount_flags /time/rrelatime/sub)" relatime
	no_flag "$(mount_flags /time/rstrictatime/sub)" relatime
	no_flag "$(mount_flags /time/rstrictatime/sub)" noatime
	umount -R "$T/plain" "$T/flags"
}

@test "MO-remount: changes what is mounted there, mounts nothing" {
	config '.mounts += [
		{destination: "/r", type: "tmpfs", source: "tmpfs", options: ["size=1m"]},
		{destination: "/r", type: "tmpfs", source: "tmpfs", options: ["remount", "ro", "size=2m"]},
		{destination: "/s", source: "rootfs/etc", options: ["bind"]},
		{destination: "/s", options: ["remount", "bind", "ro", "noexec"]}]'
	mountinfo_of
	same "$(grep -c ' /r ' <<<"$output")" 1
	same "$(grep -c ' /s ' <<<"$output")" 1
	in_ct 'touch /r/x; touch /s/x; stat -f -c %b /r'
	matches '/r/x: Read-only'
	matches '/s/x: Read-only'
	has_line 512
	touch "$R/etc/writable"
}

@test "MO-tmpcopyup: what the root holds there is in the tmpfs" {
	mkdir -p "$R/data/deep"
	echo x >"$R/data/deep/file"
	chmod 640 "$R/data/deep/file"
	chown 5:6 "$R/data/deep/file"
	ln -s deep/file "$R/data/link"
	chmod 751 "$R/data"
	config '.mounts += [{destination: "/data", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"]}]'
	in_ct 'cat /data/link; stat -c "%a %u %g" /data/deep/file /data; echo new >/data/new'
	ok
	same "$output" $'x\n640 5 6\n751 0 0'
	[[ ! -e $R/data/new ]]
	config '.mounts[-1].options = ["ro", "tmpcopyup"]'
	in_ct 'cat /data/link; touch /data/x'
	has_line x
	has "Read-only"
	refuses "on another file system" '.mounts += [{destination: "/x", type: "proc", source: "proc", options: ["tmpcopyup"]}]'
}

@test "tmpfs: takes the mode of the directory that it covers, unless told" {
	mkdir -m 710 "$R/covered"
	config '.mounts += [{destination: "/covered", type: "tmpfs"}, {destination: "/told", type: "tmpfs", options: ["mode=0701"]}]'
	in_ct 'stat -c %a /covered /told'
	same "$output" $'710\n701'
}

@test "M-type overlay: an overlay from the bundle" {
	mkdir -p "$T"/{lower,upper,work}
	echo low >"$T/lower/file"
	config '.mounts += [{destination: "/ov", type: "overlay", source: "overlay", options: ["lowerdir=\($t)/lower", "upperdir=\($t)/upper", "workdir=\($t)/work"]}]' --arg t "$T"
	in_ct 'cat /ov/file; echo up >/ov/new'
	ok
	same "$output" low
	same "$(cat "$T/upper/new")" up
}

@test "M-dest: symlinks in the root lead to places in the root" {
	mkdir "$T/outside" "$T/src"
	echo src >"$T/src/file"
	ln -s "$T/outside" "$R/abs"
	ln -s ../../../../../../../../../.."$T/outside" "$R/rel"
	ln -s /opt "$R/inside"
	config '.mounts += [
		{destination: "/abs/a", source: ($t + "/src"), options: ["bind"]},
		{destination: "/rel/b", source: ($t + "/src"), options: ["bind"]},
		{destination: "/inside/c", source: ($t + "/src"), options: ["bind"]},
		{destination: "/../../d", source: ($t + "/src"), options: ["bind"]}]' --arg t "$T"
	in_ct 'cat /opt/c/file /d/file'
	if [[ $status -eq 0 ]]; then same "$output" $'src\nsrc'; fi
	same "$(find "$T/outside" -mindepth 1)" ""
	same "$(find "$T/src")" "$T/src"$'\n'"$T/src/file"
}

@test "mounts: kinds that do not fit are told by their kinds" {
	touch "$T/file"
	mkdir "$R/dir"
	echo x >"$R/plain"
	refuses "a file on a directory" '.mounts += [{destination: "/dir", source: "'"$T"'/file", options: ["bind"]}]'
	refuses "a directory on a file" '.mounts += [{destination: "/plain", source: "'"$T"'", options: ["bind"]}]'
	refuses "no source" '.mounts += [{destination: "/x", source: "/no/where", options: ["bind"]}]'
	lacks 'no such file or directory|not found|permission denied|operation not permitted'
	refuses "no file system of that name" '.mounts += [{destination: "/x", type: "nosuchfs", source: "x"}]' nosuchfs
}

@test "M-uidgid-both: one mapping without the other is refused" {
	refuses "uids only" '.mounts += [{destination: "/x", source: "rootfs/etc", options: ["bind", "idmap"], uidMappings: [{containerID: 0, hostID: 1000, size: 10}]}]'
	refuses "gids only" '.mounts += [{destination: "/x", source: "rootfs/etc", options: ["bind", "idmap"], gidMappings: [{containerID: 0, hostID: 1000, size: 10}]}]'
}

@test "M-uidmap M-gidmap M-idmap-impl M-idmap-opt MO-idmap MO-ridmap: mounts with ids of their own" {
	needs_kernel 6 3 "ids of a tmpfs"
	mkdir -p "$T/src/sub"
	touch "$T/src/file"
	chown 1000:2000 "$T/src/file"
	local map='uidMappings: [{containerID: 1000, hostID: 5, size: 1}], gidMappings: [{containerID: 2000, hostID: 6, size: 1}]'
	config ".mounts += [{destination: \"/i\", source: \"$T/src\", options: [\"bind\", \"idmap\"], $map},
		{destination: \"/r\", source: \"$T/src\", options: [\"rbind\", \"ridmap\"], $map},
		{destination: \"/n\", source: \"$T/src\", options: [\"bind\"], $map}]"
	in_ct 'stat -c "%u %g" /i/file /r/file /n/file'
	ok
	same "$output" $'5 6\n5 6\n5 6'
	same "$(stat -c '%u %g' "$T/src/file")" "1000 2000"
	cp "$F/base.json" "$BUNDLE/config.json"
	refuses "idmap without any mapping" ".mounts += [{destination: \"/i\", source: \"$T/src\", options: [\"bind\", \"idmap\"]}]"
}

@test "F-mopts F-mopts-fs: every option that features names is known" {
	needs_kernel 6 3 "ids of a tmpfs"
	local option options
	options=$(rt features | jq -r '.mountOptions[]')
	[[ $(wc -l <<<"$options") -ge 61 ]]
	for option in rro ridmap idmap tmpcopyup rnodev nosymfollow; do grep -qx $option <<<"$options"; done
	lacks '^(size|mode|uid|gid)$'
	mkdir "$T/src"
	local map='uidMappings: [{containerID: 0, hostID: 0, size: 10}], gidMappings: [{containerID: 0, hostID: 0, size: 10}]'
	local filter=.
	for option in $options; do
		case $option in
		acl | noacl | bind | rbind | remount | tmpcopyup) continue ;;
		*idmap) filter+="| .mounts += [{destination: \"/o/$option\", source: \"$T/src\", options: [\"rbind\", \"$option\"], $map}]" ;;
		*) filter+="| .mounts += [{destination: \"/o/$option\", source: \"$T/src\", options: [\"rbind\", \"$option\"]}]" ;;
		esac
	done
	accepts "all options" "$filter"
}

@test "cgroup mounts: with and without a cgroup namespace, read-only as asked" {
	! is_unified || skip "this host has no hierarchies of version 1"
	config '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "ro"]}]'
	in_ct 'cat /proc/self/cgroup; ls /sys/fs/cgroup; p=$(sed -n s/.*:pids://p /proc/self/cgroup); ls /sys/fs/cgroup/pids; touch /sys/fs/cgroup/pids/x; mkdir /sys/fs/cgroup/pids/y; touch /sys/fs/cgroup/x'
	has_line pids
	has cgroup.procs
	matches 'pids/x.*Read-only'
	matches 'pids/y.*Read-only'
	matches 'cgroup/x.*Read-only'
	config '.linux.namespaces += [{type: "cgroup"}]'
	in_ct 'cat /sys/fs/cgroup/pids/cgroup.procs | wc -l; mkdir /sys/fs/cgroup/pids/y; grep -c " - cgroup" /proc/self/mountinfo'
	matches 'pids/y.*Read-only'
	config '.mounts[-1].options = ["rw"]'
	in_ct 'mkdir /sys/fs/cgroup/pids/y && rmdir /sys/fs/cgroup/pids/y && echo made'
	has_line made
}

@test "ML-label: a mount label on a host without SELinux does not make an unreadable error" {
	config '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c1,c2"'
	in_ct 'true'
	[[ $status -eq 0 ]] || matches '[Ss][Ee][Ll]inux'
}
