/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One arena a command: everything that is parsed or planned lives until the arena goes.
 * Running out of memory ends the process (abort): a runtime that cannot get a few
 * kilobytes cannot undo anything either; what it left is removed by delete --force.
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>

struct arena {
	struct arena_chunk *head;
};

/* Zeroed memory, aligned for anything. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull));

/* Zeroed room for n things of the given size; a product that overflows aborts. */
void *arena_array(struct arena *arena, size_t n, size_t size)
	__attribute__((returns_nonnull));

/* A larger copy of an array that was arena_array's; the old one stays where it is. */
void *arena_grow(struct arena *arena, const void *old, size_t old_size, size_t new_size)
	__attribute__((returns_nonnull));

char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t n);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Everything goes but the room for as much again. */
void arena_reset(struct arena *arena);

void arena_free(struct arena *arena);

/* struct arena a scoped_arena = { 0 }; */
#define scoped_arena __attribute__((cleanup(arena_free), unused))

/* One zeroed struct of the type. */
#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* Append an element to a growing array `items` of `n` used and `room` possible. */
#define arena_push(arena, items, n, room)                                                  \
	({                                                                                 \
		if ((n) == (room)) {                                                       \
			size_t more_ = (room) ? 2 * (room) : 8;                            \
			(items) = arena_grow((arena), (items), (room) * sizeof(*(items)),  \
					     more_ * sizeof(*(items)));                    \
			(room) = more_;                                                    \
		}                                                                          \
		&(items)[(n)++];                                                           \
	})
