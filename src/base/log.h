/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The log: the only mutable global.  One line, one write(2), on an append-only fd that
 * children inherit; text or JSON.  Warnings go to standard error where no log was named,
 * and are left out of a JSON log unless its level asks for them (one engine wants exactly
 * one object in it).
 */
#pragma once
#include "base/error.h"
#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_DEBUG, LOG_LEVEL_COUNT };
enum log_format { LOG_TEXT, LOG_JSON, LOG_FORMAT_COUNT };

/* Open (append, create 0644) the file to log to; NULL path: standard error. */
int log_open(const char *path, enum log_format format, enum log_level level,
	     struct error *err);
bool log_has_file(void);

void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

const char *log_level_name(enum log_level level);
const char *log_format_name(enum log_format format);
