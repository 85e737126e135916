# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What is asked of pause and resume wherever the cgroups are.

# counts FILE: whether what the container writes there grows.
counts() {
	local before after
	before=$(stat -c %s "$1")
	sleep 0.1
	after=$(stat -c %s "$1")
	((after > before))
}

counting_ct() {
	sh_args 'while :; do echo x >>/tmp/count; usleep 1000 2>/dev/null || sleep 0.01; done'
	create_ct
	start_ct
	until_true counts "$R/tmp/count"
}

pauses_and_resumes() {
	counting_ct
	run rt pause "$ID"
	ok
	same "$output" ""
	same "$(state_of)" paused
	same "$(rt list -f json | jq -r '.[0].status')" paused
	fails counts "$R/tmp/count"
	run rt pause "$ID"
	code 1
	has "container not running"
	same "$(state_of)" paused
	run rt resume "$ID"
	ok
	same "$output" ""
	same "$(state_of)" running
	until_true counts "$R/tmp/count"
	run rt resume "$ID"
	code 1
	has "container not paused"
}

dies_although_paused() {
	running_ct
	run rt pause "$ID"
	ok
	run rt delete "$ID"
	code 1
	has "cannot delete container $ID that is not stopped: paused"
	run rt kill "$ID" KILL
	ok
	until_status stopped
	run rt delete "$ID"
	ok
	running_ct
	run rt pause "$ID"
	ok
	run rt delete --force "$ID"
	ok
	no_process_left
}
