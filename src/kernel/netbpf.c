/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See netbpf.h.  The limit is a token bucket kept as one number, the time at which all that
 * was let through will have been paid for: it moves on by length/rate with every packet
 * and never lies behind now.  A packet passes while that time is at most BURST_NS ahead,
 * so one of any size passes in the end and is paid for afterwards.  The number is only
 * changed by atomic operations, so it holds on any number of processors together.
 */
#include "kernel/netbpf.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/bpf.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>

#define EGRESS_NAME "oci_rt_egress"
#define INGRESS_NAME "oci_rt_ingress"
#define PACING_NAME "oci_rt_pacing"
#define PRIORITY_NAME "oci_rt_netprio"

/* What a program of packets may say (the kernel's NET_XMIT_*, as the hook numbers them). */
enum { DROP = 0, PASS = 1, DROP_CONGESTED = 2 };
enum { LOOPBACK = 1, MOST_PRIORITIES = 64 }; /* the number of lo is the same everywhere */
enum { BURST_NS = 50000000, NS_OF_SECOND = 1000000000 };

/* The value of the map; the programs know where its members are. */
struct bucket {
	uint64_t paid_until; /* nanoseconds of CLOCK_MONOTONIC */
	uint64_t rate, burst;
};

#define SKB(member) offsetof(struct __sk_buff, member)
#define OPS(member) offsetof(struct bpf_sock_ops, member)
#define BUCKET(member) offsetof(struct bucket, member)
#define OP64(op, dst, src) BPF_INSN(BPF_ALU64 | (op) | BPF_X, dst, src, 0, 0)
#define CALL(function) BPF_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_##function)
#define ATOMIC(op, dst, src, off)                                                          \
	BPF_INSN(BPF_STX | BPF_DW | BPF_ATOMIC, dst, src, off, op)

/* A word of the addresses of IPv6 differs: leap. */
#define DIFFERS(i, leap)                                                                   \
	BPF_LOAD(BPF_W, REMOTE, R1, OPS(remote_ip6[i])),                                   \
	BPF_LOAD(BPF_W, LOCAL, R1, OPS(local_ip6[i])),                                     \
	BPF_INSN(BPF_JMP | BPF_JNE | BPF_X, REMOTE, LOCAL, leap, 0)

/* Jumps name how many instructions they leap over. */
static int load_limiter(int map, bool is_egress, struct error *err)
{
	enum { R0, R1, R2, SKB_ = 6, BUCKET_, COST, NOW, FRAME };
	const struct bpf_insn code[] = {
		BPF_COPY(SKB_, R1),
		BPF_LOAD(BPF_W, R1, SKB_, SKB(ifindex)),
		BPF_JUMP_IF(BPF_JEQ, R1, LOOPBACK, 22),
		BPF_INSN(BPF_ST | BPF_MEM | BPF_W, FRAME, 0, -4, 0),
		BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, R1, BPF_PSEUDO_MAP_FD, 0, map),
		BPF_INSN(0, 0, 0, 0, 0),
		BPF_COPY(R2, FRAME),
		BPF_MATH(BPF_ADD, R2, -4),
		CALL(map_lookup_elem),
		BPF_JUMP_IF(BPF_JEQ, R0, 0, 15),
		BPF_COPY(BUCKET_, R0),
		BPF_LOAD(BPF_W, COST, SKB_, SKB(len)),
		BPF_MATH(BPF_MUL, COST, NS_OF_SECOND),
		BPF_LOAD(BPF_DW, R1, BUCKET_, BUCKET(rate)),
		OP64(BPF_DIV, COST, R1),
		CALL(ktime_get_ns),
		BPF_COPY(NOW, R0),
		/* paid_until = max(paid_until, now); who fails was overtaken, which is as good */
		BPF_LOAD(BPF_DW, R0, BUCKET_, BUCKET(paid_until)),
		BPF_INSN(BPF_JMP | BPF_JGE | BPF_X, R0, NOW, 1, 0),
		ATOMIC(BPF_CMPXCHG, BUCKET_, NOW, BUCKET(paid_until)),
		BPF_COPY(R1, COST),
		ATOMIC(BPF_ADD | BPF_FETCH, BUCKET_, R1, BUCKET(paid_until)),
		OP64(BPF_SUB, R1, NOW),
		BPF_LOAD(BPF_DW, R2, BUCKET_, BUCKET(burst)),
		BPF_INSN(BPF_JMP | BPF_JSGT | BPF_X, R1, R2, 2, 0),
		BPF_SET(R0, PASS),
		BPF_RETURN(),
		/* too early: it costs nothing */
		BPF_INSN(BPF_ALU64 | BPF_NEG, COST, 0, 0, 0),
		ATOMIC(BPF_ADD, BUCKET_, COST, BUCKET(paid_until)),
		BPF_SET(R0, is_egress ? DROP_CONGESTED : DROP),
		BPF_RETURN(),
	};

	return bpf_load(BPF_PROG_TYPE_CGROUP_SKB,
			is_egress ? BPF_CGROUP_INET_EGRESS : BPF_CGROUP_INET_INGRESS,
			is_egress ? EGRESS_NAME : INGRESS_NAME,
			(struct bpf_code){ code, ARRAY_SIZE(code) }, err);
}

/*
 * A connection of TCP that meets the limit stops until a timer of 200 ms, longer than what
 * may be saved up.  So each is asked when it is established to pace itself just below it;
 * one to ourselves is not.
 */
static int load_pacer(uint32_t rate, struct error *err)
{
	enum { R0, R1, R2, REMOTE, LOCAL, R5, FRAME = 10, R3 = REMOTE, R4 = LOCAL };
	const struct bpf_insn code[] = {
		BPF_LOAD(BPF_W, R2, R1, OPS(op)),
		BPF_JUMP_IF(BPF_JEQ, R2, BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB, 1),
		BPF_JUMP_IF(BPF_JNE, R2, BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB, 28),
		BPF_LOAD(BPF_W, R2, R1, OPS(family)),
		BPF_JUMP_IF(BPF_JNE, R2, AF_INET, 6),
		BPF_LOAD(BPF_W, REMOTE, R1, OPS(remote_ip4)),
		BPF_LOAD(BPF_W, LOCAL, R1, OPS(local_ip4)),
		BPF_INSN(BPF_JMP | BPF_JEQ | BPF_X, REMOTE, LOCAL, 23, 0),
		BPF_MATH(BPF_AND, REMOTE, htonl(0xff000000)),
		BPF_JUMP_IF(BPF_JEQ, REMOTE, htonl(0x7f000000), 21),
		BPF_INSN(BPF_JMP | BPF_JA, 0, 0, 13, 0),
		DIFFERS(0, 10), DIFFERS(1, 7), DIFFERS(2, 4), DIFFERS(3, 1),
		BPF_INSN(BPF_JMP | BPF_JA, 0, 0, 7, 0),
		BPF_INSN(BPF_ST | BPF_MEM | BPF_W, FRAME, 0, -4, rate),
		BPF_SET(R2, SOL_SOCKET),
		BPF_SET(R3, SO_MAX_PACING_RATE),
		BPF_COPY(R4, FRAME),
		BPF_MATH(BPF_ADD, R4, -4),
		BPF_SET(R5, sizeof(rate)),
		CALL(setsockopt),
		BPF_SET(R0, PASS),
		BPF_RETURN(),
	};

	return bpf_load(BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS, PACING_NAME,
			(struct bpf_code){ code, ARRAY_SIZE(code) }, err);
}

static int pace(const char *cgroup, uint64_t rate, struct error *err)
{
	uint64_t most = rate - rate / 32; /* payload alone: leave room for headers */

	if (most >= UINT32_MAX)
		return 0;
	int scoped_fd program = TRY(load_pacer((uint32_t)most, err));

	return bpf_attach(cgroup, BPF_CGROUP_SOCK_OPS, PACING_NAME, program, err);
}

int netbpf_limit(const char *cgroup, bool is_egress, uint64_t rate, struct error *err)
{
	const struct bucket bucket = { .rate = rate, .burst = BURST_NS };
	const char *name = is_egress ? EGRESS_NAME : INGRESS_NAME;
	int scoped_fd map = TRY(bpf_make_map(name, &bucket, sizeof(bucket), err));
	int scoped_fd program = TRY(load_limiter(map, is_egress, err));

	if (is_egress)
		TRY(pace(cgroup, rate, err));
	return bpf_attach(cgroup, is_egress ? BPF_CGROUP_INET_EGRESS : BPF_CGROUP_INET_INGRESS,
			  name, program, err);
}

void netbpf_unlimit(const char *cgroup, bool is_egress)
{
	bpf_detach(cgroup, is_egress ? BPF_CGROUP_INET_EGRESS : BPF_CGROUP_INET_INGRESS,
		   is_egress ? EGRESS_NAME : INGRESS_NAME);
	if (is_egress)
		bpf_detach(cgroup, BPF_CGROUP_SOCK_OPS, PACING_NAME);
}

/* Every socket of the cgroup is born with the priority. */
static int set_for_sockets(const char *cgroup, uint32_t priority, struct error *err)
{
	const struct bpf_insn code[] = {
		BPF_SET(BPF_REG_2, priority),
		BPF_INSN(BPF_STX | BPF_MEM | BPF_W, BPF_REG_1, BPF_REG_2,
			 offsetof(struct bpf_sock, priority), 0),
		BPF_SET(BPF_REG_0, PASS),
		BPF_RETURN(),
	};
	int scoped_fd program =
		TRY(bpf_load(BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE,
			     PRIORITY_NAME, (struct bpf_code){ code, ARRAY_SIZE(code) }, err));

	return bpf_attach(cgroup, BPF_CGROUP_INET_SOCK_CREATE, PRIORITY_NAME, program, err);
}

static int set_for_packets(const char *cgroup, const struct net_priority *items,
			   const unsigned *numbers, size_t n, struct error *err)
{
	struct bpf_insn code[3 * MOST_PRIORITIES + 3];
	size_t at = 0;

	code[at++] = BPF_LOAD(BPF_W, BPF_REG_2, BPF_REG_1, SKB(ifindex));
	for (size_t i = 0; i < n; i++) {
		code[at++] = BPF_JUMP_IF(BPF_JNE, BPF_REG_2, numbers[i], 2);
		code[at++] = BPF_SET(BPF_REG_3, items[i].priority);
		code[at++] = BPF_INSN(BPF_STX | BPF_MEM | BPF_W, BPF_REG_1, BPF_REG_3,
				      SKB(priority), 0);
	}
	code[at++] = BPF_SET(BPF_REG_0, PASS);
	code[at++] = BPF_RETURN();
	int scoped_fd program = TRY(bpf_load(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS,
					     PRIORITY_NAME, (struct bpf_code){ code, at }, err));

	return bpf_attach(cgroup, BPF_CGROUP_INET_EGRESS, PRIORITY_NAME, program, err);
}

int netbpf_set_priorities(const char *cgroup, const struct net_priority *items, size_t n,
			  struct error *err)
{
	unsigned numbers[MOST_PRIORITIES];
	bool are_equal = true;

	if (n > MOST_PRIORITIES)
		return fail(err, ERROR_CONFIG, "more than %d priorities", MOST_PRIORITIES);
	for (size_t i = 0; i < n; i++) {
		numbers[i] = if_nametoindex(items[i].name);
		if (!numbers[i])
			return fail(err, ERROR_CONFIG,
				    "the runtime's network namespace has no device '%s'",
				    items[i].name);
		are_equal &= items[i].priority == items[0].priority;
	}
	return are_equal ? set_for_sockets(cgroup, items[0].priority, err)
			 : set_for_packets(cgroup, items, numbers, n, err);
}

void netbpf_unset_priorities(const char *cgroup)
{
	bpf_detach(cgroup, BPF_CGROUP_INET_SOCK_CREATE, PRIORITY_NAME);
	bpf_detach(cgroup, BPF_CGROUP_INET_EGRESS, PRIORITY_NAME);
}

void netbpf_detach(const char *cgroup)
{
	netbpf_unlimit(cgroup, true);
	netbpf_unlimit(cgroup, false);
	netbpf_unset_priorities(cgroup);
}
