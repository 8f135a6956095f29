// SPDX-License-Identifier: GPL-2.0-or-later
/* Classes of the cache lines that an operation writes. */
#include "recording.h"

#include "explain/operation_stats.h"
#include "explain/written_lines.h"

#define TABLE	0x9900		/* of the bytes that spell the values of an area */

/* The module reads a byte of its table for each byte of the values. */
static void record_area(struct recording *r, int mark, uint64_t kind, uint64_t address,
			uint64_t bytes, const char *name)
{
	uint64_t words[KMEMLAB_AREA_WORDS] = { kind, address, bytes };
	struct translation_block *block = recorder_block(2);

	*array_add(&r->blocks, &r->block_count) = block;
	memcpy(&words[3], name, strlen(name));
	for (size_t i = 0; i < 2; i++)
		block->instructions[i] = (struct instruction) {
			.block = block, .address = BASE + 0x1900 + i, .size = 1, .code = "\x90",
		};
	recorder_begin(&r->recorder, 0, mark);
	for (size_t i = 0; i < sizeof(words); i++) {
		recorder_executed(&r->recorder, 0, &block->instructions[0]);
		recorder_accessed(&r->recorder, 0, false, 0,
				  TABLE + ((const uint8_t *)words)[i]);
		recorder_executed(&r->recorder, 0, &block->instructions[1]);
	}
	recorder_done(&r->recorder, 0);
}

static void record_op(struct recording *r, int mark, const struct line *lines, size_t count)
{
	recorder_begin(&r->recorder, 0, mark);
	record_lines(r, lines, count);
	recorder_done(&r->recorder, 0);
}

/* Add the written lines of the next operation, which has this number of them. */
static void collect(struct written_lines *written, struct trace *trace,
		    struct memory_owners *owners, size_t expected)
{
	struct operation operation = { 0 };
	struct attribution *attributions;
	struct symbols symbols = { 0 };
	uint64_t before = 0, after = 0;
	struct footprint footprint;
	struct call_tree tree;
	char *error;

	assert_true(trace_next(trace, &operation, &error));
	attributions = xcalloc(operation.step_count, sizeof(*attributions));
	assert_null(symbols_add_kernel(&symbols, kallsyms));
	assert_null(call_tree_build(&tree, trace, &operation, &symbols, attributions));
	footprint_collect(&footprint, trace, &operation, attributions, NULL);
	for (size_t i = 0; i < LINE_CLASSES; i++)
		before += written->classes[i];
	written_lines_collect(written, trace, &operation, attributions, owners);
	for (size_t i = 0; i < LINE_CLASSES; i++)
		after += written->classes[i];
	assert_int_equal(after - before, expected);
	assert_int_equal(footprint.written_lines, expected);
	call_tree_release(&tree);
	operation_release(&operation);
	symbols_release(&symbols);
	free(attributions);
}

static void assert_name(const struct written_lines *written, size_t index, const char *name,
			uint64_t lines)
{
	assert_true(index < written->named_count);
	assert_string_equal(written->named[index].name, name);
	assert_int_equal(written->named[index].lines, lines);
}

static void owners_create(struct memory_owners *owners)
{
	json_t *record = json_pack("{s:[[s,i]]}", "per_cpu", "0x30000", 0x1000);

	memory_owners_set_per_cpu(owners, record);
	json_decref(record);
	memory_owners_add_data(owners,
		"0000000000000000 D __per_cpu_start\n0000000000040000 D _sdata\n"
		"0000000000040000 D first_lock\n0000000000040080 T second_lock\n"
		"0000000000041000 B _end\n0000000000050000 d module_data\t[module]\n");
}

static void record_kernel(struct recording *r)
{
	record_area(r, KMEMLAB_MARK_ALLOC, KMEMLAB_AREA_TASK, 0x20000, 0x100, "");
	record_area(r, KMEMLAB_MARK_ALLOC, KMEMLAB_AREA_STACK, 0x20000, 0x1000, "");
	record_area(r, KMEMLAB_MARK_ALLOC, KMEMLAB_AREA_ZONE_LOCK, 0x60040, 4, "Normal");
	record_area(r, KMEMLAB_MARK_ALLOC, KMEMLAB_AREA_ZONE, 0x60000, 0x400, "Normal");
	record_area(r, KMEMLAB_MARK_ALLOC, KMEMLAB_AREA_PAGES, 0x70000, 0x4000, "");
}

#define WRITE_LOCKED(address, where) { address, "\xf0\xff\x00", 3, 1, where, 0 }

/* Each kind of memory; the object is known after it was allocated. */
static void test_classes(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020),
		STORE(0x1100, 0x20ff0), STORE(0x1101, 0x20ff8),	/* stack */
		STORE(0x1102, 0x20010),				/* task */
		STORE(0x1103, 0x30100), LOAD(0x1104, 0x30200),	/* per-CPU, and a read one */
		STORE(0x1105, 0x80000), STORE(0x1106, 0x70040),	/* object and its struct page */
		STORE(0x1107, 0x70080),				/* another struct page */
		WRITE_LOCKED(0x1108, 0x60040), STORE(0x110b, 0x60048),
		STORE(0x110c, 0x60200),				/* zone */
		STORE(0x110d, 0x40090), STORE(0x110e, 0x90000),
		CALL(0x110f), STORE(0x1300, 0x90040), RET(0x1301),
		RET(0x1114), CLOCK_END,
	};
	struct memory_owners owners = { 0 };
	struct written_lines written = { 0 };
	struct recording r;
	struct trace trace;

	(void)state;
	recording_open(&r);
	record_kernel(&r);
	record_op(&r, KMEMLAB_MARK_ALLOC, lines, ARRAY_SIZE(lines));
	record_area(&r, KMEMLAB_MARK_ALLOC, KMEMLAB_AREA_OBJECT, 0x80000, 0x1000, "");
	record_area(&r, KMEMLAB_MARK_ALLOC, KMEMLAB_AREA_OBJECT, 0x70040, 0x40, "");
	record_op(&r, KMEMLAB_MARK_ALLOC, lines, ARRAY_SIZE(lines));
	recording_close(&r);
	owners_create(&owners);
	assert_null(trace_begin(&trace, r.data, r.size));
	collect(&written, &trace, &owners, 11);
	assert_int_equal(written.classes[LINE_STACK], 1);
	assert_int_equal(written.classes[LINE_TASK], 1);
	assert_int_equal(written.classes[LINE_PER_CPU], 1);
	assert_int_equal(written.classes[LINE_OWN], 2);
	assert_int_equal(written.classes[LINE_SHARED], 6);
	assert_int_equal(written.shared_atomic, 1);
	assert_int_equal(written.named_count, 6);
	assert_name(&written, 0, "struct page of other memory", 1);
	assert_name(&written, 1, "zone Normal lock", 1);
	assert_name(&written, 2, "zone Normal", 1);
	assert_name(&written, 3, "second_lock", 1);
	assert_name(&written, 4, "memory written by outer", 1);
	assert_name(&written, 5, "memory written by tail", 1);
	/* The objects of the first allocation are not those of the second one. */
	collect(&written, &trace, &owners, 11);
	assert_int_equal(written.classes[LINE_OWN], 2);
	assert_int_equal(written.classes[LINE_SHARED], 14);
	written_lines_release(&written);
	memory_owners_release(&owners);
	trace_end(&trace);
	free(r.data);
}

/* An object is known before it is freed; a line of two classes is in the more shared one. */
static void test_free_op(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, STORE(0x1020, 0x80008), STORE(0x1021, 0x80030), CLOCK_END,
	};
	struct memory_owners owners = { 0 };
	struct written_lines written = { 0 };
	struct recording r;
	struct trace trace;

	(void)state;
	recording_open(&r);
	for (int i = 0; i < 2; i++) {
		record_area(&r, KMEMLAB_MARK_FREE, KMEMLAB_AREA_OBJECT, 0x80000, i ? 0x40 : 0x20,
			    "");
		record_op(&r, KMEMLAB_MARK_FREE, lines, ARRAY_SIZE(lines));
	}
	recording_close(&r);
	assert_null(trace_begin(&trace, r.data, r.size));
	collect(&written, &trace, &owners, 1);
	assert_int_equal(written.classes[LINE_SHARED], 1);
	assert_name(&written, 0, "memory written by module_alloc_n", 1);
	collect(&written, &trace, &owners, 1);
	assert_int_equal(written.classes[LINE_SHARED], 1);
	assert_int_equal(written.classes[LINE_OWN], 1);
	written_lines_release(&written);
	trace_end(&trace);
	free(r.data);
}

/* A write by an interrupt is not counted; a string instruction writes all lines that it covers. */
static void test_lines(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, NOP(0x1020), STORE(0x1700, 0x90000), IRET(0x1701),
		CALL(0x1021), REP_STOSQ(0x1200, 17), RET(0x1203), CLOCK_END,
	};
	struct memory_owners owners = { 0 };
	struct written_lines written = { 0 };
	struct recording r;
	struct trace trace;

	(void)state;
	recording_open(&r);
	record_op(&r, KMEMLAB_MARK_ALLOC, lines, ARRAY_SIZE(lines));
	recording_close(&r);
	assert_null(trace_begin(&trace, r.data, r.size));
	collect(&written, &trace, &owners, 3);
	assert_name(&written, 0, "memory written by inner", 3);
	written_lines_release(&written);
	trace_end(&trace);
	free(r.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_free_op),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
