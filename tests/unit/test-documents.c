/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the command prints or writes: list's table, spec's configurations, features.  Each
 * document is read back by the library that judges everybody's.
 */
#include "cli/list.c"
#include "container/spec-values.h"
#include "container/spec.h"
#include "tables/mount-options.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;
static struct error err;

static void set_up(void)
{
	arena = (struct arena){ 0 };
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	arena_free(&arena);
}

/* Columns of 12 at least, 3 blanks between, nothing behind the last: as runc prints it. */
START_TEST(table)
{
	const struct container_summary items[] = {
		{ .id = "a", .pid = 0, .status = "stopped", .bundle = "/b",
		  .created = "2026-01-01T00:00:00.123456789Z", .owner = "root" },
		{ .id = "a-long-container-id", .pid = 1234567, .status = "running",
		  .bundle = "/b", .created = "2026-01-01T00:00:00Z", .owner = "#1000" },
	};

	ck_assert_str_eq(list_table(&arena, NULL, 0),
			 "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
	ck_assert_str_eq(
		list_table(&arena, items, 2),
		"ID                    PID         STATUS      BUNDLE      CREATED"
		"                          OWNER\n"
		"a                     0           stopped     /b          "
		"2026-01-01T00:00:00.123456789Z   root\n"
		"a-long-container-id   1234567     running     /b          "
		"2026-01-01T00:00:00Z             #1000\n");
}
END_TEST

START_TEST(json_list)
{
	const struct container_summary item = {
		.id = "a", .pid = 7, .status = "running", .bundle = "/b", .rootfs = "/b/r",
		.created = "2026-01-01T00:00:00Z", .owner = "root",
	};

	ck_assert_str_eq(list_json(&arena, NULL, 0), "[]");
	ck_assert_str_eq(list_json(&arena, &item, 1),
			 "[{\"ociVersion\":\"1.3.0\",\"id\":\"a\",\"pid\":7,\"status\":\"running\","
			 "\"bundle\":\"/b\",\"rootfs\":\"/b/r\","
			 "\"created\":\"2026-01-01T00:00:00Z\",\"owner\":\"root\"}]");
}
END_TEST

static const struct oci_config *spec(const struct spec_options *options)
{
	struct oci_problems problems = { .arena = &arena, .want_unknown = true };
	const struct oci_config *config;
	char line[1024] = "", *text;

	ck_assert_msg(container_spec(&arena, options, &text, &err) == 0, "%s", err.text);
	if (oci_config_read(&arena, text, strlen(text), &config, &problems) < 0 || problems.n)
		oci_problem_format(line, sizeof(line), "config.json", problems.items);
	ck_assert_str_eq(line, "");
	return config;
}

static bool has_namespace(const struct oci_config *config, const char *type)
{
	for (size_t i = 0; i < config->linux_->n_namespaces; i++)
		if (is_equal(config->linux_->namespaces[i].type, type))
			return true;
	return false;
}

static bool masks(const struct oci_config *config, const char *path)
{
	for (size_t i = 0; i < config->linux_->n_masked_paths; i++)
		if (is_equal(config->linux_->masked_paths[i], path))
			return true;
	return false;
}

/* C-root-conv; ATTACK CVE-2017-16539 and CVE-2018-10892: /proc/scsi and /proc/acpi hidden. */
START_TEST(spec_by_default)
{
	const struct oci_config *config = spec(&(struct spec_options){ 0 });

	ck_assert_str_eq(config->root->path, "rootfs");
	ck_assert(config->root->readonly && config->process->terminal);
	ck_assert_str_eq(config->process->args[0], "sh");
	ck_assert(config->process->no_new_privileges);
	ck_assert(masks(config, "/proc/scsi") && masks(config, "/proc/acpi"));
	ck_assert(masks(config, "/sys/firmware") && masks(config, "/proc/kcore"));
	ck_assert(has_namespace(config, "network") && !has_namespace(config, "user"));
	ck_assert_uint_eq(config->process->capabilities->n_inheritable, 0);
	ck_assert_uint_eq(config->process->capabilities->n_ambient, 0);
}
END_TEST

START_TEST(spec_for_users)
{
	const struct oci_config *config = spec(&(struct spec_options){ .rootless = true });

	ck_assert(has_namespace(config, "user"));
	ck_assert_uint_eq(config->linux_->uid_mappings->host_id, geteuid());
	ck_assert_uint_eq(config->linux_->gid_mappings->host_id, getegid());
	ck_assert_ptr_null(config->linux_->resources);
	for (size_t i = 0; i < config->n_mounts; i++)
		for (size_t j = 0; j < config->mounts[i].n_options; j++)
			ck_assert(!has_prefix(config->mounts[i].options[j], "gid="));
}
END_TEST

START_TEST(spec_with_options)
{
	const char *env[] = { "A=1" }, *mounts[] = { "/src:/dst:ro,nosuid", "tmpfs:/t" };
	const struct oci_config *config = spec(&(struct spec_options){
		.rootfs = "/r", .args = "sh -c 'echo \"a  b\"' c\\ d", .hostname = "h",
		.env = { env, 1, 1 }, .mounts = { mounts, 2, 2 }, .memory = "512m",
		.cpus = "1.5", .terminal = "false", .readonly = "false", .network = "host" });
	const struct oci_mount *bind = &config->mounts[config->n_mounts - 2];

	ck_assert_str_eq(config->root->path, "/r");
	ck_assert(!config->root->readonly && !config->process->terminal);
	ck_assert_uint_eq(config->process->n_args, 4);
	ck_assert_str_eq(config->process->args[2], "echo \"a  b\"");
	ck_assert_str_eq(config->process->args[3], "c d");
	ck_assert_str_eq(config->process->env[config->process->n_env - 1], "A=1");
	ck_assert_str_eq(config->hostname, "h");
	ck_assert_str_eq(bind->source, "/src");
	ck_assert_str_eq(bind->destination, "/dst");
	ck_assert_str_eq(bind->options[bind->n_options - 1], "nosuid");
	ck_assert_str_eq(bind[1].type, "tmpfs");
	ck_assert_int_eq(config->linux_->resources->memory->limit, 512 << 20);
	ck_assert_int_eq(config->linux_->resources->cpu->quota, 150000);
	ck_assert(!has_namespace(config, "network"));
}
END_TEST

START_TEST(values_that_are_none)
{
	static const char *const bytes[] = { "", "m", "-1", "1x", "1bb", "9999999999g", "1.5g" };
	static const char *const cpus[] = { "", "x", "0", "0.001", "-1", "1.x", "1e3" };
	static const char *const mounts[] = { "", "/a", "/a:b", ":/a", "a:" };
	struct oci_mount mount;
	const char **words;
	int64_t number;
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++)
		ck_assert_msg(spec_bytes(bytes[i], &number, &err) < 0, "%s", bytes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++)
		ck_assert_msg(spec_cpu_quota(cpus[i], &number, &err) < 0, "%s", cpus[i]);
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++)
		ck_assert_msg(spec_mount(&arena, mounts[i], &mount, &err) < 0, "%s", mounts[i]);
	ck_assert_int_lt(spec_split(&arena, "a 'b", &words, &n, &err), 0);
	ck_assert_int_lt(spec_split(&arena, "  ", &words, &n, &err), 0);
}
END_TEST

START_TEST(amounts)
{
	int64_t number;

	ck_assert_int_eq(spec_bytes("0", &number, &err), 0);
	ck_assert_int_eq(spec_bytes("10k", &number, &err), 0);
	ck_assert_int_eq(number, 10240);
	ck_assert_int_eq(spec_bytes("1GiB", &number, &err), 0);
	ck_assert_int_eq(number, 1 << 30);
	ck_assert_int_eq(spec_cpu_quota("2", &number, &err), 0);
	ck_assert_int_eq(number, 200000);
	ck_assert_int_eq(spec_cpu_quota(".25", &number, &err), 0);
	ck_assert_int_eq(number, 25000);
}
END_TEST

/* F-min F-max F-hooks F-mopts F-mopts-fs FL-ns FL-caps FL-sec-act FL-sec-op FL-sec-arch */
START_TEST(features)
{
	struct oci_problems problems = { .arena = &arena, .want_unknown = true };
	char *text = container_features(&arena, "1", "2");
	const struct oci_features *doc;

	ck_assert_int_eq(oci_features_read(&arena, text, strlen(text), &doc, &problems), 0);
	ck_assert_uint_eq(problems.n, 0);
	ck_assert_str_eq(doc->oci_version_min, "1.0.0");
	ck_assert_str_eq(doc->oci_version_max, "1.3.0");
	ck_assert_uint_eq(doc->n_hooks, 6);
	ck_assert_uint_ge(doc->n_mount_options, 62);
	for (size_t i = 0; i < doc->n_mount_options; i++)
		ck_assert_ptr_null(strchr(doc->mount_options[i], '='));
	ck_assert_uint_eq(doc->linux_->n_namespaces, 8);
	ck_assert_uint_eq(doc->linux_->n_capabilities, 41);
	ck_assert_uint_eq(doc->linux_->seccomp->n_actions, 9);
	ck_assert_uint_eq(doc->linux_->seccomp->n_operators, 7);
	ck_assert_uint_eq(doc->linux_->seccomp->n_archs, 23);
	ck_assert_uint_eq(doc->linux_->seccomp->n_known_flags, 4);
	ck_assert_uint_eq(doc->linux_->memory_policy->n_modes, 7);
	ck_assert_uint_eq(doc->linux_->memory_policy->n_flags, 3);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("documents");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, table);
	tcase_add_test(tc, json_list);
	tcase_add_test(tc, spec_by_default);
	tcase_add_test(tc, spec_for_users);
	tcase_add_test(tc, spec_with_options);
	tcase_add_test(tc, values_that_are_none);
	tcase_add_test(tc, amounts);
	tcase_add_test(tc, features);
	return run_cases("documents", tc);
}
