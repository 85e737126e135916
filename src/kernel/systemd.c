/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See systemd.h.  A unit is started by a job: the method call returns the job's path, the
 * signal JobRemoved tells how it ended.  Signals count only from whom the call was answered.
 */
#include "kernel/systemd.h"
#ifdef OCI_RT_SYSTEMD
#include "base/log.h"
#include "base/text.h"
#include "kernel/systemd-internal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define UNIT_EXISTS "org.freedesktop.systemd1.UnitExists"

enum { MOST_UNKNOWN = 32 };

static void copy_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static int on_job_removed(sd_bus_message *message, void *data, sd_bus_error *error)
{
	struct systemd *systemd = data;
	struct ended *ended = &systemd->ended[systemd->n_ended++ % MOST_ENDED];
	const char *path = NULL, *unit = NULL, *result = NULL;
	uint32_t id;

	(void)error;
	if (systemd->lib.sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) < 0)
		return 0;
	copy_text(ended->sender, sizeof(ended->sender),
		  systemd->lib.sd_bus_message_get_sender(message));
	copy_text(ended->path, sizeof(ended->path), path);
	copy_text(ended->result, sizeof(ended->result), result);
	return 0;
}

/* The user that we are outside of all user namespaces. */
static unsigned owner_uid(void)
{
	unsigned inside = 0, outside = geteuid(), uid = geteuid(), n = 0;
	FILE *file = fopen("/proc/self/uid_map", "re");

	if (file && fscanf(file, "%u %u %u", &inside, &outside, &n) == 3 && inside == 0 &&
	    uid == 0 && n != UINT32_MAX)
		uid = outside;
	if (file)
		fclose(file);
	return uid;
}

static const char *address_of(struct arena *arena, bool is_user)
{
	const char *given = getenv(is_user ? "DBUS_SESSION_BUS_ADDRESS" :
					     "DBUS_SYSTEM_BUS_ADDRESS");
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (!is_empty(given))
		return given;
	if (!is_user)
		return "unix:path=/run/dbus/system_bus_socket";
	if (!is_empty(runtime))
		return arena_printf(arena, "unix:path=%s/bus", runtime);
	return arena_printf(arena, "unix:path=/run/user/%u/bus", owner_uid());
}

static int fail_connect(bool is_user, const char *address, int code, struct error *err)
{
	if (is_user)
		return fail(err, ERROR_CONFIG,
			    "the user's systemd cannot be reached at '%s' (%s): run `loginctl "
			    "enable-linger %u` as root and log in anew, or leave "
			    "--systemd-cgroup out", address, error_words(code), owner_uid());
	return fail(err, ERROR_CONFIG,
		    "systemd cannot be reached at '%s' (%s): when this host is not run by "
		    "systemd, leave --systemd-cgroup out", address, error_words(code));
}

int systemd_open(struct arena *arena, bool is_user, struct systemd **out, struct error *err)
{
	struct systemd *s = arena_new(arena, struct systemd);
	const char *address = address_of(arena, is_user);
	int rc;

	s->arena = arena;
	TRY(systemd_library_open(&s->lib, err));
	rc = s->lib.sd_bus_new(&s->bus);
	if (rc >= 0)
		rc = s->lib.sd_bus_set_address(s->bus, address);
	if (rc >= 0)
		rc = s->lib.sd_bus_set_bus_client(s->bus, 1);
	if (rc >= 0)
		rc = s->lib.sd_bus_start(s->bus);
	if (rc >= 0)
		rc = s->lib.sd_bus_get_method_call_timeout(s->bus, &s->timeout_us);
	if (rc >= 0)
		rc = s->lib.sd_bus_match_signal_async(s->bus, NULL, NULL,
						      "/org/freedesktop/systemd1",
						      "org.freedesktop.systemd1.Manager",
						      "JobRemoved", on_job_removed, NULL, s);
	if (rc < 0)
		return fail_connect(is_user, address, -rc, err);
	*out = s;
	return 0;
}

void systemd_forget(struct systemd *systemd)
{
	/* Not closed as a bus: what is not sent yet is the parent's to send. */
	if (systemd)
		(void)close(systemd->lib.sd_bus_get_fd(systemd->bus));
}

/* What engines take for an answer about the user's own command is left out. */
static bool is_telling(const char *message)
{
	static const char *const taken[] = { "not f" "ound", "ermission d" "enied",
					     "not perm" "itted", "o such f" "ile",
					     "not ex" "ist" };

	for (size_t i = 0; message && i < ARRAY_SIZE(taken); i++)
		if (strstr(message, taken[i]))
			return false;
	return message != NULL;
}

int systemd_fail(const struct systemd *s, sd_bus_error *error, int rc, const char *what,
		 struct error *err)
{
	const char *name = error->name ? error->name : error_words(-rc);

	(void)fail(err, ERROR_PEER, "%s: %s%s%s", what, name,
		   is_telling(error->message) ? ": " : "",
		   is_telling(error->message) ? error->message : "");
	s->lib.sd_bus_error_free(error);
	return -1;
}

int systemd_root(struct systemd *s, struct arena *arena, const char **out, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	char *root = NULL;
	int rc = s->lib.sd_bus_get_property_string(s->bus, MANAGER, "ControlGroup", &error, &root);

	if (rc < 0)
		return systemd_fail(s, &error, rc, "ask systemd for its cgroup", err);
	*out = is_empty(root) ? "/" : arena_strdup(arena, root);
	free(root);
	return 0;
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static const char *result_of(const struct systemd *s, const char *sender, const char *job)
{
	for (size_t i = 0; i < MOST_ENDED; i++)
		if (is_equal(s->ended[i].path, job) && is_equal(s->ended[i].sender, sender))
			return s->ended[i].result;
	return NULL;
}

/* "start", "stop": until the job of the answer has ended. */
static int wait_for_job(struct systemd *s, sd_bus_message *answer, const char *verb,
			const char *unit, struct error *err)
{
	const char *job = NULL, *from = s->lib.sd_bus_message_get_sender(answer), *result;
	uint64_t deadline = now_us() + s->timeout_us, now;
	char sender[64];
	int rc = s->lib.sd_bus_message_read(answer, "o", &job);

	copy_text(sender, sizeof(sender), from);
	while (rc >= 0 && !(result = result_of(s, sender, job))) {
		now = now_us();
		if (now >= deadline)
			return fail(err, ERROR_PEER,
				    "systemd did not %s the unit '%s' within %llu s: its job "
				    "still waits; see `systemctl list-jobs`", verb, unit,
				    (unsigned long long)(s->timeout_us / 1000000));
		rc = s->lib.sd_bus_process(s->bus, NULL);
		if (rc == 0)
			rc = s->lib.sd_bus_wait(s->bus, deadline - now);
		if (rc == -EINTR)
			rc = 0;
	}
	if (rc < 0)
		return fail(err, ERROR_PEER, "systemd went away while the unit '%s' was to %s: %s",
			    unit, verb, error_words(-rc));
	if (!is_equal(result, "done"))
		return fail(err, ERROR_PEER,
			    "systemd did not %s the unit '%s': its job ended as '%s'; see "
			    "`systemctl status %s`", verb, unit, result, unit);
	return 0;
}

/* A property that was refused and may be left out. */
struct attempt {
	const struct unit_request *request;
	const char *without[MOST_UNKNOWN];
	size_t n_without;
	bool has_reset;
};

static bool is_left_out(const struct attempt *attempt, const char *name)
{
	for (size_t i = 0; i < attempt->n_without; i++)
		if (is_equal(attempt->without[i], name))
			return true;
	return false;
}

static int append_request(const struct systemd *s, sd_bus_message *m,
			  const struct attempt *attempt)
{
	const struct unit_request *request = attempt->request;
	const struct unit *unit = request->unit;
	const struct systemd_library *lib = &s->lib;
	int rc = lib->sd_bus_message_append(m, "ss", unit->name, "fail");

	if (rc >= 0)
		rc = lib->sd_bus_message_open_container(m, 'a', "(sv)");
	if (rc >= 0)
		rc = lib->sd_bus_message_append(m, "(sv)(sv)(sv)", "Description", "s",
						unit->description, "Slice", "s", unit->slice,
						"PIDs", "au", 1, (uint32_t)request->pid);
	for (size_t i = 0; rc >= 0 && i < request->n_properties; i++)
		if (!is_left_out(attempt, request->properties[i]->name))
			rc = systemd_append(lib, m, request->properties[i]);
	if (rc >= 0)
		rc = lib->sd_bus_message_close_container(m);
	return rc < 0 ? rc : lib->sd_bus_message_append(m, "a(sa(sv))", 0);
}

/* "Cannot set property NAME, or unknown property." */
static const struct unit_property *refused(const struct unit_request *request,
					   const sd_bus_error *error)
{
	static const char before[] = "Cannot set property ";
	const char *at = error->message ? strstr(error->message, before) : NULL;
	size_t n = at ? strcspn(at + strlen(before), ", ") : 0;

	for (size_t i = 0; n && i < request->n_properties; i++) {
		const char *name = request->properties[i]->name;

		if (strlen(name) == n && strncmp(at + strlen(before), name, n) == 0)
			return request->properties[i];
	}
	return NULL;
}

static void reset_failed(struct systemd *s, const char *unit)
{
	/* Most have not failed, which is an error to systemd and none to us. */
	(void)s->lib.sd_bus_call_method(s->bus, MANAGER, "ResetFailedUnit", NULL, NULL, "s",
					unit);
}

/* Whether it is worth trying again, without a property or with an old failure forgotten. */
static bool can_retry(struct systemd *s, struct attempt *attempt, const sd_bus_error *error,
		      struct error *err)
{
	const char *unit = attempt->request->unit->name;
	const struct unit_property *property = refused(attempt->request, error);

	err->kind = ERROR_NONE;
	if (is_equal(error->name, UNIT_EXISTS) && !attempt->has_reset) {
		attempt->has_reset = true;
		reset_failed(s, unit);
		return true;
	}
	if (!property)
		return false;
	if (property->is_optional && attempt->n_without < MOST_UNKNOWN) {
		attempt->without[attempt->n_without++] = property->name;
		log_warning("systemd does not know the property '%s': it is left out",
			    property->name);
		return true;
	}
	(void)fail(err, ERROR_CONFIG,
		   "systemd does not take the property '%s' of the unit '%s': leave it out, or "
		   "run a newer systemd", property->name, unit);
	return false;
}

static int start_once(struct systemd *s, struct attempt *attempt, sd_bus_message **answer,
		      sd_bus_error *error)
{
	sd_bus_message *m = NULL;
	int rc = s->lib.sd_bus_message_new_method_call(s->bus, &m, MANAGER, "StartTransientUnit");

	if (rc >= 0)
		rc = append_request(s, m, attempt);
	if (rc >= 0)
		rc = s->lib.sd_bus_call(s->bus, m, 0, error, answer);
	s->lib.sd_bus_message_unref(m);
	return rc;
}

int systemd_start(struct systemd *s, const struct unit_request *request, bool *out_made,
		  struct error *err)
{
	struct attempt attempt = { .request = request };
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *answer = NULL;
	const char *unit = request->unit->name;
	int rc;

	*out_made = false;
	while ((rc = start_once(s, &attempt, &answer, &error)) < 0) {
		/* No answer at all: it may be starting. */
		*out_made = rc == -ETIMEDOUT;
		if (!can_retry(s, &attempt, &error, err))
			break;
		s->lib.sd_bus_error_free(&error);
	}
	if (rc < 0 && err->kind != ERROR_NONE)
		return -1;
	if (rc < 0 && is_equal(error.name, UNIT_EXISTS))
		return fail(err, ERROR_CONFIG,
			    "linux.cgroupsPath: systemd has a unit '%s' already, in another "
			    "slice perhaps (see `systemctl status %s`): set another name",
			    unit, unit);
	if (rc < 0)
		return systemd_fail(s, &error, rc,
				    arena_printf(s->arena, "have systemd start the unit '%s'",
						 unit), err);
	*out_made = true;
	rc = wait_for_job(s, answer, "start", unit, err);
	s->lib.sd_bus_message_unref(answer);
	return rc;
}

int systemd_stop(struct systemd *s, const char *unit, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *answer = NULL;
	int rc = s->lib.sd_bus_call_method(s->bus, MANAGER, "StopUnit", &error, &answer, "ss",
					   unit, "replace");

	if (is_equal(error.name, "org.freedesktop.systemd1.NoSuchUnit")) {
		s->lib.sd_bus_error_free(&error);
		return 0;
	}
	if (rc < 0)
		return systemd_fail(s, &error, rc,
				    arena_printf(s->arena, "have systemd stop the unit '%s'", unit),
				    err);
	rc = wait_for_job(s, answer, "stop", unit, err);
	s->lib.sd_bus_message_unref(answer);
	reset_failed(s, unit);
	return rc;
}

#else

int systemd_open(struct arena *arena, bool is_user, struct systemd **out, struct error *err)
{
	(void)arena, (void)is_user, (void)out;
	return fail(err, ERROR_CONFIG,
		    "this oci-rt was built without libsystemd: leave --systemd-cgroup out");
}

void systemd_forget(struct systemd *systemd)
{
	(void)systemd;
}

int systemd_root(struct systemd *systemd, struct arena *arena, const char **out,
		 struct error *err)
{
	(void)systemd, (void)arena, (void)out;
	return fail(err, ERROR_BUG, "there is no systemd to ask");
}

int systemd_start(struct systemd *systemd, const struct unit_request *request, bool *out_made,
		  struct error *err)
{
	(void)systemd, (void)request, (void)out_made;
	return fail(err, ERROR_BUG, "there is no systemd to ask");
}

int systemd_change(struct systemd *systemd, const struct unit_change *change,
		   struct unit_past **out, struct error *err)
{
	(void)systemd, (void)change, (void)out;
	return fail(err, ERROR_BUG, "there is no systemd to ask");
}

int systemd_change_back(struct systemd *systemd, const struct unit_past *past,
			struct error *err)
{
	(void)systemd, (void)past;
	return fail(err, ERROR_BUG, "there is no systemd to ask");
}

int systemd_stop(struct systemd *systemd, const char *unit, struct error *err)
{
	(void)systemd, (void)unit;
	return fail(err, ERROR_BUG, "there is no systemd to ask");
}
#endif
