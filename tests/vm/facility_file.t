#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A facility in a file outside of the tree: the example of docs/facility.md, and broken ones.
. tests/kmemlab.sh

pool=$scratch/my_pool.c
sed -n '/^```c$/,/^```$/p' docs/facility.md | grep -v '^```' >"$pool"

# measured FILE FACILITY WORKLOAD PATH: print a part of a result
measured() {
	perl -MJSON::PP -0777 -e '
		my ($file, $facility, $workload, $path) = @ARGV;
		open my $in, "<", $file or die; my $document = decode_json(<$in>);
		for my $result (@{$document->{runs}[0]{results}}) {
			next if $result->{facility} ne $facility || $result->{workload} ne $workload;
			my $value = $result;
			$value = $value->{$_} for split /\//, $path;
			print $value // "null", "\n";
		}' "$@"
}

run run --facility my_pool,kmalloc --facility-file "$pool" --workload pair,batch,churn --objects 500 \
	--size 40 --json "$scratch/json" --no-store
ok "run --facility-file: exit status 0" is "$status" 0
for workload in pair batch churn; do
	ok "my_pool $workload is measured" is "$(measured "$scratch/json" my_pool $workload status)" ok
	ok "my_pool $workload: all objects are verified" \
		is "$(measured "$scratch/json" my_pool $workload verification/objects)" \
		"$(measured "$scratch/json" kmalloc $workload verification/objects)"
	ok "my_pool $workload: no byte is wrong" \
		is "$(measured "$scratch/json" my_pool $workload verification/mismatched_bytes)" 0
done
ok "my_pool: 500 objects of 40 bytes take the block of 8 pages that kvmalloc_array() returns" \
	is "$(measured "$scratch/json" my_pool batch memory/backing_bytes)" 32768
ok "my_pool is cheaper than kmalloc" test "$(measured "$scratch/json" my_pool batch alloc/uninterrupted/p50)" -lt \
	"$(measured "$scratch/json" kmalloc batch alloc/uninterrupted/p50)"

run explain my_pool --facility-file "$pool" --objects 100
ok "explain --facility-file: exit status 0" is "$status" 0
ok "explain shows the facility's function" out_has 'my_pool_alloc_n'
ok "explain agrees with the clock" out_has 'agrees to the instruction in 100 operations'

run advise --facility-file "$pool" --facility my_pool,kmalloc --layouts 1 --no-store
ok "advise --facility-file ranks the facility" out_has '1\. *my_pool'
run translate --facility-file "$pool" --facility my_pool --objects 1
ok "translate --facility-file: exit status 0" is "$status" 0

sed 's/pool->free = \*object;/pool->fre = *object;/' "$pool" >"$scratch/broken.c"
run run --facility-file "$scratch/broken.c" --facility my_pool
ok "a file that does not build: exit status 3" is "$status" 3
ok "a file that does not build: the message has the user's path and line" \
	err_has "^$scratch/broken.c:[0-9]*:[0-9]*: error: .*fre"
ok "a file that does not build: the last line names file and kernel" \
	err_has "^kmemlab: '$scratch/broken.c' does not build for 6\.1\.[^ ]* (see above)$"

grep -v '\.idle = ' "$pool" >"$scratch/invalid.c"
run run --facility-file "$scratch/invalid.c" --facility my_pool
ok "a violated rule of facility.h: exit status 1" is "$status" 1
ok "a violated rule of facility.h is named" err_has 'my_pool) is invalid: idle is missing'
ok "nothing is left behind" nothing_left
done_testing
