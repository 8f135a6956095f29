#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# CMA, and ranges of page frames next to it.
. tests/kmemlab.sh

measured() {
	run run --no-store --json "$scratch/json" "$@"
}
experiment() { json "$scratch/json" "runs/0/results/$1"; }
statuses() { json "$scratch/json" runs/0/results | grep -o '"status" *: *"[a-z]*"' | sort | uniq -c | tr -d ' '; }

# CMA is more than half of the free memory, so the kernel prefers it for movable pages.
measured --kernel 7.2 --memory 768 --append cma=384M --clock time --cpus 2,4 --facility contig --workload batch,pair --size 64K,4M --objects 8
ok "contig: each CPU finds ranges of its own, none of CMA, which alloc_contig_range() refuses" \
	is "$(statuses)" '8"status":"ok"'
measured --arch arm64 --condition fragmented:4 --facility contig --workload batch --size 64K --objects 1
ok "fragmented memory: the reason is not a lack of memory" \
	is "$(experiment 0/reason)$(experiment 0/reason_code)" \
	'"contig found no range of page frames that is free or can be freed by migration""prepare"'

ok "nothing is left" nothing_left
done_testing
