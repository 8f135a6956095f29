#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Low and fragmented memory: the rest suffices for the experiment, and failed allocations are
# reported as skipped, without the OOM killer.
. tests/kmemlab.sh

measured() {
	run run --no-store --json "$scratch/json" "$@"
	ok "run $* exits with status 0" is "$status" 0
}
experiment() { perl tests/results.pl "$scratch/json" "runs/0/results/$1"; }

# Filling memory for the first time after boot boosts the watermarks.
measured --memory 128 --condition low --facility page --workload pair --objects 1
ok "condition low: one object can be allocated" is "$(experiment 0/status)" '"ok"'
measured --memory 128 --condition low --facility kmalloc,vmalloc --workload batch --objects 1000
ok "condition low: a thousand objects can be allocated" is "$(experiment 0/status)$(experiment 1/status)" '"ok""ok"'

# The pool's reserve needs blocks of eight pages, which fragmented memory lacks.
measured --condition fragmented:2 --facility mempool,kvmalloc --workload batch --size 32K --objects 100
ok "condition fragmented:2: mempool without a reserve is skipped" is "$(experiment 0/status)" '"skipped"'
ok "condition fragmented:2: the reason is that mempool lacks memory" is "$(experiment 0/reason)" '"not enough memory to prepare mempool"'
ok "condition fragmented:2: no block is named that preparing mempool lacked" is "$(experiment 0/refusal/order)" null
ok "condition fragmented:2: kvmalloc needs no large blocks" is "$(experiment 1/status)" '"ok"'

# Here the reserve can be allocated, but not all objects; a sleeping allocation would hang.
measured --memory 400 --append nokaslr --timeout 60 --condition fragmented:2 \
	--facility mempool,kvmalloc --workload batch --size 32K --objects 100
ok "condition fragmented:2: a mempool set larger than its reserve is skipped" is "$(experiment 0/status)" '"skipped"'

# Blocks of several sizes; the first are larger than those available later.
run run --no-store --memory 128 --condition fragmented:3 --facility page_packed --workload churn \
	--size 512 --objects 3000
ok "condition fragmented:3: churn replaces blocks with equal ones or is skipped" [ "$status" != 1 ]

run run --no-store --memory 128 --condition fragmented:1000 --facility page --workload pair
ok "condition fragmented:1000: run exits with status 2" is "$status" 2
ok "condition fragmented:1000: the message names the condition, a smaller K and more memory" \
	err_has "under fragmented:1000 [0-9]* [KM]iB are left, but [0-9]* [KM]iB are needed (more with a smaller K or --memory)"
run run --no-store --memory 128 --condition fragmented:46 --facility page --workload pair
ok "condition fragmented:46: the message of the budget names a smaller K and more memory" \
	err_has "under fragmented:46, .* has [0-9]* [KM]iB left (more with a smaller K or --memory)"
run run --no-store --memory 128 --condition fragmented:2 --facility page --workload batch \
	--size 4K --objects 15000
ok "condition fragmented:2: no smaller K is possible, but more memory" \
	err_has "under fragmented:2 .* are needed (more with --memory)"

# The lists of a CPU keep an eighth of the memory after the first experiment.
measured --kernel 7.2 --memory 1024 --facility page --workload batch --size 24,96 --objects 100000
ok "Linux 7.2: a second experiment as large as the first fits into the budget" is "$(experiment 1/status)" '"ok"'
done_testing
