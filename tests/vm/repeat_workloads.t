#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every workload for one CPU gives equal results twice, also those whose CPU idles (batch_rcu)
# while the host is busy.
set -u
. tests/kmemlab.sh

# run NAME SEED WORKLOADS: one boot
run() {
	"$kmemlab" run --facility page,page_packed,kmalloc --workload "$3" --objects 300 --memory 128 \
		--repeats 2 --condition fresh,fragmented:4 --gfp kernel,accounted --seed "$2" \
		--json "$scratch/$1.json" --quiet >/dev/null
}
# select_results NAME EXPRESSION: print what the Perl expression makes of each result.
select_results() {
	perl -MJSON::PP -e 'local $/; my $document = decode_json(<STDIN>);
		print JSON::PP->new->canonical->encode([map { '"$2"' } @{$document->{runs}[0]{results}}])' \
		<"$scratch/$1.json"
}
# same_results NAME NAME EXPRESSION
same_results() {
	select_results "$1" "$3" >"$scratch/left"
	select_results "$2" "$3" >"$scratch/right"
	perl tests/json_diff.pl "$scratch/left" "$scratch/right"
}

workloads=pair,batch,batch_lifo,batch_random,bulk_1,bulk_16,bulk_128,churn,cold,batch_rcu
ok "run of all workloads exits with status 0" run a 1 $workloads
ok "run of all workloads can be repeated" run b 1 $workloads
ok "run of all workloads gives the same results twice" same_results a b '$_'
ok "timer ticks interrupt no operation" is \
	"$(jq '[.runs[0].results[] | .alloc, .free | .interrupted] | add' "$scratch/a.json")" 0
churn='$_->{workload} eq "churn" && $_->{facility} eq "kmalloc" ? $_->{free} : ()'
run c 2 $workloads
ok "run --seed changes the order of churn" not same_results a c "$churn"
done_testing
