#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What explain shows adds up to the clock, to the instruction: for every facility, both ways;
# and it is what run measures.
use strict;
use warnings;
use FindBin;
BEGIN { require "$FindBin::Bin/explaining.pl"; }
our ($kmemlab, $scratch);

# In the order of the machine's own sums: all operations, by path.
sub path_sum {
	my ($document) = @_;
	my ($operations, $instructions) = (0, 0);
	for (@{$document->{paths}}) {
		$operations += $_->{count};
		$instructions += $_->{count} * $_->{instructions};
	}
	return ($operations, $instructions);
}

# The same experiment's own result, in a plan that is marked as explain's is.
sub measured {
	my ($facility) = @_;
	open(my $plan, '>', "$scratch/plan") or die;
	print $plan "experiment facility=$facility workload=batch objects=300 mark=1\n";
	close($plan);
	system("$kmemlab run --plan $scratch/plan --no-store --json $scratch/r.json >/dev/null 2>&1");
	return read_json("$scratch/r.json")->{runs}[0]{results}[0];
}

my @facilities = grep { $_ ne 'user' } map { /^(\w+) / ? $1 : () } split /\n/, `$kmemlab list facilities`;
ok(@facilities >= 5, 'there are facilities');
for my $facility (@facilities) {
	my $result = measured($facility);
	for my $op ('alloc', 'free') {
		my ($status, $document) = explain("$facility --objects 300 --op $op");
		my $name = "$facility, $op";

		if ($status == 2 && said('err') =~ /not available|serves objects|refused/) {
			ok(1, "$name # SKIP " . (said('err') =~ /(.*)/)[0]);
			next;
		}
		my ($operations, $instructions) = path_sum($document);
		my $all = $result->{$op}{all};
		my $slept = $result->{$op}{slept} // 0;

		add_up($name, $status, $document);
		# While one waits the CPU may be idle; all others are compared.
		ok($document->{clock}{compared} + $slept >= $document->{operations},
		   "$name: every operation is");
		# What hit an operation is in its sample, and apart here; run leaves out those that waited.
		ok($slept ||
		   ($operations == $all->{samples} &&
		    abs(($instructions + $document->{interrupt_instructions} +
			 $document->{other_task_instructions}) / $operations -
			$all->{mean}) < 0.0001), "$name: the paths add up to what run measures");
	}
}

my ($status) = explain('kmalloc --size 64 --folded -');
ok($status == 0 && said('out') =~ /^kmalloc_alloc_n;\w+ \d+$/m, 'folded lines');
my $folded = 0;
$folded += $_ for said('out') =~ / (\d+)$/mg;
ok($folded == read_json("$scratch/e.json")->{sum}, 'they add up');

my $document;
($status, $document) = explain("kmalloc --size 64 --state refill --model 'l1=32k,8 l2=1m,16 dtlb=64,4'");
ok($document->{sum} > 1000 && $document->{tree}{modelled_misses}{l1} >= 0, 'the longest path, with a model');
($status, $document) = explain('kmalloc --size 64 --kernel default,6.1');
ok($status == 0 && @{$document->{differences}} > 3 &&
   !grep({ $_->{changes}[0] } @{$document->{differences}}), 'a kernel does not differ from itself');

# Several objects by one call are one operation; a whole machine full of them is many.
for (['kmem_cache --objects 300 --workload bulk_16', 19], ['page_packed --objects 1000', 1],
     ['kmalloc --objects 300 --workload batch_rcu --op free', 300],
     ['kmem_cache --objects 300 --workload batch_rcu --op free', 300],
     ['page --workload ramp --memory 128', undef]) {
	my ($arguments, $operations) = @$_;
	($status, $document) = explain($arguments);
	add_up($arguments, $status, $document);
	ok(defined $operations ? $document->{operations} == $operations : $document->{operations} > 1000,
	   "$arguments: $document->{operations} operations");
}

for (['nosuch', 'unknown facility'], ['kmalloc --op both', 'alloc or free'], ['', 'which facility'],
     ["kmalloc --model 'l1=3'", 'SIZE,WAYS'], ['kmalloc page', 'one facility'],
     ['kmalloc,page', 'one facility'], ['kmalloc --gfp nosuch', 'unknown gfp'],
     ['kmalloc --kernel 1,2,3,4,5,6,7,8,9', 'at most 8 kernels'], ['kmalloc --size 1G', 'serves objects'],
     ['user', "a process's own"], ['kmalloc --target host', 'run --target host --pmu'],
     ['kmalloc --clock time', 'run --clock time'], ['kmalloc --cpus 2', 'one CPU'],
     ['kmalloc --workload remote_free', 'on another CPU'], ['kmalloc --size', '--size'],
     ['vmalloc --workload batch_rcu', 'no free after a grace period'],
     ['kmalloc --nosuch', 'unknown or incomplete'], ['kmalloc --folded --quiet', 'that is an option'], ['gen_pool --size 1M', 'budget'],
     ['kmalloc --kernel 3.2', 'in no suite'], ['kmalloc --arch sparc', 'can be had']) {
	my ($arguments, $message) = @$_;
	($status) = explain($arguments);
	ok($status == 2 && said('err') =~ /\Q$message\E/i && 1 == (() = said("err") =~ /^kmemlab: /mg),
	   "refused in one line: explain $arguments");
}
finish();
