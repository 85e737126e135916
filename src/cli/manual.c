/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* oci-rt(8): the rows of commands.def between a few paragraphs that no row can tell. */
#include "base/text.h"
#include "build-info.h"
#include "cli/help.h"

static const char head[] =
	".SH NAME\n"
	"oci-rt \\- a runtime for OCI containers\n"
	".SH SYNOPSIS\n"
	".B oci-rt\n"
	".RI [ global\\ options ]\n"
	".I command\n"
	".RI [ options ]\n"
	".RI [ operands ]\n"
	".SH DESCRIPTION\n"
	".B oci-rt\n"
	"makes containers from bundles as the Open Container Initiative's runtime\n"
	"specification describes them: a directory with a\n"
	".I config.json\n"
	"and a root file system. Container engines call it; it can be used by hand as well.\n"
	".PP\n"
	"Options may stand before or behind operands, as\n"
	".BR \\-\\-name\\ value ,\n"
	".B \\-\\-name=value\n"
	"or with a single dash;\n"
	".B \\-\\-\n"
	"ends them. Global options may also stand before the command.\n";

static const char tail[] =
	".SH EXIT STATUS\n"
	"0 when all is well; 1 for an error; 3 for an unknown command.\n"
	".B run\n"
	"without\n"
	".B \\-\\-detach\n"
	"ends with the status of the container's program, or with 128 plus the number of the\n"
	"signal that killed it.\n"
	".B check\n"
	"ends with 1 when the bundle is wrong, and with 2 when only this host cannot give what\n"
	"it asks for.\n"
	".SH ERRORS\n"
	"An error is one line on standard error: what failed, then what to do about it. With\n"
	".B \\-\\-log\n"
	"the line also goes to the log. Nothing is written to standard error when all is well.\n"
	".SH ANNOTATIONS\n"
	"Annotations of\n"
	".I config.json\n"
	"that change what the runtime does:\n"
	".TP\n"
	".BR io.oci\\-rt.net.egress\\-bps ,\\ io.oci\\-rt.net.ingress\\-bps\n"
	"how many bytes a second, headers of IP and above counted, the container may send or\n"
	"receive: a decimal number, with k, m or g for thousands, millions or billions. What\n"
	"exceeds it is dropped, save what 50 milliseconds may hold; connections of TCP pace\n"
	"themselves to what they may send. Traffic of the loopback device is not counted. The\n"
	"limits hold for the sockets of the container's processes, by eBPF on its cgroup of\n"
	"version 2, which has to be there, and last as long as that; the runtime needs\n"
	"CAP_SYS_ADMIN.\n"
	".TP\n"
	".BR run.oci.hooks.stdout ,\\ run.oci.hooks.stderr\n"
	"the absolute path of a file to which what hooks print is added; without, it is kept\n"
	"back, and its last line shown when a hook fails.\n"
	".TP\n"
	".BI org.systemd.property. NAME\n"
	"with systemd as the manager: a property of the unit, in GVariant's text format, as in\n"
	".BR \\(aqmixed\\(aq ,\\ true ,\\ 5\\ or\\ uint64\\ 5 ;\n"
	"only such as cannot harm the host. A name in Sec takes seconds.\n"
	".TP\n"
	".B run.oci.keep_original_groups\n"
	"1: the process keeps the additional groups of the caller.\n"
	".TP\n"
	".B run.oci.mount_context_type\n"
	"the mount option that carries\n"
	".IR linux.mountLabel :\n"
	"context, fscontext, defcontext or rootcontext.\n"
	".TP\n"
	".B run.oci.pidfd_receiver\n"
	"the absolute path of a socket to which a pidfd of the first process is sent.\n"
	".TP\n"
	".B run.oci.seccomp.receiver\n"
	"the absolute path of the socket of a seccomp agent, used where\n"
	".I linux.seccomp.listenerPath\n"
	"is not set.\n"
	".TP\n"
	".B run.oci.seccomp_bpf_data\n"
	"a seccomp filter as code, in base64, in the place of\n"
	".IR linux.seccomp .\n"
	".TP\n"
	".B run.oci.seccomp_fail_unknown_syscall\n"
	"1: a system call that libseccomp does not know is an error.\n"
	".SH CGROUPS\n"
	"By itself the runtime makes the directory that\n"
	".I linux.cgroupsPath\n"
	"names. With\n"
	".B \\-\\-systemd\\-cgroup\n"
	"systemd does it: the path is then\n"
	".IR SLICE : PREFIX : NAME ,\n"
	"and the container is\n"
	".IR PREFIX \\- NAME .scope\n"
	"in that slice; without a path, oci\\-rt\\-\\fIID\\fR.scope in system.slice, or in\n"
	"user.slice of the user's own systemd. Limits are properties of the scope, so that\n"
	"systemd keeps them when it reads its units anew, and those that have no property are\n"
	"written to its files. Device rules are DevicePolicy and DeviceAllow of the scope: on\n"
	"cgroup version 2 beside a filter of the runtime's own, which both must allow; on\n"
	"version 1 they are all that systemd leaves, and a rule for one minor number of any\n"
	"major, or a list of what is denied, does not outlast its next reload.\n"
	".B update\n"
	"changes both, or neither when one of them fails.\n"
	"The manager is remembered: commands on a container that is there take no option. With\n"
	".B disabled\n"
	"the container stays in the cgroup of the caller and can have no limits.\n"
	".SH JOINED MOUNT NAMESPACES\n"
	"Where the mount namespace of\n"
	".I linux.namespaces\n"
	"has a path, mounts are made in the namespace behind it, below\n"
	".I ID/root\n"
	"of the state directory, and the program gets that as its root, by chroot(2). The state\n"
	"directory must be seen there, and not below a shared mount.\n"
	".B delete\n"
	"takes them off again. It needs root and Linux 5.12. Without a mount namespace mounts are\n"
	"refused, for they would be the host's.\n"
	".SH FILES\n"
	".TP\n"
	".I /run/oci-rt/ID/\n"
	"what is kept of a container: its record, its configuration as it was when the\n"
	"container was created, and the socket that\n"
	".B start\n"
	"uses.\n"
	".SH ENVIRONMENT\n"
	".TP\n"
	".B XDG_RUNTIME_DIR\n"
	"where users other than root keep the state of their containers.\n"
	".TP\n"
	".B DBUS_SYSTEM_BUS_ADDRESS\\fR, \\fBDBUS_SESSION_BUS_ADDRESS\n"
	"where systemd, or the user's own, is asked.\n"
	".TP\n"
	".B SYSTEMD_BUS_TIMEOUT\n"
	"the seconds that systemd has to answer and to start a scope (25).\n"
	".TP\n"
	".B NOTIFY_SOCKET\n"
	"the container gets a socket of its own at\n"
	".IR /run/notify/notify.sock ,\n"
	"and what it says there by sd_notify(3) goes on to the manager;\n"
	".B start\n"
	"and a detached\n"
	".B run\n"
	"wait until it is ready and add MAINPID. Not where the configuration sets a\n"
	"NOTIFY_SOCKET itself.\n"
	".TP\n"
	".B RUN_OCI_SECCOMP_RECEIVER\n"
	"the socket of a seccomp agent, used where neither the configuration nor an annotation\n"
	"names one.\n"
	".TP\n"
	".B NO_COLOR\n"
	"when set and not empty, no colours on a terminal.\n"
	".SH CHECKPOINT AND RESTORE\n"
	"criu does the work and must be in PATH, with a version that knows the kernel. What it\n"
	"complains of is in the message; all that it says is in dump.log or restore.log of\n"
	"\\-\\-work\\-path. restore needs the bundle that the container was made from, and criu\n"
	"the same files below its root. Bind mounts and joined network and pid namespaces are\n"
	"not in the images: restore takes those that the bundle names.\n"
	".PP\n"
	"Standard streams that were pipes lead to those of restore. What was a file of the host\n"
	"must be that file again (restore \\&... >>FILE), and for a container with a user\n"
	"namespace one that its root may open: criu opens it anew, compares type, mode and size\n"
	"with what is in the images and seeks to where the container was, none of which a pipe\n"
	"can be. A terminal is handed out anew, as by run.\n"
	".PP\n"
	"Page servers and lazy pages are criu\\(aqs own commands (criu page\\-server, criu\n"
	"lazy\\-pages); the latter need CAP_SYS_RESOURCE and userfaultfd(2).\n"
	".PP\n"
	"The images hold the container\\(aqs memory, and criu makes them for all to read; their\n"
	"directory is made for its owner alone. While a container with a user namespace is\n"
	"restored, the group of its root may enter it.\n"
	".PP\n"
	"Not possible: containers without a mount namespace of their own, mounts with mapped ids,\n"
	"and either without root.\n"
	".SH NOTES\n"
	"The first line of\n"
	".B oci-rt \\-\\-version\n"
	"begins with the name that the program was called by, when that is the name of another\n"
	"runtime (runc or crun): some callers read a version only from such a line.\n"
	".SH SEE ALSO\n"
	".BR runc (8),\n"
	".BR crun (1),\n"
	".BR podman (1)\n";

/* Text of ours in man(7): no line begins with a dot, and dashes are typed as such. */
static void add_plain(struct text *text, const char *s)
{
	for (; *s; s++) {
		if (*s == '-' || *s == '\\')
			text_add(text, "\\%c", *s == '\\' ? 'e' : '-');
		else if (*s == '\'')
			text_add(text, "\\(aq");
		else
			text_add_bytes(text, s, 1);
	}
}

static void add_option(struct text *text, const struct option_row *row)
{
	text_add(text, ".TP\n\\fB");
	if (row->letter)
		text_add(text, "\\-%c\\fR, \\fB", row->letter);
	text_add(text, "\\-\\-");
	add_plain(text, row->name);
	text_add(text, "\\fR");
	if (row->argument) {
		text_add(text, row->kind == OPTION_OFTEN ? "[=\\fI" : " \\fI");
		add_plain(text, row->argument);
		text_add(text, row->kind == OPTION_OFTEN ? "\\fR]" : "\\fR");
	}
	text_add(text, "\n");
	add_plain(text, row->doc);
	text_add(text, ".\n");
}

static void add_options(struct text *text, enum command command)
{
	for (const struct option_row *row = option_rows; row < option_rows + n_option_rows; row++)
		if (row->doc && option_is_for(row, command) &&
		    (!command || !option_is_global(row)))
			add_option(text, row);
}

static void add_command(struct text *text, enum command command)
{
	const struct command_row *row = &command_rows[command];

	if (row->flags & COMMAND_HIDDEN)
		return;
	text_add(text, ".SS \"%s%s", row->name, *row->operands ? " " : "");
	add_plain(text, row->operands);
	text_add(text, "\"\n");
	add_plain(text, row->doc);
	text_add(text, ".\n");
	add_options(text, command);
}

char *help_manual(struct arena *arena)
{
	struct text text = { .arena = arena };

	text_add(&text, ".\\\" SPDX-License-Identifier: LGPL-2.1-or-later\n"
			".TH OCI-RT 8 \"\" \"oci-rt " OCI_RT_VERSION "\" \"\"\n");
	text_add(&text, "%s.SH GLOBAL OPTIONS\n", head);
	add_options(&text, COMMAND_none);
	text_add(&text, ".SH COMMANDS\n");
	for (enum command i = 1; i < COMMAND_COUNT; i++)
		add_command(&text, i);
	text_add(&text, "%s", tail);
	return text.s;
}
