#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Experiments on several CPUs: verification, results per CPU, throughput, rejected requests.
set -u
. tests/kmemlab.sh

run() {
	"$kmemlab" run --memory 256 --no-store --quiet --json "$scratch/a.json" "$@" \
		>/dev/null 2>"$scratch/err"
}
result() { perl tests/results.pl "$scratch/a.json" "runs/0/results/$1"; }
says() { [ "$(wc -l <"$scratch/err")" = 1 ] && grep -q "$1" "$scratch/err"; }

run --cpus 1,2
ok "run --cpus 1,2 with counted instructions exits with status 2" [ $? = 2 ]
ok "run --cpus 1,2 with counted instructions suggests --clock time" says "2 CPUs require --clock time or --target host"
run --clock time --cpus 9
ok "run --cpus 9 exits with status 2" [ $? = 2 ]
ok "run --cpus 9 prints the maximum" says "at most 8"

# 3 repeats of 2001 objects are not divisible by 2 CPUs.
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
# If one CPU shuffled its handles while another verifies them, some of these would fail.
for _ in {1..40}; do
	echo "experiment facility=kmem_cache workload=batch_random objects=2001 cpus=0,1"
done >>"$scratch/plan"
ok "a plan for two CPUs is executed" run --plan "$scratch/plan"
for experiment in 1 2 3 4; do
	ok "$(result $experiment/facility): all objects are verified once" \
		[ "$(result $experiment/verification/objects) $(result $experiment/status)" = \
		  '2001 "ok"' ]
done
ok "no experiment on two CPUs fails verification" [ "$(grep -c '"status": "failed"' "$scratch/a.json")" = 0 ]
ok "objects of two CPUs do not overlap" [ "$(result 4/verification/mismatched_bytes)" = 0 ]
ok "each CPU has a throughput" [ "$(result 2/throughput/per_cpu/0/cpu) $(result \
	2/throughput/per_cpu/1/cpu) $(result 2/alloc/all/samples)" = "0 1 6003" ]
ok "an experiment on one CPU has a throughput" [ "$(result 0/throughput/operations)" = 4002 ]
together() {
	[ "$(result "$1/throughput/operations")" = null ] ||
		[ "$(result "$1/throughput/operations")" = $(($(result \
			"$1/throughput/per_cpu/0/operations") + $(result \
			"$1/throughput/per_cpu/1/operations"))) ]
}
ok "the total of operations is the sum over the CPUs" together 2
ok "churn on two CPUs is skipped" grep -q "churn runs on one CPU only" "$scratch/a.json"
ok "gfp=accounted on two CPUs is skipped" grep -q "would charge kernel threads" \
	"$scratch/a.json"
ok "fewer objects than CPUs are skipped" grep -q "2 CPUs need at least as many objects, not 1" "$scratch/a.json"
ok "an unsorted CPU list is skipped" grep -q "CPU 0 follows CPU 1" "$scratch/a.json"
ok "an offline CPU is skipped" grep -q "CPU 9 is offline (online: 0-1)" "$scratch/a.json"
ok "experiments on two CPUs do not taint the kernel" [ "$(perl tests/results.pl "$scratch/a.json" \
	runs/0/environment/taint_delta)" = 0 ]
done_testing
