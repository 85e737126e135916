/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libsystemd, opened when systemd is to be asked, and the encoding of properties.
 */
#ifdef OCI_RT_SYSTEMD
#include "kernel/dlopen-note.h"
#include "base/text.h"
#include "kernel/systemd-internal.h"
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define LIBRARY "libsystemd.so.0"

DLOPEN_NOTE("systemd", "Letting systemd manage cgroups", "recommended", LIBRARY);

static int find(void *handle, const char *name, void *out, struct error *err)
{
	void *symbol = dlsym(handle, name);

	if (!symbol)
		return fail(err, ERROR_CONFIG, "%s has no '%s'; version 240 or later is needed",
			    LIBRARY, name);
	memcpy(out, &symbol, sizeof(symbol));
	return 0;
}

int systemd_library_open(struct systemd_library *out, struct error *err)
{
	/* Never closed: it is opened once, and we end soon. */
	void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return fail(err, ERROR_CONFIG,
			    "--systemd-cgroup needs %s, which cannot be opened: install "
			    "libsystemd", LIBRARY);
#define F(name) TRY(find(handle, #name, &out->name, err));
	SYSTEMD_FUNCTIONS(F)
#undef F
	return 0;
}

static int append_rates(const struct systemd_library *lib, sd_bus_message *m,
			const struct unit_property *p)
{
	int rc = lib->sd_bus_message_open_container(m, 'a', "(st)");

	for (size_t i = 0; rc >= 0 && i < p->n; i++)
		rc = lib->sd_bus_message_append(m, "(st)", p->words[i], p->rates[i]);
	return rc < 0 ? rc : lib->sd_bus_message_close_container(m);
}

static int append_devices(const struct systemd_library *lib, sd_bus_message *m,
			  const struct unit_property *p)
{
	int rc = lib->sd_bus_message_open_container(m, 'a', "(ss)");

	for (size_t i = 0; rc >= 0 && i < p->n; i++)
		rc = lib->sd_bus_message_append(m, "(ss)", p->words[i], p->letters[i]);
	return rc < 0 ? rc : lib->sd_bus_message_close_container(m);
}

static int append_words(const struct systemd_library *lib, sd_bus_message *m,
			const struct unit_property *p)
{
	int rc = lib->sd_bus_message_open_container(m, 'a', "s");

	for (size_t i = 0; rc >= 0 && i < p->n; i++)
		rc = lib->sd_bus_message_append_basic(m, 's', p->words[i]);
	return rc < 0 ? rc : lib->sd_bus_message_close_container(m);
}

static int append_value(const struct systemd_library *lib, sd_bus_message *m,
			const struct unit_property *p)
{
	uint32_t narrow = (uint32_t)p->number;
	int truth = p->number != 0;

	switch (p->kind) {
	case PROPERTY_BOOL:
		return lib->sd_bus_message_append_basic(m, 'b', &truth);
	case PROPERTY_I32:
		return lib->sd_bus_message_append_basic(m, 'i', &narrow);
	case PROPERTY_U32:
		return lib->sd_bus_message_append_basic(m, 'u', &narrow);
	case PROPERTY_I64:
		return lib->sd_bus_message_append_basic(m, 'x', &p->number);
	case PROPERTY_U64:
		return lib->sd_bus_message_append_basic(m, 't', &p->number);
	case PROPERTY_STRING:
		return lib->sd_bus_message_append_basic(m, 's', p->text);
	case PROPERTY_STRINGS:
		return append_words(lib, m, p);
	case PROPERTY_BYTES:
		return lib->sd_bus_message_append_array(m, 'y', p->text, p->n);
	case PROPERTY_RATES:
		return append_rates(lib, m, p);
	case PROPERTY_DEVICES:
		return append_devices(lib, m, p);
	case PROPERTY_KIND_COUNT:
		break;
	}
	return -EINVAL;
}

static const char *const property_types[] = {
	[PROPERTY_BOOL] = "b",	   [PROPERTY_I32] = "i",     [PROPERTY_U32] = "u",
	[PROPERTY_I64] = "x",	   [PROPERTY_U64] = "t",     [PROPERTY_STRING] = "s",
	[PROPERTY_STRINGS] = "as", [PROPERTY_BYTES] = "ay",  [PROPERTY_RATES] = "a(st)",
	[PROPERTY_DEVICES] = "a(ss)",
};
static_assert(ARRAY_SIZE(property_types) == PROPERTY_KIND_COUNT, "every kind has a D-Bus type");

const char *systemd_type(const struct unit_property *property)
{
	return property_types[property->kind];
}

int systemd_append_empty(const struct systemd_library *lib, sd_bus_message *m,
			 const struct unit_property *p)
{
	if (p->kind != PROPERTY_DEVICES)
		return 0;
	return lib->sd_bus_message_append(m, "(sv)", p->name, "a(ss)", 0);
}

int systemd_append(const struct systemd_library *lib, sd_bus_message *m,
		   const struct unit_property *p)
{
	int rc = systemd_append_empty(lib, m, p);

	if (rc >= 0)
		rc = lib->sd_bus_message_open_container(m, 'r', "sv");
	if (rc >= 0)
		rc = lib->sd_bus_message_append_basic(m, 's', p->name);
	if (rc >= 0)
		rc = lib->sd_bus_message_open_container(m, 'v', property_types[p->kind]);
	if (rc >= 0)
		rc = append_value(lib, m, p);
	if (rc >= 0)
		rc = lib->sd_bus_message_close_container(m);
	return rc < 0 ? rc : lib->sd_bus_message_close_container(m);
}
#endif
