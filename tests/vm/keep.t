#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A store that is broken costs no result, and a result is repeated to the last digit.
. "$(dirname "$0")/tap.sh"

XDG_DATA_HOME=/dev/null
export XDG_DATA_HOME
run run --facility kmalloc,page --workload pair,batch --objects 200 --json "$scratch/a.json" \
	--html "$scratch/a.html"
ok "without a store: status 0" is "$status" 0
ok "the table is there" out_has '^kmalloc'
ok "one line says that it is not kept" is \
	"$(grep -c '^kmemlab: the result is not kept: ' "$scratch/err")/$(wc -l <"$scratch/err")" 1/1
ok "the page is there" grep -q '</html>' "$scratch/a.html"

XDG_DATA_HOME=$scratch/data
run run --repeat-of "$scratch/a.json" --name again --tag a,b
ok "repeated: status 0" is "$status" 0
ok "it says so" err_has '^Repeated: every figure is the same as in '
run list results --tag b
ok "it is kept" out_has '^again '
run compare "$scratch/a.json" again
ok "compared: status 0" is "$status" 0
ok "nothing differs" out_has '^No difference shown in any of 4 experiments'
ok "the inputs are the same" out_has '^The inputs are the same'

# One figure is changed, by a program that has no integers: that is the one which is named.
jq '.runs[0].results[0].alloc.clean.p50 += 1000' "$scratch/a.json" >"$scratch/b.json"
run compare "$scratch/b.json" again --fail-above 1%
ok "better is no failure: status 0" is "$status" 0
ok "one figure differs" out_has '^  alloc p50 '
run compare again "$scratch/b.json" --fail-above 1% --ktap -
ok "worse is one: status 1" is "$status" 1
ok "and a test fails" out_has '^not ok 1 '
ok "nothing is left" nothing_left
finish
