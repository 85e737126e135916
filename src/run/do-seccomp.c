/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps on the system call filter and on the agent that it may ask.
 *
 * From the moment the filter is loaded, init can call nothing that the agent might have to
 * answer before it has the listener.  So init calls nothing at all: it writes the
 * listener's number into a page that it shares with the host and reads that page until the
 * host has answered.  The host takes the listener out of init by its number, so a filter
 * that notifies of everything, of write or of sendmsg, cannot hang anybody.  While it
 * does so the host owns a robust mutex in the page: if the host is killed, the kernel
 * marks the mutex (get_robust_list(2)), and init ends itself.
 */
#include "base/fd.h"
#include "base/text.h"
#include "kernel/socket.h"
#include "kernel/sys.h"
#include "run/channel.h"
#include "run/steps.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	PAGE_BYTES = 4096,
	HOST_PATIENCE_S = 30,	/* for init to load the filter */
	AGENT_PATIENCE_S = 30,	/* for the agent to read what it is sent */
	FAST_TRIES = 64,
};

enum answer { ANSWER_NONE, ANSWER_SENT, ANSWER_REFUSED };

struct shared_page {
	_Atomic int listener;	/* its number + 1; 0: not yet */
	_Atomic int answer;
	_Atomic int is_watched;	/* the host has the mutex */
	pthread_mutex_t host;	/* robust; its first word is the futex that the kernel marks */
};
static_assert(offsetof(pthread_mutex_t, __data.__lock) == 0, "the futex comes first");

static time_t seconds_now(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* in user space wherever that is cheap */
	return t.tv_sec;
}

static struct shared_page *map_page(int fd, struct error *err)
{
	void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (page != MAP_FAILED)
		return page;
	(void)fail_errno(err, "map the shared page");
	return NULL;
}

int do_prepare_seccomp(struct run *run, const struct step_prepare_seccomp *step,
		       struct error *err)
{
	return seccomp_prepare(run->arena, step->filter, run->slots[step->cache],
			       &run->program, err);
}

int do_take_seccomp(struct run *run, const struct step_take_seccomp *step,
		    struct error *err)
{
	(void)err; /* the kernel judges it when it is loaded */
	run->program.n = step->n;
	run->program.code = arena_array(run->arena, step->n, sizeof(*run->program.code));
	memcpy(run->program.code, step->code, step->n * sizeof(*run->program.code));
	return 0;
}

/* A connection of another type is refused in a way that tells, and the agent sees none. */
int do_check_agent(struct run *run, const struct step_check_agent *step, struct error *err)
{
	int scoped_fd fd = socket_connect(step->path, SOCK_DGRAM, err);

	(void)run;
	if (fd >= 0)
		return fail(err, ERROR_CONFIG, "'%s' is no stream socket", step->path);
	return err->code == EPROTOTYPE ? 0 : -1;
}

int do_connect_agent(struct run *run, const struct step_connect_agent *step,
		     struct error *err)
{
	int scoped_fd fd = TRY(socket_connect(step->path, SOCK_STREAM, err));

	TRY(socket_limit_sending(fd, AGENT_PATIENCE_S, err));
	run->slots[step->slot] = take_fd(fd);
	return 0;
}

static void make_robust_mutex(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attributes;

	/* These only fail for values that do not exist. */
	(void)pthread_mutexattr_init(&attributes);
	(void)pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	(void)pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	(void)pthread_mutex_init(mutex, &attributes);
	(void)pthread_mutexattr_destroy(&attributes);
}

int do_share_page(struct run *run, const struct step_share_page *step, struct error *err)
{
	int scoped_fd fd = TRY(sys_memfd_create("listener", MFD_CLOEXEC | MFD_ALLOW_SEALING),
			       err, "make a page to share");

	TRY(ftruncate(fd, PAGE_BYTES), err, "make a page to share");
	/* One that shrank would kill the host as it reads. */
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), err,
	    "seal the shared page");
	run->page = map_page(fd, err);
	if (!run->page)
		return -1;
	make_robust_mutex(&run->page->host);
	run->slots[step->slot] = take_fd(fd);
	return 0;
}

/* The exec that follows takes it back. */
int do_be_dumpable(struct run *run, const struct step_be_dumpable *step, struct error *err)
{
	(void)run, (void)step;
	TRY(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), err, "prctl");
	return 0;
}

static bool has_host_died(const struct shared_page *page)
{
	return __atomic_load_n((const unsigned *)(const void *)&page->host, __ATOMIC_ACQUIRE) &
	       FUTEX_OWNER_DIED;
}

/* Before the filter is loaded: from then on the host must not die unnoticed. */
static int await_watcher(const struct run *run, struct error *err)
{
	/* Only its end is waited for. */
	struct pollfd channel = { .fd = run->channel[ROLE_HOST] };

	for (unsigned tries = 0; !atomic_load(&run->page->is_watched); tries++)
		if (poll(&channel, 1, tries < FAST_TRIES ? 0 : 1) > 0)
			return fail(err, ERROR_PEER, "the runtime has ended");
	return 0;
}

/* No system call here: the filter is loaded.  Without an answer init cannot even exit. */
static void wait_for_answer(const struct shared_page *page)
{
	int answer = ANSWER_NONE;

	while (answer == ANSWER_NONE && !has_host_died(page)) {
#if defined(__x86_64__) || defined(__i386__)
		__builtin_ia32_pause();
#endif
		answer = atomic_load_explicit(&page->answer, memory_order_acquire);
	}
	if (answer != ANSWER_SENT)
		__builtin_trap();
}

int do_load_seccomp(struct run *run, const struct step_load_seccomp *step,
		    struct error *err)
{
	int fd;

	if (step->notifies)
		TRY(await_watcher(run, err));
	fd = TRY(seccomp_install(&run->program, step->flags, step->notifies, err));
	if (!step->notifies)
		return 0;
	atomic_store_explicit(&run->page->listener, fd + 1, memory_order_release);
	wait_for_answer(run->page);
	return 0;
}

/* The number that the listener has in init; init waits meanwhile, or reports an error. */
static int await_listener(struct run *run, const struct shared_page *page,
			  struct error *err)
{
	/* Only its end is waited for; an error that it reported is read then. */
	struct pollfd channel = { .fd = run->channel[ROLE_INIT] };
	time_t begun = seconds_now();

	for (unsigned tries = 0;; tries++) {
		int listener = atomic_load_explicit(&page->listener, memory_order_acquire);

		if (listener > 0)
			return listener - 1;
		if (poll(&channel, 1, tries < FAST_TRIES ? 0 : 1) > 0)
			break;
		if (seconds_now() - begun > HOST_PATIENCE_S)
			return fail(err, ERROR_PEER, "init does not load its filter");
	}
	TRY(channel_await_exec(run->channel[ROLE_INIT], err));
	return fail(err, ERROR_STATE, "init ended before its filter was loaded");
}

static int take_listener(const struct run *run, int number, struct error *err)
{
	int fd = sys_pidfd_getfd(run->pidfd[ROLE_INIT], number);

	if (fd < 0 && errno == ENOSYS)
		return fail(err, ERROR_KERNEL,
			    "taking the listener needs pidfd_getfd(2), of Linux 5.6");
	if (fd < 0 && errno == EPERM)
		return fail(err, ERROR_KERNEL,
			    "taking the listener out of init needs CAP_SYS_PTRACE");
	return TRY(fd, err, "take the listener out of init");
}

static int send_listener(struct run *run, const struct step_send_listener *step,
			 const struct shared_page *page, struct error *err)
{
	const struct agent_message *m = step->message;
	pid_t pid = run->pid[ROLE_INIT];
	const char *text = arena_printf(run->arena, "%s%d%s%d%s", m->head, pid, m->middle, pid,
					m->tail);
	int number = TRY(await_listener(run, page, err));
	int scoped_fd listener = TRY(take_listener(run, number, err));

	TRY(socket_send(run->slots[step->agent_slot], text, strlen(text), &listener, 1, err));
	return 0;
}

int do_send_listener(struct run *run, const struct step_send_listener *step,
		     struct error *err)
{
	struct shared_page *page = map_page(run->slots[step->page_slot], err);
	int result;

	if (!page)
		return -1;
	(void)pthread_mutex_lock(&page->host); /* nobody else does */
	atomic_store(&page->is_watched, 1);
	result = send_listener(run, step, page, err);
	/* One state a connection, and its end tells the agent that this was it. */
	fd_close(&run->slots[step->agent_slot]);
	atomic_store_explicit(&page->answer, result < 0 ? ANSWER_REFUSED : ANSWER_SENT,
			      memory_order_release);
	(void)pthread_mutex_unlock(&page->host);
	(void)munmap(page, PAGE_BYTES);
	fd_close(&run->slots[step->page_slot]);
	return result;
}
