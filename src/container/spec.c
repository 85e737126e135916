/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See spec.h.  The defaults are those that people know from other runtimes: a program as
 * root of its own small world, without privileges that it could use against the host.
 */
#include "container/spec.h"
#include "base/text.h"
#include "container/container.h"
#include "container/spec-values.h"
#include <unistd.h>

static const char *const capabilities[] = {
	"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE",
};

static const char *const masked_paths[] = {
	"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
	"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
	"/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
};

static const char *const readonly_paths[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static const char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"TERM=xterm",
};

static const char *const namespaces[] = {
	"pid", "network", "ipc", "uts", "mount", "cgroup", "user",
};

/* A mount of the template; `options` as in fstab. */
struct default_mount {
	const char *destination, *type, *source, *options;
	bool not_rootless;
};

static const struct default_mount default_mounts[] = {
	{ "/proc", "proc", "proc", "nosuid,noexec,nodev", false },
	{ "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k", false },
	{ "/dev/pts", "devpts", "devpts",
	  "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5", false },
	{ "/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k", false },
	{ "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev", false },
	{ "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro", false },
	/* Without privileges only the unified hierarchy could be mounted, so it is left out. */
	{ "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro", true },
};

/* A new list of pointers to the same strings. */
static const char **copy_words(struct arena *arena, const char *const *words, size_t n)
{
	const char **copy = arena_array(arena, n + 1, sizeof(*copy));

	for (size_t i = 0; i < n; i++)
		copy[i] = words[i];
	return copy;
}

static void fill_capabilities(struct arena *arena, struct oci_process *process)
{
	struct oci_capabilities *sets = arena_new(arena, struct oci_capabilities);
	size_t n = ARRAY_SIZE(capabilities);

	sets->bounding = copy_words(arena, capabilities, n);
	sets->effective = copy_words(arena, capabilities, n);
	sets->permitted = copy_words(arena, capabilities, n);
	sets->n_bounding = sets->n_effective = sets->n_permitted = n;
	process->capabilities = sets;
}

static int fill_args(struct arena *arena, const struct spec_options *options,
		     struct oci_process *process, struct error *err)
{
	static const char *const shell[] = { "sh" };

	if (options->n_command) {
		process->args = copy_words(arena, (const char *const *)options->command,
					   options->n_command);
		process->n_args = options->n_command;
		return 0;
	}
	if (options->args)
		return spec_split(arena, options->args, &process->args, &process->n_args, err);
	process->args = copy_words(arena, shell, 1);
	process->n_args = 1;
	return 0;
}

static void fill_env(struct arena *arena, const struct spec_options *options,
		     struct oci_process *process)
{
	size_t n = ARRAY_SIZE(environment), extra = options->env.n;

	process->env = arena_array(arena, n + extra, sizeof(*process->env));
	process->n_env = n + extra;
	for (size_t i = 0; i < n; i++)
		process->env[i] = environment[i];
	for (size_t i = 0; i < extra; i++)
		process->env[n + i] = options->env.items[i];
}

static int make_process(struct arena *arena, const struct spec_options *options,
			struct oci_process **out, struct error *err)
{
	struct oci_process *process = arena_new(arena, struct oci_process);

	*out = process;
	process->terminal = !is_equal(options->terminal, "false");
	process->has_terminal = true;
	process->user = arena_new(arena, struct oci_user);
	process->user->has_uid = process->user->has_gid = true;
	process->cwd = "/";
	process->no_new_privileges = process->has_no_new_privileges = true;
	fill_env(arena, options, process);
	fill_capabilities(arena, process);
	process->rlimits = arena_new(arena, struct oci_rlimit);
	process->n_rlimits = 1;
	process->rlimits[0] = (struct oci_rlimit){ .type = "RLIMIT_NOFILE", .soft = 1024,
						   .hard = 1024, .has_soft = true,
						   .has_hard = true };
	return fill_args(arena, options, process, err);
}

/* The options of a template mount; a lone user's map has no group 5 for terminals. */
static void set_options(struct arena *arena, const char *text, bool rootless,
			struct oci_mount *out)
{
	size_t room = 0;

	for (const char *at = text; *at; at += *at == ',') {
		size_t n = strcspn(at, ",");

		if (n && !(rootless && has_prefix(at, "gid=")))
			*arena_push(arena, out->options, out->n_options, room) =
				arena_strndup(arena, at, n);
		at += n;
	}
}

static int make_mounts(struct arena *arena, const struct spec_options *options,
		       struct oci_config *config, struct error *err)
{
	size_t most = ARRAY_SIZE(default_mounts) + options->mounts.n;
	struct oci_mount *mounts = arena_array(arena, most, sizeof(*mounts));
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(default_mounts); i++) {
		const struct default_mount *row = &default_mounts[i];

		if (row->not_rootless && options->rootless)
			continue;
		mounts[n].destination = row->destination;
		mounts[n].type = row->type;
		mounts[n].source = row->source;
		set_options(arena, row->options, options->rootless, &mounts[n++]);
	}
	for (size_t i = 0; i < options->mounts.n; i++)
		TRY(spec_mount(arena, options->mounts.items[i], &mounts[n++], err));
	config->mounts = mounts;
	config->n_mounts = n;
	return 0;
}

/* Everything but a user namespace for root; no network namespace for that of the host. */
static void fill_namespaces(struct arena *arena, const struct spec_options *options,
			    struct oci_linux *linux_)
{
	linux_->namespaces = arena_array(arena, ARRAY_SIZE(namespaces),
					 sizeof(*linux_->namespaces));
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		if (is_equal(namespaces[i], "user") && !options->rootless)
			continue;
		if (is_equal(namespaces[i], "network") && is_equal(options->network, "host"))
			continue;
		linux_->namespaces[linux_->n_namespaces++].type = namespaces[i];
	}
}

static struct oci_id_map *map_root_to(struct arena *arena, uint32_t id)
{
	struct oci_id_map *map = arena_new(arena, struct oci_id_map);

	*map = (struct oci_id_map){ .container_id = 0, .has_container_id = true, .host_id = id,
				    .has_host_id = true, .size = 1, .has_size = true };
	return map;
}

static int make_resources(struct arena *arena, const struct spec_options *options,
			  struct oci_resources **out, struct error *err)
{
	struct oci_resources *resources = arena_new(arena, struct oci_resources);

	*out = resources;
	if (!options->rootless) {
		resources->devices = arena_new(arena, struct oci_device_rule);
		resources->n_devices = 1;
		resources->devices[0] = (struct oci_device_rule){ .has_allow = true,
								  .access = "rwm" };
	} else if (!options->memory && !options->cpus) {
		*out = NULL;
	}
	if (options->memory) {
		resources->memory = arena_new(arena, struct oci_memory);
		TRY(spec_bytes(options->memory, &resources->memory->limit, err));
		resources->memory->has_limit = true;
	}
	if (options->cpus) {
		resources->cpu = arena_new(arena, struct oci_cpu);
		resources->cpu->period = SPEC_CPU_PERIOD;
		TRY(spec_cpu_quota(options->cpus, &resources->cpu->quota, err));
		resources->cpu->has_quota = resources->cpu->has_period = true;
	}
	return 0;
}

static int make_linux(struct arena *arena, const struct spec_options *options,
		      struct oci_linux **out, struct error *err)
{
	struct oci_linux *linux_ = arena_new(arena, struct oci_linux);

	*out = linux_;
	fill_namespaces(arena, options, linux_);
	if (options->rootless) {
		linux_->uid_mappings = map_root_to(arena, geteuid());
		linux_->gid_mappings = map_root_to(arena, getegid());
		linux_->n_uid_mappings = linux_->n_gid_mappings = 1;
	}
	linux_->masked_paths = copy_words(arena, masked_paths, ARRAY_SIZE(masked_paths));
	linux_->n_masked_paths = ARRAY_SIZE(masked_paths);
	linux_->readonly_paths = copy_words(arena, readonly_paths, ARRAY_SIZE(readonly_paths));
	linux_->n_readonly_paths = ARRAY_SIZE(readonly_paths);
	return make_resources(arena, options, &linux_->resources, err);
}

int container_spec(struct arena *arena, const struct spec_options *options, char **out_text,
		   struct error *err)
{
	struct oci_config *config = arena_new(arena, struct oci_config);

	config->oci_version = OCI_VERSION;
	config->hostname = options->hostname ? options->hostname : "oci-rt";
	config->root = arena_new(arena, struct oci_root);
	config->root->path = options->rootfs ? options->rootfs : "rootfs";
	config->root->readonly = !is_equal(options->readonly, "false");
	config->root->has_readonly = true;
	TRY(make_process(arena, options, &config->process, err));
	TRY(make_mounts(arena, options, config, err));
	TRY(make_linux(arena, options, &config->linux_, err));
	*out_text = arena_printf(arena, "%s\n", oci_write_indented(&oci_config_schema, arena,
								   config, "\t"));
	return 0;
}
