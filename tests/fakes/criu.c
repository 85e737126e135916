/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plays criu for tests: `criu swrk FD` takes one request, writes it as text to the file
 * that FAKE_CRIU_REQUEST names (fds by what they lead to) and what is agreed to each notice
 * after it.  FAKE_CRIU says how it goes on, in words: "log" writes an error to the log,
 * "fail" answers with a failure, "die" ends without an answer, "hang" never answers,
 * "nonsense" answers with that, "ready" says that pages can be fetched, "terminal" hands
 * out one; else it dumps (ends the process) or restores (a process that sleeps).
 */
#include "criu.pb-c.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROOM = 64 * 1024 };

static int sock;
static pid_t peer; /* criu looks for fds there */
static FILE *out;

static int is_asked(const char *word)
{
	const char *words = getenv("FAKE_CRIU");

	return words && strstr(words, word) != NULL;
}

static void give_up(const char *what)
{
	fprintf(out, "cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

/* -- a message as text -- */

static void print_message(const ProtobufCMessage *message);

static void print_number(const ProtobufCFieldDescriptor *field, long long n)
{
	char path[64], link[4096];
	ssize_t length;

	if (!strstr(field->name, "fd")) {
		fprintf(out, "%lld", n);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/fd/%lld", peer, n);
	length = readlink(path, link, sizeof(link));
	if (length < 0)
		fprintf(out, "closed");
	else
		fprintf(out, "%.*s", (int)length, link);
}

static void print_value(const ProtobufCFieldDescriptor *field, const void *at)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		fputs(*(char *const *)at, out);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		print_message(*(const ProtobufCMessage *const *)at);
		break;
	case PROTOBUF_C_TYPE_UINT32:
		print_number(field, *(const uint32_t *)at);
		break;
	default: /* int32, bool and enum are all as wide */
		print_number(field, *(const int32_t *)at);
	}
}

static int is_there(const ProtobufCFieldDescriptor *field, const char *base)
{
	if (field->label == PROTOBUF_C_LABEL_REQUIRED)
		return 1;
	if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
		return *(const void *const *)(base + field->offset) != NULL;
	return *(const protobuf_c_boolean *)(base + field->quantifier_offset);
}

static void print_field(const ProtobufCFieldDescriptor *field, const char *base)
{
	if (field->label == PROTOBUF_C_LABEL_REPEATED) { /* messages and texts */
		const char *items = *(const char *const *)(base + field->offset);
		size_t n = *(const size_t *)(base + field->quantifier_offset);

		for (size_t i = 0; i < n; i++) {
			fprintf(out, " %s=", field->name);
			print_value(field, items + i * sizeof(void *));
			fputc('\n', out);
		}
	} else if (is_there(field, base)) {
		fprintf(out, " %s=", field->name);
		print_value(field, base + field->offset);
		fputc('\n', out);
	}
}

static void print_message(const ProtobufCMessage *message)
{
	fputc('\n', out);
	for (unsigned i = 0; i < message->descriptor->n_fields; i++)
		print_field(&message->descriptor->fields[i], (const char *)message);
}

/* -- the conversation -- */

static Criu__Request *receive(void)
{
	static unsigned char bytes[ROOM];
	ssize_t n = recv(sock, bytes, sizeof(bytes), 0);
	Criu__Request *request = n > 0 ? criu__request__unpack(NULL, (size_t)n, bytes) : NULL;

	if (!request)
		give_up("read a request");
	return request;
}

static void say(const Criu__Answer *answer, int fd)
{
	static unsigned char bytes[ROOM];
	size_t n = criu__answer__pack(answer, bytes);
	struct iovec iov = { bytes, n };
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .room = { 0 } };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		control.align = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	if (sendmsg(sock, &message, 0) < 0)
		give_up("answer");
}

static void notice(char *script, pid_t pid, int fd)
{
	Criu__Notice content = CRIU__NOTICE__INIT;
	Criu__Answer answer = CRIU__ANSWER__INIT;
	const Criu__Request *agreed;

	content.script = script;
	content.pid = pid;
	content.has_pid = pid > 0;
	answer.kind = CRIU__KIND__NOTIFY;
	answer.success = 1;
	answer.notice = &content;
	say(&answer, fd);
	agreed = receive();
	fprintf(out, "%s: %s\n", script, agreed->notify_success ? "agreed" : "refused");
	fflush(out);
	if (!agreed->notify_success)
		exit(1);
}

/* -- what it does -- */

static void write_log(const Criu__Options *options)
{
	char path[64];
	int dir, fd;
	FILE *log;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", peer, options->work_fd);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = openat(dir, options->log_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	log = fdopen(fd, "w");
	if (!log)
		give_up("write the log");
	fprintf(log, "(00.000001) All is well\n"
		     "(00.000002) Error (criu/a.c:1): rlimit: Can't have more\n"
		     "(00.000003) Error (criu/b.c:2): Can't open the moon: "
		     "No such file or directory\n"
		     "(00.000004) Error (criu/c.c:3): Dumping FAILED.\n");
	(void)fclose(log);
}

static void hand_out_terminal(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		give_up("open a terminal");
	notice("orphan-pts-master", 0, fd);
	(void)close(fd);
}

/* A sibling of ours, as criu makes it. */
static pid_t restore(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		give_up("make a process");
	if (pid == 0) {
		(void)close(sock);
		for (;;)
			pause();
	}
	return pid;
}

static void finish(const Criu__Request *request, Criu__Answer *answer)
{
	static Criu__Restored restored = CRIU__RESTORED__INIT;

	if (request->kind != CRIU__KIND__RESTORE) {
		notice("network-lock", 0, -1);
		if (request->kind == CRIU__KIND__DUMP && !request->options->leave_running)
			(void)kill(request->options->pid, SIGKILL);
		return;
	}
	restored.pid = restore();
	notice("setup-namespaces", restored.pid, -1);
	if (is_asked("terminal"))
		hand_out_terminal();
	notice("post-restore", restored.pid, -1);
	answer->restored = &restored;
}

int main(int argc, char **argv)
{
	Criu__Answer answer = CRIU__ANSWER__INIT;
	struct ucred cred = { 0 };
	socklen_t n = sizeof(cred);
	const Criu__Request *request;

	out = fopen(getenv("FAKE_CRIU_REQUEST"), "we");
	if (!out || argc != 3 || strcmp(argv[1], "swrk") != 0)
		return 2;
	sock = atoi(argv[2]);
	(void)getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &n);
	peer = cred.pid;
	request = receive();
	print_message(&request->base);
	fprintf(out, "criu: %d\n", getpid());
	fflush(out);
	if (is_asked("log"))
		write_log(request->options);
	if (is_asked("die"))
		return 1;
	if (is_asked("nonsense"))
		return send(sock, "\377\377", 2, 0) < 0;
	while (is_asked("hang"))
		pause();
	if (is_asked("ready"))
		notice("status-ready", 0, -1);
	answer.kind = request->kind;
	answer.success = !is_asked("fail");
	if (answer.success)
		finish(request, &answer);
	say(&answer, -1);
	return 0;
}
