/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of systemd.h share; nobody else includes it.
 */
#pragma once
#include "kernel/systemd.h"
#include <systemd/sd-bus.h>

#define MANAGER                                                                            \
	"org.freedesktop.systemd1", "/org/freedesktop/systemd1",                           \
		"org.freedesktop.systemd1.Manager"

/* The functions of libsystemd that we use, found at first use. */
#define SYSTEMD_FUNCTIONS(F)                                                               \
	F(sd_bus_call)                                                                     \
	F(sd_bus_call_method)                                                              \
	F(sd_bus_error_free)                                                               \
	F(sd_bus_get_fd)                                                                   \
	F(sd_bus_get_method_call_timeout)                                                  \
	F(sd_bus_get_property)                                                             \
	F(sd_bus_get_property_string)                                                      \
	F(sd_bus_match_signal_async)                                                       \
	F(sd_bus_message_append)                                                           \
	F(sd_bus_message_append_array)                                                     \
	F(sd_bus_message_append_basic)                                                     \
	F(sd_bus_message_close_container)                                                  \
	F(sd_bus_message_copy)                                                             \
	F(sd_bus_message_get_sender)                                                       \
	F(sd_bus_message_new_method_call)                                                  \
	F(sd_bus_message_open_container)                                                   \
	F(sd_bus_message_read)                                                             \
	F(sd_bus_message_unref)                                                            \
	F(sd_bus_message_rewind)                                                           \
	F(sd_bus_path_encode)                                                              \
	F(sd_bus_new)                                                                      \
	F(sd_bus_process)                                                                  \
	F(sd_bus_set_address)                                                              \
	F(sd_bus_set_bus_client)                                                           \
	F(sd_bus_start)                                                                    \
	F(sd_bus_wait)

struct systemd_library {
#define F(name) __typeof__(&name) name;
	SYSTEMD_FUNCTIONS(F)
#undef F
};

int systemd_library_open(struct systemd_library *out, struct error *err);

/* Append one property, "(sv)"; negative: the errno of libsystemd. */
int systemd_append(const struct systemd_library *lib, sd_bus_message *message,
		   const struct unit_property *property);

/* Before a list that systemd would add to what is there: make it empty. */
int systemd_append_empty(const struct systemd_library *lib, sd_bus_message *message,
			 const struct unit_property *property);

/* The D-Bus type of a property's value. */
const char *systemd_type(const struct unit_property *property);

enum { MOST_ENDED = 16 };

/* A job that has ended, perhaps before the answer to its call was read. */
struct ended {
	char sender[64], path[128], result[32];
};

struct systemd {
	struct systemd_library lib;
	struct arena *arena;
	sd_bus *bus;
	uint64_t timeout_us;
	struct ended ended[MOST_ENDED];
	size_t n_ended;
};

/* The error of a call: what was asked, and what systemd says to it; frees the latter. */
int systemd_fail(const struct systemd *systemd, sd_bus_error *error, int rc,
		 const char *what, struct error *err);
