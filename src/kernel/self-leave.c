/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Leaving our own file behind without executing a copy of it, which costs a second start
 * of the program: a third of a millisecond and more where a hypervisor intercepts CPUID.
 *
 * Each segment is copied into anonymous memory, which mremap then puts in the segment's
 * place, in one step of the kernel; the code that does it finds itself unchanged at the
 * same address.  Only when nothing of the file is mapped any more does the kernel let
 * prctl name another file as /proc/self/exe (it says EBUSY otherwise), so its answer is
 * the proof.  It wants CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN, and a kernel with
 * CONFIG_CHECKPOINT_RESTORE; without, the caller executes a copy.
 */
#include "base/fd.h"
#include "base/file.h"
#include "kernel/self-internal.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/prctl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifdef __has_feature
#define HAS_SANITIZER __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#else
#define HAS_SANITIZER 0
#endif

enum { MOST_SEGMENTS = 8 };

/* A stretch of our address space with one protection, and its copy. */
struct stretch {
	char *at, *copy;
	size_t n;
	int protection;
};

struct image {
	struct stretch stretches[2 * MOST_SEGMENTS];
	size_t n;
	uintptr_t page_mask;
	const char *relro_start, *relro_end;
};

static bool add(struct image *image, char *from, const char *to, int protection)
{
	if (from >= to)
		return true;
	if (image->n == 2 * MOST_SEGMENTS)
		return false;
	image->stretches[image->n++] = (struct stretch){ .at = from, .n = (size_t)(to - from),
							 .protection = protection };
	return true;
}

static int protection_of(uint32_t flags)
{
	return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) |
	       (flags & PF_X ? PROT_EXEC : 0);
}

/* The start of a writable segment is read-only once the loader has relocated it. */
static bool add_segment(struct image *image, const ElfW(Phdr) *header, uintptr_t base)
{
	uintptr_t from = (base + header->p_vaddr) & image->page_mask;
	uintptr_t to = (base + header->p_vaddr + header->p_filesz + ~image->page_mask) &
		       image->page_mask;
	char *start = (char *)from, *end = (char *)to;
	int protection = protection_of(header->p_flags);

	if (!(protection & PROT_WRITE) || image->relro_start < start || image->relro_end > end)
		return add(image, start, end, protection);
	return add(image, start, image->relro_start, protection) &&
	       add(image, (char *)(uintptr_t)image->relro_start, image->relro_end, PROT_READ) &&
	       add(image, (char *)(uintptr_t)image->relro_end, end, protection);
}

/* Called for the first object only: the program itself. */
static int find_stretches(struct dl_phdr_info *info, size_t size, void *data)
{
	struct image *image = data;
	uintptr_t base = info->dlpi_addr;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];

		if (header->p_type != PT_GNU_RELRO)
			continue;
		image->relro_start = (char *)((base + header->p_vaddr) & image->page_mask);
		image->relro_end = (char *)((base + header->p_vaddr + header->p_memsz) &
					    image->page_mask);
	}
	for (size_t i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD &&
		    !add_segment(image, &info->dlpi_phdr[i], base))
			return -1;
	return 1;
}

static int copy_stretch(struct stretch *stretch)
{
	char *copy = mmap(NULL, stretch->n, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (copy == MAP_FAILED)
		return -1;
	stretch->copy = copy;
	memcpy(copy, stretch->at, stretch->n);
	/* Refused where a security module forbids it: then nothing has happened yet. */
	return mprotect(copy, stretch->n, stretch->protection);
}

static void drop_copies(struct image *image)
{
	for (size_t i = 0; i < image->n; i++)
		if (image->stretches[i].copy)
			munmap(image->stretches[i].copy, image->stretches[i].n);
}

/*
 * Copies first, moves after: what can be refused is refused before anything changes.
 * Writable data is copied again right before its move, without a function call between
 * that could change it.
 */
static int replace_mappings(struct image *image)
{
	for (size_t i = 0; i < image->n; i++) {
		if (copy_stretch(&image->stretches[i]) < 0) {
			drop_copies(image);
			return -1;
		}
	}
	for (size_t i = 0; i < image->n; i++) {
		struct stretch *s = &image->stretches[i];

		if (s->protection & PROT_WRITE)
			memcpy(s->copy, s->at, s->n);
		if (mremap(s->copy, s->n, s->n, MREMAP_MAYMOVE | MREMAP_FIXED, s->at) ==
		    MAP_FAILED)
			return -1;
	}
	return 0;
}

/* The field of /proc/self/stat, counted as in proc(5); 3 is the one behind the name. */
static uint64_t next_field(char **at)
{
	return strtoull(strsep(at, " "), NULL, 10);
}

/* What the kernel holds for our memory now; prctl takes it only all at once. */
static int read_map(struct prctl_mm_map *map)
{
	char line[2048], *at;
	int scoped_fd fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	uint64_t fields[52];

	if (n <= 0)
		return -1;
	line[n] = 0;
	at = strrchr(line, ')');
	if (!at)
		return -1;
	at += 2;
	(void)strsep(&at, " "); /* the state, a letter */
	for (int i = 4; i < 52; i++) {
		if (!at)
			return -1;
		fields[i] = next_field(&at);
	}
	*map = (struct prctl_mm_map){
		.start_code = fields[26], .end_code = fields[27], .start_stack = fields[28],
		.start_data = fields[45], .end_data = fields[46], .start_brk = fields[47],
		.arg_start = fields[48], .arg_end = fields[49], .env_start = fields[50],
		.env_end = fields[51], .brk = (uint64_t)(uintptr_t)sbrk(0),
	};
	return 0;
}

/* The file that shall be /proc/self/exe; the fd is in the map. */
static int make_other_file(struct prctl_mm_map *map)
{
	static const char contents[] = "This is where a container would find its runtime.\n";
	int scoped_fd fd = self_new_memory();

	if (fd < 0 || write_all(fd, contents, sizeof(contents) - 1) < 0 ||
	    self_seal_memory(fd) < 0 || read_map(map) < 0)
		return -1;
	map->exe_fd = (uint32_t)fd;
	return take_fd(fd);
}

static int name_other_file(const struct prctl_mm_map *map)
{
	return prctl(PR_SET_MM, PR_SET_MM_MAP, map, sizeof(*map), 0);
}

int self_leave_file(void)
{
	struct image image = { .page_mask = ~((uintptr_t)getpagesize() - 1) };
	struct prctl_mm_map map;
	int scoped_fd fd = -1;

	if (HAS_SANITIZER) /* it knows our mappings, and misses them */
		return -1;
	fd = make_other_file(&map);
	/* EBUSY is the good answer: allowed, were the file not mapped. */
	if (fd < 0 || name_other_file(&map) == 0 || errno != EBUSY)
		return -1;
	if (dl_iterate_phdr(find_stretches, &image) != 1 || replace_mappings(&image) < 0)
		return -1;
	return name_other_file(&map);
}
