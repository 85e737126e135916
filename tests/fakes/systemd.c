/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plays systemd's manager for tests on hosts without one: systemd SOCKET MOUNT... listens on
 * a UNIX socket as a bus would, and makes scopes in the hierarchies that are mounted at
 * MOUNT.  It prints a line for everything that it is asked for.  What a unit's prefix says
 * decides how it goes: "fail-" jobs fail, "stall-" jobs never end, "old-" systemd does not
 * know AllowedCPUs and MemoryLow, "taken-" exists until its failure is forgotten.  Numbers
 * that were set can be read again, as properties of the last unit that was started.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#define BUS	"org.freedesktop.DBus"
#define SYSTEMD "org.freedesktop.systemd1"

static char **mounts;
static bool is_reset;
static unsigned last_job;
static const char *root = ""; /* the cgroup of the manager itself: that of the hierarchy */

#define NUMBERS                                                                            \
	NUMBER(MemoryMax)                                                                  \
	NUMBER(MemorySwapMax)                                                              \
	NUMBER(CPUShares)                                                                  \
	NUMBER(CPUWeight)                                                                  \
	NUMBER(CPUQuotaPerSecUSec)                                                         \
	NUMBER(TasksMax)

static struct numbers {
#define NUMBER(name) uint64_t name;
	NUMBERS
#undef NUMBER
} numbers;
static char last_unit[256];

static void keep(const char *property, uint64_t number)
{
#define NUMBER(name)                                                                       \
	if (strcmp(property, #name) == 0)                                                  \
		numbers.name = number;
	NUMBERS
#undef NUMBER
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* One level of slices is enough here. */
static void path_of(char *out, size_t size, const char *mount, const char *slice,
		    const char *unit)
{
	snprintf(out, size, "%s/%s", mount, slice);
	(void)mkdir(out, 0755);
	snprintf(out, size, "%s/%s/%s", mount, slice, unit);
}

static void move(const char *mount, const char *slice, const char *unit, unsigned pid)
{
	char path[4096], file[4200];
	FILE *procs;

	path_of(path, sizeof(path), mount, slice, unit);
	(void)mkdir(path, 0755);
	snprintf(file, sizeof(file), "%s/cgroup.procs", path);
	procs = fopen(file, "we");
	if (!procs || fprintf(procs, "%u", pid) < 0 || fclose(procs) != 0)
		printf("error: move %u to %s: %s\n", pid, path, strerror(errno));
}

/* Unset slices are found again by looking. */
static void remove_unit(const char *mount, const char *unit)
{
	DIR *dir = opendir(mount);
	struct dirent *entry;
	char path[4096];

	while (dir && (entry = readdir(dir))) {
		if (!strstr(entry->d_name, ".slice"))
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", mount, entry->d_name, unit);
		if (rmdir(path) < 0 && errno != ENOENT)
			printf("error: remove %s: %s\n", path, strerror(errno));
		snprintf(path, sizeof(path), "%s/%s", mount, entry->d_name);
		(void)rmdir(path);
	}
	if (dir)
		closedir(dir);
}

static int end_job(sd_bus_message *m, const char *unit, const char *result)
{
	char job[64];
	int rc;

	snprintf(job, sizeof(job), "/org/freedesktop/systemd1/job/%u", ++last_job);
	rc = sd_bus_reply_method_return(m, "o", job);
	if (rc < 0 || begins(unit, "stall-"))
		return rc;
	return sd_bus_emit_signal(sd_bus_message_get_bus(m), "/org/freedesktop/systemd1",
				  SYSTEMD ".Manager", "JobRemoved", "uoss", last_job, job, unit,
				  result);
}

/* The list that a unit has: entries are added to it, an empty list empties it. */
static char devices[32][2][64], policy[16];
static size_t n_devices;

static int read_devices(sd_bus_message *m)
{
	const char *name, *letters;
	size_t n = 0;
	int rc = sd_bus_message_enter_container(m, 'v', "a(ss)");

	if (rc >= 0)
		rc = sd_bus_message_enter_container(m, 'a', "(ss)");
	while (rc >= 0 && (rc = sd_bus_message_read(m, "(ss)", &name, &letters)) > 0) {
		printf("%s%s %s", n++ ? ", " : " ", name, letters);
		if (n_devices < 32) {
			snprintf(devices[n_devices][0], 64, "%s", name);
			snprintf(devices[n_devices++][1], 64, "%s", letters);
		}
	}
	if (n == 0)
		n_devices = 0;
	if (rc >= 0)
		rc = sd_bus_message_exit_container(m);
	return rc < 0 ? rc : sd_bus_message_exit_container(m);
}

/* What sd-bus calls a property's function with. */
#define QUESTION                                                                           \
	sd_bus *bus, const char *path, const char *interface, const char *property,        \
		sd_bus_message *reply, void *data, sd_bus_error *error

static int tell_devices(QUESTION)
{
	int rc = sd_bus_message_open_container(reply, 'a', "(ss)");

	(void)bus, (void)path, (void)interface, (void)property, (void)data, (void)error;
	for (size_t i = 0; rc >= 0 && i < n_devices; i++)
		rc = sd_bus_message_append(reply, "(ss)", devices[i][0], devices[i][1]);
	return rc < 0 ? rc : sd_bus_message_close_container(reply);
}

static int tell_policy(QUESTION)
{
	(void)bus, (void)path, (void)interface, (void)property, (void)data, (void)error;
	return sd_bus_message_append(reply, "s", policy);
}

/* Print a property; what is of interest for the unit itself is kept. */
static int read_property(sd_bus_message *m, char *slice, size_t size, unsigned *pid)
{
	const char *name, *type, *text;
	uint64_t number = 0;
	char kind;
	int rc = sd_bus_message_read(m, "s", &name);

	if (rc < 0 || (rc = sd_bus_message_peek_type(m, &kind, &type)) < 0)
		return rc;
	printf("property %s", name);
	if (strcmp(type, "au") == 0) {
		rc = sd_bus_message_read(m, "v", "au", 1, pid);
	} else if (strcmp(type, "s") == 0) {
		rc = sd_bus_message_read(m, "v", "s", &text);
		if (rc >= 0)
			printf(" %s", text);
		if (rc >= 0 && strcmp(name, "Slice") == 0)
			snprintf(slice, size, "%s", text);
		if (rc >= 0 && strcmp(name, "DevicePolicy") == 0)
			snprintf(policy, sizeof(policy), "%s", text);
	} else if (strcmp(type, "a(ss)") == 0) {
		rc = read_devices(m);
	} else if (strchr("btu", type[0]) && !type[1]) {
		rc = sd_bus_message_read(m, "v", type, &number);
		printf(" %llu", (unsigned long long)number);
		keep(name, number);
	} else {
		printf(" (%s)", type);
		rc = sd_bus_message_skip(m, "v");
	}
	printf("\n");
	if (rc >= 0 &&
	    (strcmp(name, "AllowedCPUs") == 0 || strcmp(name, "MemoryLow") == 0))
		snprintf(slice + size, 64, "%s", name);
	return rc;
}

static int start(sd_bus_message *m, void *data, sd_bus_error *error)
{
	char slice_and_odd[256 + 64] = "system.slice", *odd = slice_and_odd + 256;
	const char *unit, *mode;
	unsigned pid = 0;
	int rc = sd_bus_message_read(m, "ss", &unit, &mode);

	(void)data;
	printf("start %s\n", unit);
	memset(&numbers, 0xff, sizeof(numbers));
	n_devices = 0;
	snprintf(last_unit, sizeof(last_unit), "%s", unit);
	if (rc >= 0)
		rc = sd_bus_message_enter_container(m, 'a', "(sv)");
	while (rc >= 0 && (rc = sd_bus_message_enter_container(m, 'r', "sv")) > 0) {
		rc = read_property(m, slice_and_odd, 256, &pid);
		if (rc >= 0)
			rc = sd_bus_message_exit_container(m);
	}
	if (rc < 0)
		return rc;
	if (begins(unit, "taken-") && !is_reset)
		return sd_bus_error_setf(error, SYSTEMD ".UnitExists",
					 "Unit %s was already loaded.", unit);
	if (begins(unit, "old-") && *odd)
		return sd_bus_error_setf(error, BUS ".Error.PropertyReadOnly",
					 "Cannot set property %s, or unknown property.", odd);
	if (begins(unit, "fail-"))
		return end_job(m, unit, "failed");
	for (char **mount = mounts; *mount && !begins(unit, "stall-"); mount++)
		move(*mount, slice_and_odd, unit, pid);
	return end_job(m, unit, "done");
}

static int stop(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const char *unit, *mode;
	int rc = sd_bus_message_read(m, "ss", &unit, &mode);

	(void)data, (void)error;
	if (rc < 0)
		return rc;
	printf("stop %s\n", unit);
	for (char **mount = mounts; *mount; mount++)
		remove_unit(*mount, unit);
	return end_job(m, unit, "done");
}

static int reset(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const char *unit;
	int rc = sd_bus_message_read(m, "s", &unit);

	(void)data, (void)error;
	is_reset = true;
	printf("reset %s\n", rc < 0 ? "" : unit);
	return sd_bus_reply_method_return(m, "");
}

static int change(sd_bus_message *m, void *data, sd_bus_error *error)
{
	char slice_and_odd[256 + 64];
	const char *unit;
	unsigned pid = 0;
	int until_reboot, rc = sd_bus_message_read(m, "sb", &unit, &until_reboot);

	(void)data, (void)error;
	printf("change %s\n", rc < 0 ? "" : unit);
	slice_and_odd[256] = 0;
	if (rc >= 0)
		rc = sd_bus_message_enter_container(m, 'a', "(sv)");
	while (rc >= 0 && (rc = sd_bus_message_enter_container(m, 'r', "sv")) > 0) {
		rc = read_property(m, slice_and_odd, 256, &pid);
		if (rc >= 0)
			rc = sd_bus_message_exit_container(m);
	}
	return rc < 0 ? rc : sd_bus_reply_method_return(m, "");
}

static int hello(sd_bus_message *m, void *data, sd_bus_error *error)
{
	(void)data, (void)error;
	return sd_bus_reply_method_return(m, "s", ":1.7");
}

static int agree(sd_bus_message *m, void *data, sd_bus_error *error)
{
	(void)data, (void)error;
	return sd_bus_reply_method_return(m, "");
}

static const sd_bus_vtable manager_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("ControlGroup", "s", NULL, 0, 0),
	SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", start,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("StopUnit", "ss", "o", stop, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("ResetFailedUnit", "s", "", reset, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("SetUnitProperties", "sba(sv)", "", change, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_SIGNAL("JobRemoved", "uoss", 0),
	SD_BUS_VTABLE_END,
};

/* Of the last unit; like an older systemd, we have no CPUQuotaPeriodUSec. */
static const sd_bus_vtable scope_table[] = {
	SD_BUS_VTABLE_START(0),
#define NUMBER(name) SD_BUS_PROPERTY(#name, "t", NULL, offsetof(struct numbers, name), 0),
	NUMBERS
#undef NUMBER
	SD_BUS_PROPERTY("DevicePolicy", "s", tell_policy, 0, 0),
	SD_BUS_PROPERTY("DeviceAllow", "a(ss)", tell_devices, 0, 0),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable bus_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Hello", "", "s", hello, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("AddMatch", "s", "", agree, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

/* Until the client goes. */
static void serve(int fd)
{
	sd_bus *bus = NULL;
	char *path = NULL;
	sd_id128_t id;
	int rc = sd_id128_randomize(&id);

	if (rc >= 0)
		rc = sd_bus_new(&bus);
	if (rc >= 0)
		rc = sd_bus_set_fd(bus, fd, fd);
	if (rc >= 0)
		rc = sd_bus_set_server(bus, 1, id);
	if (rc >= 0)
		rc = sd_bus_set_anonymous(bus, 1);
	if (rc >= 0)
		rc = sd_bus_set_sender(bus, ":1.1");
	if (rc >= 0)
		rc = sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/DBus", BUS, bus_table,
					      NULL);
	if (rc >= 0)
		rc = sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/systemd1",
					      SYSTEMD ".Manager", manager_table, &root);
	if (rc >= 0)
		rc = sd_bus_path_encode("/org/freedesktop/systemd1/unit", last_unit, &path);
	if (rc >= 0)
		rc = sd_bus_add_object_vtable(bus, NULL, path, SYSTEMD ".Scope", scope_table,
					      &numbers);
	free(path);
	if (rc >= 0)
		rc = sd_bus_start(bus);
	while (rc >= 0) {
		rc = sd_bus_process(bus, NULL);
		fflush(stdout);
		if (rc == 0)
			rc = sd_bus_wait(bus, UINT64_MAX);
	}
	sd_bus_unref(bus);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc < 3 || fd < 0)
		return 2;
	mounts = argv + 2;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0)
		return 1;
	(void)signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0)
			serve(client);
	}
}
