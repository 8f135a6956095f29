#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Memory in a condition that is hard on whoever allocates: what is left suffices for the
# experiment, and what cannot be had is refused, never taken from others by the OOM killer.
. "$(dirname "$0")/tap.sh"

measured() {
	run run --no-store --json "$scratch/json" "$@"
	ok "exit code 0" is "$status" 0
}
experiment() { perl tests/results.pl "$scratch/json" "runs/0/results/$1"; }

# Filling a machine that has just booted boosts its watermarks, as no later filling does.
measured --memory 128 --condition low --facility page --workload pair --objects 1
ok "little memory left, for one object, is enough" is "$(experiment 0/status)" '"ok"'
measured --memory 128 --condition low --facility kmalloc,vmalloc --workload batch --objects 1000
ok "for a thousand as well" is "$(experiment 0/status)$(experiment 1/status)" '"ok""ok"'

# A pool's reserve is of blocks of eight pages, which fragmented memory does not have.
measured --condition fragmented:2 --facility mempool,kvmalloc --workload batch --size 32K --objects 100
ok "mempool is refused its reserve" is "$(experiment 0/status)" '"refused"'
ok "with the reason" is "$(experiment 0/reason)" '"the allocator refused what mempool needs before its first object"'
ok "kvmalloc does without them" is "$(experiment 1/status)" '"ok"'

# Here the reserve can be had, but not the set: who may sleep would wait for ever.
measured --memory 400 --append nokaslr --timeout 60 --condition fragmented:2 \
	--facility mempool,kvmalloc --workload batch --size 32K --objects 100
ok "a set that mempool's reserve does not suffice for is refused" is "$(experiment 0/status)" '"refused"'

# Blocks of several sizes, the first ones larger than what could be had later.
run run --no-store --memory 128 --condition fragmented:3 --facility page_packed --workload churn \
	--size 512 --objects 3000
ok "a block is replaced by one like it, or that is refused" [ "$status" != 1 ]

run run --no-store --memory 128 --condition fragmented:1000 --facility page --workload pair
ok "too little free for anything: exit code 2" is "$status" 2
ok "and whose fault that is" err_has "under fragmented:1000 the budget has 0 KiB left"
echo "1..$count"
