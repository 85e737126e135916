/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See mount-options.h.  Each keyword is a row with a function that changes what stands so
 * far, so the last of a conflicting pair wins by itself.
 *
 * The atime choices are one value for the kernel, not bits: whoever chooses one must have
 * all of MOUNT_ATTR__ATIME cleared, or mount_setattr says EINVAL.
 */
#include "tables/mount-options.h"
#include "base/text.h"
#include <sys/mount.h>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

/* The attributes of this mount, or those of the whole tree. */
struct attrs {
	uint64_t *set, *clear;
};

static void put(struct attrs attrs, uint64_t flag, bool is_set)
{
	if (is_set) {
		*attrs.set |= flag;
		*attrs.clear &= ~flag;
	} else {
		*attrs.set &= ~flag;
		*attrs.clear |= flag;
	}
}

static void forget(struct attrs attrs, uint64_t flags)
{
	*attrs.set &= ~flags;
	*attrs.clear &= ~flags;
}

static void put_atime(struct attrs attrs, uint64_t choice)
{
	*attrs.set = (*attrs.set & ~(uint64_t)MOUNT_ATTR__ATIME) | choice;
	*attrs.clear |= MOUNT_ATTR__ATIME;
}

/* Whether another choice than this one was made. */
static bool is_other_atime(struct attrs attrs, uint64_t choice)
{
	return (*attrs.clear & MOUNT_ATTR__ATIME) &&
	       (*attrs.set & MOUNT_ATTR__ATIME) != choice;
}

/* "atime" after "strictatime" says nothing new: only the named choice is taken back. */
static void take_back_atime(struct attrs attrs, uint64_t choice)
{
	if (is_other_atime(attrs, choice))
		return;
	if (choice == MOUNT_ATTR_RELATIME)
		forget(attrs, MOUNT_ATTR__ATIME);
	else
		put_atime(attrs, MOUNT_ATTR_RELATIME);
}

static struct attrs own(struct mount_options *o)
{
	return (struct attrs){ &o->set, &o->clear };
}

static struct attrs all(struct mount_options *o)
{
	return (struct attrs){ &o->set_all, &o->clear_all };
}

static void set_attr(struct mount_options *o, uint64_t flag)
{
	put(own(o), flag, true);
}

static void clear_attr(struct mount_options *o, uint64_t flag)
{
	put(own(o), flag, false);
}

static void set_atime(struct mount_options *o, uint64_t choice)
{
	put_atime(own(o), choice);
}

static void clear_atime(struct mount_options *o, uint64_t choice)
{
	if (!is_other_atime(all(o), choice))
		take_back_atime(own(o), choice);
}

/* What is said of the whole tree later overrules what was said of its top. */
static void set_attr_all(struct mount_options *o, uint64_t flag)
{
	forget(own(o), flag);
	put(all(o), flag, true);
}

static void clear_attr_all(struct mount_options *o, uint64_t flag)
{
	forget(own(o), flag);
	put(all(o), flag, false);
}

static void set_atime_all(struct mount_options *o, uint64_t choice)
{
	forget(own(o), MOUNT_ATTR__ATIME);
	put_atime(all(o), choice);
}

static void clear_atime_all(struct mount_options *o, uint64_t choice)
{
	if (!is_other_atime(own(o), choice))
		forget(own(o), MOUNT_ATTR__ATIME);
	take_back_atime(all(o), choice);
}

static void set_super(struct mount_options *o, uint64_t flag)
{
	o->super_set |= flag;
	o->super_clear &= ~flag;
}

static void clear_super(struct mount_options *o, uint64_t flag)
{
	o->super_set &= ~flag;
	o->super_clear |= flag;
}

static void propagate(struct mount_options *o, uint64_t flag)
{
	o->propagation = flag;
	o->propagation_all = false;
}

static void propagate_all(struct mount_options *o, uint64_t flag)
{
	o->propagation = flag;
	o->propagation_all = true;
}

#define NOTE(member)                                                                       \
	static void note_##member(struct mount_options *o, uint64_t unused)                \
	{                                                                                  \
		(void)unused;                                                              \
		o->member = true;                                                          \
	}
NOTE(bind)
NOTE(rbind)
NOTE(remount)
NOTE(idmap)
NOTE(ridmap)
NOTE(tmpcopyup)

static void note_nothing(struct mount_options *o, uint64_t unused)
{
	(void)o, (void)unused;
}

static const struct option_row {
	const char *name;
	void (*apply)(struct mount_options *, uint64_t);
	uint64_t flag;
} rows[] = {
#define OPTION(name, apply, flag) { name, apply, flag },
#include "tables/mount-options.def"
#undef OPTION
};

/* Words for mount(8) and fstab; no file system knows them. */
static bool is_for_mount_command(const char *word)
{
	static const char *const words[] = { "nofail", "fail",   "_netdev", "auto",
					     "noauto", "user",   "nouser",  "users",
					     "owner",  "noowner", "group",  "nogroup" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (is_equal(word, words[i]))
			return true;
	return has_prefix(word, "x-") || has_prefix(word, "X-") ||
	       has_prefix(word, "comment=");
}

static const struct option_row *find_row(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (is_equal(rows[i].name, word))
			return &rows[i];
	return NULL;
}

void mount_options_parse(struct arena *arena, const char *const *words, size_t n,
			 struct mount_options *out)
{
	struct text data = { .arena = arena };

	*out = (struct mount_options){ 0 };
	for (size_t i = 0; i < n; i++) {
		const struct option_row *row = find_row(words[i]);

		if (row)
			row->apply(out, row->flag);
		else if (!is_empty(words[i]) && !is_for_mount_command(words[i]))
			text_add(&data, "%s%s", data.n ? "," : "", words[i]);
	}
	out->data = data.s;
}

const char *mount_option_name(size_t i)
{
	return i < ARRAY_SIZE(rows) ? rows[i].name : NULL;
}

/* Whether all that these attributes say is said by those; a choice of atime as a whole. */
static bool is_part(uint64_t set, uint64_t clear, struct attrs of)
{
	if ((clear & MOUNT_ATTR__ATIME) &&
	    (*of.set & MOUNT_ATTR__ATIME) != (set & MOUNT_ATTR__ATIME))
		return false;
	return (set & ~*of.set) == 0 && (clear & ~*of.clear) == 0;
}

/* Whether the options say what this row would. */
static bool is_said(struct mount_options *o, const struct option_row *row)
{
	struct mount_options mine = { 0 };

	if (row->apply == clear_atime || row->apply == clear_atime_all ||
	    row->apply == note_nothing)
		return false;
	row->apply(&mine, row->flag);
	if (mine.propagation && (mine.propagation != o->propagation ||
				 mine.propagation_all != o->propagation_all))
		return false;
	return is_part(mine.set, mine.clear, own(o)) &&
	       is_part(mine.set_all, mine.clear_all, all(o)) &&
	       (mine.super_set & ~o->super_set) == 0 &&
	       (mine.super_clear & ~o->super_clear) == 0 && mine.bind <= o->bind &&
	       mine.rbind <= o->rbind && mine.remount <= o->remount &&
	       mine.idmap <= o->idmap && mine.ridmap <= o->ridmap &&
	       mine.tmpcopyup <= o->tmpcopyup;
}

char *mount_options_describe(struct arena *arena, const struct mount_options *options)
{
	struct text text = { .arena = arena };
	struct mount_options copy = *options;

	text_add(&text, "%s", "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (is_said(&copy, &rows[i]))
			text_add(&text, "%s%s", text.n ? "," : "", rows[i].name);
	return text.s;
}
