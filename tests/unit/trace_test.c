// SPDX-License-Identifier: GPL-2.0-or-later
/* Traces that are too long, cut off or damaged. */
#include "recording.h"

static void test_limit(void **state)
{
	static const struct line lines[] = { CLOCK_BEGIN, NOP(0x1020), CLOCK_END };
	struct operation operation = { 0 };
	struct recording r;
	struct trace trace;
	char *error;

	(void)state;
	recording_open(&r);
	r.recorder.limit = 3000;
	for (int i = 0; i < 100; i++)
		record(&r, lines, sizeof(lines) / sizeof(*lines));
	recording_close(&r);
	assert_true(r.size <= 3000 + sizeof(struct trace_event));
	assert_null(trace_begin(&trace, r.data, r.size));
	while (trace_next(&trace, &operation, &error))
		;
	assert_null(error);
	assert_true(trace.limited);
	operation_release(&operation);
	trace_end(&trace);
	free(r.data);
}

/* Cut off anywhere, or with any byte changed: an error, or fewer operations, never more. */
static void test_damage(void **state)
{
	static const struct line lines[] = { CLOCK_BEGIN, NOPS(0x1200, 3), CLOCK_END };
	struct operation operation = { 0 };
	struct recording r;
	struct trace trace;
	char *error;

	(void)state;
	recording_open(&r);
	record(&r, lines, sizeof(lines) / sizeof(*lines));
	recording_close(&r);
	for (size_t i = 0; i < 2 * r.size; i++) {
		size_t size = i < r.size ? i : r.size;
		char kept = r.data[i % r.size];

		if (i >= r.size)
			r.data[i - r.size] ^= 0x55;
		error = trace_begin(&trace, r.data, size);
		while (!error && trace_next(&trace, &operation, &error))
			assert_true(operation.step_count < 100);
		if (i < r.size)
			assert_non_null(error);
		free(error);
		trace_end(&trace);
		r.data[i % r.size] = kept;
	}
	operation_release(&operation);
	free(r.data);
}

/* The CPU itself accesses memory when it takes an interrupt, perhaps before any instruction. */
static void test_access_by_nobody(void **state)
{
	static const struct line lines[] = { CLOCK_BEGIN, NOP(0x1020), CLOCK_END };
	struct operation operation = { 0 };
	struct recording r;
	struct trace trace;
	char *error;

	(void)state;
	recording_open(&r);
	record(&r, lines, sizeof(lines) / sizeof(*lines));
	recorder_begin(&r.recorder, 0, KMEMLAB_MARK_ALLOC);
	recorder_accessed(&r.recorder, 0, true, 3, 0x5000);
	record_lines(&r, lines, sizeof(lines) / sizeof(*lines));
	recorder_done(&r.recorder, 0);
	recording_close(&r);
	assert_null(trace_begin(&trace, r.data, r.size));
	for (int i = 0; i < 2; i++) {
		assert_true(trace_next(&trace, &operation, &error));
		assert_int_equal(operation.step_count, sizeof(lines) / sizeof(*lines));
		assert_int_equal(operation.access_count, 0);
	}
	operation_release(&operation);
	trace_end(&trace);
	free(r.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_access_by_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
