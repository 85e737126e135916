/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a cgroup needs from its parents before it can be used: on version 2 controllers,
 * enabled level by level; on version 1 the cpus and mems of a cpuset, which a new level
 * does not inherit and without which no process can enter it.
 */
#include "base/file.h"
#include "base/text.h"
#include "kernel/cgroup-internal.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* Whether the blank-separated list has the word. */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += n)
		if ((at == list || isspace((unsigned char)at[-1])) &&
		    (at[n] == 0 || isspace((unsigned char)at[n])))
			return true;
	return false;
}

static bool is_enabled(const char *dir, const char *controller)
{
	char list[512];

	return cgroup_read(dir, "cgroup.subtree_control", list, sizeof(list)) == 0 &&
	       has_word(list, controller);
}

/* The first process of those that are in the way: " (42, sshd)", or nothing. */
static const char *first_process(const char *dir, char *out, size_t size)
{
	char pids[4096], path[64], comm[64] = "";
	pid_t pid;

	out[0] = 0;
	if (cgroup_read(dir, "cgroup.procs", pids, sizeof(pids)) < 0)
		return out;
	pid = (pid_t)strtol(pids, NULL, 10);
	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (pid > 0 && cgroup_read(path, "comm", comm, sizeof(comm)) == 0)
		snprintf(out, size, " (%d, %.*s)", pid, (int)strcspn(comm, "\n"), comm);
	return out;
}

static int enable_here(const char *dir, const char *controller, struct error *err)
{
	char path[PATH_MAX + sizeof("/cgroup.subtree_control")], text[80], who[64];

	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", dir);
	snprintf(text, sizeof(text), "+%s", controller);
	if (file_poke_at(AT_FDCWD, path, text) == 0)
		return 0;
	if (errno == EBUSY)
		return fail(err, ERROR_KERNEL,
			    "enable the controller '%s' below the cgroup '%s': it has processes "
			    "of its own%s; move them into a cgroup below it, or set another "
			    "linux.cgroupsPath",
			    controller, dir, first_process(dir, who, sizeof(who)));
	if (errno == ENOENT)
		return fail(err, ERROR_KERNEL,
			    "enable the controller '%s' below the cgroup '%s': the controller is "
			    "not available there",
			    controller, dir);
	if (errno == EOPNOTSUPP)
		return fail(err, ERROR_KERNEL,
			    "enable the controller '%s' below the cgroup '%s': it is threaded; set "
			    "another linux.cgroupsPath",
			    controller, dir);
	return fail_errno(err, "enable the controller '%s' below the cgroup '%s'", controller,
			  dir);
}

int cgroup_enable(const char *mount, const char *path, const char *controller,
		  struct error *err)
{
	size_t whole = cgroup_parent_length(path, strlen(path)), n = whole;
	size_t top = strlen(mount);
	char dir[PATH_MAX];

	if (whole >= sizeof(dir))
		return fail(err, ERROR_CONFIG, "the cgroup path '%s' is too long", path);
	/* Up to a level where it is enabled already: those above are not ours to touch. */
	for (; n >= top; n = cgroup_parent_length(path, n)) {
		snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
		if (is_enabled(dir, controller))
			break;
		if (n <= top)
			break;
	}
	if (n > top || (n == top && is_enabled(mount, controller))) {
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
	}
	while (n <= whole) {
		snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
		TRY(enable_here(dir, controller, err));
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
	}
	return 0;
}

enum { LIST_SIZE = 512, WORD_SIZE = 32 };

/* The next word of a list, or false. */
static bool next_word(const char **list, char word[WORD_SIZE])
{
	size_t n;

	*list += strspn(*list, " \n");
	n = strcspn(*list, " \n");
	snprintf(word, WORD_SIZE, "%.*s", (int)n, *list);
	*list += n;
	return n > 0;
}

static bool has_words(const char *list, const char *words)
{
	char word[WORD_SIZE];

	while (next_word(&words, word))
		if (!has_word(list, word))
			return false;
	return true;
}

/*
 * A cgroup with processes of its own becomes a threaded domain by the controllers that it may
 * still enable, and then nothing can be born below it.  The root (no cgroup.type) may hold any.
 */
static bool is_divisible(const char *dir)
{
	char type[LIST_SIZE], procs[LIST_SIZE];

	if (cgroup_read(dir, "cgroup.type", type, sizeof(type)) < 0)
		return true;
	return is_equal(type, "domain") &&
	       cgroup_read(dir, "cgroup.procs", procs, sizeof(procs)) == 0 && !procs[0];
}

/* All in one write; where the kernel refuses one of them, each by itself. */
static void offer_here(const char *dir, const char *wanted)
{
	char there[LIST_SIZE], enabled[LIST_SIZE], all[LIST_SIZE] = "", word[WORD_SIZE];
	char path[PATH_MAX + sizeof("/cgroup.subtree_control")];
	const char *at = wanted;

	if (!is_divisible(dir) ||
	    cgroup_read(dir, "cgroup.controllers", there, sizeof(there)) < 0 ||
	    cgroup_read(dir, "cgroup.subtree_control", enabled, sizeof(enabled)) < 0)
		return;
	while (next_word(&at, word))
		if (has_word(there, word) && !has_word(enabled, word))
			snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s+%s",
				 all[0] ? " " : "", word);
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", dir);
	if (!all[0] || file_poke_at(AT_FDCWD, path, all) == 0)
		return;
	for (at = all; next_word(&at, word);)
		(void)file_poke_at(AT_FDCWD, path, word); /* nobody asked for it */
}

void cgroup_offer(const char *mount, const char *path, const char *controllers)
{
	size_t whole = cgroup_parent_length(path, strlen(path)), n = strlen(mount);
	char dir[PATH_MAX], enabled[LIST_SIZE];

	if (whole >= sizeof(dir))
		return;
	snprintf(dir, sizeof(dir), "%.*s", (int)whole, path);
	if (cgroup_read(dir, "cgroup.subtree_control", enabled, sizeof(enabled)) == 0 &&
	    has_words(enabled, controllers))
		return;
	while (n <= whole) {
		snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
		offer_here(dir, controllers);
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
	}
}

/* cpuset may be mounted with "noprefix". */
static int read_cpuset(const char *dir, const char *name, char *buffer, size_t size)
{
	char prefixed[32];

	snprintf(prefixed, sizeof(prefixed), "cpuset.%s", name);
	if (cgroup_read(dir, prefixed, buffer, size) == 0)
		return 0;
	return cgroup_read(dir, name, buffer, size);
}

static int write_cpuset(const char *dir, const char *name, const char *text,
			struct error *err)
{
	char prefixed[32];

	snprintf(prefixed, sizeof(prefixed), "cpuset.%s", name);
	if (cgroup_write(dir, prefixed, text, err) == 0)
		return 0;
	if (err->code != ENOENT)
		return -1;
	return cgroup_write(dir, name, text, err);
}

static int inherit_cpuset(const char *dir, const char *parent, struct error *err)
{
	static const char *const names[] = { "cpus", "mems" };
	char text[4096];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (read_cpuset(dir, names[i], text, sizeof(text)) == 0 && text[0])
			continue;
		TRY(read_cpuset(parent, names[i], text, sizeof(text)), err,
		    "read the cpuset of '%s'", parent);
		TRY(write_cpuset(dir, names[i], text, err));
	}
	return 0;
}

int cgroup_fill_cpuset(const char *mount, const char *path, struct error *err)
{
	size_t whole = strlen(path), n = strlen(mount);
	char dir[PATH_MAX], parent[PATH_MAX];

	if (whole >= sizeof(dir))
		return fail(err, ERROR_CONFIG, "the cgroup path '%s' is too long", path);
	snprintf(parent, sizeof(parent), "%s", mount);
	while (n < whole) {
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
		snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
		TRY(inherit_cpuset(dir, parent, err));
		memcpy(parent, dir, sizeof(dir));
	}
	return 0;
}
