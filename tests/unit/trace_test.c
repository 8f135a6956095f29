// SPDX-License-Identifier: GPL-2.0-or-later
/* Traces that exceed the size limit, are truncated or damaged. */
#include "recording.h"

static void test_size_limit(void **state)
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
		record(&r, lines, ARRAY_SIZE(lines));
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

/* A truncated trace is an error; a changed byte never yields a longer operation. */
static void test_damaged_trace(void **state)
{
	static const struct line lines[] = { CLOCK_BEGIN, NOPS(0x1200, 3), CLOCK_END };
	struct operation operation = { 0 };
	struct recording r;
	struct trace trace;
	char *error;

	(void)state;
	recording_open(&r);
	record(&r, lines, ARRAY_SIZE(lines));
	recording_close(&r);
	for (size_t i = 0; i < 2 * r.size; i++) {
		size_t size = i < r.size ? i : r.size;
		char original = r.data[i % r.size];

		if (i >= r.size)
			r.data[i - r.size] ^= 0x55;
		error = trace_begin(&trace, r.data, size);
		while (!error && trace_next(&trace, &operation, &error))
			assert_true(operation.step_count < 100);
		if (i < r.size)
			assert_non_null(error);
		free(error);
		trace_end(&trace);
		r.data[i % r.size] = original;
	}
	operation_release(&operation);
	free(r.data);
}

/* Accesses of zero or too many bytes would make the counting of cache lines endless. */
static void test_invalid_access(void **state)
{
	static const struct line lines[] = { CLOCK_BEGIN, STORE(0x1020, 0x7654321), CLOCK_END };
	static const struct {
		uint32_t count;
		uint8_t size_shift;
	} invalid[] = { { 0, 3 }, { 1, 7 }, { UINT32_MAX, 3 } };
	const uint64_t address = 0x7654321;
	struct operation operation = { 0 };
	struct trace_access item;
	struct recording r;
	struct trace trace;
	char *place, *error;

	(void)state;
	recording_open(&r);
	record(&r, lines, ARRAY_SIZE(lines));
	recording_close(&r);
	place = memmem(r.data, r.size, &address, sizeof(address));
	assert_non_null(place);
	place -= offsetof(struct trace_access, address);
	memcpy(&item, place, sizeof(item));
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		item.count = invalid[i].count;
		item.size_shift = invalid[i].size_shift;
		memcpy(place, &item, sizeof(item));
		assert_null(trace_begin(&trace, r.data, r.size));
		assert_false(trace_next(&trace, &operation, &error));
		assert_string_equal(error, "the trace has an invalid access");
		free(error);
		trace_end(&trace);
	}
	operation_release(&operation);
	free(r.data);
}

/* When it takes an interrupt the CPU accesses memory, possibly before the first instruction. */
static void test_access_without_instruction(void **state)
{
	static const struct line lines[] = { CLOCK_BEGIN, NOP(0x1020), CLOCK_END };
	struct operation operation = { 0 };
	struct recording r;
	struct trace trace;
	char *error;

	(void)state;
	recording_open(&r);
	record(&r, lines, ARRAY_SIZE(lines));
	recorder_begin(&r.recorder, 0, KMEMLAB_MARK_ALLOC);
	recorder_accessed(&r.recorder, 0, true, 3, 0x5000);
	record_lines(&r, lines, ARRAY_SIZE(lines));
	recorder_done(&r.recorder, 0);
	recording_close(&r);
	assert_null(trace_begin(&trace, r.data, r.size));
	for (int i = 0; i < 2; i++) {
		assert_true(trace_next(&trace, &operation, &error));
		assert_int_equal(operation.step_count, ARRAY_SIZE(lines));
		assert_int_equal(operation.access_count, 0);
	}
	operation_release(&operation);
	trace_end(&trace);
	free(r.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_damaged_trace),
		cmocka_unit_test(test_invalid_access),
		cmocka_unit_test(test_access_without_instruction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
