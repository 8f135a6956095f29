#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The three states that explain shows: each adds up to the clock, and each is what its name says.
use strict;
use warnings;
use FindBin;
BEGIN { require "$FindBin::Bin/explaining.pl"; }

sub in_state {
	my ($experiment, $state) = @_;
	my ($status, $document) = explain("$experiment --objects 300 --state $state");

	add_up("$experiment, $state", $status, $document);
	ok(($document->{clock}{compared} // 0) == ($document->{operations} // -1),
	   'every operation is compared');
	return $document;
}

sub calls {
	my ($document, $pattern) = @_;
	return scalar grep { /$pattern/ } $document->{tree} ? names($document->{tree}) : ();
}

# Which function fetches what the caches have no more of.
for (['page', 'rmqueue_bulk'], ['kmem_cache', '(new|allocate)_slab'],
     ['kmem_cache --kernel 7.2', '(new|allocate)_slab'], ['page --arch arm64', 'rmqueue_bulk'],
     ['page --arch armhf', 'rmqueue_bulk']) {
	my ($experiment, $slow) = @$_;
	my %in = map { $_ => in_state($experiment, $_) } 'steady', 'cold', 'refill';

	ok($in{cold}{experiment}{workload} eq 'cold' && $in{steady}{experiment}{workload} eq 'batch',
	   'what is cold is made so');
	ok(calls($in{cold}, $slow), "$experiment: cold, it fetches more");
	ok(calls($in{refill}, $slow), "$experiment: so does a refill");
	ok(!calls($in{steady}, $slow), "$experiment: usually it does not");
	ok($in{cold}{sum} > 2 * $in{steady}{sum}, "$experiment: cold costs more than twice as much");
	ok(!calls($in{cold}, '^schedule'), "$experiment: and not because it lost the CPU");
	ok(!grep({ $_->{instructions} > $in{refill}{sum} } @{$in{refill}{paths}}), 'no path is longer');
	my ($usual) = sort { $b->{count} <=> $a->{count} } @{$in{steady}{paths}};
	ok($usual->{instructions} == $in{steady}{sum}, 'no path is more frequent');
}

# Where a workload is named, its own first operation is shown.
my ($status, $document) = explain('dma_pool --objects 300 --state cold --workload batch');
ok($status == 0 && $document->{experiment}{workload} eq 'batch' && calls($document, 'dma_alloc_attrs'),
   'the first operation of another workload');
finish();
