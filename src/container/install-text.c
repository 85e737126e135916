/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words by which each engine learns of this runtime; see install.h.  The same stand,
 * for people, in contrib/engines, and a test compares them.
 */
#include "base/text.h"
#include "container/install.h"
#include "libocispec/edit.h"
#include <stdio.h>

static const char podman_text[] =
	"# Written by oci-rt install --for podman; --remove takes it out.\n"
	"[engine]\n"
	"%s"
	"# podman reads errors from a JSON log, and takes --cgroups=disabled, only of these.\n"
	"runtime_supports_json = [\"crun\", \"runc\", \"kata\", \"runsc\", \"youki\", \"krun\", "
	"\"ocijail\", \"oci-rt\"]\n"
	"runtime_supports_nocgroup = [\"crun\", \"krun\", \"oci-rt\"]\n"
	"\n"
	"[engine.runtimes]\n"
	"oci-rt = [\"%s\"]\n";

static const char crio_text[] =
	"# Written by oci-rt install --for crio; --remove takes it out.\n"
	"%s"
	"[crio.runtime.runtimes.oci-rt]\n"
	"runtime_path = \"%s\"\n"
	"runtime_type = \"oci\"\n"
	"runtime_root = \"/run/oci-rt\"\n";

char *install_own(struct arena *arena, enum engine engine, const char *path, bool is_default)
{
	if (engine == ENGINE_crio)
		return arena_printf(arena, crio_text,
				    is_default ? "[crio.runtime]\n"
						 "default_runtime = \"oci-rt\"\n\n"
					       : "",
				    path);
	return arena_printf(arena, podman_text, is_default ? "runtime = \"oci-rt\"\n" : "",
			    path);
}

/* -- containerd: a table behind all others, between two lines of ours -- */

static const char block_begin[] =
	"# oci-rt: begin (oci-rt install --for containerd --remove takes this out)\n";
static const char block_end[] = "# oci-rt: end\n";
static const char own_version[] = "version = 2\n";

/* The version of the file's format; 0: it says none. */
static int toml_version(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		int version;

		line += *line == '\n';
		if (sscanf(line, " version = %d", &version) == 1)
			return version;
	}
	return 0;
}

static char *without_block(struct arena *arena, const char *text, struct error *err)
{
	const char *begin = strstr(text, block_begin);
	const char *end = begin ? strstr(begin, block_end) : NULL;

	if (begin && !end) {
		(void)fail(err, ERROR_CONFIG, "the block of oci-rt has no end '# oci-rt: end'");
		return NULL;
	}
	if (!begin)
		return arena_strdup(arena, text);
	return arena_printf(arena, "%.*s%s", (int)(begin - text), text,
			    end + strlen(block_end));
}

static const char *toml_block(struct arena *arena, int version, const char *path)
{
	const char *plugin = version == 3 ? "io.containerd.cri.v1.runtime"
					  : "io.containerd.grpc.v1.cri";

	return arena_printf(arena,
			    "%s"
			    "[plugins.\"%s\".containerd.runtimes.oci-rt]\n"
			    "  runtime_type = \"io.containerd.runc.v2\"\n"
			    "  [plugins.\"%s\".containerd.runtimes.oci-rt.options]\n"
			    "    BinaryName = \"%s\"\n"
			    "%s",
			    block_begin, plugin, plugin, path, block_end);
}

int install_toml(struct arena *arena, const struct install_options *options,
		 const char *path, struct installation *io, struct error *err)
{
	const char *rest = io->before ? without_block(arena, io->before, err) : "";
	int version;

	if (!rest)
		return -1;
	if (options->remove) {
		io->after = *rest && !is_equal(rest, own_version) ? rest : NULL;
		return 0;
	}
	if (options->is_default)
		return fail(err, ERROR_USAGE,
			    "--default is not for containerd: set default_runtime_name = "
			    "\"oci-rt\" in '%s'",
			    io->file);
	if (!*rest)
		rest = own_version;
	version = toml_version(rest);
	if (version != 2 && version != 3)
		return fail(err, ERROR_CONFIG,
			    "'%s' has no line version = 2 or version = 3: containerd config "
			    "migrate writes it anew",
			    io->file);
	io->after = arena_printf(arena, "%s%s%s", rest, has_suffix(rest, "\n") ? "" : "\n",
				 toml_block(arena, version, path));
	return 0;
}

/* -- docker: a member of runtimes in a JSON object -- */

static const struct json *member_of(const struct json *object, const char *name)
{
	return object && object->type == JSON_OBJECT ? json_member(object, name, strlen(name))
						     : NULL;
}

static int parse(struct arena *arena, const char *file, const char *text,
		 const struct json **out, struct error *err)
{
	struct json_error error;
	const struct json *runtimes;

	if (json_parse(arena, text, strlen(text), out, &error) < 0)
		return fail(err, ERROR_CONFIG, "'%s' is no JSON: %s", file, error.what);
	runtimes = member_of(*out, "runtimes");
	if (!*out || (*out)->type != JSON_OBJECT || (runtimes && runtimes->type != JSON_OBJECT))
		return fail(err, ERROR_CONFIG, "'%s': expected an object, and one in runtimes",
			    file);
	return 0;
}

/* Without what we ever put there. */
static int take_out(struct arena *arena, const char *file, const char **text,
		    struct error *err)
{
	const struct json *root, *runtimes, *standard;

	TRY(parse(arena, file, *text, &root, err));
	if (member_of(member_of(root, "runtimes"), "oci-rt")) {
		*text = json_edit_remove(arena, *text,
					 member_of(member_of(root, "runtimes"), "oci-rt"));
		TRY(parse(arena, file, *text, &root, err));
	}
	runtimes = member_of(root, "runtimes");
	if (runtimes && !runtimes->first) {
		*text = json_edit_remove(arena, *text, runtimes);
		TRY(parse(arena, file, *text, &root, err));
	}
	standard = member_of(root, "default-runtime");
	if (standard && standard->type == JSON_STRING && is_equal(standard->text, "oci-rt"))
		*text = json_edit_remove(arena, *text, standard);
	return 0;
}

static int put_in(struct arena *arena, const struct install_options *options,
		  const char *path, struct installation *io, const char *text,
		  struct error *err)
{
	const char *entry = arena_printf(arena, "\"oci-rt\": {\"path\": \"%s\"}", path);
	const struct json *root;

	TRY(parse(arena, io->file, text, &root, err));
	if (options->is_default && member_of(root, "default-runtime"))
		return fail(err, ERROR_CONFIG,
			    "'%s' names another default-runtime: take it out first", io->file);
	if (member_of(root, "runtimes"))
		text = json_edit_add(arena, text, member_of(root, "runtimes"), entry, "    ");
	else
		text = json_edit_add(arena, text, root,
				     arena_printf(arena, "\"runtimes\": {\n    %s\n  }", entry),
				     "  ");
	if (options->is_default) {
		TRY(parse(arena, io->file, text, &root, err));
		text = json_edit_add(arena, text, root, "\"default-runtime\": \"oci-rt\"", "  ");
	}
	io->after = text;
	return 0;
}

/* "{}", and blanks. */
static bool is_nothing(const char *text)
{
	size_t n = strcspn(text, "{");

	n += text[n] == '{';
	n += strspn(text + n, " \t\r\n");
	return text[n] == '}';
}

int install_json(struct arena *arena, const struct install_options *options,
		 const char *path, struct installation *io, struct error *err)
{
	const char *text = io->before ? io->before : "{}\n";

	TRY(take_out(arena, io->file, &text, err));
	if (!options->remove)
		return put_in(arena, options, path, io, text, err);
	io->after = io->before && !is_nothing(text) ? text : NULL;
	return 0;
}
