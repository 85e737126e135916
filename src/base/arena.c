/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See arena.h.  Chunks of 32 KiB and more; the usual container needs one or two.
 */
#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 32 * 1024 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	max_align_t data[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = arena->head;
	bool is_zero = false;
	char *place;

	size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	if (!chunk || chunk->size - chunk->used < size) {
		size_t want = size > CHUNK_SIZE ? size : CHUNK_SIZE;

		/* The kernel gives what is large zeroed; of the rest no page is touched early. */
		is_zero = size > CHUNK_SIZE;
		chunk = is_zero ? calloc(1, sizeof(*chunk) + want)
				: malloc(sizeof(*chunk) + want);
		if (!chunk)
			abort();
		*chunk = (struct arena_chunk){ .next = arena->head, .size = want };
		arena->head = chunk;
	}
	place = (char *)chunk->data + chunk->used;
	chunk->used += size;
	return is_zero ? place : memset(place, 0, size);
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		abort();
	return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, const void *old, size_t old_size, size_t new_size)
{
	void *grown = arena_alloc(arena, new_size);

	if (old_size)
		memcpy(grown, old, old_size);
	return grown;
}

char *arena_strndup(struct arena *arena, const char *s, size_t n)
{
	char *copy = arena_alloc(arena, n + 1);

	memcpy(copy, s, n);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return arena_strndup(arena, s, strlen(s));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		abort();
	text = arena_alloc(arena, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, format, ap);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = arena_vprintf(arena, format, ap);
	va_end(ap);
	return text;
}

static void free_chunks(struct arena_chunk *chunk)
{
	struct arena_chunk *next;

	for (; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *chunk = arena->head;

	if (!chunk)
		return;
	free_chunks(chunk->next);
	chunk->next = NULL;
	chunk->used = 0;
}

void arena_free(struct arena *arena)
{
	free_chunks(arena->head);
	arena->head = NULL;
}
