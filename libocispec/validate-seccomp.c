/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of the system call filter. */
#include "base/text.h"
#include "libocispec/validate.h"
#include <inttypes.h>

enum { MOST_ERRNO = 4095, MOST_TRACE = 65535 };

static void check_errno(struct validation *v, const char *action, uint32_t value)
{
	bool is_errno = is_equal(action, "SCMP_ACT_ERRNO");
	uint32_t most = is_errno ? MOST_ERRNO : MOST_TRACE;

	if (!action)
		return;
	if (!is_errno && !is_equal(action, "SCMP_ACT_TRACE"))
		rule_refuse(v, "%s takes no errno; leave it out", action);
	else if (value > most)
		rule_refuse(v, "expected an integer from 0 to %" PRIu32 ", got %" PRIu32,
			    most, value);
}

static void check_errnos(struct validation *v)
{
	const struct oci_seccomp *s = v->seccomp;

	rule_at(v, "defaultErrnoRet");
	if (s->has_default_errno_ret)
		check_errno(v, s->default_action, s->default_errno_ret);
	for (size_t i = 0; i < s->n_syscalls; i++) {
		if (!s->syscalls[i].has_errno_ret)
			continue;
		rule_at(v, "syscalls[%zu].errnoRet", i);
		check_errno(v, s->syscalls[i].action, s->syscalls[i].errno_ret);
	}
}

static void refuse_notify(struct validation *v)
{
	rule_refuse(v, "SCMP_ACT_NOTIFY needs linux.seccomp.listenerPath");
}

/* An annotation that engines set in the place of listenerPath, as crun knows it. */
static bool has_receiver(const struct oci_config *config)
{
	for (size_t i = 0; config && i < config->annotations.n; i++)
		if (is_equal(config->annotations.items[i].key, "run.oci.seccomp.receiver"))
			return true;
	return false;
}

static void check_listener(struct validation *v)
{
	const struct oci_seccomp *s = v->seccomp;

	if (!is_empty(s->listener_path))
		return;
	if (!is_empty(s->listener_metadata))
		rule_refuse(v, "needs listenerPath, the agent that it is for");
	if (v->report->problems->has_agent || has_receiver(v->config))
		return;
	rule_at(v, "defaultAction");
	if (is_equal(s->default_action, "SCMP_ACT_NOTIFY"))
		refuse_notify(v);
	for (size_t i = 0; i < s->n_syscalls; i++) {
		if (!is_equal(s->syscalls[i].action, "SCMP_ACT_NOTIFY"))
			continue;
		rule_at(v, "syscalls[%zu].action", i);
		refuse_notify(v);
	}
}

static void check_listener_path(struct validation *v)
{
	/* What fits into a socket's address, with its end. */
	enum { LONGEST = 107 };

	if (v->seccomp->listener_path && strlen(v->seccomp->listener_path) > LONGEST)
		rule_refuse(
			v, "longer than %d bytes, the most that a socket's address holds",
			LONGEST);
}

static const struct rule rules[] = {
	{ SCOPE_SECCOMP, "syscalls", check_errnos },
	{ SCOPE_SECCOMP, "listenerMetadata", check_listener },
	{ SCOPE_SECCOMP, "listenerPath", check_listener_path },
};
const struct rules seccomp_rules = { rules, ARRAY_SIZE(rules) };
