# SPDX-License-Identifier: LGPL-2.1-or-later
# syscalls.txt (raw) -> a seccomp profile as the engines use it: three architectures, a long
# list of names, a few rules on arguments.
def rule($value; $op): { index: 0, value: $value, op: $op };
{
	defaultAction: "SCMP_ACT_ERRNO",
	defaultErrnoRet: 1,
	architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
	syscalls: ([
		{ names: (split("\n") | map(select(test("^[a-z_]")))), action: "SCMP_ACT_ALLOW" },
		{ names: ["socket"], action: "SCMP_ACT_ALLOW", args: [rule(40; "SCMP_CMP_NE")] },
		{
			names: ["clone"],
			action: "SCMP_ACT_ALLOW",
			args: [{ index: 0, value: 2114060288, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }]
		},
		{ names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 }
	] + [
		(0, 8, 131072, 131080, 4294967295) |
		{ names: ["personality"], action: "SCMP_ACT_ALLOW", args: [rule(.; "SCMP_CMP_EQ")] }
	])
}
