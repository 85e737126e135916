/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See seccomp.h.  The cache: a file is named by a hash of the filter and holds the whole
 * filter, which is compared byte for byte, so a collision costs a compilation and never
 * serves another profile.  It also holds which file libseccomp was, with its inode, size
 * and time: another version of the library may know more system calls.  Only a file of
 * ours that nobody else can write is believed.
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/seccomp-internal.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
	FORMAT = 2,	    /* to be raised whenever the compiler's output changes */
	MOST_CODE = 4096,   /* instructions, BPF_MAXINSNS */
	MOST_BYTES = 16 << 20,
};

/* The head of a cache file; behind it: the library's path, the key, the code. */
struct head {
	char magic[8];
	uint32_t format;
	uint32_t n_path, n_key, n_code; /* bytes, bytes, instructions */
	uint64_t inode, size, seconds, nanoseconds; /* of the library */
};

static void add_number(struct text *key, uint64_t number)
{
	text_add_bytes(key, (const char *)&number, sizeof(number));
}

/* All that decides what code comes out, each part with its length. */
static void make_key(struct text *key, const struct seccomp_filter *f)
{
	add_number(key, f->default_action);
	add_number(key, f->flags);
	add_number(key, (uint64_t)f->notifies << 1 | f->fail_unknown);
	add_number(key, f->n_archs);
	for (size_t i = 0; i < f->n_archs; i++)
		add_number(key, f->archs[i]);
	add_number(key, f->n_rules);
	for (size_t i = 0; i < f->n_rules; i++) {
		const struct seccomp_rule *rule = &f->rules[i];
		size_t n = strlen(rule->syscall);

		add_number(key, n);
		text_add_bytes(key, rule->syscall, n);
		add_number(key, rule->action);
		add_number(key, rule->n_args);
		for (size_t j = 0; j < rule->n_args; j++) {
			add_number(key, (uint64_t)rule->args[j].index << 32 | rule->args[j].op);
			add_number(key, rule->args[j].a);
			add_number(key, rule->args[j].b);
		}
	}
}

/* Eight bytes at a time; it only has to spread, see above. */
static uint64_t hash_of(const struct text *key)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < key->n; i += sizeof(hash)) {
		uint64_t word = 0;
		size_t left = key->n - i;

		memcpy(&word, key->s + i, left < sizeof(word) ? left : sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	return hash;
}

/* Fill in which file the library is; one that is linked in is always the same. */
static bool stat_library(const char *path, struct head *head)
{
	struct stat st;

	if (!*path)
		return true;
	if (stat(path, &st) < 0)
		return false;
	head->inode = st.st_ino;
	head->size = (uint64_t)st.st_size;
	head->seconds = (uint64_t)st.st_mtim.tv_sec;
	head->nanoseconds = (uint64_t)st.st_mtim.tv_nsec;
	return true;
}

/* A place in the cache. */
struct place {
	int dirfd;
	char name[32];
	struct text key;
};

static const struct head empty_head = { .magic = "ocirtsc", .format = FORMAT };

/* The contents of the file, if it is one to be believed. */
static char *read_cache(struct arena *arena, int dirfd, const char *name, size_t *out_n)
{
	int scoped_fd fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *data;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 07177) ||
	    st.st_nlink != 1) {
		log_debug("the cached seccomp filter '%s' is not ours alone: ignored", name);
		return NULL;
	}
	if (file_read_fd(fd, arena, MOST_BYTES, &data, out_n) < 0)
		return NULL;
	return data;
}

static bool is_same_library(struct arena *arena, const char *path, const struct head *head)
{
	struct head now = *head;

	return stat_library(arena_strndup(arena, path, head->n_path), &now) &&
	       memcmp(&now, head, sizeof(now)) == 0;
}

static bool take_from_cache(struct arena *arena, const struct place *place,
			    struct seccomp_program *out)
{
	const struct text *key = &place->key;
	struct head head;
	size_t n = 0, code;
	char *data = read_cache(arena, place->dirfd, place->name, &n);

	if (!data || n < sizeof(head))
		return false;
	memcpy(&head, data, sizeof(head));
	if (memcmp(&head, &empty_head, offsetof(struct head, n_path)) != 0 ||
	    head.n_code == 0 || head.n_code > MOST_CODE || head.n_key != key->n ||
	    head.n_path > n)
		return false;
	code = sizeof(head) + head.n_path + head.n_key;
	if (n != code + head.n_code * sizeof(struct sock_filter) ||
	    memcmp(data + sizeof(head) + head.n_path, key->s, key->n) != 0 ||
	    !is_same_library(arena, data + sizeof(head), &head))
		return false;
	out->code = arena_array(arena, head.n_code, sizeof(*out->code));
	out->n = head.n_code;
	memcpy(out->code, data + code, out->n * sizeof(*out->code));
	return true;
}

/* That it could not be kept only costs time. */
static void put_into_cache(struct arena *arena, const struct place *place,
			   const struct seccomp_program *program, const char *library)
{
	struct text file = { .arena = arena };
	struct head head = empty_head;
	struct error err;

	head.n_path = (uint32_t)strlen(library);
	head.n_key = (uint32_t)place->key.n;
	head.n_code = (uint32_t)program->n;
	if (!stat_library(library, &head))
		return;
	text_add_bytes(&file, (const char *)&head, sizeof(head));
	text_add_bytes(&file, library, head.n_path);
	text_add_bytes(&file, place->key.s, place->key.n);
	text_add_bytes(&file, (const char *)program->code, program->n * sizeof(*program->code));
	if (file_replace_at(place->dirfd, place->name, file.s, file.n, 0600, &err) < 0)
		log_debug("the seccomp filter is not cached: %s", err.text);
}

int seccomp_prepare(struct arena *arena, const struct seccomp_filter *filter,
		    int cache_dirfd, struct seccomp_program *out, struct error *err)
{
	struct place place = { .dirfd = cache_dirfd, .key = { .arena = arena } };
	const char *library = "";

	make_key(&place.key, filter);
	snprintf(place.name, sizeof(place.name), "%016llx.bpf",
		 (unsigned long long)hash_of(&place.key));
	if (cache_dirfd >= 0 && take_from_cache(arena, &place, out))
		return 0;
	TRY(seccomp_compile(arena, filter, out, &library, err));
	seccomp_shrink(arena, out);
	if (cache_dirfd >= 0)
		put_into_cache(arena, &place, out, library);
	return 0;
}

int seccomp_install(const struct seccomp_program *program, uint32_t flags, bool listener,
		 struct error *err)
{
	struct sock_fprog code = { .len = (unsigned short)program->n, .filter = program->code };
	int rc;

	if (program->n == 0 || program->n > MOST_CODE)
		return fail(err, ERROR_CONFIG,
			    "the seccomp filter has %zu instructions; the kernel takes %d",
			    program->n, MOST_CODE);
	if (listener)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	else
		flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	/* With both, a thread that does not follow must be an error and not its number. */
	if (listener && (flags & SECCOMP_FILTER_FLAG_TSYNC))
		flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
	rc = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &code);
	if (rc < 0 && errno == EINVAL && flags)
		return fail(err, ERROR_CONFIG,
			    "load the seccomp filter: this kernel does not take its flags (%#x)",
			    flags);
	if (rc > 0 && !listener)
		return fail(err, ERROR_KERNEL, "load the seccomp filter for thread %d", rc);
	return TRY(rc, err, "load the seccomp filter");
}
