#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The output for workloads other than pair.
. tests/kmemlab.sh

run run --no-store --memory 128 --facility page,dma_pool --workload batch,ramp,bulk_16 \
	--json "$scratch/json"
ok "run of batch, ramp and bulk_16 exits with status 0" is "$status" 0
ok "page batch has a row in the table" out_has '^page  *batch  *2,000 '
ok "page ramp prints the number of objects it reached" out_has '^page  *ramp  *[3-9],[0-9]* .* 4,096\.0 .* yes$'
ok "page bulk_16 is marked as several objects per operation" out_has '^page\* *bulk_16  *2,000 '
ok "page ramp is ended by the budget" out_has '^Ended: page ramp: stopped at the memory budget: '
ok "dma_pool ramp is ended by the limit of dma_pool" out_has \
	'^Ended: dma_pool ramp: stopped at the limit of dma_pool, 262144 objects'
ok "dma_pool ramp verifies all objects" is "$(perl tests/results.pl "$scratch/json" runs/0/results/4/verification/objects)" 262144
ok "dma_pool bulk_16 is skipped with a reason" out_has '^Skipped: dma_pool: no bulk calls (try workload batch)$'

# Draining the per-CPU lists allocates pages, which must not refill them.
figure() { perl tests/results.pl "$scratch/json" "runs/0/results/$1"; }
run run --no-store --facility page --gfp kernel,movable --workload pair,cold --size 4K --objects 50 \
	--json "$scratch/json"
for gfp in 0 1; do
	ok "page cold costs more than twice as much as pair, gfp $gfp" \
		[ "$(figure $((2 + gfp))/alloc/uninterrupted/p50)" -gt $((2 * $(figure $gfp/alloc/uninterrupted/p50))) ]
done

# Large kmalloc blocks are in the slab counters, so they must not be subtracted twice.
run run --no-store --facility kmalloc,kvmalloc,mempool --workload batch --size 16K --objects 300 \
	--json "$scratch/json"
explained() { [ "${1#-}" -lt 1000000 ]; }
for facility in 0 1 2; do
	ok "batch 16K: less than 1 MB is unexplained, facility $facility" \
		explained "$(figure $facility/memory/unexplained_bytes)"
done
# A worker frees per-CPU memory later; the next experiment must not profit from it.
run run --no-store --facility percpu --workload batch --size 4K,4000 --objects 1000 \
	--json "$scratch/json"
for size in 0 1; do
	ok "percpu batch frees its memory, size $size" \
		[ "$(($(figure $size/memory/idle_bytes) * 4))" -lt "$(figure $size/memory/backing_bytes)" ]
	ok "percpu batch allocates new memory, size $size" \
		[ "$(figure $size/memory/system_bytes)" -gt "$(figure $size/memory/backing_bytes)" ]
	ok "percpu batch uses its memory for the copies of all CPUs, size $size" \
		[ "$(($(figure $size/memory/requested_bytes) * 10))" -gt "$(($(figure $size/memory/backing_bytes) * 9))" ]
done

# Memory that is lost to rounding counts as backing memory.
run run --no-store --facility kmem_cache,dma_coherent,dma_pool --workload batch --size 12K \
	--objects 100 --json "$scratch/json"
for facility in 0 1 2; do
	ok "batch 12K is backed by blocks of 16 KiB, facility $facility" \
		is "$(figure $facility/memory/backing_bytes)" 1638400
done
run run --no-store --facility dma_coherent,page_frag,dma_pool --workload batch --objects 5000 \
	--json "$scratch/json"
ok "dma_coherent batch: kmemlab's bookkeeping is not charged to the facility" [ "$(figure 0/memory/idle_bytes)" -lt 65536 ]
ok "dma_pool batch: small objects are backed by their pages only" \
	is "$(figure 2/memory/backing_bytes)" "$((5000 / 128 * 4096 + 4096))"
ok "page_frag batch: the mean of the free loop equals that of the samples" [ "$(perl -e 'print int(abs(shift() - shift()))' \
	"$(figure 1/free/loop_mean)" "$(figure 1/free/all/mean)")" -lt 2 ]
run run --no-store --facility page_packed --objects 50 --size 12K --workload pair \
	--condition fragmented:8 --json "$scratch/json"
ok "page_packed pair: failed allocations are not counted as operations" [ "$(figure 0/alloc/objects_per_operation)" -lt 50 ]
done_testing
