#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Causes of refused allocations: fragmentation, per-CPU pages and vmalloc addresses, and the figures
# that prove them.
. tests/kmemlab.sh

measured() {
	run run --no-store --json "$scratch/json" "$@"
}
refusal() { json "$scratch/json" "runs/0/results/$1/refusal/$2"; }

for kernel in 5.10 6.1 7.2; do
	measured --kernel "$kernel" --memory 256 --condition fragmented:2 --facility page,kmalloc,page_pool \
		--workload batch --size 1M --objects 40
	ok "$kernel: fragmented:2: the cause is fragmentation" \
		out_has '^Refused: page .*: fragmentation: block of order 8 needed; .*DMA32: [0-9,]* \(pages free\|of [0-9,]* free pages usable\), no block of order 8 or more (largest: order [0-7], [0-9,]* blocks*)'
	ok "$kernel: fragmented:2: so it is for kmalloc" \
		out_has '^Refused: kmalloc .*: fragmentation: block of order 8 needed'
	ok "$kernel: fragmented:2: so it is for page_pool" \
		out_has '^Refused: page_pool .*: fragmentation: block of order 8 needed'
	ok "$kernel: fragmented:2: in a softirq, no request that may sleep is made" \
		is "$(refusal 2 retried)$(refusal 2 granted)" '["same"][]'
	ok "$kernel: fragmented:2: the order is recorded" is "$(refusal 0 order)" 8
	ok "$kernel: fragmented:2: the repeated request was refused" \
		is "$(refusal 0 retried)$(refusal 0 granted)" '["same"][]'
	ok "$kernel: fragmented:2: no block of order 8 to 10 is free" \
		is "$(for order in 8 9 10; do refusal 0 zones/1/free_blocks/$order; done)" '0
0
0'
	ok "$kernel: fragmented:2: many pages are free" [ "$(refusal 0 zones/1/free_pages)" -gt 10000 ]
done

measured --facility percpu --gfp atomic --workload batch --size 8K --objects 1000
ok "percpu, gfp atomic: populated pages have no room" \
	out_has '^Refused: percpu .*: it must not sleep, and the populated per-CPU pages have no room: allowed to sleep, the same request succeeded$'

# Memory suffices for all objects, addresses do not.
measured --arch armhf --memory 1024 --append vmalloc=64M --facility vmalloc,vmap,page \
	--workload batch,ramp --size 1M --objects 100
ok "armhf, vmalloc=64M: the cause is the address space, for two facilities and workloads" \
	is "$(grep -c '^Refused: vm.*: vmalloc address space: 1,052,672 bytes of addresses needed, the longest free range of the 64 MiB has [0-9,]* bytes$' "$scratch/out")" 4
ok "armhf, vmalloc=64M: pages are not refused" is "$(json "$scratch/json" runs/0/results/4/refusal)" null
ok "armhf, vmalloc=64M: the longest range is too short" [ "$(refusal 0 vmalloc_range_bytes)" -lt 1052672 ]
ok "armhf, vmalloc=64M: zones of low and of high memory are recorded" \
	is "$(refusal 0 zones/0/name)$(refusal 0 zones/1/name)" '"DMA""HighMem"'

ok "nothing is left" nothing_left
done_testing
