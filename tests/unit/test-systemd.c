/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values of systemd's properties: what limits become, and what annotations may say.
 */
#include "base/text.h"
#include "plan/systemd-values.h"
#include "tests/unit/suite.h"

static struct arena arena;
static struct error err;

/* Microseconds a second, in steps of 10 ms, rounded up. */
START_TEST(test_quota)
{
	ck_assert_uint_eq(systemd_quota(50000, 100000), 500000);
	ck_assert_uint_eq(systemd_quota(50000, 0), 500000);
	ck_assert_uint_eq(systemd_quota(20000, 50000), 400000);
	ck_assert_uint_eq(systemd_quota(50001, 100000), 510000);
	ck_assert_uint_eq(systemd_quota(1, 1000000), 10000);
	ck_assert_uint_eq(systemd_quota(200000, 100000), 2000000);
	ck_assert_uint_eq(systemd_quota(-1, 100000), PROPERTY_NO_LIMIT);
	ck_assert_uint_eq(systemd_quota(0, 100000), PROPERTY_NO_LIMIT);
	ck_assert_uint_eq(systemd_quota(INT64_MAX, 1), PROPERTY_NO_LIMIT);
}
END_TEST

static void check_bits(const char *list, const char *expected, size_t n)
{
	size_t n_bits;
	const char *bits = systemd_bits(&arena, list, &n_bits);

	ck_assert_msg(bits != NULL, "'%s' is not understood", list);
	ck_assert_uint_eq(n_bits, n);
	ck_assert_mem_eq(bits, expected, n);
}

/* Sets of numbers: the least byte first, as long as the highest one needs. */
START_TEST(test_bits)
{
	static const char *const wrong[] = { "", "a", "3-1", "-1", "1-", "0-3:2/4", "8192", "0x1" };
	size_t n;

	check_bits("0", "\x01", 1);
	check_bits("0-3,9", "\x0f\x02", 2);
	check_bits("7", "\x80", 1);
	check_bits("8,0", "\x01\x01", 2);
	check_bits("0 2\n", "\x05", 1);
	check_bits("24", "\0\0\0\x01", 4);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ck_assert_msg(!systemd_bits(&arena, wrong[i], &n), "'%s' is taken", wrong[i]);
}
END_TEST

static struct unit_property parsed(const char *text)
{
	struct unit_property property = { .name = "X" };

	ck_assert_msg(systemd_parse_value(&arena, text, &property, &err) == 0, "%s", err.text);
	return property;
}

static void check_number(const char *text, enum property_kind kind, uint64_t number)
{
	struct unit_property property = parsed(text);

	ck_assert_int_eq(property.kind, kind);
	ck_assert_uint_eq(property.number, number);
}

START_TEST(test_numbers)
{
	check_number("true", PROPERTY_BOOL, 1);
	check_number("false", PROPERTY_BOOL, 0);
	check_number("5", PROPERTY_I32, 5);
	check_number(" -5", PROPERTY_I32, (uint64_t)-5);
	check_number("int32 7", PROPERTY_I32, 7);
	check_number("uint32 4294967295", PROPERTY_U32, UINT32_MAX);
	check_number("int64 -9223372036854775808", PROPERTY_I64, (uint64_t)INT64_MIN);
	check_number("uint64  18446744073709551615", PROPERTY_U64, UINT64_MAX);
}
END_TEST

START_TEST(test_texts)
{
	struct unit_property list = parsed("['a b', \"c\"]");

	ck_assert_int_eq(list.kind, PROPERTY_STRINGS);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_str_eq(list.words[0], "a b");
	ck_assert_str_eq(list.words[1], "c");
	ck_assert_uint_eq(parsed("[]").n, 0);
	ck_assert_int_eq(parsed("'mixed'").kind, PROPERTY_STRING);
	ck_assert_str_eq(parsed("'mixed'").text, "mixed");
	ck_assert_str_eq(parsed("\"it's\"").text, "it's");
	ck_assert_str_eq(parsed("'it\\'s'").text, "it's");
	ck_assert_str_eq(parsed("''").text, "");
}
END_TEST

/* What is not of the kinds that properties have is refused, and the value is named. */
START_TEST(test_wrong)
{
	static const char *const wrong[] = {
		"",	      "yes",	     "mixed",	    "'a",	  "'a' 'b'",	"['a'",
		"['a' 'b']",  "['a',,]",     "[5]",	    "2147483648", "uint32 -1",
		"uint64 18446744073709551616", "int64 x",   "5 5",	  "byte 5",	"['a'] x",
		"{'a': 'b'}", "1.5",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct unit_property property = { .name = "X" };

		err = (struct error){ 0 };
		ck_assert_msg(systemd_parse_value(&arena, wrong[i], &property, &err) < 0,
			      "'%s' is taken", wrong[i]);
		ck_assert_ptr_nonnull(strstr(err.text, wrong[i]));
		ck_assert_int_eq(err.kind, ERROR_CONFIG);
	}
}
END_TEST

START_TEST(test_show)
{
	static const char *const words[] = { "/dev/block/8:0", "/dev/block/8:16" };
	static const uint64_t rates[] = { 1048576, 5 };
	static const char *const letters[] = { "rwm", "r" };
	struct unit_property property = { .name = "Y", .kind = PROPERTY_U64, .number = 5 };

	ck_assert_str_eq(systemd_show(&arena, &property), "Y=5");
	property.number = PROPERTY_NO_LIMIT;
	ck_assert_str_eq(systemd_show(&arena, &property), "Y=infinity");
	property = parsed("int32 -5");
	ck_assert_str_eq(systemd_show(&arena, &property), "X=-5");
	property = parsed("true");
	ck_assert_str_eq(systemd_show(&arena, &property), "X=yes");
	property = (struct unit_property){ .name = "Z", .kind = PROPERTY_RATES, .words = words,
					   .rates = rates, .n = 2 };
	ck_assert_str_eq(systemd_show(&arena, &property),
			 "Z=/dev/block/8:0 1048576,/dev/block/8:16 5");
	property = (struct unit_property){ .name = "D", .kind = PROPERTY_DEVICES, .words = words,
					   .letters = letters, .n = 2 };
	ck_assert_str_eq(systemd_show(&arena, &property), "D=/dev/block/8:0 rwm,/dev/block/8:16 r");
	property.n = 0;
	ck_assert_str_eq(systemd_show(&arena, &property), "D=");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("systemd");

	tcase_add_test(tcase, test_quota);
	tcase_add_test(tcase, test_bits);
	tcase_add_test(tcase, test_numbers);
	tcase_add_test(tcase, test_texts);
	tcase_add_test(tcase, test_wrong);
	tcase_add_test(tcase, test_show);
	return run_cases("systemd", tcase);
}
