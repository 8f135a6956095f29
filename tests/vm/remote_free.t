#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Workload remote_free: objects are freed on another CPU. It needs two CPUs, which only some
# architectures can count.
set -u
. tests/kmemlab.sh

run() {
	"$kmemlab" run --workload remote_free --facility kmalloc --memory 128 --quiet "$@" \
		>/dev/null 2>"$scratch/errors"
}
field() { perl tests/results.pl "$scratch/a.json" "runs/0/$1"; }

ok "remote_free with --clock time exits with status 0" run --clock time --json "$scratch/a.json"
ok "remote_free with --clock time boots two CPUs" [ "$(field environment/cpus)" = 2 ]
ok "remote_free frees all objects" [ "$(field results/0/free/all/samples)" = 2000 ]
ok "remote_free verifies the objects before freeing them" [ "$(field results/0/verification/mismatched_bytes)" = 0 ]
counted() { run --arch arm64 --json "$scratch/$1.json" && perl tests/results.pl "$scratch/$1.json" runs/0/results >"$scratch/$1"; }
ok "remote_free on arm64 exits with status 0" counted b
ok "remote_free on arm64 counts instructions" [ "$(perl tests/results.pl "$scratch/b.json" runs/0/environment/clock/unit)" = '"instructions"' ]
ok "remote_free on arm64 can be repeated" counted c
ok "remote_free on arm64 gives the same results twice" cmp -s "$scratch/b" "$scratch/c"
run
ok "remote_free with counted instructions on amd64 exits with status 2" [ $? = 2 ]
ok "remote_free with counted instructions on amd64 suggests alternatives" grep -q "use --clock time or --arch arm64" "$scratch/errors"
"$kmemlab" run --workload remote_free,pair --facility kmalloc --quiet --json "$scratch/a.json"
ok "remote_free together with pair is skipped with a reason" grep -q "needs two CPUs: only one is online" "$scratch/a.json"
done_testing
