#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Partly freed sets: the memory that stays, per facility and size, in all formats, equal in two
# boots, and on other architectures.
. tests/kmemlab.sh

# kept RESULT FIELD: a number of the group "kept"; "memory" RESULT FIELD the same of "memory"
kept() { json "$scratch/a.json" "runs/0/results/$1/kept/$2"; }
memory() { json "$scratch/a.json" "runs/0/results/$1/memory/$2"; }
results_of() { json "$scratch/$1.json" runs/0/results; }

for name in a b; do
	run run --no-store --facility page,kmalloc,vmalloc --workload partial:32 --size 64,2048 \
		--objects 6400 --json "$scratch/$name.json"
	ok "run --workload partial:32 exits with status 0, run $name" is "$status" 0
done
ok "partial:32: two boots give the same results" is "$(results_of b)" "$(results_of a)"
for result in 0 1 2 3 4 5; do
	ok "partial:32 keeps 200 of 6,400 objects, result $result" is "$(kept $result objects)" 200
	ok "partial:32: the kept objects have their own size, result $result" \
		is "$(kept $result requested_bytes)" $((200 * (result % 2 ? 2048 : 64)))
done
for result in 0 1 4 5; do
	ok "partial:32: kept objects of page and vmalloc keep one page each, result $result" \
		is "$(kept $result backing_bytes)" $((200 * 4096))
done
# The first and the last slab are shared with other objects.
ok "partial:32: all slabs of kmalloc-64 stay" \
	[ $(($(memory 2 backing_bytes) - $(kept 2 backing_bytes))) -le 8192 ]
# Slabs of kmalloc-2k have 16 objects in 8 pages: every second one has a kept object.
ok "partial:32: half of the slabs of kmalloc-2k stay" \
	test $(($(memory 3 backing_bytes) - 2 * $(kept 3 backing_bytes))) -le 65536 -a \
	$((2 * $(kept 3 backing_bytes) - $(memory 3 backing_bytes))) -le 65536
ok "partial:32: the table shows kept objects, sizes, memory and share" \
	out_has '^page partial:32, 6,400 x 64  *200  *12,800  *819,200  *4,096.0  *[0-9,]*  *64[.0]*  *3.1 %$'
ok "partial:32: the table shows that slabs stay" \
	out_has '^kmalloc partial:32, 6,400 x 64 .* [19][0-9.]* %$'

run report "$scratch/a.json" --csv "$scratch/a.csv"
ok "partial:32: CSV has the fields" is "$(head -n 1 "$scratch/a.csv" | tr , '\n' | grep -c '^kept\.')" 7
run compare "$scratch/a.json" "$scratch/b.json" --fail-above 0% --fail-on memory,cost
ok "compare of equal runs of partial:32 passes with a limit of 0 %" is "$status" 0
# More memory stays although less is in use with all objects alive.
jq '.runs[0].results[0].kept.backing_bytes = 1000000' "$scratch/a.json" >"$scratch/more.json"
run compare "$scratch/a.json" "$scratch/more.json" --force --fail-above 5% --fail-on memory
ok "compare --fail-on memory fails if more memory stays" is "$status" 1
ok "compare names the memory that stays" out_has 'kept backing bytes  *819,200 '

for arch in arm64 armhf; do
	run run --no-store --arch "$arch" --facility page,kmem_cache --workload partial:16 --size 64 \
		--objects 4096 --json "$scratch/a.json"
	ok "$arch: run --workload partial:16 exits with status 0" is "$status" 0
	ok "$arch: partial:16: kept pages keep one page each" is "$(kept 0 backing_bytes)" $((256 * 4096))
	ok "$arch: partial:16: all slabs of kmem_cache stay" \
		is "$(kept 1 backing_bytes)" "$(memory 1 backing_bytes)"
done
ok "runs of partial:K leave no files or processes" nothing_left
done_testing
