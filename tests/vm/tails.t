#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Causes of slow operations: new slabs of a kmem_cache, refills of the per-CPU page lists,
# the zone lock for large blocks.
set -u
. tests/kmemlab.sh

field() { perl tests/results.pl "$scratch/a.json" "runs/0/results/$1"; }
has() { [[ "$(field "$2")" == *"\"$1\""* ]]; }
lacks() { ! has "$@"; }

# Deferred frees come first, because no grace period has ended yet.
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
"$kmemlab" run --plan "$scratch/plan" --quiet --no-store --json "$scratch/a.json" \
	>/dev/null 2>&1
ok "a plan with tails=1 exits with status 0" [ $? = 0 ]
# Each statistic of the same operations follows from it; the document rounds means to 4 digits.
ok "the distributions give the samples, total, mean and percentiles exactly" jq -e '
	def at_rank($rank): first(foreach .distribution[] as [$ticks, $count]
		(0; . + $count; select(. >= $rank) | $ticks));
	def equals_statistics: . as $cost | .uninterrupted as $stats |
		([.distribution[][1]] | add) == $stats.samples and
		([.distribution[] | .[0] * .[1]] | add) as $total | $total == $stats.total and
		($total / $stats.samples - $stats.mean | fabs) < 0.000051 and
		[.distribution[][0]] == ([.distribution[][0]] | unique) and
		.distribution[0][0] == $stats.min and .distribution[-1][0] == $stats.max and
		([["p50", 500], ["p90", 900], ["p99", 990], ["p999", 999]] | all(. as [$name, $part] |
			($cost | at_rank($stats.samples * $part / 1000 | ceil)) == $stats[$name]));
	[.runs[0].results[] | .alloc, .free | select(.distribution) | equals_statistics] |
	length > 10 and all' "$scratch/a.json"
ok "kmem_cache batch: allocations have the cause new_slab" has new_slab 5/tail/alloc/causes
ok "kmem_cache batch: allocations lack the cause slab_freed" lacks slab_freed 5/tail/alloc/causes
ok "kmem_cache batch: every allocation is traced once" [ "$(field 5/tail/alloc/operations)" = 2000 ]
ok "kmem_cache batch: every free is traced once" [ "$(field 5/tail/free/operations)" = 2000 ]
ok "page batch: allocations have the cause list_refill" has list_refill 1/tail/alloc/causes
ok "page batch: frees have the cause list_drain" has list_drain 1/tail/free/causes
ok "page_packed 64K: every allocation has the cause zone_lock" \
	[ "$(field 2/tail/alloc/causes/0/cause) $(field 2/tail/alloc/causes/0/operations)" = \
	  "\"zone_lock\" $(field 2/tail/alloc/operations)" ]
ok "churn: the initial allocations are not traced" [ "$(field 3/tail/alloc/operations)" = 2000 ]
ok "user pair: the reason says that page faults are not traced" has "page faults of a process are not traced" 4/tail/reason
ok "kmem_cache batch: some of the slowest allocations have a cause" \
	[ "$(field 5/tail/alloc/slow)" -gt "$(field 5/tail/alloc/slow_unexplained)" ]
ok "kmalloc batch_rcu: deferred frees are counted" [ "$(field 0/deferred)" -gt 0 ]
ok "kmem_cache batch_rcu: frees deferred by call_rcu are counted" [ "$(field 8/deferred)" -gt "$(field 0/deferred)" ]
ok "kmem_cache batch_rcu: every free after the grace period is traced" [ "$(field 8/tail/free/operations)" = 2000 ]
ok "page batch: the unexplained bytes are computed" [ "$(field 6/memory/unexplained_bytes)" != null ]
ok "user batch: the reason names the available room" \
	grep -q ': enough for [1-9]' <(field 7/reason)
ok "kmem_cache batch pmu=1: the reason says that counters are not visible" has "the CPU's performance counters are not visible to this kernel" 5/pmu/reason
ok "kmem_cache batch pmu=1: no sample is lost" [ "$(field 5/alloc/all/samples)" = 2000 ]

# KFENCE guards one allocation in each interval: one for each million instructions or so. With gfp
# kernel, this is the one that let KFENCE's worker run, so it is interrupted and its cost is unknown.
# guarded INTERVAL: run with tails; kfence FILTER: it holds for the causes kfence of both directions
guarded() {
	"$kmemlab" run --kernel 6.12 --append "kfence.sample_interval=$1" --facility kmalloc --gfp atomic \
		--workload batch --size 64 --objects 50000 --memory 1024 --tails --no-store \
		--json "$scratch/a.json" >/dev/null 2>&1
}
kfence() {
	jq -e '.runs[0].results[0] | [(.alloc, .free).uninterrupted.p50] as $p50 |
		[.tail | .alloc, .free | .causes[] | select(.cause == "kfence")] | '"$1" "$scratch/a.json"
}
ok "KFENCE: run --tails exits with status 0" guarded 1
ok "KFENCE: some allocations and as many frees have the cause kfence" \
	kfence 'length == 2 and .[0].operations > 1 and .[0].operations == .[1].operations'
ok "KFENCE: its operations cost more than ten times the p50" \
	kfence '.[0].mean > 10 * $p50[0] and .[1].mean > 10 * $p50[1]'
ok "KFENCE: it is among the causes of the slowest frees" kfence '.[1].slow > 0'
ok "KFENCE off: run --tails exits with status 0" guarded 0
ok "KFENCE off: no operation has the cause kfence" kfence 'length == 0'
ok "KFENCE off: this is known" lacks kfence 0/tail/unobserved
done_testing
