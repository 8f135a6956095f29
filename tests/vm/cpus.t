#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several CPUs at once: proved, their own figures and what they get done together; and refusals.
set -u
KMEMLAB=${KMEMLAB:-build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

echo 1..20
tests=0
ok() {
	tests=$((tests + 1))
	if "${@:2}"; then echo "ok $tests - $1"; else echo "not ok $tests - $1"; fi
}
run() {
	"$KMEMLAB" run --memory 256 --no-store --quiet --json "$scratch/a.json" "$@" \
		>/dev/null 2>"$scratch/errors"
}
result() { perl tests/results.pl "$scratch/a.json" "runs/0/results/$1"; }
says() { [ "$(wc -l <"$scratch/errors")" = 1 ] && grep -q "$1" "$scratch/errors"; }

run --cpus 1,2
ok "counted instructions: exit code 2" [ $? = 2 ]
ok "and what it needs" says "2 CPUs need --clock time or --target host"
run --clock time --cpus 9
ok "more CPUs than the virtual machine has: exit code 2" [ $? = 2 ]
ok "and how many it has" says "at most 8"

# 3 rounds of 2001 objects: they do not come out even.
cat >"$scratch/plan" <<'PLAN'
clock tsc
experiment facility=page workload=pair objects=2001 cpus=0
experiment facility=page workload=pair objects=2001 cpus=0,1
experiment facility=kmalloc workload=batch objects=2001 cpus=0,1 repeats=3
experiment facility=dma_pool workload=batch objects=2001 cpus=0,1
experiment facility=kmem_cache workload=batch_random objects=2001 object_size=4 cpus=0,1
experiment facility=kmalloc workload=churn cpus=0,1
experiment facility=kmalloc workload=pair gfp=accounted cpus=0,1
experiment facility=kmalloc workload=pair objects=1 cpus=0,1
experiment facility=kmalloc workload=pair cpus=1,0
experiment facility=kmalloc workload=pair cpus=9
PLAN
# Where one CPU shuffled its handles while another proves them, some of these would show it.
for _ in {1..40}; do
	echo "experiment facility=kmem_cache workload=batch_random objects=2001 cpus=0,1"
done >>"$scratch/plan"
ok "a plan for two CPUs" run --plan "$scratch/plan"
for experiment in 1 2 3 4; do
	ok "$(result $experiment/facility): all objects are proved, once" \
		[ "$(result $experiment/verification/objects) $(result $experiment/status)" = \
		  '2001 "ok"' ]
done
ok "what is proved stays where it is" [ "$(grep -c '"status": "failed"' "$scratch/a.json")" = 0 ]
ok "none of their bytes is another's" [ "$(result 4/verification/mismatches)" = 0 ]
ok "each CPU has its share" [ "$(result 2/throughput/per_cpu/0/cpu) $(result \
	2/throughput/per_cpu/1/cpu) $(result 2/alloc/all/samples)" = "0 1 6003" ]
ok "one CPU has a throughput too" [ "$(result 0/throughput/operations)" = 4002 ]
together() {
	[ "$(result "$1/throughput/operations")" = null ] ||
		[ "$(result "$1/throughput/operations")" = $(($(result \
			"$1/throughput/per_cpu/0/operations") + $(result \
			"$1/throughput/per_cpu/1/operations"))) ]
}
ok "what all do is what each does" together 2
ok "a workload of one CPU is refused" grep -q "churn runs on one CPU" "$scratch/a.json"
ok "and a charge to a group of the caller's" grep -q "threads of the kernel allocate" \
	"$scratch/a.json"
ok "and too few objects" grep -q "1 objects are too few for 2 CPUs" "$scratch/a.json"
ok "and CPUs in disorder" grep -q "CPU 0 after CPU 1" "$scratch/a.json"
ok "and a CPU that is not there" grep -q "no CPU 9 to run on: .* online are: 0-1" "$scratch/a.json"
ok "the kernel has nothing to say" [ "$(perl tests/results.pl "$scratch/a.json" \
	runs/0/environment/taint_delta)" = 0 ]
