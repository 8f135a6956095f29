#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One translation, one object, one frame corrupted on purpose: each is caught,
# fails its experiment, and the run exits with 1.
set -u
hooks=${BUILD:-build}/hooks/kmemlab
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

echo 1..10
tests=0
ok() {
	tests=$((tests + 1))
	if "${@:2}"; then echo "ok $tests - $1"; else echo "not ok $tests - $1"; fi
}

# run KIND [AFTER]: page, then kmalloc; the fault is in the first experiment, of 100 objects
run() {
	"$hooks" run --facility page,kmalloc --workload batch --objects 100 --memory 128 --quiet \
		--append "kernel_memory.corrupt=$1 kernel_memory.corrupt_after=${2:-0}" \
		--json "$scratch/$1.json" >/dev/null 2>&1
}
field() { perl tests/results.pl "$scratch/$1.json" "runs/0/results/$2"; }
failed_with() { run "$1"; [ $? = 1 ] && [ "$(field "$1" 0/status)" = '"failed"' ]; }
more_than_0() { [ "$(field "$1" "0/verification/$2")" -gt 0 ]; }

ok "nothing corrupted: fine" run nothing
ok "a translation that is off by one fails the run" failed_with translation
ok "routes disagree" more_than_0 translation route_disagreements
ok "and what is read there is wrong" more_than_0 translation mismatches
ok "a byte that changes behind its owner's back fails the run" failed_with object
ok "it is the one that reads back wrong" [ "$(field object 0/verification/mismatches)" = 1 ]
# Objects in the page of the one before are looked at in another way than the first there.
run object 150
ok "nor is one in the middle of a page overlooked" [ "$(field object 1/status) $(field object \
	1/verification/mismatches) $(field object 0/status)" = '"failed" 1 "ok"' ]
ok "a frame that is another one fails the run" failed_with frame
ok "routes disagree there as well" more_than_0 frame route_disagreements

# The test for that must see it: a page is lost with each load.
loses_memory() {
	"$hooks" shell --add tests/guest/tap.sh --add tests/guest/slope.sh \
		-c '. /slope.sh; ! keeps_memory nr_structs=0 corrupt=memory' >"$scratch/slope"
}
ok "a page that each load loses shows in free memory" loses_memory
sed 's/^/# /' "$scratch/slope"
