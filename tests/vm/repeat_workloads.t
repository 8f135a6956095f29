#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every workload that one CPU can do, in two boots: the same to the last digit.
set -u
KMEMLAB=${KMEMLAB:-build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
workloads=pair,batch,batch_lifo,batch_random,batch_rcu,bulk_1,bulk_16,bulk_128,churn,cold

echo 1..4
tests=0
ok() {
	tests=$((tests + 1))
	if "${@:2}"; then echo "ok $tests - $1"; else echo "not ok $tests - $1"; fi
}

# run NAME SEED: one boot
run() {
	"$KMEMLAB" run --facility page,page_packed,kmalloc --workload $workloads --objects 300 --memory 128 \
		--repeats 2 --condition fresh,fragmented:4 --gfp kernel,accounted --seed "$2" \
		--json "$scratch/$1.json" --quiet >/dev/null
}
results() { perl tests/results.pl "$scratch/$1.json" runs/0/results; }

ok "a first run" run a 1
ok "a second one" run b 1
ok "their results are the same" [ "$(results a)" = "$(results b)" ]

# The first churn of kmalloc.
cost() { perl tests/results.pl "$scratch/$1.json" runs/0/results/112/free; }
run c 2
ok "another seed draws other lots" [ "$(cost a)" != "$(cost c)" ]
