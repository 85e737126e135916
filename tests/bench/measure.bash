# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For the benches of engines, in their sandbox: a command with each runtime in turn, ROUNDS
# times after one that does not count.

runtimes=oci-rt
[ -z "$CRUN" ] || runtimes="$runtimes crun"
[ -z "$RUNC" ] || runtimes="$runtimes runc"

milliseconds() { # COMMAND...: how long it took, with two digits behind the point
	local begun=${EPOCHREALTIME/./}
	"$@" >/dev/null 2>&1 </dev/null || { echo "engines: failed: $*" >&2; exit 1; }
	awk -v n="$((${EPOCHREALTIME/./} - begun))" 'BEGIN { printf "%.2f\n", n / 1000 }'
}

measure() { # TITLE COMMAND...: RT stands for the runtime, in turn
	local title=$1 round runtime
	shift
	for ((round = -1; round < ROUNDS; round++)); do
		for runtime in $runtimes; do
			took=$(milliseconds "${@//RT/$runtime}") || exit 1
			[ "$round" -lt 0 ] || echo "$took" >>"times.$runtime"
		done
	done
	for runtime in $runtimes; do
		sort -n "times.$runtime" | awk -v title="$title" -v runtime="$runtime" '
			{ all[NR] = $1 }
			END { printf "%-18s %-8s median %7.1f  fastest %7.1f\n", title, runtime,
				all[int((NR + 1) / 2)], all[1] }'
		rm "times.$runtime"
	done
}
