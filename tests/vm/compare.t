#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One kernel without and with an option that is known to cost something.
. "$(dirname "$0")/tap.sh"

XDG_DATA_HOME=$scratch/data
export XDG_DATA_HOME
run compare --append init_on_alloc=0 --facility page --workload pair --objects 200 \
	--layouts 2 --fail-above 1% --json "$scratch/c.json"
ok "clearing less is no failure: status 0" is "$status" 0
ok "two boots of each" is "$(jq -c '[.subjects[].boots]' "$scratch/c.json")" '[2,2]'
ok "the option is named" out_has 'kernel.config.init_on_alloc: on | off'
ok "the cost is another" out_has '^  alloc p50 '
ok "the gate passed" out_has '^Gate: passed'
run list results
ok "both are kept" is "$(grep -c init_on_alloc "$scratch/out")" 2
run compare last 1 --fail-above 1%
ok "options that differ are refused: status 2" is "$status" 2
run compare last 1 --fail-above 1% --force
ok "the other way round it is a failure: status 1" is "$status" 1

run compare --bisect --append "slab_nomerge init_on_alloc=0" --facility page --workload pair \
	--objects 200 --no-store
ok "two options bisected: status 0" is "$status" 0
ok "the one that costs is found" err_has \
	"page pair, 200 x 32: alloc p50 changes between '+ slab_nomerge' and '+ init_on_alloc=0'; 3 of 3 were run"
ok "it is compared with the one before it" out_has '^Compared: + init_on_alloc=0: '

run compare --bisect --append "slab_nomerge init_on_alloc=0 init_on_free=1" --facility page \
	--workload pair --objects 200 --no-store --fail-above 5%
ok "what trips the gate is bisected: status 1" is "$status" 1
ok "the worsening is found" err_has "free p50 changes between .* and '+ init_on_free=1'; "
ok "the ends are what the gate judges" out_has '^Baseline: without: '
ok "and it failed" out_has '^Gate: FAILED'

# That one kernel cannot do what another can must not hide what costs another amount.
run compare --bisect --kernel 5.10,6.1,6.12 --facility kmalloc,vmalloc_huge --workload pair \
	--objects 200 --no-store
ok "kernels bisected: status 0" is "$status" 0
ok "a cost is found" err_has '^kmalloc pair, 200 x 32: .* changes between '
run compare --bisect --kernel 5.10,6.1,6.12 --facility vmalloc_huge --workload pair --objects 20 --no-store
ok "what cannot be done any more, or can be now" err_has \
	"vmalloc_huge pair, 20 x 32: whether it can be done changes between '5.10' and '6.1'"
ok "nothing is left" nothing_left
finish
