// SPDX-License-Identifier: GPL-2.0-or-later
/* Trees side by side: what each function accounts for. */
#include "recording.h"

#include "explain/alignment.h"

static void check_aligned(const struct aligned *aligned, const char *name, uint64_t first,
			  uint64_t second, uint64_t third)
{
	assert_string_equal(aligned->name, name);
	assert_int_equal(aligned->self[0], first);
	assert_int_equal(aligned->self[1], second);
	assert_int_equal(aligned->self[2], third);
}

/* Three trees: the same function called more often, and one that is called from elsewhere. */
static void test_alignment(void **state)
{
	static const struct line one[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), CALL(0x1101), NOPS(0x1200, 3), RET(0x1201),
		RET(0x1106), CLOCK_END };
	static const struct line two[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), CALL(0x1101), NOPS(0x1200, 9), RET(0x1201),
		RET(0x1106), CALL(0x1025), NOPS(0x1200, 2), RET(0x1201), CLOCK_END };
	static const struct line three[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1300), RET(0x1301), CLOCK_END };
	struct symbols symbols[3] = { 0 };
	struct call_tree trees[3] = { TREE_OF(one, &symbols[0]), TREE_OF(two, &symbols[1]),
				      TREE_OF(three, &symbols[2]) };
	const struct node *roots[] = { trees[0].root, trees[1].root, trees[2].root };
	struct aligned *tree = align_trees(roots, 3), *functions = align_functions(tree, 3);
	int64_t changes[3] = { 0 };

	(void)state;
	check_aligned(tree, "module_alloc_n", 1, 2, 1);
	check_aligned(tree->first, "outer", 3, 3, 0);
	check_aligned(tree->first->first, "inner", 4, 10, 0);
	check_aligned(tree->first->next, "inner", 0, 3, 0);
	check_aligned(tree->first->next->next, "tail", 0, 0, 2);
	assert_false(aligned_same(tree, 3));
	check_aligned(functions->first, "inner", 4, 13, 0);
	check_aligned(functions->first->next, "outer", 3, 3, 0);
	for (const struct aligned *line = functions->first; line; line = line->next)
		for (size_t side = 0; side < 3; side++)
			changes[side] += aligned_change(line, side);
	for (size_t side = 0; side < 3; side++) {
		assert_int_equal(changes[side], (int64_t)(trees[side].instructions -
							  trees[0].instructions));
		assert_int_equal(tree->total[side], trees[side].instructions);
	}
	aligned_release(functions);
	aligned_release(tree);
	for (size_t side = 0; side < 3; side++) {
		call_tree_release(&trees[side]);
		symbols_release(&symbols[side]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
