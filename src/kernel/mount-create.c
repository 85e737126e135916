/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * New file systems: fsopen, one fsconfig an option, fsmount.  Not everything that mount(2)
 * takes can be said that way (see mount_needs_old); then mount-old.c does it.
 */
#include "base/fd.h"
#include "base/text.h"
#include "kernel/mount-internal.h"
#include "kernel/mount.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum { LONGEST_VALUE = 255 }; /* of fsconfig; beyond it: EINVAL */

/* The length of the option at `at`; commas in quotes or behind a backslash belong to it. */
static size_t option_length(const char *at)
{
	bool quoted = false;
	size_t n = 0;

	for (; at[n] && (quoted || at[n] != ','); n++) {
		if (at[n] == '\\' && at[n + 1])
			n++;
		else if (at[n] == '"')
			quoted = !quoted;
	}
	return n;
}

/*
 * overlay: before 6.5 its fsconfig takes no comma in a value, and later one not more than
 * 255 bytes of layers; mount(2) takes a page in all versions.
 */
bool mount_needs_old(const char *type, const struct mount_options *options)
{
	const char *at = options->data ? options->data : "";

	if ((options->super_set & (MS_I_VERSION | MS_SILENT)) || is_equal(type, "overlay"))
		return true;
	while (*at) {
		size_t n = option_length(at);

		if (n > LONGEST_VALUE)
			return true;
		at += n + (at[n] == ',');
	}
	return false;
}

/* The kernel's words may be ones that engines take for the user's command. */
static bool is_quotable(const char *words)
{
	static const char *const never[] = { "o such " "file", "not " "found", "ermission " "den",
					     "not " "permitted", "not " "exist" };

	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (strstr(words, never[i]))
			return false;
	return true;
}

/* What the file system itself said last: "e tmpfs: Bad value for 'size'\n". */
static void add_kernel_words(int fs, struct error *err)
{
	char line[512], words[512] = "";
	size_t n = strlen(err->text);
	ssize_t got;

	while ((got = read(fs, line, sizeof(line) - 1)) > 2) {
		line[got] = 0;
		if (line[0] == 'e')
			memcpy(words, line + 2, (size_t)got - 1);
	}
	words[strcspn(words, "\n")] = 0;
	if (words[0] && is_quotable(words))
		snprintf(err->text + n, sizeof(err->text) - n, " (%s)", words);
}

static int fail_with_words(int fs, struct error *err, const char *what, const char *type)
{
	(void)fail_errno(err, "%s '%s'", what, type);
	add_kernel_words(fs, err);
	return -1;
}

/* One "key=value" or "key" of the data. */
static int configure_option(int fs, const char *option, size_t n)
{
	char key[LONGEST_VALUE + 1], *value;
	size_t length;

	memcpy(key, option, n);
	key[n] = 0;
	value = strchr(key, '=');
	if (!value)
		return sys_fsconfig(fs, FSCONFIG_SET_FLAG, key, NULL, 0);
	*value++ = 0;
	length = strlen(value);
	if (length >= 2 && value[0] == '"' && value[length - 1] == '"') {
		value[length - 1] = 0;
		value++;
	}
	return sys_fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0);
}

static int configure_data(int fs, const char *type, const char *data, struct error *err)
{
	while (data && *data) {
		size_t n = option_length(data);

		if (n && configure_option(fs, data, n) < 0) {
			(void)fail_errno(err, "file system '%s' does not take the option '%.*s'",
					 type, (int)n, data);
			add_kernel_words(fs, err);
			return -1;
		}
		data += n + (data[n] == ',');
	}
	return 0;
}

/* Flags of the file system; a device that is to be read-only must not be written at all. */
static int configure_flags(int fs, const char *type, const char *source,
			   const struct mount_options *o, struct error *err)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} flags[] = { { MS_SYNCHRONOUS, "sync" }, { MS_DIRSYNC, "dirsync" },
		      { MS_LAZYTIME, "lazytime" }, { MS_MANDLOCK, "mand" } };
	bool is_readonly = (o->set | o->set_all) & MOUNT_ATTR_RDONLY;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if ((o->super_set & flags[i].flag) &&
		    sys_fsconfig(fs, FSCONFIG_SET_FLAG, flags[i].name, NULL, 0) < 0)
			return fail_with_words(fs, err, flags[i].name, type);
	if (is_readonly && source[0] == '/' &&
	    sys_fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0)
		return fail_with_words(fs, err, "ro", type);
	return 0;
}

static int configure(int fs, const char *type, const char *source,
		     const struct mount_options *options, struct error *err)
{
	if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) < 0)
		return fail_with_words(fs, err, "set the source of file system", type);
	TRY(configure_flags(fs, type, source, options, err));
	TRY(configure_data(fs, type, options->data, err));
	if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail_with_words(fs, err, "make file system", type);
	return 0;
}

/* fsmount takes all attributes at once; propagation comes behind. */
static int make_mount(int fs, const char *type, const struct mount_options *o,
		      struct error *err)
{
	uint64_t attributes = (o->set_all & ~o->clear) | o->set;
	struct mount_attr attr = { .propagation = o->propagation };
	int scoped_fd fd = sys_fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes);

	if (fd < 0)
		return fail_with_words(fs, err, "make a mount of", type);
	if (o->propagation &&
	    sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return fail_errno(err, "set the propagation of '%s'", type);
	return take_fd(fd);
}

int mount_create(const char *type, const char *source, const struct mount_options *options,
		 struct error *err)
{
	int scoped_fd fs = sys_fsopen(type, FSOPEN_CLOEXEC);

	if (fs < 0 && errno == ENODEV)
		return fail(err, ERROR_CONFIG, "this kernel knows no file system '%s'", type);
	TRY(fs, err, "open file system '%s'", type);
	TRY(configure(fs, type, is_empty(source) ? type : source, options, err));
	return make_mount(fs, type, options, err);
}

int mount_filesystem(int target_fd, const char *type, const char *source,
		     const struct mount_options *options, struct error *err)
{
	int scoped_fd fd = -1;

	if (mount_needs_old(type, options))
		return mount_old_filesystem(target_fd, type, source, options, err);
	fd = mount_create(type, source, options, err);
	if (fd < 0 && err->code == ENOSYS)
		return mount_old_filesystem(target_fd, type, source, options, err);
	TRY(fd);
	TRY(mount_move(fd, target_fd, err), err, "mount '%s'", type);
	return take_fd(fd);
}
