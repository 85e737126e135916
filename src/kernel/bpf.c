/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See bpf.h.  Programs are told apart by the name that they were loaded with.
 */
#include "kernel/bpf.h"
#include "base/fd.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sys_bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

int bpf_load(enum bpf_prog_type type, enum bpf_attach_type attach, const char *name,
	     struct bpf_code code, struct error *err)
{
	static const char license[] = "GPL";
	static const struct rlimit endless = { RLIM_INFINITY, RLIM_INFINITY };
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = attach,
		.insns = (uint64_t)(uintptr_t)code.insns,
		.insn_cnt = (uint32_t)code.n,
		.license = (uint64_t)(uintptr_t)license,
	};
	int fd;

	snprintf(attr.prog_name, sizeof(attr.prog_name), "%s", name);
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	/* Until Linux 5.11 programs counted as locked memory. */
	if (fd < 0 && errno == EPERM && setrlimit(RLIMIT_MEMLOCK, &endless) == 0)
		fd = sys_bpf(BPF_PROG_LOAD, &attr);
	return fd < 0 ? fail_errno(err, "load the eBPF program '%s' (does this kernel have "
					"CONFIG_CGROUP_BPF?)", name)
		      : fd;
}

int bpf_make_map(const char *name, const void *value, size_t n, struct error *err)
{
	static const uint32_t key;
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(key),
		.value_size = (uint32_t)n,
		.max_entries = 1,
	};
	union bpf_attr element = {
		.key = (uint64_t)(uintptr_t)&key,
		.value = (uint64_t)(uintptr_t)value,
	};

	snprintf(attr.map_name, sizeof(attr.map_name), "%s", name);
	int scoped_fd fd = TRY(sys_bpf(BPF_MAP_CREATE, &attr), err,
			       "make the eBPF map '%s' (is CAP_BPF or CAP_SYS_ADMIN there?)", name);

	element.map_fd = (uint32_t)fd;
	TRY(sys_bpf(BPF_MAP_UPDATE_ELEM, &element), err, "fill the eBPF map '%s'", name);
	return take_fd(fd);
}

static bool is_named(int program, const char *name)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.info.bpf_fd = (uint32_t)program;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 && is_equal(info.name, name);
}

/* The fd of the cgroup's own program of that name, or -1. */
static int find_program(int cgroup, enum bpf_attach_type attach, const char *name)
{
	uint32_t ids[64] = { 0 };
	union bpf_attr attr = { 0 };

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = attach;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = ARRAY_SIZE(ids);
	if (sys_bpf(BPF_PROG_QUERY, &attr) < 0)
		return -1;
	for (uint32_t i = 0, n = attr.query.prog_cnt; i < n; i++) {
		union bpf_attr by_id = { .prog_id = ids[i] };
		int fd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &by_id);

		if (fd >= 0 && is_named(fd, name))
			return fd;
		fd_close(&fd);
	}
	return -1;
}

int bpf_attach(const char *cgroup, enum bpf_attach_type attach, const char *name, int program,
	       struct error *err)
{
	int scoped_fd dir = TRY(open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err,
				"open the cgroup '%s'", cgroup);
	int scoped_fd old = find_program(dir, attach, name);
	union bpf_attr attr = {
		.target_fd = (uint32_t)dir,
		.attach_bpf_fd = (uint32_t)program,
		.attach_type = attach,
		.attach_flags = BPF_F_ALLOW_MULTI,
	};

	if (old >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)old;
	}
	TRY(sys_bpf(BPF_PROG_ATTACH, &attr), err, "attach the eBPF program '%s' to '%s'", name,
	    cgroup);
	return 0;
}

void bpf_detach(const char *cgroup, enum bpf_attach_type attach, const char *name)
{
	int scoped_fd dir = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int scoped_fd old = dir < 0 ? -1 : find_program(dir, attach, name);
	union bpf_attr attr = {
		.target_fd = (uint32_t)dir,
		.attach_bpf_fd = (uint32_t)old,
		.attach_type = attach,
	};

	if (old >= 0) /* best effort: it ends with the cgroup at the latest */
		(void)sys_bpf(BPF_PROG_DETACH, &attr);
}
