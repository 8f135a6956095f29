// SPDX-License-Identifier: GPL-2.0-or-later
/* The state of settings that boot options switch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runner/environment.h"

static void assert_state(const char *name, const char *built, const char *cmdline,
			 const char *state)
{
	struct kmemlab_kernel_config setting = { 0 };

	strcpy(setting.name, name);
	strcpy(setting.value, built);
	kernel_config_read_state(&setting, cmdline);
	assert_string_equal(setting.value, state);
}

static void test_boot_flags(void **state)
{
	(void)state;
	assert_state("hardened_usercopy", "on", "", "on");
	assert_state("hardened_usercopy", "on", "quiet hardened_usercopy=off", "off");
	assert_state("hardened_usercopy", "on", "hardened-usercopy=0 quiet", "off");
	assert_state("hardened_usercopy", "on", "hardened_usercopy=off hardened_usercopy=y", "on");
	assert_state("hardened_usercopy", "on", "hardened_usercopy=", "on");
	assert_state("hardened_usercopy", "on", "hardened_usercopy=maybe", "on");
	assert_state("hardened_usercopy", "on", "no_hardened_usercopy=off", "on");
	assert_state("hardened_usercopy", "off", "hardened_usercopy=on", "off");
	assert_state("kmemleak", "on", "kmemleak=off", "off");
	assert_state("kstack_offset", "on", "randomize_kstack_offset=0", "off");
	assert_state("page_owner", "on", "", "off");
	assert_state("page_owner", "on", "page_owner=on", "on");
	assert_state("page_owner", "off", "page_owner=on", "off");
	assert_state("page_table_check", "on", "", "off");
	assert_state("page_table_check", "on", "page_table_check=1", "on");
}

static void test_boot_words(void **state)
{
	(void)state;
	assert_state("numa", "on", "numa=off", "off");
	assert_state("numa", "on", "numa=fake=4", "on");
	assert_state("memcg", "on", "cgroup.memory=nosocket,nokmem", "nokmem");
	assert_state("memcg", "on", "cgroup.memory=nosocket", "on");
	assert_state("memcg", "off", "cgroup.memory=nokmem", "off");
	assert_state("slub_debug", "on", "slub_debug=FZ,kmalloc-128", "FZ,kmalloc-128");
	assert_state("slub_debug", "on", "slab-debug=P,task_struct quiet", "P,task_struct");
	assert_state("slub_debug", "off", "slub_debug=FZ,kmalloc-128", "off");
	assert_state("rethunk", "on", "numa=off", "on");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot_flags),
		cmocka_unit_test(test_boot_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
