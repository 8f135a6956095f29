#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab check: each wrong solution of the exercise gets its verdict, and right modules get none.
. tests/kmemlab.sh

solution=tests/vm/check/studio.c

# Print the number of the line with this code in the solution.
line_of() {
	grep -n -F -e "$1" "$solution" | head -n 1 | cut -d: -f1
}

# Write the solution with one fault. Its name is that of the fault in lower case.
write_faulty() {
	sed "s/^#define RIGHT\$/#define $1/" "$solution" >"$scratch/$(echo "$1" | tr A-Z a-z).c"
}

# check_faulty OPTIONS FAULT...: check the solutions with these faults.
check_faulty() {
	options=$1
	shift
	sources=
	for fault; do
		write_faulty "$fault"
		sources="$sources $scratch/$(echo "$fault" | tr A-Z a-z).c"
	done
	# shellcheck disable=SC2086
	run check $sources --exercise studio --cycles "$cycles" --jobs 2 --csv "$scratch/csv" $options
}

# finds FAULT TITLE [CODE]: the fault has this failure, at the line with the code.
finds() {
	name=$(echo "$1" | tr A-Z a-z)
	place=$name.c:${3:+$(line_of "$3")}
	ok "check: $name is reported as '$2'${3:+ at its line}" \
		grep -q "^$scratch/$name.c,[a-z ]*,$2,${3:+$place,}" "$scratch/csv"
}

# finds_nothing_else FAULT COUNT
finds_nothing_else() {
	name=$(echo "$1" | tr A-Z a-z)
	ok "check: $name has $2 kinds of failures" \
		is "$(grep "^$scratch/$name.c," "$scratch/csv" | cut -d, -f3 | sort -u | wc -l)" "$2"
}

write_hello "$scratch" hello
run check "$scratch/hello.c"
ok "check: a module that does nothing is right" is "$status" 0
ok "check: a right module has no failures" is "$(grep -c . "$scratch/out")" 1

# Functions that free late, in bulk, in parts or from another task
cp tests/vm/check/innocent.c "$scratch"
for fault in PROC_LEFT VMALLOC_LEFT PERCPU_LEFT OBJECT_TWICE QUEUE_LEFT; do
	sed "s/^#define RIGHT\$/#define $fault/" tests/vm/check/innocent.c \
		>"$scratch/$(echo "$fault" | tr A-Z a-z).c"
done
run check "$scratch/innocent.c"
ok "check: a module that allocates and frees in many ways is right" is "$status" 0
solution=tests/vm/check/innocent.c
run check "$scratch/proc_left.c" "$scratch/vmalloc_left.c" "$scratch/percpu_left.c" \
	"$scratch/object_twice.c" "$scratch/queue_left.c" --jobs 2 --csv "$scratch/csv"
finds PROC_LEFT "something left behind"
finds VMALLOC_LEFT "memory never freed" "area = vmalloc(100000);"
finds_nothing_else VMALLOC_LEFT 1
finds PERCPU_LEFT "memory never freed" "counters = alloc_percpu(int);"
finds_nothing_else PERCPU_LEFT 1
finds OBJECT_TWICE "freed twice"
finds_nothing_else OBJECT_TWICE 1
finds QUEUE_LEFT "resources never released" 'queue = alloc_workqueue("innocent", WQ_UNBOUND, 1);'
solution=tests/vm/check/studio.c

cycles=2
check_faulty "" RIGHT
ok "check: a right solution of the exercise is right" is "$status" 0
ok "check: the right solution has one row" is "$(wc -l <"$scratch/csv")" 2

cycles=1
check_faulty "" NO_NULL_CHECK BUSY_SCHEDULE NO_FREE FREE_ORDER_0 WRONG_INDEX ELEMENT_TOO_MANY
ok "check: exit status 1 if modules are wrong" is "$status" 1
finds BUSY_SCHEDULE "busy while idle" "		schedule();"
finds_nothing_else BUSY_SCHEDULE 1
finds NO_FREE "pages never freed" "pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);"
finds_nothing_else NO_FREE 1
finds FREE_ORDER_0 "freed with another order" \
	"pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);"
finds_nothing_else FREE_ORDER_0 1
finds WRONG_INDEX "wrong values"
finds_nothing_else WRONG_INDEX 1
ok "check: equal failures are counted" out_has "^1 of 6: wrong values$"
finds NO_NULL_CHECK "no NULL check"
finds_nothing_else NO_NULL_CHECK 1
finds ELEMENT_TOO_MANY "writes beyond the last struct"
finds_nothing_else ELEMENT_TOO_MANY 1

check_faulty "--param nr_structs=300" BUSY_LOOP PAGES_AS_ORDER_LOST FREE_TWICE SLEEP_IN_SPINLOCK \
	NO_STOP ONE_TOO_MANY PAGES_AS_ORDER PAGES_DOWN PER_PAGE_512 VA_OF_PFN MSLEEP_IN_SPINLOCK RETURNS
finds PAGES_AS_ORDER_LOST "page count as order" \
	"pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, nr_pages);"
finds PAGES_AS_ORDER_LOST "freed with another order"
finds FREE_TWICE "freed twice"
finds_nothing_else FREE_TWICE 1
finds SLEEP_IN_SPINLOCK "sleeps in atomic context" "kfree(kmalloc(100, GFP_KERNEL));"
finds_nothing_else SLEEP_IN_SPINLOCK 1
finds NO_STOP "thread never stopped"
finds ONE_TOO_MANY "writes beyond the last struct"
finds_nothing_else ONE_TOO_MANY 1
finds PAGES_AS_ORDER "page count as order" \
	"pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, nr_pages);"
finds PAGES_DOWN "too few pages" "pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);"
finds PER_PAGE_512 "too few pages" "pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);"
finds VA_OF_PFN "frame number as address"
finds MSLEEP_IN_SPINLOCK "sleeps in atomic context" "msleep(20);"
# The kernel crashes, or its reference counter warns.
ok "check: returns is reported as a thread that is gone" grep -q \
	"^$scratch/returns.c,[a-z ]*,\(thread has ended already\|uses something that is gone\)," \
	"$scratch/csv"
finds BUSY_LOOP "busy loop"

# A value that is refused is a note, and what its load leaves behind a failure.
check_faulty "--param nr_structs=0,16777216" ERROR_PATH_LEAK ZERO_FORGOTTEN
finds ERROR_PATH_LEAK "leak on the error path" "note = kmalloc(64, GFP_KERNEL);"
finds_nothing_else ERROR_PATH_LEAK 1
ok "check: a refused value is noted" out_has "Note: does not load with nr_structs=16777216: "
finds ZERO_FORGOTTEN "invalid address"

# Other architectures read the values, name the lines and follow memory in their own ways.
for target in "--arch arm64" "--arch armhf"; do
	check_faulty "--param nr_structs=300 $target" RIGHT NO_FREE WRONG_INDEX ONE_TOO_MANY
	ok "check $target: a right solution is right" grep -q "/right.c,right,,," "$scratch/csv"
	finds NO_FREE "pages never freed" "pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);"
	finds_nothing_else NO_FREE 1
	finds WRONG_INDEX "wrong values"
	finds ONE_TOO_MANY "writes beyond the last struct"
done

# Stacks on ARM lack the caller of kmalloc(), and an address that is wrong wraps around.
check_faulty "--param nr_structs=0,16777216 --arch armhf" ERROR_PATH_LEAK ZERO_FORGOTTEN
finds ERROR_PATH_LEAK "leak on the error path" "note = kmalloc(64, GFP_KERNEL);"
finds ZERO_FORGOTTEN "too many pages" "pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);"

# A module that uses another one
mkdir "$scratch/two"
cat >"$scratch/two/first.c" <<'END'
#include <linux/module.h>
int first_call(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(first_call);
MODULE_LICENSE("GPL");
END
cat >"$scratch/two/second.c" <<'END'
#include <linux/module.h>
int first_call(void);
static int __init second_init(void)
{
	return first_call();
}
module_init(second_init);
MODULE_LICENSE("GPL");
END
echo "obj-m := first.o second.o" >"$scratch/two/Kbuild"
run check "$scratch/two"
ok "check: a module that needs another one is not checked" is "$status" 125
ok "check: the missing symbol is named" err_has "Unknown symbol first_call"

write_faulty NO_LICENSE
run check "$scratch/no_license.c"
ok "check: exit status 3 if the module does not build" is "$status" 3
ok "check: a missing license is named" out_has "no MODULE_LICENSE"

# The loop starts before anything is allocated, so the kernel's watchdog must end it.
check_faulty "--param nr_structs=1" INIT_LOOP
finds INIT_LOOP "loading never ends" "cpu_relax();"

ok "check leaves no files or processes" nothing_left
done_testing
