/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What this runtime can do, on whatever host: all of it comes from tables, nothing is
 * looked up, so the answer is the same for everybody.
 */
#include "base/text.h"
#include "container/container.h"
#include "kernel/criu.h"
#include "libocispec/ocispec.h"
#include "tables/mount-options.h"
#include <seccomp.h>

static const char *const unsafe_annotations[] = {
#define ANNOTATION(key) key,
#include "tables/annotations.def"
#undef ANNOTATION
};

/* The names of a set, as a list of a document. */
static const char **names_of(struct arena *arena, const char *set, size_t *out_n)
{
	const struct oci_names *names = oci_names_of(set);
	const char **copy;

	*out_n = names ? names->n : 0;
	copy = arena_array(arena, *out_n + 1, sizeof(*copy));
	for (size_t i = 0; i < *out_n; i++)
		copy[i] = names->names[i];
	return copy;
}

static const char **mount_options(struct arena *arena, size_t *out_n)
{
	const char **list = NULL;
	size_t room = 0;

	*out_n = 0;
	for (size_t i = 0; mount_option_name(i); i++)
		*arena_push(arena, list, *out_n, room) = mount_option_name(i);
	return list;
}

static struct oci_features_enabled *enabled(struct arena *arena)
{
	struct oci_features_enabled *value = arena_new(arena, struct oci_features_enabled);

	value->enabled = value->has_enabled = true;
	return value;
}

static struct oci_features_cgroup *cgroup_features(struct arena *arena)
{
	struct oci_features_cgroup *cgroup = arena_new(arena, struct oci_features_cgroup);

	cgroup->v1 = cgroup->has_v1 = true;
	cgroup->v2 = cgroup->has_v2 = true;
	cgroup->has_systemd = cgroup->has_systemd_user = true;
#ifdef OCI_RT_SYSTEMD
	cgroup->systemd = cgroup->systemd_user = true;
#endif
	cgroup->rdma = cgroup->has_rdma = true;
	return cgroup;
}

static struct oci_features_seccomp *seccomp_features(struct arena *arena)
{
	struct oci_features_seccomp *seccomp = arena_new(arena, struct oci_features_seccomp);

	seccomp->enabled = seccomp->has_enabled = true;
	seccomp->actions = names_of(arena, "seccomp_action", &seccomp->n_actions);
	seccomp->operators = names_of(arena, "seccomp_operator", &seccomp->n_operators);
	seccomp->archs = names_of(arena, "seccomp_arch", &seccomp->n_archs);
	seccomp->known_flags = names_of(arena, "seccomp_flag", &seccomp->n_known_flags);
	seccomp->supported_flags = names_of(arena, "seccomp_flag", &seccomp->n_supported_flags);
	return seccomp;
}

static struct oci_features_linux *linux_features(struct arena *arena)
{
	struct oci_features_linux *out = arena_new(arena, struct oci_features_linux);

	out->namespaces = names_of(arena, "namespace_type", &out->n_namespaces);
	out->capabilities = names_of(arena, "capability", &out->n_capabilities);
	out->cgroup = cgroup_features(arena);
	out->seccomp = seccomp_features(arena);
	out->apparmor = enabled(arena);
	out->selinux = enabled(arena);
	out->intel_rdt = arena_new(arena, struct oci_features_intel_rdt);
	out->intel_rdt->enabled = out->intel_rdt->has_enabled = true;
	out->intel_rdt->schemata = out->intel_rdt->has_schemata = true;
	out->intel_rdt->monitoring = out->intel_rdt->has_monitoring = true;
	out->memory_policy = arena_new(arena, struct oci_features_memory_policy);
	out->memory_policy->modes =
		names_of(arena, "memory_policy_mode", &out->memory_policy->n_modes);
	out->memory_policy->flags =
		names_of(arena, "memory_policy_flag", &out->memory_policy->n_flags);
	out->mount_extensions = arena_new(arena, struct oci_features_mount_extensions);
	out->mount_extensions->idmap = enabled(arena);
	out->net_devices = enabled(arena);
	return out;
}

static void fill_annotations(struct arena *arena, const char *version, const char *commit,
			     struct oci_features *features)
{
	const struct oci_string_entry entries[] = {
		{ "io.github.oci-rt.version", version },
		{ "io.github.oci-rt.commit", commit },
		{ "org.opencontainers.runc.checkpoint.enabled",
		  criu_is_built_in() ? "true" : "false" },
		{ "io.github.seccomp.libseccomp.version",
		  arena_printf(arena, "%d.%d.%d", SCMP_VER_MAJOR, SCMP_VER_MINOR, SCMP_VER_MICRO) },
	};

	features->annotations.n = ARRAY_SIZE(entries);
	features->annotations.items = arena_alloc(arena, sizeof(entries));
	memcpy(features->annotations.items, entries, sizeof(entries));
}

char *container_features(struct arena *arena, const char *version, const char *commit)
{
	struct oci_features features = {
		.oci_version_min = OCI_VERSION_MIN,
		.oci_version_max = OCI_VERSION,
		.linux_ = linux_features(arena),
	};

	features.hooks = names_of(arena, "hook_name", &features.n_hooks);
	features.mount_options = mount_options(arena, &features.n_mount_options);
	features.potentially_unsafe_config_annotations =
		arena_array(arena, ARRAY_SIZE(unsafe_annotations), sizeof(const char *));
	for (size_t i = 0; i < ARRAY_SIZE(unsafe_annotations); i++)
		features.potentially_unsafe_config_annotations[i] = unsafe_annotations[i];
	features.n_potentially_unsafe_config_annotations = ARRAY_SIZE(unsafe_annotations);
	fill_annotations(arena, version, commit, &features);
	return arena_printf(arena, "%s\n", oci_features_write(arena, &features, true));
}
