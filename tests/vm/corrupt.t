#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One corrupted translation, object or frame fails its experiment, and the run exits with 1.
set -u
. tests/kmemlab.sh
hooks=$build/hooks/kmemlab

# run KIND [AFTER]: page, then kmalloc, with 100 objects each and one fault
run() {
	"$hooks" run --facility page,kmalloc --workload batch --objects 100 --memory 128 --quiet \
		--append "kernel_memory.corrupt=$1 kernel_memory.corrupt_after=${2:-0}" \
		--json "$scratch/$1.json" >/dev/null 2>&1
}
field() { perl tests/results.pl "$scratch/$1.json" "runs/0/results/$2"; }
failed_with() { run "$1"; [ $? = 1 ] && [ "$(field "$1" 0/status)" = '"failed"' ]; }
more_than_0() { [ "$(field "$1" "0/verification/$2")" -gt 0 ]; }

ok "a run without a fault passes verification" run nothing
ok "a wrong translation fails the run" failed_with translation
ok "a wrong translation is a route mismatch" more_than_0 translation route_mismatches
ok "a wrong translation reads wrong data" more_than_0 translation mismatched_bytes
ok "a modified byte fails the run" failed_with object
ok "a modified byte is one mismatch" [ "$(field object 0/verification/mismatched_bytes)" = 1 ]
# Later objects in a page are verified by another code path than the first.
run object 150
ok "a modified byte in the middle of a page fails its experiment only" [ "$(field object 1/status) $(field object \
	1/verification/mismatched_bytes) $(field object 0/status)" = '"failed" 1 "ok"' ]
ok "a wrong frame fails the run" failed_with frame
ok "a wrong frame is a route mismatch" more_than_0 frame route_mismatches

# A change by the other frees must be found before the kept objects are written again.
kept_fails() {
	"$hooks" run --facility page,kmalloc,page_packed,percpu --workload partial:3 --objects 1000 \
		--repeats 2 --memory 128 --quiet --append "$1" --json "$scratch/kept.json" >/dev/null 2>&1
}
ok "kept objects pass their second verification" kept_fails kernel_memory.corrupt=nothing
kept_fails kernel_memory.corrupt=kept
ok "a modified kept object fails its experiment only" is "$?$(field kept 0/status)$(field kept 1/status)" \
	'1"failed""ok"'
ok "a modified byte of a kept object is one mismatch" is "$(field kept 0/verification/mismatched_bytes)" 1

# The test for memory leaks must detect a page that is leaked by each load.
loses_memory() {
	kmemlab=$hooks guest_shell --add tests/guest/slope.sh \
		-c '. /guest.sh; . /slope.sh; ! keeps_memory nr_structs=0 corrupt=memory' >"$scratch/slope"
}
ok "keeps_memory detects a leaked page per load" loses_memory
sed 's/^/# /' "$scratch/slope"
done_testing
