#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tail has causes: a cache of its own needs new slabs, a batch of pages refills
# the CPU's list, large blocks take the zone's lock. All in one boot.
set -u
KMEMLAB=${KMEMLAB:-build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

echo 1..18
tests=0
ok() {
	tests=$((tests + 1))
	if "${@:2}"; then echo "ok $tests - $1"; else echo "not ok $tests - $1"; fi
}
field() { perl tests/results.pl "$scratch/a.json" "runs/0/results/$1"; }
has() { [[ "$(field "$2")" == *"\"$1\""* ]]; }
hasnt() { ! has "$@"; }

# What is freed after a grace period comes first: the machine has never idled before.
cat >"$scratch/plan" <<'PLAN'
experiment facility=kmalloc workload=batch_rcu
experiment facility=page workload=batch object_size=4096 tails=1
experiment facility=page_packed workload=pair object_size=65536 objects=100 tails=1
experiment facility=kmem_cache workload=churn tails=1
experiment facility=user workload=pair tails=1
experiment facility=kmem_cache workload=batch object_size=512 tails=1 pmu=1
experiment facility=page workload=batch object_size=4096
experiment facility=user workload=batch objects=10000000
experiment facility=kmem_cache workload=batch_rcu tails=1
PLAN
"$KMEMLAB" run --plan "$scratch/plan" --quiet --no-store --json "$scratch/a.json" \
	>/dev/null 2>&1
ok "a run with tails" [ $? = 0 ]
ok "a cache allocates new slabs" has new_slab 5/tail/alloc/causes
ok "and frees none while it allocates" hasnt slab_freed 5/tail/alloc/causes
ok "each operation was watched once" [ "$(field 5/tail/alloc/operations)" = 2000 ]
ok "and each free" [ "$(field 5/tail/free/operations)" = 2000 ]
ok "pages come from the CPU's list, which is refilled" has list_refill 1/tail/alloc/causes
ok "which is drained when they are freed" has list_drain 1/tail/free/causes
ok "large blocks take the zone's lock, each of them" \
	[ "$(field 2/tail/alloc/causes/0/cause) $(field 2/tail/alloc/causes/0/operations)" = \
	  "\"zone_lock\" $(field 2/tail/alloc/operations)" ]
ok "building up a population is no operation" [ "$(field 3/tail/alloc/operations)" = 2000 ]
ok "a process's own pages are not traced, and it says so" has "a process's page faults are not traced" 4/tail/reason
ok "the slowest allocations of the cache are told by cause" \
	[ "$(field 5/tail/alloc/slow)" -gt "$(field 5/tail/alloc/slow_unexplained)" ]
ok "what kfree_rcu puts off is told" [ "$(field 0/deferred)" -gt 0 ]
ok "and what call_rcu does" [ "$(field 8/deferred)" -gt "$(field 0/deferred)" ]
ok "of a cache, whose frees after a grace period are watched" [ "$(field 8/tail/free/operations)" = 2000 ]
ok "and the ledger is taken apart" [ "$(field 6/memory/unexplained_bytes)" != null ]
ok "what a process cannot have says what it can" \
	grep -q 'room for [1-9]' <(field 7/reason)
ok "this CPU has no counters, and it says so" has "the CPU's performance counters are not visible to this kernel" 5/pmu/reason
ok "no sample is left by that" [ "$(field 5/alloc/all/samples)" = 2000 ]
