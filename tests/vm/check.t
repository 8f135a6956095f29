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
	run check $sources --exercise studio --cycles 2 --csv "$scratch/csv" $options
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
for fault in PROC_LEFT VMALLOC_LEFT PERCPU_LEFT; do
	sed "s/^#define RIGHT\$/#define $fault/" tests/vm/check/innocent.c \
		>"$scratch/$(echo "$fault" | tr A-Z a-z).c"
done
run check "$scratch/innocent.c"
ok "check: a module that allocates and frees in many ways is right" is "$status" 0
solution=tests/vm/check/innocent.c
run check "$scratch/proc_left.c" "$scratch/vmalloc_left.c" "$scratch/percpu_left.c" \
	--csv "$scratch/csv"
finds PROC_LEFT "something left behind"
finds VMALLOC_LEFT "memory never freed" "area = vmalloc(100000);"
finds_nothing_else VMALLOC_LEFT 1
finds PERCPU_LEFT "memory never freed" "counters = alloc_percpu(int);"
finds_nothing_else PERCPU_LEFT 1
solution=tests/vm/check/studio.c

check_faulty "" RIGHT
ok "check: a right solution of the exercise is right" is "$status" 0
ok "check: the right solution has one row" is "$(wc -l <"$scratch/csv")" 2

check_faulty "" BUSY_SCHEDULE NO_FREE FREE_ORDER_0 WRONG_INDEX
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
ok "check: equal failures are counted" out_has "^1 of 4: wrong values$"

check_faulty "--param nr_structs=300" PAGES_AS_ORDER_LOST FREE_TWICE SLEEP_IN_SPINLOCK NO_STOP
finds PAGES_AS_ORDER_LOST "page count as order" \
	"pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, nr_pages);"
finds PAGES_AS_ORDER_LOST "freed with another order"
finds FREE_TWICE "freed twice"
finds_nothing_else FREE_TWICE 1
finds SLEEP_IN_SPINLOCK "sleeps in atomic context" "kfree(kmalloc(100, GFP_KERNEL));"
finds_nothing_else SLEEP_IN_SPINLOCK 1
finds NO_STOP "thread never stopped"

write_faulty NO_LICENSE
run check "$scratch/no_license.c"
ok "check: exit status 3 if the module does not build" is "$status" 3
ok "check: a missing license is named" out_has "no MODULE_LICENSE"

# The loop starts before anything is allocated, so the kernel's watchdog must end it.
check_faulty "--param nr_structs=1" INIT_LOOP
finds INIT_LOOP "loading never ends" "cpu_relax();"

ok "check leaves no files or processes" nothing_left
done_testing
