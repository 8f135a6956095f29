#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tail has causes: a cache of its own needs new slabs, a batch of pages refills
# the CPU's list, large blocks take the zone's lock. All in one boot.
set -u
KMEMLAB=${KMEMLAB:-build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

echo 1..17
tests=0
ok() {
	tests=$((tests + 1))
	if "${@:2}"; then echo "ok $tests - $1"; else echo "not ok $tests - $1"; fi
}
field() { perl tests/results.pl "$scratch/a.json" "runs/0/results/$1"; }
has() { [[ "$(field "$2")" == *"\"$1\""* ]]; }
hasnt() { ! has "$@"; }

cat >"$scratch/plan" <<'PLAN'
experiment facility=kmem_cache workload=batch object_size=512 tails=1 pmu=1
experiment facility=page workload=batch object_size=4096 tails=1
experiment facility=page_packed workload=pair object_size=65536 objects=100 tails=1
experiment facility=kmem_cache workload=churn tails=1
experiment facility=user workload=pair tails=1
experiment facility=kmalloc workload=batch_rcu
experiment facility=kmalloc workload=batch_rcu objects=4000
experiment facility=page workload=batch object_size=4096
PLAN
"$KMEMLAB" run --plan "$scratch/plan" --quiet --no-store --json "$scratch/a.json" \
	>/dev/null 2>&1
ok "a run with tails" [ $? = 0 ]
ok "a cache allocates new slabs" has new_slab 0/tail/alloc/causes
ok "and frees none while it allocates" hasnt slab_freed 0/tail/alloc/causes
ok "each operation was watched once" [ "$(field 0/tail/alloc/operations)" = 2000 ]
ok "and each free" [ "$(field 0/tail/free/operations)" = 2000 ]
ok "pages come from the CPU's list, which is refilled" has list_refill 1/tail/alloc/causes
ok "which is drained when they are freed" has list_drain 1/tail/free/causes
ok "large blocks take the zone's lock, each of them" \
	[ "$(field 2/tail/alloc/causes)" = \
	  '[{"cause":"zone_lock","operations":'"$(field 2/tail/alloc/operations)"'}]' ]
ok "building up a population is no operation" [ "$(field 3/tail/alloc/operations)" = 2000 ]
ok "a process's own pages are not traced, and it says so" has "a process's page faults are not traced" 4/tail/reason
between() { perl -e 'exit !($ARGV[0] <= $ARGV[1] && $ARGV[1] <= $ARGV[2])' "$1" "$2" "$3"; }
ok "the slowest allocations of the cache all have a cause" \
	[ "$(field 0/tail/alloc/slow_unexplained) $(($(field 0/tail/alloc/slow) > 0))" = "0 1" ]
ok "and cost what the timed pass said, within a tenth" perl -e 'exit abs($ARGV[0] / $ARGV[1] - 1) > 0.1' \
	"$(field 0/tail/alloc/slow_from)" "$(field 0/alloc/clean/p999)"
deferred=$(field 5/deferred)
ok "what kfree_rcu puts off is no sample: 30 to 600 instructions an object" \
	between $((30 * 2000)) "$deferred" $((600 * 2000))
ok "and twice as much for twice as many, within a quarter" \
	between $((deferred * 3 / 2)) "$(field 6/deferred)" $((deferred * 5 / 2))
ok "the ledger explains what plain pages take" [ "$(field 7/memory/unexplained_bytes)" = 0 ]
ok "this CPU has no counters, and it says so" has "the CPU's performance counters are not visible to this kernel" 0/pmu/reason
ok "no sample is left by that" [ "$(field 0/alloc/all/samples)" = 2000 ]
