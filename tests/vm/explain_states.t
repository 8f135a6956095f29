#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Each of explain's states adds up to the clock and takes the expected path.
use strict;
use warnings;
use FindBin;
BEGIN { require "$FindBin::Bin/explaining.pl"; }

sub in_state {
	my ($experiment, $state) = @_;
	my ($status, $document) = explain("$experiment --objects 300 --state $state");

	add_up("$experiment, $state", $status, $document);
	# An interrupt can hit the reading of the clock, about once in 10,000 operations.
	ok(($document->{operations} // 999) - ($document->{clock}{compared} // 0) <= 1,
	   "$experiment, $state: all operations but one are compared with the clock");
	return $document;
}

sub calls {
	my ($document, $pattern) = @_;
	return scalar grep { /$pattern/ } $document->{tree} ? names($document->{tree}) : ();
}

# The function that refills the caches, per facility
for (['page', 'rmqueue_bulk'], ['kmem_cache', '(new|allocate)_slab'],
     ['kmem_cache --kernel 7.2', '(new|allocate)_slab'], ['page --arch arm64', 'rmqueue_bulk'],
     ['page --arch armhf', 'rmqueue_bulk']) {
	my ($experiment, $slow) = @$_;
	my %in = map { $_ => in_state($experiment, $_) } 'steady', 'cold', 'refill';

	ok($in{cold}{experiment}{workload} eq 'cold' && $in{steady}{experiment}{workload} eq 'batch',
	   "$experiment: state cold uses workload cold, state steady batch");
	ok(calls($in{cold}, $slow), "$experiment: state cold refills the caches");
	ok(calls($in{refill}, $slow), "$experiment: state refill refills the caches");
	ok(!calls($in{steady}, $slow), "$experiment: state steady does not refill the caches");
	ok($in{cold}{sum} > 2 * $in{steady}{sum}, "$experiment: state cold costs more than twice as much as steady");
	ok(!calls($in{cold}, '^schedule'), "$experiment: state cold does not sleep");
	ok(!grep({ $_->{instructions} > $in{refill}{sum} } @{$in{refill}{paths}}), "$experiment: state refill shows the longest path");
	my ($usual) = sort { $b->{count} <=> $a->{count} } @{$in{steady}{paths}};
	ok($usual->{instructions} == $in{steady}{sum}, "$experiment: state steady shows the most frequent path");
}

# State all adds up the paths.
for my $experiment ('kmem_cache', 'page --arch arm64 --op free') {
	my $all = in_state($experiment, 'all');
	my $sum = sum(map { $_->{count} * $_->{instructions} } @{$all->{paths}});

	ok($all->{sum} == $sum && $sum == $all->{total_instructions},
	   "$experiment: state all shows the instructions of all paths");
	ok($all->{operations_on_path} == $all->{operations} && $all->{tree}{calls} == $all->{operations},
	   "$experiment: state all shows each operation once");
}

# Return how often functions are called.
sub count_calls {
	my ($node, $pattern) = @_;
	my $count = $node->{name} =~ /$pattern/ ? $node->{calls} : 0;

	$count += count_calls($_, $pattern) for @{$node->{children}};
	return $count;
}

# Slabs whose free lists are shuffled take random numbers. The kernel seeds their generator again
# once a second at most.
for my $kernel ('5.10', '6.1', '7.2') {
	my ($status, $all) = explain("kmem_cache --kernel $kernel --state all --objects 4000");
	my $numbers = count_calls($all->{tree}, '^get_random_u?(int|32)$');

	ok($numbers > 20 && count_calls($all->{tree}, '^extract_') <= 2,
	   "$kernel: random numbers are not extracted from the entropy pool each time");
}

# A condition shows where reclaim and compaction spend the instructions.
my $large = '--size 2097152 --objects 5 --state all';
my (undef, $fresh) = explain("kvmalloc $large");
my ($status, $fragmented) = explain("kvmalloc $large --condition fragmented:4");
add_up('kvmalloc, condition fragmented:4', $status, $fragmented);
ok(calls($fragmented, '^(compact_zone|try_to_compact_pages)') && !calls($fresh, '^(compact_zone|try_to_compact_pages)'),
   'explain --condition: only fragmented memory is compacted');
ok($fragmented->{experiment}{condition} eq 'fragmented:4' && $fresh->{experiment}{condition} eq 'fresh',
   'explain --condition: the document has the condition');

# With --workload, state cold shows the first operation of that workload.
($status, my $document) = explain('dma_pool --objects 300 --state cold --workload batch');
ok($status == 0 && $document->{experiment}{workload} eq 'batch' && calls($document, 'dma_alloc_attrs'),
   'explain --state cold --workload batch shows the first operation of batch');
done_testing();
