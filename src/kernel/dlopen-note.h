/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A note in the ELF file that declares a library which is opened at first use, so that
 * packagers and their tools see the dependency.  One a library, at file scope.
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/
 */
#pragma once
#include <stdint.h>

#define DLOPEN_TEXT(feature, what, priority, soname)                                       \
	"[{\"feature\":\"" feature "\",\"description\":\"" what "\",\"priority\":\"" priority  \
	"\",\"soname\":[\"" soname "\"]}]"

#define DLOPEN_NOTE(feature, what, priority, soname)                                       \
	static const struct {                                                              \
		uint32_t n_name, n_text, type;                                             \
		char name[4];                                                              \
		char text[(sizeof(DLOPEN_TEXT(feature, what, priority, soname)) + 3) &     \
			  ~(size_t)3];                                                     \
	} note __attribute__((used, retain, section(".note.dlopen"), aligned(4))) = {      \
		.n_name = sizeof("FDO"),                                                   \
		.n_text = sizeof(DLOPEN_TEXT(feature, what, priority, soname)),            \
		.type = 0x407c0c0a,                                                        \
		.name = "FDO",                                                             \
		.text = DLOPEN_TEXT(feature, what, priority, soname),                      \
	}
