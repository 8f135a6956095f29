#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab exercise: right answers, computed here or read from /proc and from other commands, are
# accepted in each step, and wrong ones are refused.
. tests/kmemlab.sh

folder=$scratch/exercise
exercise() {
	run exercise "$@" --folder "$folder"
}

# task STEP PATTERN: print what the group of the pattern matches in the task.
task() {
	sed -n "s/^# .*$2.*/\1/p" "$folder/$1.txt" | head -n 1
}

# answer STEP NAME VALUE [NAME VALUE]...
answer() {
	step=$1
	shift
	while [ $# -gt 0 ]; do
		sed -i "s/^$1 = .*/$1 = $2/" "$folder/$step.txt"
		shift 2
	done
}

calculate() {
	perl -e 'no warnings "portable"; use POSIX; printf "%d\n", eval $ARGV[0]' "$1"
}

calculate_hex() {
	perl -e 'no warnings "portable"; printf "0x%x\n", eval $ARGV[0]' "$1"
}

# refused STEP NAME TEXT: the answer is wrong, and the reason has this text.
refused() {
	ok "exercise $1: a wrong $2 is explained" out_has "^$2: .* is wrong\. .*$3"
}

# is_right STEP: all answers are right.
is_right() {
	exercise "$1" --check
	ok "exercise $1: right answers are accepted" is "$status" 0
	ok "exercise $1: the step is done" out_has "$1  done"
}

for step in 1 2 3 4 5 6 7 8; do
	exercise "$step" --start
	ok "exercise $step --start: exit status 0" is "$status" 0
done
"$kmemlab" shell -c 'sed -n "s/^KernelPageSize: *//p" /proc/self/smaps | head -n 1
	sed -n "s/^kmalloc-[0-9k]* *[0-9]* *[0-9]* *\([0-9]*\) .*/slot \1/p" /proc/slabinfo' \
	>"$scratch/guest" </dev/null
page_size=$(($(sed -n 's/ kB$//p' "$scratch/guest") * 1024))
# order_of PAGES
order_of() {
	calculate "ceil(log($1) / log(2) - 1e-9)"
}

structs=$(task 1 'stores \([0-9]*\) structs')
pages=$(calculate "ceil($structs / ($page_size / 32))")
answer 1 page_size 4 structs_per_page 512 pages $((pages - 1)) order "$pages"
exercise 1 --check
ok "exercise 1: wrong answers have exit status 1" is "$status" 1
refused 1 page_size KiB
refused 1 structs_per_page elements
refused 1 pages "rounded down"
refused 1 order "number of pages"
exercise
ok "exercise 1: a step with wrong answers is not done" out_has "1  started"
answer 1 page_size "$page_size" structs_per_page $((page_size / 32)) pages "$pages" \
	order "$(order_of "$pages")"
is_right 1

# The constants are those of the kernel's documentation, x86_64/mm.rst, for 4 levels.
page=$(task 2 'your page *\(0x[0-9a-f]*\)')
pfn=$(calculate "($page - 0xffffea0000000000) / 64")
answer 2 pfn "$(calculate "$page - 0xffffea0000000000")" physical "$pfn" virtual "$page"
exercise 2 --check
ok "exercise 2: wrong answers have exit status 1" is "$status" 1
refused 2 pfn "distance"
refused 2 physical "number of the frame"
refused 2 virtual "struct page"
answer 2 pfn "$pfn" physical "$(calculate_hex "$pfn * $page_size")" \
	virtual "$(calculate_hex "0xffff888000000000 + $pfn * $page_size")"
is_right 2

exercise 3 --check
ok "exercise 3: the unchanged module is wrong" is "$status" 1
ok "exercise 3: the unchanged module has no pages" out_has "no pages"
cp tests/vm/check/studio.c "$folder/studio/kernel_memory.c"
is_right 3

bytes=$(task 4 'buffer of \([0-9]*\) bytes')
size=$(sed -n 's/^# \([0-9]*\) bytes with kmalloc.*/\1/p' "$folder/4.txt")
pages=$(calculate "ceil($bytes / $page_size)")
block=$((1 << $(order_of "$pages")))
slot=$(sed -n 's/^slot //p' "$scratch/guest" | sort -n | awk -v size="$size" '$1 >= size { print $1; exit }')
answer 4 block_pages "$pages" exact_pages "$block" unused_pages 0 slot_bytes "$size" unused_bytes "$slot"
exercise 4 --check
ok "exercise 4: wrong answers have exit status 1" is "$status" 1
refused 4 block_pages "2^order"
refused 4 exact_pages "not needed"
refused 4 unused_pages "larger"
refused 4 slot_bytes "next larger"
refused 4 unused_bytes "whole slot"
answer 4 block_pages "$block" exact_pages "$pages" unused_pages $((block - pages)) \
	slot_bytes "$slot" unused_bytes $((slot - size))
is_right 4

before=$(task 5 'nr_structs=\([0-9]*\)')
after=$(task 5 'echo \([0-9]*\) ')
answer 5 checked_at_change $((after * 8)) value_after_refusal 400000000 checked_at_unload "$after"
exercise 5 --check
ok "exercise 5: wrong answers have exit status 1" is "$status" 1
refused 5 checked_at_change "old ones"
refused 5 value_after_refusal "refused"
refused 5 checked_at_unload "number of structs"
answer 5 checked_at_change $((before * 8)) value_after_refusal "$after" checked_at_unload $((after * 8))
is_right 5

run map --clock instructions --condition "fragmented:$(task 6 'fragmented:\([0-9]*\)')"
free=$(awk '$1 == "free" { print $(NF - 2); exit }' "$scratch/out")
largest=$(sed -n 's/.*largest free block .*: order \([0-9]*\).*/\1/p' "$scratch/out" | sort -n | tail -n 1)
blocks=$(awk '$2 == "blocks" { sum += $NF } END { print sum }' "$scratch/out")
answer 6 free_pages 1 enough no free_blocks 1024 largest_order 10 reason short
exercise 6 --check
ok "exercise 6: wrong answers have exit status 1" is "$status" 1
refused 6 free_pages "second map"
refused 6 enough "2^10"
refused 6 free_blocks "one block"
refused 6 largest_order "free now"
refused 6 reason "fragmentation index"
answer 6 free_pages "$free" enough yes free_blocks "$blocks" largest_order "$largest" reason fragmented
is_right 6

# shellcheck disable=SC2046
run $(task 7 'kmemlab \(run .*\)') --no-store
# cell FACILITY COLUMN
cell() {
	awk -v facility="$1" -v column="$2" '$1 == facility { print $column }' "$scratch/out" | tr -d '~'
}
page_p50=$(cell page 4)
kmalloc_p50=$(cell kmalloc 4)
cache_p50=$(cell kmem_cache 4)
# smallest_of COLUMN: print the facility with the smallest figure.
smallest_of() {
	awk -v column="$1" '/^(page|kmalloc|kmem_cache) / { gsub(/[,~]/, "", $column); print $column, $1 }' \
		"$scratch/out" | sort -n | head -n 1 | cut -d' ' -f2
}
cheapest=$(smallest_of 4)
smallest=$(smallest_of 8)
answer 7 page_p50 "$(cell page 6)" kmalloc_p50 1 kmem_cache_p50 1 page_bytes 1 cheapest page smallest page
exercise 7 --check
ok "exercise 7: wrong answers have exit status 1" is "$status" 1
refused 7 page_p50 "cost of a free"
for name in kmalloc_p50 kmem_cache_p50 page_bytes cheapest smallest; do
	refused 7 "$name" "[Cc]o[lm]"
done
answer 7 page_p50 "$page_p50" kmalloc_p50 "$kmalloc_p50" kmem_cache_p50 "$cache_p50" \
	page_bytes "$page_size" cheapest "$cheapest" smallest "$smallest"
is_right 7

page=$(task 8 'your page *\(0x[0-9a-f]*\)')
bytes=$(calculate "$(task 8 'next page *\(0x[0-9a-f]*\)') - $page")
pfn=$(calculate "($page - $(task 8 'frame 0 *\(0x[0-9a-f]*\)')) / $bytes")
virtual=$(calculate_hex "$(task 8 'PAGE_OFFSET *\(0x[0-9a-f]*\)') + $pfn * 4096")
answer 8 struct_page_bytes 64 pfn $((pfn + 1)) physical $((pfn * 1024)) virtual "$virtual"
exercise 8 --check
ok "exercise 8: wrong answers have exit status 1" is "$status" 1
refused 8 struct_page_bytes Subtract
refused 8 pfn "from 0"
refused 8 physical "10 bits"
ok "exercise 8: a right answer next to wrong ones is called right" out_has "^virtual: right$"
answer 8 struct_page_bytes "$bytes" pfn "$pfn" physical $((pfn * 4096))
is_right 8
ok "exercise: after the last step, all are done" out_has "^All steps are done"

ok "exercise leaves no files or processes" nothing_left
done_testing
