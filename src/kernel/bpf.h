/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Programs of eBPF that the kernel runs for a cgroup: loaded from instructions that we
 * write ourselves, attached beside those of others.  Nothing is pinned: a program lives as
 * long as the cgroup that it is attached to.
 */
#pragma once
#include "base/error.h"
#include <linux/bpf.h>
#include <stddef.h>

/* Instructions; dst, src: BPF_REG_*. */
#define BPF_INSN(code_, dst, src, off_, imm_)                                              \
	((struct bpf_insn){ .code = (code_), .dst_reg = (dst), .src_reg = (src),           \
			    .off = (short)(off_), .imm = (int)(imm_) })
#define BPF_SET(dst, imm) BPF_INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define BPF_COPY(dst, src) BPF_INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define BPF_MATH(op, dst, imm) BPF_INSN(BPF_ALU64 | (op) | BPF_K, dst, 0, 0, imm)
#define BPF_LOAD(size, dst, src, off) BPF_INSN(BPF_LDX | (size) | BPF_MEM, dst, src, off, 0)
#define BPF_JUMP_IF(op, dst, imm, off) BPF_INSN(BPF_JMP | (op) | BPF_K, dst, 0, off, imm)
#define BPF_RETURN() BPF_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

struct bpf_code {
	const struct bpf_insn *insns;
	size_t n;
};

/* The fd of a loaded program of that type and attach type; name: at most 15 letters. */
int bpf_load(enum bpf_prog_type type, enum bpf_attach_type attach, const char *name,
	     struct bpf_code code, struct error *err);

/* The fd of a map of one element, whose key is 0 (32 bit), with this value. */
int bpf_make_map(const char *name, const void *value, size_t n, struct error *err);

/*
 * Attach a program to a cgroup, beside those that are there; one of the same name, which
 * an earlier container in this cgroup left behind, is replaced.
 */
int bpf_attach(const char *cgroup, enum bpf_attach_type attach, const char *name, int program,
	       struct error *err);

/* Detach the program of that name, if there is one. */
void bpf_detach(const char *cgroup, enum bpf_attach_type attach, const char *name);
