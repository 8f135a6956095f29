// SPDX-License-Identifier: GPL-2.0
#include "test_hooks.h"

#ifdef KMEMLAB_TEST_HOOKS

#include <linux/module.h>
#include <linux/string.h>

static char *corrupt = "";
module_param(corrupt, charp, 0444);
MODULE_PARM_DESC(corrupt, "what is corrupted once: translation, object, frame or memory");

bool kmemlab_corrupts(const char *what)
{
	static bool done;

	if (done || strcmp(corrupt, what))
		return false;
	done = true;
	return true;
}

#endif
