// SPDX-License-Identifier: GPL-2.0-or-later
/* Options that exclude or require each other. */
#include "cli/options.h"
#include "lib/array_size.h"

#define IN(group)	(1u << GROUP_##group)
#define MEASURING	(IN(EXPERIMENT) | IN(TARGET) | IN(VM))

#define RULE(mask, what, name)	.commands = mask, .kind = RULE_##what, .option = name

const struct option_rule option_rules[] = {
	{ RULE(CMD_RUN | CMD_ADVISE | CMD_QUERY, CONFLICT, "target=host"), .groups = IN(VM),
	  .others = { "clock=instructions", "facility-file" } },
	{ RULE(CMD_RUN, CONFLICT, "repeat-of"), .groups = MEASURING,
	  .except = { "timeout", "kernel", "headers", "allow-expired", "facility-file" },
	  .note = "the repeated result defines it" },
	{ RULE(CMD_RUN | CMD_COMPARE, CONFLICT, "plan"), .groups = IN(EXPERIMENT),
	  .except = { "facility-file" } },
	{ RULE(CMD_MEASURE, CONFLICT, "no-store"), .others = { "name", "tag" } },
	{ RULE(CMD_RUN, CONFLICT, "split-zeroing"), .others = { "layouts" } },
	{ RULE(CMD_RUN, CONFLICT, "mix"), .others = { "layouts", "split-zeroing", "clock=time" } },
	{ RULE(CMD_MEASURE | CMD_SHELL | CMD_BUILD | CMD_BENCH, REQUIRE, "headers"), .others = { "kernel" } },
	{ RULE(CMD_COMPARE, CONFLICT, "@"), .groups = MEASURING | IN(STORE), .others = { "bisect" },
	  .note = "existing results are not measured" },
	{ RULE(CMD_ADVISE, CONFLICT, "from"), .groups = MEASURING | IN(STORE),
	  .except = { "facility", "objects", "size" },
	  .note = "existing results are not measured" },
	{ RULE(CMD_OPERATION, CONFLICT, "file"),
	  .others = { "@", "include", "declare", "setup", "teardown" } },
	{ RULE(CMD_OPERATION, CONFLICT, "irqs-off"), .others = { "softirq" } },
	{ RULE(CMD_TRANSLATE, CONFLICT, "plan"),
	  .others = { "pid", "pfn", "phys", "facility", "pages", "walk", "@" } },
	{ RULE(CMD_TRANSLATE, CONFLICT, "pfn"), .others = { "pid", "phys", "facility", "@" } },
	{ RULE(CMD_TRANSLATE, CONFLICT, "phys"), .others = { "pid", "facility", "@" } },
	{ RULE(CMD_TRANSLATE, CONFLICT, "facility"), .others = { "pid", "pages", "@" } },
	{ RULE(CMD_TRANSLATE, REQUIRE, "pid"), .others = { "@" } },
	{ RULE(CMD_TRANSLATE, REQUIRE, "map"), .others = { "facility" } },
	{ RULE(CMD_QUERY, REQUIRE, "objects"), .others = { "facility" } },
	{ RULE(CMD_QUERY, REQUIRE, "size"), .others = { "facility" } },
	{ RULE(CMD_TRANSLATE, REQUIRE, "gfp"), .others = { "facility" } },
	{ RULE(CMD_MAP, CONFLICT, "diff"), .groups = MEASURING | IN(OUTPUT) },
	{ RULE(CMD_MAP, REQUIRE, "@"), .others = { "diff" } },
	{ RULE(CMD_LIST, REQUIRE, "tag"), .others = { "@=results" } },
	{ RULE(CMD_KERNEL, CONFLICT, "@=list"), .others = { "allow-expired" } },
	{ RULE(CMD_KERNEL, CONFLICT, "@=remove"), .others = { "allow-expired" } },
	{ RULE(CMD_EXERCISE, CONFLICT, "start"), .others = { "check", "hint", "progress" } },
	{ RULE(CMD_EXERCISE, CONFLICT, "check"), .others = { "hint", "progress" } },
	{ RULE(CMD_EXERCISE, CONFLICT, "hint"), .others = { "progress" } },
	{ RULE(CMD_EXERCISE, REQUIRE, "start"), .others = { "@" } },
	{ RULE(CMD_EXERCISE, REQUIRE, "check"), .others = { "@" } },
	{ RULE(CMD_EXERCISE, REQUIRE, "hint"), .others = { "@" } },
	{ RULE(CMD_EXERCISE, CONFLICT, "kernel"), .others = { "check", "hint", "progress" },
	  .note = "it is that of --start" },
	{ RULE(CMD_EXERCISE, CONFLICT, "arch"), .others = { "check", "hint", "progress" },
	  .note = "it is that of --start" },
	{ RULE(CMD_HELP, CONFLICT, "man"), .others = { "@", "schema" } },
	{ RULE(CMD_HELP, CONFLICT, "schema"), .others = { "@" } },
	{ RULE(CMD_EXPLAIN, UNAVAILABLE, "target"), .note = "only QEMU's emulation can be traced; "
	  "for this machine's kernel use 'kmemlab run --target host --pmu' or 'perf record'" },
	{ RULE(CMD_EXPLAIN, UNAVAILABLE, "clock"), .note = "explain counts instructions; for time "
	  "use 'kmemlab run --clock time', under KVM with --pmu" },
	{ RULE(CMD_EXPLAIN, UNAVAILABLE, "cpus"), .note = "explain follows one CPU" },
	{ RULE(CMD_EXPLAIN, UNAVAILABLE, "isolate"), .note = "explain runs a single experiment" },
};

const size_t option_rule_count = ARRAY_SIZE(option_rules);
