/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See criu.h; what is on the wire stands in criu.proto. */
#include "kernel/criu.h"
#include "base/text.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* The package is named as it is called nearly everywhere. */
int criu_exec(int fd, struct error *err)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	execlp("criu", "criu", "swrk", number, (char *)NULL);
	if (errno == ENOENT)
		return fail(err, ERROR_CONFIG,
			    "criu is not installed, or not in PATH: install the package criu");
	return fail_errno(err, "execute criu");
}

#ifndef OCI_RT_CRIU

static int refuse(struct error *err)
{
	return fail(err, ERROR_CONFIG,
		    "this oci-rt was built without protobuf-c and cannot speak to criu");
}

bool criu_is_built_in(void)
{
	return false;
}

int criu_send(struct arena *arena, int fd, const struct criu_request *request,
	      struct error *err)
{
	(void)arena, (void)fd, (void)request;
	return refuse(err);
}

int criu_agree(struct arena *arena, int fd, bool success, struct error *err)
{
	(void)arena, (void)fd, (void)success;
	return refuse(err);
}

int criu_receive(struct arena *arena, int fd, struct criu_answer *out, struct error *err)
{
	(void)arena, (void)fd, (void)out;
	return refuse(err);
}

#else

#include "criu.pb-c.h"
#include "kernel/socket.h"
#include <sched.h>

enum { LOG_ALL = 4, ROOM = 64 * 1024 };

bool criu_is_built_in(void)
{
	return true;
}

/* protobuf-c takes texts that it does not change as if it did. */
static char *text_of(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

#define FLAG(name) (out->name = out->has_##name = in->name)

static void set_flags(const struct criu_options *in, Criu__Options *out)
{
	FLAG(leave_running);
	FLAG(ext_unix_sk);
	FLAG(tcp_established);
	FLAG(tcp_skip_in_flight);
	FLAG(tcp_close);
	FLAG(shell_job);
	FLAG(file_locks);
	FLAG(auto_dedup);
	FLAG(link_remap);
	FLAG(lazy_pages);
	out->track_memory = out->has_track_memory =
		in->parent_image != NULL || in->job == CRIU_PRE_DUMP;
	out->notify = out->has_notify = true;
	out->orphan_terminal = out->has_orphan_terminal = true;
	out->evasive_devices = out->has_evasive_devices = in->job == CRIU_RESTORE;
	out->as_sibling = out->has_as_sibling = in->job == CRIU_RESTORE;
	out->manage_cgroups = out->has_manage_cgroups = in->cgroup_mode != CRIU_CGROUP_IGNORE;
	out->cgroup_mode = in->cgroup_mode;
	out->has_cgroup_mode = true;
	out->network_lock = in->network_lock;
	out->has_network_lock = in->network_lock != CRIU_LOCK_DEFAULT;
	out->empty_namespaces = in->empty_network ? CLONE_NEWNET : 0;
	out->has_empty_namespaces = in->empty_network;
	out->log_level = LOG_ALL;
	out->has_log_level = true;
}

static void set_texts(struct arena *arena, const struct criu_options *in,
		      Criu__Options *out)
{
	out->log_file = text_of(arena, in->log_file);
	out->root = text_of(arena, in->root);
	out->parent_image = text_of(arena, in->parent_image);
	out->config_file = text_of(arena, in->config_file);
	out->freeze_cgroup = text_of(arena, in->freeze_cgroup);
	out->lsm_profile = text_of(arena, in->lsm_profile);
	out->lsm_mount_context = text_of(arena, in->lsm_mount_context);
	if (in->server) {
		out->page_server = arena_new(arena, Criu__PageServer);
		criu__page_server__init(out->page_server);
		out->page_server->address = text_of(arena, in->server);
		out->page_server->port = in->server_port;
		out->page_server->has_port = true;
	}
	if (in->cgroup_root) {
		out->cgroup_roots = arena_new(arena, Criu__CgroupRoot *);
		out->cgroup_roots[0] = arena_new(arena, Criu__CgroupRoot);
		criu__cgroup_root__init(out->cgroup_roots[0]);
		out->cgroup_roots[0]->path = text_of(arena, in->cgroup_root);
		out->n_cgroup_roots = 1;
	}
}

static void set_lists(struct arena *arena, const struct criu_request *request,
		      Criu__Options *out)
{
	const struct criu_options *in = request->options;

	out->external = request->external;
	out->n_external = request->n_external;
	out->n_inherit = request->n_inherit;
	out->inherit = arena_array(arena, out->n_inherit + 1, sizeof(*out->inherit));
	for (size_t i = 0; i < out->n_inherit; i++) {
		out->inherit[i] = arena_new(arena, Criu__Inherit);
		criu__inherit__init(out->inherit[i]);
		out->inherit[i]->key = text_of(arena, request->inherit[i].key);
		out->inherit[i]->fd = request->inherit[i].fd;
	}
	out->n_join = in->n_joined;
	out->join = arena_array(arena, out->n_join + 1, sizeof(*out->join));
	for (size_t i = 0; i < out->n_join; i++) {
		out->join[i] = arena_new(arena, Criu__Join);
		criu__join__init(out->join[i]);
		out->join[i]->kind = text_of(arena, ns_table[in->joined[i].ns].proc_name);
		out->join[i]->path = text_of(arena, in->joined[i].path);
	}
}

static int send_request(struct arena *arena, int fd, const Criu__Request *request,
			struct error *err)
{
	size_t n = criu__request__get_packed_size(request);
	unsigned char *bytes = arena_alloc(arena, n + 1);

	(void)criu__request__pack(request, bytes);
	if (socket_send(fd, bytes, n, NULL, 0, err) == 0)
		return 0;
	error_context(err, "criu ended");
	return -1;
}

int criu_send(struct arena *arena, int fd, const struct criu_request *request,
	      struct error *err)
{
	static const Criu__Kind kinds[CRIU_JOB_COUNT] = {
		[CRIU_DUMP] = CRIU__KIND__DUMP,
		[CRIU_PRE_DUMP] = CRIU__KIND__SINGLE_PRE_DUMP,
		[CRIU_RESTORE] = CRIU__KIND__RESTORE,
	};
	Criu__Options options = CRIU__OPTIONS__INIT;
	Criu__Request message = CRIU__REQUEST__INIT;

	options.images_fd = request->images_fd;
	options.work_fd = request->work_fd;
	options.has_work_fd = true;
	options.pid = request->pid;
	options.has_pid = request->pid > 0;
	set_flags(request->options, &options);
	set_texts(arena, request->options, &options);
	set_lists(arena, request, &options);
	message.kind = kinds[request->options->job];
	message.options = &options;
	return send_request(arena, fd, &message, err);
}

int criu_agree(struct arena *arena, int fd, bool success, struct error *err)
{
	Criu__Request message = CRIU__REQUEST__INIT;

	message.kind = CRIU__KIND__NOTIFY;
	message.notify_success = success;
	message.has_notify_success = true;
	return send_request(arena, fd, &message, err);
}

static void read_answer(struct arena *arena, const Criu__Answer *in,
			struct criu_answer *out)
{
	out->words = in->words ? arena_strdup(arena, in->words) : "";
	out->script = "";
	if (in->kind == CRIU__KIND__NOTIFY) {
		out->kind = CRIU_NOTICE;
		if (in->notice && in->notice->script)
			out->script = arena_strdup(arena, in->notice->script);
		out->pid = in->notice && in->notice->has_pid ? in->notice->pid : 0;
		return;
	}
	out->kind = in->success ? CRIU_DONE : CRIU_FAILED;
	out->pid = in->restored ? in->restored->pid : 0;
}

int criu_receive(struct arena *arena, int fd, struct criu_answer *out, struct error *err)
{
	struct socket_message message = { .data = arena_alloc(arena, ROOM), .room = ROOM };
	Criu__Answer *answer;

	*out = (struct criu_answer){ .fd = -1 };
	if (TRY(socket_receive(fd, &message, err)) == 0)
		return fail(err, ERROR_PEER, "criu ended before it was done");
	answer = criu__answer__unpack(NULL, message.n, message.data);
	if (!answer) {
		socket_drop_fds(&message);
		return fail(err, ERROR_PEER, "criu said what is not of its protocol");
	}
	if (message.n_fds) {
		out->fd = message.fds[0];
		message.fds[0] = -1;
	}
	socket_drop_fds(&message);
	read_answer(arena, answer, out);
	criu__answer__free_unpacked(answer, NULL);
	return 0;
}

#endif
