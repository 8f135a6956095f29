// SPDX-License-Identifier: GPL-2.0-or-later
/* Comparison of the call trees of several kernels, and text output of documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_path.h"
#include "base/terminal.h"
#include "explain/document.h"

/* One kernel's document; the rest is the tree's children. */
#define KERNEL(name, sum, self, children)						\
	"{'experiment': {'facility': 'page', 'op': 'alloc', 'object_size': 32, 'gfp': 'kernel',"	\
	" 'condition': 'fresh', 'workload': 'batch', 'state': 'steady', 'kernel': '" name "', 'arch': 'amd64',"	\
	" 'objects': 100},"								\
	" 'sum': " #sum ", 'operations': 100, 'operations_on_path': 90,"			\
	" 'total_instructions': 2000, 'interrupt_instructions': 30,"				\
	" 'other_task_instructions': 40,"							\
	" 'clock': {'compared': 99, 'mismatches': 0, 'overhead': 5}, "		\
	" 'memory': {'loads': 7, 'loaded_bytes': 50, 'stores': 1200, 'stored_bytes': 9600,"	\
	" 'cleared_bytes': 64, 'copied_bytes': 8, 'cache_lines': 9, 'pages': 3},"	\
	" 'tree': " NODE("alloc", self, sum, children) "}"
#define NODE(name, self, total, children)						\
	"{'name': '" name "', 'kind': 'call', 'self': " #self ", 'total': " #total ","		\
	" 'calls': 1, 'children': [" children "]}"

static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	for (char *quote = strchr(copy, '\''); quote; quote = strchr(quote, '\''))
		*quote = '"';
	json = json_loads(copy, 0, NULL);
	free(copy);
	assert_non_null(json);
	return json;
}

/* The same function with another cost, called from elsewhere, and under another suffix. */
static json_t *diff_document(void)
{
	json_t *kernels = parse("["
		KERNEL("5.10", 10, 1, NODE("outer", 3, 9, NODE("inner.isra.0", 6, 6, ""))) ","
		KERNEL("6.1", 20, 2, NODE("outer", 3, 15, NODE("inner", 12, 12, "")) ","
				     NODE("inner_noprof", 3, 3, "")) ","
		KERNEL("6.12", 4, 1, NODE("tail", 3, 3, "")) "]");
	json_t *document = explain_diff_document(kernels);

	json_decref(kernels);
	return document;
}

static void check_figures(const json_t *array, json_int_t first, json_int_t second,
			  json_int_t third)
{
	assert_int_equal(json_array_size(array), 3);
	assert_int_equal(json_integer_value(json_array_get(array, 0)), first);
	assert_int_equal(json_integer_value(json_array_get(array, 1)), second);
	assert_int_equal(json_integer_value(json_array_get(array, 2)), third);
}

static const json_t *child_at(const json_t *node, size_t index)
{
	return json_array_get(json_at(node, "children"), index);
}

static void test_merged_tree(void **state)
{
	json_t *document = diff_document();
	const json_t *tree = json_at(document, "tree");

	(void)state;
	assert_string_equal(json_str(tree, "name", ""), "alloc");
	check_figures(json_at(tree, "self"), 1, 2, 1);
	check_figures(json_at(tree, "total"), 10, 20, 4);
	check_figures(json_at(child_at(tree, 0), "self"), 3, 3, 0);
	check_figures(json_at(child_at(child_at(tree, 0), 0), "self"), 6, 12, 0);
	assert_string_equal(json_str(child_at(tree, 1), "name", ""), "inner");
	check_figures(json_at(child_at(tree, 1), "self"), 0, 3, 0);
	check_figures(json_at(child_at(tree, 2), "self"), 0, 0, 3);
	json_decref(document);
}

/* The changes of all functions add up to the change of the sum. */
static void test_functions(void **state)
{
	json_t *document = diff_document();
	const json_t *functions = json_at(document, "differences");
	json_int_t changes[2] = { 0 };

	(void)state;
	assert_int_equal(json_array_size(functions), 4);
	assert_string_equal(json_str(json_array_get(functions, 0), "name", ""), "inner");
	check_figures(json_at(json_array_get(functions, 0), "self"), 6, 15, 0);
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 2; j++)
			changes[j] += json_integer_value(json_array_get(
				json_at(json_array_get(functions, i), "changes"), j));
	assert_int_equal(changes[0], 10);
	assert_int_equal(changes[1], -6);
	json_decref(document);
}

static void check_text(const json_t *document, void (*print)(const json_t *document, FILE *out),
		       const char *expected)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(document, out);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

/* A line has a count of each kernel; functions that no kernel executed have none. */
static void test_diff_folded(void **state)
{
	json_t *kernels = parse("["
		KERNEL("5.10", 10, 0, NODE("outer", 4, 10, NODE("inner", 6, 6, ""))) ","
		KERNEL("6.1", 7, 0, NODE("outer", 4, 7, NODE("tail", 3, 3, ""))) "]");
	json_t *document = explain_diff_document(kernels);

	(void)state;
	check_text(document, explain_print_folded,
		   "alloc;outer 4 4\n"
		   "alloc;outer;inner 6 0\n"
		   "alloc;outer;tail 0 3\n");
	json_decref(document);
	json_decref(kernels);
}

static void test_diff_text(void **state)
{
	json_t *document = diff_document();

	(void)state;
	check_text(document, explain_print_diff,
		   "page, alloc of 32 bytes, gfp kernel, workload batch, state steady\n"
		   "\n"
		   "1: Linux 5.10, amd64\n"
		   "2: Linux 6.1, amd64\n"
		   "3: Linux 6.12, amd64\n"
		   "\n"
		   "Instructions by function\n"
		   "function                       1   2  2 - 1  3  3 - 1\n"
		   "inner                          6  15     +9  0     -6\n"
		   "outer                          3   3     +0  0     -3\n"
		   "tail                           0   0     +0  3     +3\n"
		   "alloc                          1   2     +1  1     +0\n"
		   "functions with equal cost      0   0     +0  0     +0\n"
		   "sum (agrees with the clocks)  10  20    +10  4     -6\n"
		   "\n"
		   "Instructions by call\n"
		   "function                       1   2  2 - 1  3  3 - 1\n"
		   "alloc                          1   2     +1  1     +0\n"
		   "  outer                        3   3     +0  0     -3\n"
		   "    inner                      6  12     +6  0     -6\n"
		   "  inner                        0   3     +3  0     +0\n"
		   "  tail                         0   0     +0  3     +3\n"
		   "sum (agrees with the clocks)  10  20    +10  4     -6\n");
	json_decref(document);
}

/* Locales without block characters have bars of "#". */
static void test_ascii_bars(void **state)
{
	json_t *document = parse(KERNEL("6.1", 20, 2, NODE("outer", 18, 18, "")));
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	setenv("LC_ALL", "C", 1);
	terminal_setup(NULL);
	explain_print_tree(document, out);
	fclose(out);
	assert_non_null(strstr(text, "  #######  "));
	for (size_t i = 0; i < size; i++)
		assert_true(text[i] > 0);
	setenv("LC_ALL", "C.UTF-8", 1);
	terminal_setup(NULL);
	free(text);
	json_decref(document);
}

static void test_tree_text(void **state)
{
	json_t *document = parse(KERNEL("6.1", 20, 2, NODE("outer", 18, 18, "")));
	json_t *paths = parse("[{'share': 0.9, 'count': 90, 'instructions': 20, 'through': null},"
			      " {'share': 0.1, 'count': 10, 'instructions': 20, 'through': 'slow'}]");

	(void)state;
	json_object_set_new(document, "paths", paths);
	check_text(document, explain_print_tree,
		   "page, alloc of 32 bytes, gfp kernel, workload batch, state steady\n"
		   "Linux 6.1, amd64, emulated by QEMU; 20 instructions, 90 of 100 operations took this path\n"
		   "\n"
		   "function  total  self  self      calls  loads  bytes  stores  bytes\n"
		   "alloc        20     2  ▊             1      0      0       0      0\n"
		   "  outer      18    18  ███████▎      1      0      0       0      0\n"
		   "\n"
		   "Memory: 7 loads of 50 bytes, 1,200 stores of 9,600 bytes; 9 cache lines and 3 pages touched\n"
		   "String instructions cleared 64 bytes and copied 8\n"
		   "\n"
		   "  share  count  instructions  path\n"
		   "90.00 %     90            20  most frequent\n"
		   "10.00 %     10            20  through slow\n"
		   "\n"
		   "Sum: 2,000 instructions in 100 operations, 30 in interrupts, 40 in the kernel for other tasks\n"
		   "Clock: agrees to the instruction in 99 operations; 1 not compared (the CPU was idle or in user mode, or an "
		   "interrupt hit the clock)\n"
		   "       (net of 5 instructions for reading the clock)\n");
	json_decref(document);
}

/* The sum of all operations; calls below 1/500 share a row. */
static void test_all_text(void **state)
{
	json_t *document = parse(KERNEL("6.1", 2000, 984,
		NODE("large", 1000, 1003, NODE("only", 3, 3, "")) ","
		NODE("small", 2, 3, NODE("tiny", 1, 1, "")) "," NODE("other", 4, 4, "") ","
		NODE("next", 6, 6, "") "," NODE("last", 3, 3, "")));
	json_t *experiment = json_object_get(document, "experiment");
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	json_object_set_new(experiment, "state", json_string("all"));
	json_object_set_new(experiment, "condition", json_string("low"));
	explain_print_tree(document, out);
	fclose(out);
	assert_non_null(strstr(text, "workload batch, condition low, state all\n"
		"Linux 6.1, amd64, emulated by QEMU; 2,000 instructions in 100 operations, 20.0 on average\n"));
	assert_non_null(strstr(text, "\n  large     1,003  1,000  ████      1 "));
	assert_non_null(strstr(text, "\n    only        3      3            1 "));
	assert_non_null(strstr(text, "\n  (2 more)      6      6            3 "));
	assert_non_null(strstr(text, "\n  other         4      4            1 "));
	assert_null(strstr(text, "tiny"));
	assert_non_null(strstr(text, "9 cache lines and 3 pages touched, counted again in each operation\n"));
	free(text);
	json_decref(document);
}

/* A CPU without published cycles has no error, which is said. */
static void test_cycle_errors(void **state)
{
	json_t *document = parse(KERNEL("6.1", 20, 2, ""));
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	json_object_set_new(document, "modelled_cycles", parse(
		"[{'cpu': 'haswell', 'cycles': 30.5, 'mean_absolute_error': {'percent': 64.06, 'figures': 5}},"
		" {'cpu': 'znver3', 'cycles': 20, 'mean_absolute_error': null}]"));
	explain_print_tree(document, out);
	fclose(out);
	assert_non_null(strstr(text, "    30.5      20.0  sum\n"
				     "  64.1 %   unknown  mean absolute error against published cycles\n"));
	free(text);
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merged_tree),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_diff_folded),
		cmocka_unit_test(test_diff_text),
		cmocka_unit_test(test_ascii_bars),
		cmocka_unit_test(test_tree_text),
		cmocka_unit_test(test_all_text),
		cmocka_unit_test(test_cycle_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
