#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The frames that back objects are all memory that their allocation took, at sizes around
# the boundaries of classes, pages, slabs, blocks and huge pages.
. tests/kmemlab.sh

# unexplained: print the experiments of which the backing differs from the memory that the
# system lost, beyond: pages of slabs and per-CPU lists; the array of page pointers of each
# area of vmalloc; the memory of a pool, which is not a facility's backing, 64 pages for each
# refill of a page pool; per-CPU areas that
# were populated before, and for new ones the owners of their objects, two copies large; page
# tables that a huge mapping replaces and frees.
unexplained() {
	perl -MJSON::PP -e '
		local $/;
		for my $r (map { @{$_->{results}} } @{decode_json(<STDIN>)->{runs}}) {
			my ($m, $f) = ($r->{memory}, $r->{facility}) or next;
			next if $r->{status} eq "skipped";
			my $less = my $more = 65536;
			my $area = $m->{backing_bytes} / $r->{objects};
			$more += $r->{objects} * (4096 + $area / 512) if $f =~ /^k?v/ && $area > 4096;
			$more += $m->{idle_bytes} if $f eq "gen_pool";
			$more += 64 * 4096 if $f eq "page_pool";
			$less += $r->{objects} * 4096 if $f =~ /^k?v/;
			$less += $m->{backing_bytes} if $f eq "percpu";
			$more += $m->{backing_bytes} / 4 if $f eq "percpu";
			my $u = $m->{unexplained_bytes};
			print "$f $r->{object_size}: backing $m->{backing_bytes}, unexplained $u\n"
				if $r->{status} ne "ok" || $u > $more || $u < -$less;
		}' <"$scratch/json"
}

run run --no-store --memory 512 --facility all --workload batch --objects 20 \
	--size 97,2049,4097,8193,32769,65537,1048577,2097151,2097153,3145728 --json "$scratch/json"
ok "run of all facilities around boundaries exits with status 0" is "$status" 0
ok "backing: equals the memory that the allocations took, for every facility and size" \
	is "$(unexplained)" ""

huge() { perl tests/results.pl "$scratch/json" "runs/0/results/0/memory/$1"; }
run run --no-store --memory 256 --facility vmalloc_huge --workload batch --objects 8 --size 3M \
	--json "$scratch/json"
ok "vmalloc_huge 3 MiB: two huge pages back each object" is "$(huge backing_bytes)" "$((8 * 4 << 20))"
ok "vmalloc_huge 3 MiB: three quarters are used" is "$(huge utilization)" 0.75
done_testing
