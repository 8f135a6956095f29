#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# run --mix: the classes add up to the instructions that the clock counted.
use strict;
use warnings;
use FindBin;
BEGIN { require "$FindBin::Bin/explaining.pl"; }
our ($kmemlab, $scratch);

sub results_of {
	my ($arguments) = @_;
	my $status = system("$kmemlab run --no-store --mix $arguments --json $scratch/m.json >$scratch/out 2>$scratch/err");

	ok($status == 0, "run --mix $arguments exits with status 0") or diag(said('err'));
	return [map { @{$_->{results}} } @{read_json("$scratch/m.json")->{runs}}];
}

# An interrupt, or a task that the scheduler switches to, is in the clock's sum only.
sub check_costs {
	my ($title, $result) = @_;

	for my $op ('alloc', 'free') {
		my ($cost, $mix) = ($result->{$op}, $result->{$op}{mix});

		ok($mix && sum(values %{$mix->{classes}}) == $mix->{instructions},
		   "$title, $op: the classes add up to the instructions");
		next if $cost->{interrupted};
		ok($mix && $mix->{instructions} == $cost->{all}{total} && $mix->{operations} == $cost->{all}{samples},
		   "$title, $op: the trace has the clock's instructions and operations");
	}
}

# Without a history, a run executes the same instructions when it is traced.
for my $arguments ('--isolate --facility kmalloc,page_frag,dma_pool --workload pair --objects 300',
		   '--isolate --facility kmem_cache --workload pair,batch_rcu --objects 64 --arch arm64',
		   '--isolate --facility kmalloc --workload pair --objects 64 --arch armhf --cpu cortex-a15') {
	check_costs("$_->{facility} $_->{workload}", $_) for @{results_of($arguments)};
}

my ($page, $mempool) = @{results_of('--facility page,mempool --workload pair --objects 64')};
my $cleared = $page->{alloc}{mix};
ok($cleared->{named}{'rep stos'} == 64 && $cleared->{stored_bytes} > 64 * 4096 && $cleared->{stores} < 64 * 100,
   'clearing a page is one store of 4,096 bytes');
ok($mempool->{alloc}{mix}{retpolines} + $mempool->{alloc}{mix}{classes}{indirect} == 64,
   'mempool calls its allocator indirectly, once for each object');
system("$kmemlab report $scratch/m.json >$scratch/out");
my ($instructions) = said('out') =~ /^page pair, 64 x 32 +alloc +([\d.]+) /m;
ok(abs($instructions - $cleared->{instructions} / 64) < 0.06, 'report shows the mix of stored results');
system("$kmemlab report $scratch/m.json --csv $scratch/m.csv");
open(my $csv, '<', "$scratch/m.csv");
ok(scalar(grep { /rep stos=64/ } <$csv>), 'CSV has the instructions by name');
ok(system("$kmemlab run --no-store --repeat-of $scratch/m.json >$scratch/out 2>&1") == 0,
   'a result with a mix can be repeated');

# Several kernels, architectures and CPU models: each run has its own mix.
for my $many ('--kernel 5.10,6.1 --cpu server,minimal', '--kernel 6.1,7.2 --arch amd64,arm64') {
	my $results = results_of("$many --isolate --facility kmalloc --workload pair --objects 64");
	my %costs = map { $_->{alloc}{all}{total} => 1 } @$results;

	ok(@$results == 4 && keys %costs > 2 &&
	   !grep({ $_->{alloc}{mix}{instructions} != $_->{alloc}{all}{total} } @$results),
	   "$many: each run has its own mix");
}

# Explain an operation. Return its written lines, and the names of the shared ones.
sub shared_lines {
	my ($arguments) = @_;
	my ($status, $document) = explain("$arguments --objects 300");
	my $written = $document->{written_lines};

	ok($status == 0 && $written && !wrong_sums($document), "$arguments: the sums are right") or
		diag(said('err'), wrong_sums($document));
	return ($written // {}, join(', ', map { $_->{name} } @{$written->{shared_named}}));
}

# QEMU does not tell which memory arm64's dc zva clears.
for my $kernel ('--kernel 6.1', '--kernel 7.2 --arch arm64') {
	my $cleared = $kernel =~ /arm64/ ? 0 : 64;
	my ($page, $page_shared) = shared_lines("page $kernel");
	ok($page->{per_cpu} && $page->{own} == $cleared + 1 && $page_shared !~ /zone|pgdat|lock/,
	   "$kernel: a page from the per-CPU list writes the page, its struct page and no zone") or
		diag($page_shared);
	my ($refill, $refill_shared) = shared_lines("page $kernel --state refill");
	ok($refill->{own} == $cleared + 1 && $refill_shared =~ /zone \w+ lock.*zone \w+ free lists/,
	   "$kernel: a refill of the list writes the zone's lock and free lists") or
		diag($refill_shared);
	my ($cache, $cache_shared) = shared_lines("kmem_cache $kernel");
	ok($cache->{per_cpu} && $cache->{own} == 1 &&
	   ($kernel =~ /7/ ? $cache_shared eq 'memory written by kmem_cache_alloc_noprof' : !$cache->{shared}),
	   "$kernel: kmem_cache writes the object and the CPU's own slab or sheaf") or
		diag($cache_shared);
	my ($slab, $slab_shared) = shared_lines("kmalloc $kernel --size 512 --state refill");
	ok($slab->{own} > 8 && $slab_shared =~ /pgdat/ && $slab_shared =~ /memory written by /,
	   "$kernel: a new slab is kmalloc's own, its node is shared") or diag($slab_shared);
	my ($vmalloc, $vmalloc_shared) = shared_lines("vmalloc $kernel --size 16384");
	ok($vmalloc->{own} == 4 * ($cleared + 1) && $vmalloc_shared =~ /written by \w*(vmap_area|rb_)/,
	   "$kernel: vmalloc writes the shared tree of areas") or diag($vmalloc_shared);
}

# User memory and frees on another CPU are not traced.
my ($user, $kmalloc) = @{results_of('--facility user,kmalloc --workload pair --objects 64')};
ok($user->{status} eq 'ok' && !$user->{alloc}{mix} && $kmalloc->{alloc}{mix}, 'user memory has no mix');
my ($remote) = @{results_of('--facility kmalloc --workload remote_free --objects 64 --arch arm64')};
ok($remote->{status} eq 'ok' && !$remote->{free}{mix}, 'frees on another CPU have no mix');

done_testing();
