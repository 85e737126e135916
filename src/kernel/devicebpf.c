/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See devicebpf.h.  The rules are walked backwards, and each settles those of the requested
 * accesses that it names: so the last match wins for every access by itself, and a request
 * to read and write is refused when any rule denies the one or the other.
 */
#include "kernel/devicebpf.h"
#include "base/fd.h"
#include "kernel/bpf.h"
#include <assert.h>

#define PROGRAM_NAME "oci_rt_devices"

static_assert((int)DEVICE_MKNOD == (int)BPF_DEVCG_ACC_MKNOD &&
		      (int)DEVICE_READ == (int)BPF_DEVCG_ACC_READ &&
		      (int)DEVICE_WRITE == (int)BPF_DEVCG_ACC_WRITE,
	      "the kernel's numbers");

/* Registers: what is asked for; what of it no rule has settled yet. */
enum {
	TYPE = BPF_REG_2,
	OPEN = BPF_REG_3,
	MAJOR = BPF_REG_4,
	MINOR = BPF_REG_5,
	DIFFERENCE = BPF_REG_0
};

enum {
	MOST_INSNS_OF_RULE = 11,
	OTHER_INSNS = 8,
	INSNS_OF_NUMBER = 3,
	INSNS_OF_VERDICT = 4
};

struct program {
	struct bpf_insn *insns;
	size_t n;
};

static void emit(struct program *program, struct bpf_insn insn)
{
	program->insns[program->n++] = insn;
}

static void emit_head(struct program *program)
{
	enum { CONTEXT = BPF_REG_1 };

	emit(program, BPF_LOAD(BPF_W, TYPE, CONTEXT,
			       offsetof(struct bpf_cgroup_dev_ctx, access_type)));
	emit(program, BPF_COPY(OPEN, TYPE));
	emit(program, BPF_MATH(BPF_AND, TYPE, 0xffff));
	emit(program, BPF_MATH(BPF_RSH, OPEN, 16));
	emit(program,
	     BPF_LOAD(BPF_W, MAJOR, CONTEXT, offsetof(struct bpf_cgroup_dev_ctx, major)));
	emit(program,
	     BPF_LOAD(BPF_W, MINOR, CONTEXT, offsetof(struct bpf_cgroup_dev_ctx, minor)));
}

static void emit_return(struct program *program, bool allow)
{
	emit(program, BPF_SET(BPF_REG_0, allow));
	emit(program, BPF_RETURN());
}

/*
 * On to the next rule unless the number is this one.  Compared by a difference that is
 * forgotten: the kernel's verifier would remember every number that matched and walk the
 * rest of a long list once for each.
 */
static void emit_number(struct program *program, unsigned number, int64_t wanted, int off)
{
	emit(program, BPF_COPY(DIFFERENCE, number));
	emit(program, BPF_MATH(BPF_XOR, DIFFERENCE, wanted));
	emit(program, BPF_JUMP_IF(BPF_JNE, DIFFERENCE, 0, off));
}

static void emit_rule(struct program *program, const struct device_rule *rule)
{
	int minor = rule->minor >= 0 ? INSNS_OF_NUMBER : 0;
	int major = rule->major >= 0 ? INSNS_OF_NUMBER : 0;

	if (rule->type != 'a')
		emit(program, BPF_JUMP_IF(BPF_JNE, TYPE,
					  rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK
							    : BPF_DEVCG_DEV_CHAR,
					  major + minor + INSNS_OF_VERDICT));
	if (major)
		emit_number(program, MAJOR, rule->major, minor + INSNS_OF_VERDICT);
	if (minor)
		emit_number(program, MINOR, rule->minor, INSNS_OF_VERDICT);
	if (rule->allow) {
		emit(program, BPF_MATH(BPF_AND, OPEN, ~rule->access & DEVICE_ALL));
		emit(program, BPF_JUMP_IF(BPF_JNE, OPEN, 0, 2));
		emit_return(program, true);
	} else {
		emit(program, BPF_JUMP_IF(BPF_JSET, OPEN, rule->access, 1));
		emit(program, BPF_INSN(BPF_JMP | BPF_JA, 0, 0, 2, 0));
		emit_return(program, false);
	}
}

/* No device of this kernel has such numbers, and an instruction has no room for them. */
static bool is_impossible(const struct device_rule *rule)
{
	return rule->major > INT32_MAX || rule->minor > INT32_MAX;
}

int devicebpf_attach(struct arena *arena, const char *cgroup,
		     const struct device_rule *rules, size_t n_rules, struct error *err)
{
	struct program program = {
		.insns = arena_array(arena, n_rules * MOST_INSNS_OF_RULE + OTHER_INSNS,
				     sizeof(struct bpf_insn))
	};

	emit_head(&program);
	for (size_t i = n_rules; i-- > 0;)
		if (!is_impossible(&rules[i]))
			emit_rule(&program, &rules[i]);
	emit_return(&program, false);
	int scoped_fd fd =
		TRY(bpf_load(BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, PROGRAM_NAME,
			     (struct bpf_code){ program.insns, program.n }, err));

	return bpf_attach(cgroup, BPF_CGROUP_DEVICE, PROGRAM_NAME, fd, err);
}

void devicebpf_detach(const char *cgroup)
{
	bpf_detach(cgroup, BPF_CGROUP_DEVICE, PROGRAM_NAME);
}
