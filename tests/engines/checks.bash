# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the engine tests stand on.  A test sources this, says
#   begin ENGINE VIEW COMMAND...    the commands it needs; it is started anew in the sandbox
# then runs checks and says `finish`.  Results are TAP.
#   check NAME 'SHELL COMMAND' 'REGULAR EXPRESSION' [STATUS]
# passes when the command ends with STATUS (0) and its output matches.  One that neither crun
# nor runc passes on such a machine stands in expectations.tsv with its reason: it counts as
# skipped when it fails.
# One that says `with_criu` before `begin` has a criu that works on this kernel in its PATH,
# where one can be had, and `check_criu`, which skips where not.
# In the environment: RUNTIME, oci-rt (the default), crun or runc: who is tested; ONLY, a
# regular expression: which checks are run; VERBOSE=1: the output of all, not of the failed.

checks_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checks_run=0 checks_failed=0

with_criu() {
	[[ -z ${SCRATCH-} ]] || return 0
	CRIU_DIR=$("$checks_dir/../../contrib/criu-tree" --if-needed 2>/dev/null) || CRIU_DIR=none
	export CRIU_DIR
}

begin() {
	local view=$2 command
	engine=$1
	shift 2
	for command; do
		PATH=$PATH:/usr/sbin:/usr/lib/podman command -v "$command" >/dev/null && continue
		echo "1..0 # SKIP $engine: $command is not installed"
		exit 0
	done
	if [[ -z ${SCRATCH-} ]]; then
		exec "$checks_dir/sandbox" "${VIEW:-$view}" "$(realpath "$0")"
	fi
	[[ -z ${CRIU_DIR-} ]] || PATH=$CRIU_DIR:$PATH
	RUNTIME=${RUNTIME:-oci-rt}
	case $RUNTIME in
	oci-rt) RUNTIME_PATH=$OCI_RT ;;
	crun) RUNTIME_PATH=$CRUN ;;
	runc) RUNTIME_PATH=$RUNC ;;
	*) RUNTIME_PATH=$(command -v "$RUNTIME") RUNTIME=${RUNTIME##*/} ;;
	esac
	[[ -x $RUNTIME_PATH ]] || { echo "1..0 # SKIP no $RUNTIME here"; exit 0; }
	export RUNTIME RUNTIME_PATH
}

reason_to_fail() { # CHECK: the reason in expectations.tsv, or nothing
	awk -F '\t' -v engine="$engine" -v view="$VIEW" -v check="$1" '
		$1 == engine && ($2 == "*" || $2 == view) && $3 == check { print $4; exit }' \
		"$checks_dir/expectations.tsv"
}

check() {
	local name=$1 command=$2 pattern=$3 wanted=${4:-0} out status reason
	[[ -z ${ONLY-} || $name =~ $ONLY ]] || return 0
	checks_run=$((checks_run + 1))
	# By a file: whoever outlives the time limit would hold a pipe open.
	timeout -k 5 "${CHECK_TIMEOUT:-60}" bash -c "$command" >"$SCRATCH/.out" 2>&1 </dev/null
	status=$?
	out=$(tr -d '\0' <"$SCRATCH/.out")
	if [[ $status == "$wanted" && $out =~ $pattern ]]; then
		echo "ok $checks_run - $engine: $name"
		[[ -z ${VERBOSE-} ]] || printf '%s\n' "$out" | sed 's/^/# /'
		return 0
	fi
	reason=$(reason_to_fail "$name")
	if [[ -n $reason ]]; then
		echo "ok $checks_run - $engine: $name # SKIP $reason"
	else
		checks_failed=$((checks_failed + 1))
		echo "not ok $checks_run - $engine: $name"
	fi
	[[ -n $reason && -z ${VERBOSE-} ]] || {
		printf '%s\n' "$command" | sed 's/^/# /'
		echo "# status $status, wanted $wanted and /$pattern/"
		printf '%s\n' "$out" | tail -n 30 | cut -c 1-400 | sed 's/^/#   /'
	}
	return 0
}

check_criu() { # as check
	if [[ $CRIU_DIR != none ]]; then
		check "$@"
	elif [[ -z ${ONLY-} || $1 =~ $ONLY ]]; then
		checks_run=$((checks_run + 1))
		echo "ok $checks_run - $engine: $1 # SKIP no criu that works on this kernel"
	fi
}

until_true() { # COMMAND...: within ten seconds
	local try
	for ((try = 0; try < 100; try++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

finish() {
	echo "1..$checks_run"
	[[ $checks_failed == 0 ]]
	exit
}
export -f until_true
