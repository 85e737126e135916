/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of the top level of config.json: version, root, mounts, names; and of a state. */
#include "base/text.h"
#include "libocispec/validate.h"
#include <ctype.h>

enum { OUR_MINOR = 3 };

/* One decimal part of a version: no leading zero, not empty; *s moves behind it. */
static bool version_number(const char **s, unsigned long *out)
{
	const char *at = *s;

	*out = 0;
	while (isdigit((unsigned char)*at) && at - *s < 9)
		*out = *out * 10 + (unsigned long)(*at++ - '0');
	if (at == *s || (**s == '0' && at - *s > 1) || isdigit((unsigned char)*at))
		return false;
	*s = at;
	return true;
}

/* Dotted identifiers of letters, digits and dashes; *s moves behind them. */
static bool version_labels(const char **s, bool is_release)
{
	for (;;) {
		const char *start = *s;
		bool is_number = true;

		while (isalnum((unsigned char)**s) || **s == '-')
			is_number = isdigit((unsigned char)*(*s)++) && is_number;
		if (*s == start)
			return false;
		if (is_release && is_number && *start == '0' && *s - start > 1)
			return false;
		if (**s != '.')
			return true;
		(*s)++;
	}
}

static bool is_version(const char *s, unsigned long *major, unsigned long *minor)
{
	unsigned long patch;

	if (!version_number(&s, major) || *s++ != '.')
		return false;
	if (!version_number(&s, minor) || *s++ != '.' || !version_number(&s, &patch))
		return false;
	if (*s == '-' && (s++, !version_labels(&s, true)))
		return false;
	if (*s == '+' && (s++, !version_labels(&s, false)))
		return false;
	return !*s;
}

static void check_version(struct validation *v)
{
	const char *version = v->config->oci_version;
	unsigned long major, minor;

	if (!version)
		return;
	if (!is_version(version, &major, &minor))
		rule_refuse(v, "expected a version like 1.2.0, got the string \"%.40s\"",
			    version);
	else if (major != 1)
		rule_refuse(v, "expected version 1 of the specification, got %.40s",
			    version);
	else if (minor > OUR_MINOR)
		rule_warn(v, "%.40s is newer than 1.%d, the newest version that is known",
			  version, OUR_MINOR);
}

static void check_root_path(struct validation *v)
{
	if (v->config->root && v->config->root->path && !*v->config->root->path)
		rule_refuse(v, "expected a directory, got the empty string");
}

/* Without a mount namespace of its own a container would change the host's mounts. */
static void need_mount_namespace(struct validation *v, const char *path, bool is_asked)
{
	if (!is_asked)
		return;
	rule_at(v, "%s", path);
	rule_refuse(v, "needs a mount namespace; add {\"type\": \"mount\"} to "
		       "linux.namespaces");
}

static void check_mount_namespace(struct validation *v)
{
	const struct oci_linux *l = v->linux_;

	if (rule_namespace(v, "mount"))
		return;
	need_mount_namespace(v, "mounts", v->config->n_mounts);
	need_mount_namespace(v, "root.readonly",
			     v->config->root && v->config->root->readonly);
	if (!l)
		return;
	need_mount_namespace(v, "linux.maskedPaths", l->n_masked_paths);
	need_mount_namespace(v, "linux.readonlyPaths", l->n_readonly_paths);
	need_mount_namespace(v, "linux.rootfsPropagation",
			     !is_empty(l->rootfs_propagation));
}

static bool has_option(const struct oci_mount *mount, const char *option)
{
	for (size_t i = 0; i < mount->n_options; i++)
		if (is_equal(mount->options[i], option))
			return true;
	return false;
}

static void check_destination(struct validation *v, size_t i)
{
	const char *destination = v->config->mounts[i].destination;

	if (!destination || *destination == '/')
		return;
	rule_at(v, "mounts[%zu].destination", i);
	if (!*destination)
		rule_refuse(v, "expected an absolute path, got the empty string");
	else
		rule_warn(v, "\"%.100s\" is relative; taken as \"/%.100s\"", destination,
			  destination);
}

static void check_mount_maps(struct validation *v, size_t i)
{
	const struct oci_mount *mount = &v->config->mounts[i];

	if (!mount->n_uid_mappings != !mount->n_gid_mappings) {
		rule_at(v, "mounts[%zu].%s", i,
			mount->n_uid_mappings ? "gidMappings" : "uidMappings");
		rule_refuse(v, "required beside %s, but missing",
			    mount->n_uid_mappings ? "uidMappings" : "gidMappings");
	} else if (!mount->n_uid_mappings && !rule_namespace(v, "user") &&
		   (has_option(mount, "idmap") || has_option(mount, "ridmap"))) {
		rule_at(v, "mounts[%zu].options", i);
		rule_refuse(
			v,
			"an id-mapped mount needs uidMappings and gidMappings, or a user "
			"namespace to take them from");
	}
}

static void check_mounts(struct validation *v)
{
	for (size_t i = 0; i < v->config->n_mounts; i++) {
		check_destination(v, i);
		check_mount_maps(v, i);
	}
}

static void check_host_name(struct validation *v, const char *path, const char *name)
{
	const char *problem = rule_host_name_problem(name);

	rule_at(v, "%s", path);
	if (!is_empty(name) && !rule_namespace(v, "uts"))
		rule_refuse(v, "needs a uts namespace; add {\"type\": \"uts\"} to "
			       "linux.namespaces");
	else if (problem)
		rule_refuse(v, "%s", problem);
}

static void check_names(struct validation *v)
{
	check_host_name(v, "hostname", v->config->hostname);
	check_host_name(v, "domainname", v->config->domainname);
}

/* Engines know stat(2)'s file type from permission bits no better than we do. */
static void clear_file_types(struct validation *v)
{
	for (size_t i = 0; v->linux_ && i < v->linux_->n_devices; i++)
		v->linux_->devices[i].file_mode &= 0777;
}

static void check_state_pid(struct validation *v)
{
	const struct oci_state *state = v->state;

	if (!state->has_pid &&
	    (is_equal(state->status, "created") || is_equal(state->status, "running")))
		rule_refuse(v, "required while the container is %s, but missing",
			    state->status);
}

static const struct rule rules[] = {
	{ SCOPE_CONFIG, "ociVersion", check_version },
	{ SCOPE_CONFIG, "root.path", check_root_path },
	{ SCOPE_CONFIG, "mounts", check_mount_namespace },
	{ SCOPE_CONFIG, "mounts", check_mounts },
	{ SCOPE_CONFIG, "hostname", check_names },
	{ SCOPE_CONFIG, "linux.devices", clear_file_types },
	{ SCOPE_STATE, "pid", check_state_pid },
};
const struct rules config_rules = { rules, ARRAY_SIZE(rules) };
