/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The same filter in fewer instructions.  A usual profile leaves libseccomp as some 1,400
 * instructions; the kernel checks, translates and dry-runs them at every load, a third of
 * a millisecond for each container.  Most of a profile is runs of neighbouring numbers
 * with one answer, so we ask the program itself what it answers to every number (the
 * answer can only change at a constant that it compares with), and write down the runs as
 * one balanced tree for each architecture.  Where the program goes on to look at
 * arguments, its own instructions from there on are copied.
 *
 * Whatever is not understood leaves the program as it was.
 */
#include "kernel/seccomp-internal.h"
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ARCHS = 32, NO_BLOCK = -1, LONGEST_JUMP = 255 };

/* What a number leads to: an answer, or the instruction where arguments are looked at. */
struct leaf {
	uint32_t answer;
	int block;
};

struct range {
	uint32_t from;
	struct leaf leaf;
};

/* The runs of one architecture. */
struct group {
	uint32_t arch;
	struct range *ranges;
	size_t n;
	size_t entry; /* of the jump to it */
};

struct shrinker {
	struct arena *arena;
	const struct seccomp_program *old;
	uint32_t *points; /* numbers where an answer may change, sorted */
	size_t n_points, points_room;
	uint32_t archs[MOST_ARCHS];
	size_t n_archs;
	struct sock_filter *code;
	size_t n, room;
};

static bool is_compare(const struct sock_filter *i)
{
	return i->code == (BPF_JMP | BPF_JEQ | BPF_K) || i->code == (BPF_JMP | BPF_JGT | BPF_K) ||
	       i->code == (BPF_JMP | BPF_JGE | BPF_K);
}

static bool compare(const struct sock_filter *i, uint32_t value)
{
	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return value == i->k;
	case BPF_JGT:
		return value > i->k;
	default:
		return value >= i->k;
	}
}

/* Architectures are found as they are compared with; false when there are too many. */
static bool note_arch(struct shrinker *s, uint32_t arch)
{
	for (size_t i = 0; i < s->n_archs; i++)
		if (s->archs[i] == arch)
			return true;
	if (s->n_archs == MOST_ARCHS)
		return false;
	s->archs[s->n_archs++] = arch;
	return true;
}

/* Run the program as far as architecture and number decide; false: not understood. */
static bool evaluate(struct shrinker *s, uint32_t arch, uint32_t number, struct leaf *out)
{
	bool is_loaded = false, is_arch = false;
	size_t pc = 0;

	while (pc < s->old->n) {
		const struct sock_filter *i = &s->old->code[pc];

		if (i->code == (BPF_LD | BPF_W | BPF_ABS)) {
			if (i->k != offsetof(struct seccomp_data, nr) &&
			    i->k != offsetof(struct seccomp_data, arch)) {
				*out = (struct leaf){ .block = (int)pc };
				return true;
			}
			is_loaded = true;
			is_arch = i->k == offsetof(struct seccomp_data, arch);
			pc++;
		} else if (i->code == (BPF_JMP | BPF_JA)) {
			pc += 1 + (size_t)i->k;
		} else if (is_compare(i) && is_loaded) {
			if (is_arch && (BPF_OP(i->code) != BPF_JEQ || !note_arch(s, i->k)))
				return false;
			pc += 1u + (compare(i, is_arch ? arch : number) ? i->jt : i->jf);
		} else {
			*out = (struct leaf){ .answer = i->k, .block = NO_BLOCK };
			return i->code == (BPF_RET | BPF_K);
		}
	}
	return false;
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void add_point(struct shrinker *s, uint32_t point)
{
	*arena_push(s->arena, s->points, s->n_points, s->points_room) = point;
}

static void find_points(struct shrinker *s)
{
	size_t n = 0;

	add_point(s, 0);
	for (size_t i = 0; i < s->old->n; i++) {
		if (!is_compare(&s->old->code[i]))
			continue;
		add_point(s, s->old->code[i].k);
		if (s->old->code[i].k != UINT32_MAX)
			add_point(s, s->old->code[i].k + 1);
	}
	qsort(s->points, s->n_points, sizeof(*s->points), compare_numbers);
	for (size_t i = 0; i < s->n_points; i++)
		if (n == 0 || s->points[n - 1] != s->points[i])
			s->points[n++] = s->points[i];
	s->n_points = n;
}

static bool is_same(const struct leaf *a, const struct leaf *b)
{
	return a->block == b->block && (a->block != NO_BLOCK || a->answer == b->answer);
}

static bool find_ranges(struct shrinker *s, struct group *group)
{
	size_t room = 0;

	for (size_t i = 0; i < s->n_points; i++) {
		struct range range = { .from = s->points[i] };

		if (!evaluate(s, group->arch, range.from, &range.leaf))
			return false;
		if (group->n && is_same(&group->ranges[group->n - 1].leaf, &range.leaf))
			continue;
		*arena_push(s->arena, group->ranges, group->n, room) = range;
	}
	return true;
}

/* A value that the program compares with nowhere stands for all other architectures. */
static uint32_t other_arch(const struct shrinker *s)
{
	for (uint32_t arch = UINT32_MAX;; arch--)
		if (!bsearch(&arch, s->points, s->n_points, sizeof(arch), compare_numbers))
			return arch;
}

static void emit(struct shrinker *s, struct sock_filter instruction)
{
	*arena_push(s->arena, s->code, s->n, s->room) = instruction;
}

/* The instructions that can be reached from `first`; false: some are not understood. */
static bool mark_block(const struct seccomp_program *old, size_t first, bool *reached)
{
	reached[first] = true;
	for (size_t pc = first; pc < old->n; pc++) {
		const struct sock_filter *i = &old->code[pc];
		size_t a = pc + 1 + i->jt, b = pc + 1 + i->jf;

		if (!reached[pc] || i->code == (BPF_RET | BPF_K))
			continue;
		if (i->code == (BPF_JMP | BPF_JA))
			a = b = pc + 1 + (size_t)i->k;
		else if (i->code == (BPF_LD | BPF_W | BPF_ABS) ||
			 i->code == (BPF_ALU | BPF_AND | BPF_K))
			a = b = pc + 1;
		else if (!is_compare(i) && i->code != (BPF_JMP | BPF_JSET | BPF_K))
			return false;
		if (a >= old->n || b >= old->n)
			return false;
		reached[a] = reached[b] = true;
	}
	return true;
}

/* A copy of a block: all jumps go forward, and none can get longer. */
static bool emit_block(struct shrinker *s, size_t first)
{
	const struct seccomp_program *old = s->old;
	bool *reached = arena_array(s->arena, old->n, sizeof(*reached));
	size_t *place = arena_array(s->arena, old->n, sizeof(*place)), n = s->n;

	if (!mark_block(old, first, reached))
		return false;
	for (size_t pc = first; pc < old->n; pc++)
		if (reached[pc])
			place[pc] = n++;
	for (size_t pc = first; pc < old->n; pc++) {
		struct sock_filter i = old->code[pc];

		if (!reached[pc])
			continue;
		if (i.code == (BPF_JMP | BPF_JA)) {
			i.k = (uint32_t)(place[pc + 1 + i.k] - place[pc] - 1);
		} else if (BPF_CLASS(i.code) == BPF_JMP) {
			i.jt = (uint8_t)(place[pc + 1 + i.jt] - place[pc] - 1);
			i.jf = (uint8_t)(place[pc + 1 + i.jf] - place[pc] - 1);
		}
		emit(s, i);
	}
	return true;
}

/* A balanced tree over ranges[0..n): ">= the middle one" leads to its right half. */
static bool emit_tree(struct shrinker *s, const struct range *ranges, size_t n)
{
	size_t middle = n / 2, at = s->n, left;
	struct sock_filter jump = BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ranges[middle].from, 0, 1);

	if (n == 1 && ranges->leaf.block != NO_BLOCK)
		return emit_block(s, (size_t)ranges->leaf.block);
	if (n == 1) {
		emit(s, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, ranges->leaf.answer));
		return true;
	}
	emit(s, jump);
	emit(s, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	if (!emit_tree(s, ranges, middle))
		return false;
	left = s->n - at - 2;
	s->code[at + 1].k = (uint32_t)left;
	if (left <= LONGEST_JUMP) { /* the long jump is not needed after all */
		memmove(s->code + at + 1, s->code + at + 2, left * sizeof(*s->code));
		s->n--;
		s->code[at].jt = (uint8_t)left;
		s->code[at].jf = 0;
	}
	return emit_tree(s, ranges + middle, n - middle);
}

static bool emit_group(struct shrinker *s, const struct group *group)
{
	if (!group->n)
		return false; /* a filter that answers nothing is no filter */
	if (group->n > 1)
		emit(s, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						     offsetof(struct seccomp_data, nr)));
	return emit_tree(s, group->ranges, group->n);
}

/* groups[0] is that of all other architectures; it comes where no comparison held. */
static bool emit_groups(struct shrinker *s, struct group *groups, size_t n)
{
	emit(s, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, arch)));
	for (size_t i = 1; i < n; i++) {
		emit(s, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, groups[i].arch,
						     0, 1));
		groups[i].entry = s->n;
		emit(s, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	}
	for (size_t i = 0; i < n; i++) {
		if (i)
			s->code[groups[i].entry].k = (uint32_t)(s->n - groups[i].entry - 1);
		if (!emit_group(s, &groups[i]))
			return false;
	}
	return true;
}

void seccomp_shrink(struct arena *arena, struct seccomp_program *program)
{
	struct shrinker s = { .arena = arena, .old = program };
	struct group groups[MOST_ARCHS + 1] = { 0 };
	size_t n = 1;

	if (program->n == 0)
		return;
	find_points(&s);
	groups[0].arch = other_arch(&s);
	/* Each round may find more architectures that the program asks for. */
	for (size_t i = 0; i < n; i++) {
		if (!find_ranges(&s, &groups[i]))
			return;
		for (; n <= s.n_archs; n++)
			groups[n].arch = s.archs[n - 1];
	}
	if (emit_groups(&s, groups, n) && s.n < program->n)
		*program = (struct seccomp_program){ s.code, s.n };
}
