// SPDX-License-Identifier: GPL-2.0
#include "test_hooks.h"

#ifdef KMEMLAB_TEST_HOOKS

#include <linux/module.h>
#include <linux/string.h>

static char *corrupt = "";
module_param(corrupt, charp, 0444);
MODULE_PARM_DESC(corrupt, "what is corrupted once: translation, object, frame or memory");

static int corrupt_after;
module_param(corrupt_after, int, 0444);
MODULE_PARM_DESC(corrupt_after, "how many such chances are left alone first");

bool kmemlab_corrupts(const char *what)
{
	static int chances;

	return !strcmp(corrupt, what) && chances++ == corrupt_after;
}

#endif
