// SPDX-License-Identifier: GPL-2.0-or-later
/* Source lines of a module: names of files and of the guest are never commands of the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/files.h"
#include "base/memory.h"
#include "lib/array_size.h"
#include "vm/module_lines.h"

static char folder[] = "/tmp/kmemlab-lines-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	return chdir(folder);
}

static int tear_down(void **state)
{
	(void)state;
	return directory_remove(folder);
}

/* Look up a place in a module of this name. */
static void look_up(char *path, const char *place)
{
	struct kernel kernel = { .directory = folder };
	struct module_lines lines = {
		.kernel = &kernel, .path = path, .symbols = "", .toolchain = { .prefix = "" },
	};
	cleanup_free char *line = module_line(&lines, place, false);

	(void)line;
	assert_false(file_exists("created"));
}

static void test_commands(void **state)
{
	static char plain[] = "./demo.ko", command[] = "./a$(touch created).ko";
	static char quoted[] = "./a';touch created;'.ko";

	(void)state;
	look_up(command, ".text+0x1");
	look_up(quoted, ".text+0x1");
	look_up(plain, ".a;touch${IFS}created;+0x1");
	look_up(plain, ".a\ntouch created\n+0x1");
}

static void test_place(void **state)
{
	static const char *const texts[] = {
		"RIP: 0010:f.part.0+0x12/0x50 [demo]", "\n  kfree+0x1/0x9\n  f.part.0+0x12/0x50 [demo]\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cleanup_free char *place = module_place("demo", texts[i]);

		assert_string_equal(place, "f.part.0+0x12");
		assert_null(module_place("dem", texts[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands), cmocka_unit_test(test_place),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
