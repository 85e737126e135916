/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See self.h.  Either we leave our file behind in place (self-leave.c), or we execute a
 * copy: a memfd with all seals, which can be neither written nor resized, also by root,
 * and shares no page with the file.
 */
#include "kernel/self.h"
#include "base/fd.h"
#include "kernel/self-internal.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW)

#define NAME "oci-rt"

static bool is_sealed(int exe)
{
	int seals = fcntl(exe, F_GET_SEALS); /* EINVAL: no file in memory */

	return seals >= 0 && (seals & SEALS) == SEALS &&
	       (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE));
}

static int open_exe(void)
{
	return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

bool self_is_sealed(void)
{
	int scoped_fd exe = open_exe();

	return exe >= 0 && is_sealed(exe);
}

/* A sysctl may demand to be told that the memory is to be executed (6.3). */
int self_new_memory(void)
{
	int fd = sys_memfd_create(NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = sys_memfd_create(NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

int self_seal_memory(int fd)
{
	if (fchmod(fd, 0500) < 0)
		return -1;
	/* The younger seal (5.1) need not wait for pages that are still on their way. */
	if (fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_FUTURE_WRITE) == 0)
		return 0;
	return fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_WRITE);
}

/* The end of what is loaded of the file: symbols and debug information lie behind it. */
static off_t loaded_size(off_t whole)
{
	const ElfW(Phdr) *headers = (const void *)(uintptr_t)getauxval(AT_PHDR);
	unsigned long n = headers ? getauxval(AT_PHNUM) : 0;
	off_t end = 0;

	for (unsigned long i = 0; i < n; i++) {
		off_t to = (off_t)(headers[i].p_offset + headers[i].p_filesz);

		if (headers[i].p_type == PT_LOAD && to > end)
			end = to;
	}
	return end && end < whole ? end : whole;
}

static int copy_sealed(int exe, struct error *err)
{
	struct stat st;
	off_t at = 0, end;
	int scoped_fd fd = TRY(self_new_memory(), err, "make memory for a copy of this program");

	TRY(fstat(exe, &st), err, "look at this program's file");
	end = loaded_size(st.st_size);
	while (at < end) {
		ssize_t n = sendfile(fd, exe, &at, (size_t)(end - at));

		if (n == 0)
			return fail(err, ERROR_KERNEL, "this program's file shrank");
		if (n < 0 && errno != EINTR)
			return fail_errno(err, "copy this program into memory");
	}
	TRY(self_seal_memory(fd), err, "seal the copy of this program");
	return take_fd(fd);
}

/* A copy that does not know itself would copy itself for ever. */
static bool is_copy(void)
{
	static const char name[] = "/memfd:" NAME " ";
	char link[sizeof(name)];
	ssize_t n = readlink("/proc/self/exe", link, sizeof(name) - 1);

	return n == sizeof(name) - 1 && memcmp(link, name, sizeof(name) - 1) == 0;
}

int self_seal(char *const argv[], struct error *err)
{
	int scoped_fd exe = TRY(open_exe(), err, "open this program's file");
	int scoped_fd copy = -1;

	if (is_sealed(exe))
		return 0;
	if (is_copy())
		return fail(err, ERROR_KERNEL,
			    "this program runs from memory, but the memory is not sealed");
	if (self_leave_file() == 0)
		return 0;
	copy = TRY(copy_sealed(exe, err));
	return TRY(sys_execveat(copy, "", argv, environ, AT_EMPTY_PATH), err,
		   "execute the sealed copy of this program");
}

int self_hide(struct error *err)
{
	return TRY(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), err, "hide from tracers");
}

int self_die_with(pid_t parent, int signal, struct error *err)
{
	TRY(prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0), err, "ask for a signal at the parent's end");
	/* It may have died before we asked; 0: it is in another pid namespace. */
	if (getppid() != parent && getppid() != 0) {
		errno = ESRCH;
		return fail_errno(err, "stay with the parent");
	}
	return 0;
}
