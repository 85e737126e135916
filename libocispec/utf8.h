/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strict UTF-8: shortest forms only, no surrogates, nothing above U+10FFFF, and no NUL.
 */
#pragma once
#include <stddef.h>

/* The offset of the first byte that is no part of it; n when all is well. */
size_t utf8_bad(const char *text, size_t n);
