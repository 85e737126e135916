/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changing properties of a unit that runs.  Each is read before: one that cannot be read
 * is not known to this systemd, and the values are kept as they came, to be sent back when
 * something else fails.
 */
#ifdef OCI_RT_SYSTEMD
#include "base/log.h"
#include "base/text.h"
#include "kernel/systemd-internal.h"
#include <stdlib.h>

#define SCOPE "org.freedesktop.systemd1", path, "org.freedesktop.systemd1.Scope"

/* Messages that are read up to the value; they live as long as the command. */
struct unit_past {
	const char *unit;
	const struct unit_property **properties;
	sd_bus_message **values;
	size_t n;
};

static const char *object_of(struct systemd *s, const char *unit)
{
	char *path = NULL;
	const char *kept = NULL;

	if (s->lib.sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path) >= 0)
		kept = arena_strdup(s->arena, path);
	free(path);
	return kept;
}

static bool is_unknown(const sd_bus_error *error)
{
	return is_equal(error->name, "org.freedesktop.DBus.Error.UnknownProperty");
}

/* Read the old values of all that this systemd knows. */
static int read_past(struct systemd *s, const struct unit_change *change,
		     struct unit_past *past, struct error *err)
{
	const char *path = object_of(s, change->unit);

	for (size_t i = 0; i < change->n; i++) {
		const struct unit_property *property = change->properties[i];
		sd_bus_error error = SD_BUS_ERROR_NULL;
		sd_bus_message *value = NULL;
		int rc = s->lib.sd_bus_get_property(s->bus, SCOPE, property->name, &error,
						    &value, systemd_type(property));

		if (rc < 0 && property->is_optional && is_unknown(&error)) {
			s->lib.sd_bus_error_free(&error);
			log_warning("systemd does not know the property '%s': it is left out",
				    property->name);
			continue;
		}
		if (rc < 0)
			return systemd_fail(s, &error, rc,
					    arena_printf(s->arena, "read %s of the unit '%s'",
							 property->name, change->unit), err);
		past->properties[past->n] = property;
		past->values[past->n++] = value;
	}
	return 0;
}

static int append_old(const struct systemd *s, sd_bus_message *m,
		      const struct unit_property *property, sd_bus_message *value)
{
	const struct systemd_library *lib = &s->lib;
	int rc = systemd_append_empty(lib, m, property);

	if (rc >= 0)
		rc = lib->sd_bus_message_open_container(m, 'r', "sv");
	if (rc >= 0)
		rc = lib->sd_bus_message_append_basic(m, 's', property->name);
	if (rc >= 0)
		rc = lib->sd_bus_message_open_container(m, 'v', systemd_type(property));
	if (rc >= 0)
		rc = lib->sd_bus_message_copy(m, value, 0);
	if (rc >= 0)
		rc = lib->sd_bus_message_close_container(m);
	return rc < 0 ? rc : lib->sd_bus_message_close_container(m);
}

/* Send new values, or the old ones; then ask for anything: by the answer they are written. */
static int send_values(struct systemd *s, const struct unit_past *past, bool is_back,
		       struct error *err)
{
	const struct systemd_library *lib = &s->lib;
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *m = NULL;
	char *ignored = NULL;
	int rc = lib->sd_bus_message_new_method_call(s->bus, &m, MANAGER, "SetUnitProperties");

	if (rc >= 0)
		rc = lib->sd_bus_message_append(m, "sb", past->unit, 1);
	if (rc >= 0)
		rc = lib->sd_bus_message_open_container(m, 'a', "(sv)");
	for (size_t i = 0; rc >= 0 && i < past->n; i++)
		rc = is_back ? append_old(s, m, past->properties[i], past->values[i]) :
			       systemd_append(lib, m, past->properties[i]);
	if (rc >= 0)
		rc = lib->sd_bus_message_close_container(m);
	if (rc >= 0)
		rc = lib->sd_bus_call(s->bus, m, 0, &error, NULL);
	lib->sd_bus_message_unref(m);
	if (rc < 0)
		return systemd_fail(s, &error, rc,
				    arena_printf(s->arena, "have systemd change the unit '%s'",
						 past->unit), err);
	(void)lib->sd_bus_get_property_string(s->bus, MANAGER, "ControlGroup", NULL, &ignored);
	free(ignored);
	return 0;
}

int systemd_change(struct systemd *s, const struct unit_change *change,
		   struct unit_past **out, struct error *err)
{
	struct unit_past *past = arena_new(s->arena, struct unit_past);

	past->unit = change->unit;
	past->properties = arena_array(s->arena, change->n + 1, sizeof(*past->properties));
	past->values = arena_array(s->arena, change->n + 1, sizeof(sd_bus_message *));
	TRY(read_past(s, change, past, err));
	if (past->n)
		TRY(send_values(s, past, false, err));
	*out = past;
	return 0;
}

int systemd_change_back(struct systemd *s, const struct unit_past *past, struct error *err)
{
	return past->n ? send_values(s, past, true, err) : 0;
}
#endif
