#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Workloads besides pair and batch, as their user sees them.
. "$(dirname "$0")/tap.sh"

run run --no-store --memory 128 --facility page,dma_pool --workload batch,ramp,bulk_16 \
	--json "$scratch/json"
ok "exit code 0" is "$status" 0
ok "each workload has its line" out_has '^page  *batch  *2,000 '
ok "with as many objects as there were" out_has '^page  *ramp  *[3-9],[0-9]* .* 4,096\.0 .* yes$'
ok "one operation covers several in bulk" out_has '^page\* *bulk_16  *2,000 '
ok "the budget ends a ramp" out_has '^Ended: page ramp: the budget ended it: '
ok "or a search among all pages does" out_has \
	'^Ended: dma_pool ramp: dma_pool ended it at 262144 objects'
ok "none is lost" is "$(perl tests/results.pl "$scratch/json" runs/0/results/4/verification/objects)" 262144
ok "what there is not is refused" out_has '^Refused: dma_pool: no bulk calls (try workload batch)$'

# The pages that emptying takes would fill the lists again, and those of movable pages at that.
figure() { perl tests/results.pl "$scratch/json" "runs/0/results/$1"; }
run run --no-store --facility page --gfp kernel,movable --workload pair,cold --size 4K --objects 50 \
	--json "$scratch/json"
for gfp in 0 1; do
	ok "cold costs more than twice as much, gfp $gfp" \
		[ "$(figure $((2 + gfp))/alloc/clean/p50)" -gt $((2 * $(figure $gfp/alloc/clean/p50))) ]
done

# Blocks beyond slabs are in the slab counters, so they must not be taken off twice.
run run --no-store --facility kmalloc,kvmalloc,mempool --workload batch --size 16K --objects 300 \
	--json "$scratch/json"
explained() { [ "${1#-}" -lt 1000000 ]; }
for facility in 0 1 2; do
	ok "nearly all is explained, facility $facility" \
		explained "$(figure $facility/memory/unexplained_bytes)"
done
# A worker gives back what per-CPU memory no longer needs: neither kept, nor the next one's gain.
run run --no-store --facility percpu --workload batch --size 4K,4000 --objects 1000 \
	--json "$scratch/json"
for size in 0 1; do
	ok "per-CPU memory is given back, size $size" \
		[ "$(($(figure $size/memory/idle_bytes) * 4))" -lt "$(figure $size/memory/backing_bytes)" ]
	ok "and taken anew, size $size" \
		[ "$(figure $size/memory/system_bytes)" -gt "$(figure $size/memory/backing_bytes)" ]
done

# What the allocator had to take along with an object is behind it as well.
run run --no-store --facility kmem_cache,dma_coherent,dma_pool --workload batch --size 12K \
	--objects 100 --json "$scratch/json"
for facility in 0 1 2; do
	ok "a block of 16 KiB stands behind 12, facility $facility" \
		is "$(figure $facility/memory/backing_bytes)" 1638400
done
run run --no-store --facility dma_coherent,page_frag --workload batch --objects 5000 \
	--json "$scratch/json"
ok "what kmemlab notes of objects is not theirs" [ "$(figure 0/memory/idle_bytes)" -lt 65536 ]
ok "a loop that frees costs what its samples do" [ "$(perl -e 'print int(abs(shift() - shift()))' \
	"$(figure 1/free/loop_mean)" "$(figure 1/free/all/mean)")" -lt 2 ]
run run --no-store --facility page_packed --objects 50 --size 12K --workload pair \
	--condition fragmented:8 --json "$scratch/json"
ok "what was refused was no operation" [ "$(figure 0/alloc/objects_per_operation)" -lt 50 ]
echo "1..$count"
