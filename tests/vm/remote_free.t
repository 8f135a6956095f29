#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Freed on another CPU: with two CPUs, where time is the clock or two can be counted; else
# refused with the reason.
set -u
KMEMLAB=${KMEMLAB:-build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

echo 1..11
tests=0
ok() {
	tests=$((tests + 1))
	if "${@:2}"; then echo "ok $tests - $1"; else echo "not ok $tests - $1"; fi
}
run() {
	"$KMEMLAB" run --workload remote_free --facility kmalloc --memory 128 --quiet "$@" \
		>/dev/null 2>"$scratch/errors"
}
field() { perl tests/results.pl "$scratch/a.json" "runs/0/$1"; }

ok "two CPUs" run --clock time --json "$scratch/a.json"
ok "are there" [ "$(field environment/cpus)" = 2 ]
ok "and free what was allocated" [ "$(field results/0/free/all/samples)" = 2000 ]
ok "which was proved before" [ "$(field results/0/verification/mismatches)" = 0 ]
counted() { run --arch arm64 --json "$scratch/$1.json" && perl tests/results.pl "$scratch/$1.json" runs/0/results >"$scratch/$1"; }
ok "counted where two CPUs can be" counted b
ok "in instructions" [ "$(perl tests/results.pl "$scratch/b.json" runs/0/environment/clock/unit)" = '"instructions"' ]
ok "once more" counted c
ok "to the same figures" cmp -s "$scratch/b" "$scratch/c"
run
ok "one CPU: exit code 2" [ $? = 2 ]
ok "and what would do" grep -q "take --clock time, or --arch arm64" "$scratch/errors"
"$KMEMLAB" run --workload remote_free,pair --facility kmalloc --quiet --json "$scratch/a.json"
ok "beside what can be counted: refused with the reason" grep -q "needs two CPUs: only one is online" "$scratch/a.json"
