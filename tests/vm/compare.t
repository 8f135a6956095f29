#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Compare a kernel with and without an option that has a known cost.
. tests/kmemlab.sh

XDG_DATA_HOME=$scratch/data
export XDG_DATA_HOME
run compare --append init_on_alloc=0 --facility page --workload pair --objects 200 \
	--layouts 2 --fail-above 1% --json "$scratch/c.json"
ok "compare --fail-above passes when the cost falls" is "$status" 0
ok "compare --layouts 2 boots each input twice" is "$(jq -c '[.inputs[].boots]' "$scratch/c.json")" '[2,2]'
ok "compare names the option that differs" out_has 'kernel.config.init_on_alloc: on | off'
ok "compare prints the metric that changed" out_has '^  alloc mean '
ok "compare prints that the gate passed" out_has '^Gate: passed'
run list results
ok "compare stores both results" is "$(grep -c init_on_alloc "$scratch/out")" 2
run compare last 1 --fail-above 1%
ok "compare of results with different options exits with status 2" is "$status" 2
run compare last 1 --fail-above 1% --force
ok "compare --force --fail-above exits with status 1 when the cost rises" is "$status" 1

run compare --bisect --append "slab_nomerge init_on_alloc=0" --facility page --workload pair \
	--objects 200 --no-store
ok "compare --bisect of two options exits with status 0" is "$status" 0
ok "compare --bisect finds the option that changes the cost" err_has \
	"page pair, 200 x 32: alloc mean changes between '+ slab_nomerge' and '+ init_on_alloc=0' (booted 3 of 3)"
ok "compare --bisect compares the option with the previous step" out_has '^Compared: + init_on_alloc=0: '

run compare --bisect --append "slab_nomerge init_on_alloc=0 init_on_free=1" --facility page \
	--workload pair --objects 200 --no-store --fail-above 5%
ok "compare --bisect --fail-above exits with status 1" is "$status" 1
ok "compare --bisect --fail-above finds the option that raises the cost" err_has "free mean changes between .* and '+ init_on_free=1' (booted "
ok "compare --bisect --fail-above applies the gate to both ends" out_has '^Baseline: without: '
ok "compare --bisect --fail-above prints that the gate failed" out_has '^Gate: FAILED'

# A facility that one kernel lacks must not hide a change of cost.
run compare --bisect --kernel 5.10,6.1,6.12 --facility kmalloc,vmalloc_huge --workload pair \
	--objects 200 --no-store
ok "compare --bisect of kernels exits with status 0" is "$status" 0
ok "compare --bisect of kernels finds a change of cost" err_has '^kmalloc pair, 200 x 32: .* changes between '
run compare --bisect --kernel 5.10,6.1,6.12 --facility vmalloc_huge --workload pair --objects 20 --no-store
ok "compare --bisect of kernels finds a change of status" err_has \
	"vmalloc_huge pair, 20 x 32: the status changes between '5.10' and '6.1'"
ok "compare leaves no files or processes" nothing_left
done_testing
