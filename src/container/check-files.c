/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of check-host.h that looks at files and file systems. */
#include "base/text.h"
#include "container/check-host.h"
#include "kernel/mount.h"
#include "kernel/rdt.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *below_bundle(const struct host_check *check, const char *path)
{
	return path[0] == '/' ? path : text_join_path(check->arena, check->bundle, path);
}

static void check_root(struct host_check *check)
{
	const struct oci_root *root = check->config->root;
	const char *path;
	struct stat st;

	if (!root || is_empty(root->path))
		return;
	path = below_bundle(check, root->path);
	if (stat(path, &st) < 0)
		check_add(check, "root.path", "look at '%s': %s", path, error_words(errno));
	else if (!S_ISDIR(st.st_mode))
		check_add(check, "root.path", "'%s' is no directory", path);
}

static bool is_bind(const struct oci_mount *mount)
{
	if (is_equal(mount->type, "bind"))
		return true;
	for (size_t i = 0; i < mount->n_options; i++)
		if (is_equal(mount->options[i], "bind") || is_equal(mount->options[i], "rbind"))
			return true;
	return false;
}

/* cgroup and bind are types of the specification, not of the kernel. */
static bool is_known_type(const char *type)
{
	return is_empty(type) || is_equal(type, "cgroup") || is_equal(type, "none") ||
	       mount_is_supported(type);
}

static void check_mounts(struct host_check *check)
{
	for (size_t i = 0; i < check->config->n_mounts; i++) {
		const struct oci_mount *mount = &check->config->mounts[i];
		const char *path = arena_printf(check->arena, "mounts[%zu]", i);

		if (is_bind(mount) && !is_empty(mount->source)) {
			const char *source = below_bundle(check, mount->source);

			if (access(source, F_OK) < 0)
				check_add(check, path, "bind source '%s' for '%s': %s", source,
					  mount->destination, error_words(errno));
		} else if (!is_bind(mount) && !is_known_type(mount->type)) {
			check_add(check, path, "this kernel knows no file system '%s': load its "
				  "module (modprobe %s)", mount->type, mount->type);
		}
	}
}

static void check_hook_list(struct host_check *check, const char *kind,
			    const struct oci_hook *hooks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (hooks[i].path && access(hooks[i].path, X_OK) < 0)
			check_add(check, arena_printf(check->arena, "hooks.%s[%zu].path", kind, i),
				  "run '%s': %s", hooks[i].path, error_words(errno));
}

/* Those of startContainer are looked up in the container, and nobody is there yet. */
static void check_hooks(struct host_check *check)
{
	const struct oci_hooks *hooks = check->config->hooks;

	if (!hooks)
		return;
	check_hook_list(check, "prestart", hooks->prestart, hooks->n_prestart);
	check_hook_list(check, "createRuntime", hooks->create_runtime, hooks->n_create_runtime);
	check_hook_list(check, "createContainer", hooks->create_container,
			hooks->n_create_container);
	check_hook_list(check, "poststart", hooks->poststart, hooks->n_poststart);
	check_hook_list(check, "poststop", hooks->poststop, hooks->n_poststop);
}

static void check_resctrl(struct host_check *check)
{
	const struct oci_linux *linux_ = check->config->linux_;
	const char *root = NULL;
	struct error ignored;

	if (linux_ && linux_->intel_rdt &&
	    (rdt_mount_point(check->arena, &root, &ignored) < 0 || !root))
		check_add(check, "linux.intelRdt",
			  "no resctrl file system is mounted: mount it, if the processor has it "
			  "(mount -t resctrl resctrl /sys/fs/resctrl)");
}

void check_files(struct host_check *check)
{
	check_root(check);
	check_mounts(check);
	check_hooks(check);
	check_resctrl(check);
}
