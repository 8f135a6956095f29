// SPDX-License-Identifier: GPL-2.0-only
/* A module that warns, or accesses address 0, when it is loaded. */
#include <linux/init.h>
#include <linux/module.h>

static bool oops;
module_param(oops, bool, 0);
MODULE_PARM_DESC(oops, "write to address 0 (default N)");

static int __init faults_init(void)
{
	int *volatile nowhere = NULL;

	pr_info("a piece of information\n");
	pr_err("an error\n");
	WARN(!oops, "a warning\n");
	if (oops)
		*nowhere = 1;
	return 0;
}

static void __exit faults_exit(void)
{
}

module_init(faults_init);
module_exit(faults_exit);
MODULE_DESCRIPTION("Module for tests that warns or oopses");
MODULE_LICENSE("GPL");
