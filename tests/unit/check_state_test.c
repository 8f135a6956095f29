// SPDX-License-Identifier: GPL-2.0-or-later
/* Names that are in one list of the kernel's names, or in two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/array_size.h"
#include "runner/check_state.h"

static struct state copy_entries(const struct state_entry *entries, size_t count)
{
	struct state state = { .entries = calloc(count, sizeof(*entries)), .count = count };

	assert_non_null(state.entries);
	memcpy(state.entries, entries, count * sizeof(*entries));
	return state;
}

static void test_filter(void **state)
{
	const struct state_entry entries[] = {
		{ .kind = STATE_CACHE, .name = "old" }, { .kind = STATE_CACHE, .name = "new" },
		{ .kind = STATE_DEV, .name = "old" }, { .kind = STATE_THREAD, .name = "old", .pid = 80 },
		{ .kind = STATE_THREAD, .name = "old", .pid = 81, .cpu_ns = 5 },
	};
	const struct state_entry known[] = {
		{ .kind = STATE_CACHE, .name = "old" }, { .kind = STATE_CACHE, .name = "other" },
		{ .kind = STATE_THREAD, .name = "old", .pid = 81, .cpu_ns = 9 },
	};
	struct state left = copy_entries(entries, ARRAY_SIZE(entries)),
		     kept = copy_entries(entries, ARRAY_SIZE(entries)),
		     other = copy_entries(known, ARRAY_SIZE(known));

	(void)state;
	state_filter(&left, &other, false);
	assert_int_equal(left.count, 3);
	assert_string_equal(left.entries[0].name, "new");
	assert_int_equal(left.entries[1].kind, STATE_DEV);
	assert_int_equal(left.entries[2].pid, 80);
	state_filter(&kept, &other, true);
	assert_int_equal(kept.count, 2);
	assert_string_equal(kept.entries[0].name, "old");
	assert_int_equal(kept.entries[1].pid, 81);
	state_release(&left);
	state_release(&kept);
	state_release(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_filter) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
