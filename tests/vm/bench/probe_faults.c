// SPDX-License-Identifier: GPL-2.0-only
/* A module that fails in the way that its parameter selects, or prints the KTAP of KUnit. */
#include <linux/module.h>
#include <linux/string.h>

static char *mode = "";
module_param(mode, charp, 0444);

static void print_ktap(bool fails, bool misses)
{
	pr_info("KTAP version 1\n");
	pr_info("1..2\n");
	pr_info("    KTAP version 1\n");
	pr_info("    # Subtest: slub_test\n");
	pr_info("    1..3\n");
	pr_info("    ok 1 test_clobber_zone\n");
	if (misses)
		return;
	pr_info("    # test_next_pointer: EXPECTATION FAILED at lib/slub_kunit.c:1\n");
	pr_info("    %sok 2 test_next_pointer\n", fails ? "not " : "");
	pr_info("    ok 3 test_first_word # SKIP needs CONFIG_X\n");
	pr_info("# slub_test: pass:1 fail:1 skip:1 total:3\n");
	pr_info("%sok 1 slub_test\n", fails ? "not " : "");
	pr_info("ok 2 alone\n");
}

static int __init probe_faults_init(void)
{
	int *volatile nowhere = NULL;

	pr_info("mode '%s'\n", mode);
	if (!strcmp(mode, "hang"))
		for (;;)
			cpu_relax();
	if (!strcmp(mode, "oops"))
		*nowhere = 1;
	if (!strcmp(mode, "taint"))
		WARN(1, "a warning\n");
	if (!strcmp(mode, "lines"))
		pr_info("first\ttab\nsecond \\\n");
	if (!strcmp(mode, "einval"))
		return -EINVAL;
	if (!strncmp(mode, "ktap", 4))
		print_ktap(!strcmp(mode, "ktap_fails"), !strcmp(mode, "ktap_misses"));
	return 0;
}
module_init(probe_faults_init);
MODULE_DESCRIPTION("Module for tests that fails in several ways");
MODULE_LICENSE("GPL");
