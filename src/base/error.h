/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors: one fixed-size value that needs no allocation and fits one message between
 * processes.  A leaf says what failed; callers above it add where and for whom.  The text
 * is one line, and never uses the words that engines match to mean "the user's command
 * was not found" or "was not permitted" unless the failure is about that command.
 */
#pragma once
#include <stdarg.h>
#include <stdbool.h>

enum error_kind {
	ERROR_NONE,	/* no error */
	ERROR_USAGE,	/* the command line is wrong */
	ERROR_CONFIG,	/* config.json is wrong, or asks what this host cannot give */
	ERROR_STATE,	/* the container is not in the state that the command needs */
	ERROR_KERNEL,	/* a system call failed; code holds its errno */
	ERROR_HOOK,	/* a hook failed: the container is to be destroyed */
	ERROR_PEER,	/* another process of ours died or spoke out of turn */
	ERROR_BUG,	/* we are wrong */
	ERROR_KIND_COUNT,
};

struct error {
	enum error_kind kind;
	int code;	/* errno, or 0 */
	bool is_placed;	/* the text says already where and for whom */
	char text[2040];
};

/* Fill *err and return -1, so that a caller can write `return fail(...)`. */
int fail(struct error *err, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for a failed system call: kind KERNEL, errno kept, its meaning appended. */
int fail_errno(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Put "context: " in front of the text that *err holds. */
void error_context(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What an errno means, in words of ours that no engine mistakes for the user's command. */
const char *error_words(int code);

/* "usage", "config", ...; never NULL. */
const char *error_kind_name(enum error_kind kind);

/*
 * TRY(call): return what a failed (negative) call returned, its error already filled in.
 * TRY(call, err, "make directory '%s'", path): fill *err from errno first.
 * The value is the call's own, so `fd = TRY(open(...), err, ...)` works.
 */
#define TRY(call, ...)                                                                     \
	({                                                                                 \
		__typeof__(call) try_result_ = (call);                                     \
		if (try_result_ < 0)                                                       \
			return __VA_OPT__((void)fail_errno(__VA_ARGS__), )(int)            \
				try_result_;                                               \
		try_result_;                                                               \
	})
