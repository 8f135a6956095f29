#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An unusable store does not lose results, and repeated results are equal.
. tests/kmemlab.sh

XDG_DATA_HOME=/dev/null
export XDG_DATA_HOME
run run --facility kmalloc,page --workload pair,batch --objects 200 --json "$scratch/a.json" \
	--html "$scratch/a.html"
ok "run with an unusable store exits with status 0" is "$status" 0
ok "run with an unusable store prints the table" out_has '^kmalloc'
ok "run with an unusable store prints one warning" is \
	"$(grep -c '^kmemlab: the result was not stored: ' "$scratch/err")/$(wc -l <"$scratch/err")" 1/1
ok "run with an unusable store writes the HTML page" grep -q '</html>' "$scratch/a.html"

XDG_DATA_HOME=$scratch/data
run run --repeat-of "$scratch/a.json" --name again --tag a,b
ok "run --repeat-of exits with status 0" is "$status" 0
ok "run --repeat-of reports equal metrics" err_has '^Repeated: all metrics are equal to those of '
run list results --tag b
ok "run --repeat-of stores its result" out_has '^again '
run run --facility page --workload pair --size 8M --name none
ok "run with a size that no facility serves exits with status 2" is "$status" 2
run list results
ok "run stores no result if every experiment was skipped" not out_has '^none '
run compare "$scratch/a.json" again
ok "compare of equal results exits with status 0" is "$status" 0
ok "compare of equal results finds no change" out_has '^No significant change in any of 4 experiments'
ok "compare of equal results reports equal inputs" out_has '^Identical binaries'

# One result is changed, and must be the only one that is reported.
jq '.runs[0].results[0].alloc |= (.mean += 1000 | .uninterrupted |=
	with_entries(if .key == "samples" then . else .value += 1000 end))' "$scratch/a.json" >"$scratch/b.json"
run compare "$scratch/b.json" again --fail-above 1%
ok "compare --fail-above with a lower cost exits with status 0" is "$status" 0
ok "compare --fail-above prints the metric that changed" out_has '^  alloc mean '
run compare again "$scratch/b.json" --fail-above 1% --ktap -
ok "compare --fail-above with a higher cost exits with status 1" is "$status" 1
ok "compare --ktap reports the higher cost as a failed test" out_has '^not ok 1 '
ok "run and compare leave no files or processes" nothing_left
done_testing
