// SPDX-License-Identifier: GPL-2.0-or-later
/* Modelled cycles of an operation. */
#include "recording.h"

#include "base/files.h"
#include "explain/analysis.h"

#define PUSH(address)	CODE(address, "\x41\x54")	/* push %r12 */
#define POP(address)	CODE(address, "\x41\x5c")	/* pop %r12 */
#define LOCK_INC(address) CODE(address, "\xf0\xff\x00")

static struct cycle_input *input_of(const struct line *lines, size_t count, const char *cpu)
{
	struct cycle_input *input = calloc(1, sizeof(*input));
	struct sample *list = calloc(2, sizeof(*list));
	struct samples samples = { .list = list, .count = 2 };
	struct analysis analysis = { 0 };
	struct recording r;
	struct trace trace;

	recording_open(&r);
	for (int i = 0; i < 2; i++)
		record(&r, lines, count);
	recording_close(&r);
	cycle_input_add(input, cycle_cpu_find(cpu, NULL));
	assert_null(symbols_add_kernel(&analysis.symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_run(&analysis, &trace, &samples, NULL));
	trace_end(&trace);
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_take_blocks(&analysis, STATE_STEADY, &trace, input));
	trace_end(&trace);
	analysis_release(&analysis);
	free(list);
	free(r.data);
	return input;
}

static struct cycle_estimate estimate_of(const struct line *lines, size_t count, const char *cpu)
{
	struct cycle_input *input = input_of(lines, count, cpu);
	struct cycle_estimate estimate;

	assert_null(cycle_estimate(&estimate, input, 0));
	cycle_input_release(input);
	free(input);
	return estimate;
}

#define ESTIMATE(lines, cpu) estimate_of(lines, ARRAY_SIZE(lines), cpu)

static bool is_near(double value, double expected)
{
	return value > expected - 0.05 && value < expected + 0.05;
}

static void test_weights(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, NOP(0x1030), LOCK_INC(0x1031), LOCK_INC(0x1034),
		{ 0x1037, "\xfa", 1, 1, 0, 0 }, CODE(0x1038, "\x0f\x01\xf8"), CLOCK_END
	};
	struct cycle_estimate estimate = ESTIMATE(lines, "haswell");

	(void)state;
	assert_int_equal(estimate.named_count, 3);
	assert_string_equal(estimate.named[0].name, "lock inc");
	assert_int_equal(estimate.named[0].count, 2);
	assert_true(is_near(estimate.named[0].cycles, 2 * 19));
	assert_non_null(estimate.named[0].source);
	assert_string_equal(estimate.named[1].name, "cli");
	assert_string_equal(estimate.named[2].name, "swapgs");
	assert_null(estimate.named[2].source);		/* no weight: named, and not guessed */
	assert_true(is_near(estimate.weights, 2 * 19 + 3.5));
	assert_int_equal(estimate.pipeline_instructions, 1);
	assert_true(is_near(estimate.total, estimate.pipeline + estimate.weights));
	assert_true(is_near(ESTIMATE(lines, "znver3").weights, 2 * 8));
}

/* A string instruction costs its start and its bytes; the second operation has warm caches. */
static void test_string_and_misses(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, REP_STOSQ(0x1200, 64), LOAD(0x1030, 0x9000), CLOCK_END
	};
	struct cycle_input *input = input_of(lines, ARRAY_SIZE(lines), "haswell");
	struct cycle_estimate estimate;

	(void)state;
	assert_null(cycle_estimate(&estimate, input, 0));
	assert_true(is_near(estimate.weights, 35 + 64 * 8 / 32));
	assert_true(is_near(estimate.misses, 0));
	input->missed[0][0] = 2;
	input->missed[0][1] = 1;
	assert_null(cycle_estimate(&estimate, input, 0));
	assert_true(is_near(estimate.misses, 2 * 7 + 23));
	assert_true(is_near(estimate.total, estimate.pipeline + estimate.weights + estimate.misses));
	cycle_input_release(input);
	free(input);
}

/* A CPU executes one push or two pops per cycle; llvm-mca alone has six cycles for each pop. */
static void test_stack(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, PUSH(0x1030), PUSH(0x1032), PUSH(0x1034), PUSH(0x1036),
		POP(0x1038), POP(0x103a), POP(0x103c), POP(0x103e), CLOCK_END
	};
	struct cycle_estimate estimate = ESTIMATE(lines, "haswell");

	(void)state;
	assert_int_equal(estimate.pipeline_instructions, 8);
	assert_true(estimate.pipeline >= 4 && estimate.pipeline < 6);
}

static void test_names(void **state)
{
	char *error = NULL;

	(void)state;
	assert_string_equal(cycle_cpu_find("broadwell", NULL)->name, "broadwell");
	assert_null(cycle_cpu_find("haswel", &error));
	assert_string_equal(error, "unknown CPU 'haswel' (did you mean 'haswell'?)");
	free(error);
	assert_null(cycle_cpu_find("pdp11", &error));
	assert_non_null(strstr(error, "known: haswell, broadwell"));
	free(error);
}

/* A CPU has an error exactly if docs/validation.md compares it with published cycles. */
static void test_errors(void **state)
{
	(void)state;
	assert_non_null(cycle_error_find("haswell"));
	assert_true(cycle_error_find("haswell")->figures > 0);
	assert_null(cycle_error_find("znver3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_string_and_misses),
		cmocka_unit_test(test_stack),
	};
	char *simulator = program_find("llvm-mca");
	size_t count = simulator ? ARRAY_SIZE(tests) : 2;

	free(simulator);
	return _cmocka_run_group_tests("cycles", tests, count, NULL, NULL);
}
