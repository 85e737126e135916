# SPDX-License-Identifier: LGPL-2.1-or-later
# What the lints share: `verdict "sentence" < findings` prints one TAP line, and each finding
# as a comment beneath it.  Lints run at the top of the tree; findings are "file:line: what".
export LC_ALL=C
results=$(mktemp) # a file: verdict runs at the end of a pipe, in a shell of its own
trap 'rm -f "$results"' EXIT

verdict() {
	findings=$(cat)
	echo "$1" >>"$results"
	number=$(wc -l <"$results")
	if [ -z "$findings" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		printf '%s\n' "$findings" | sed 's/^/# /'
	fi
}

done_testing() {
	echo "1..$(wc -l <"$results")"
}

sources() { # our C, headers and tables, without tests
	find src libocispec include \( -name '*.c' -o -name '*.h' -o -name '*.def' \) | sort
}

all_sources() { # and the tests
	sources
	find tests \( -name '*.c' -o -name '*.h' \) | sort
}
