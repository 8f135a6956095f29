#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The instructions that explain attributes add up to the clock for every facility, and equal
# the results of run.
use strict;
use warnings;
use FindBin;
BEGIN { require "$FindBin::Bin/explaining.pl"; }
our ($kmemlab, $scratch);

# Return the number of operations and of instructions over all paths.
sub path_sum {
	my ($document) = @_;
	my ($operations, $instructions) = (0, 0);
	for (@{$document->{paths}}) {
		$operations += $_->{count};
		$instructions += $_->{count} * $_->{instructions};
	}
	return ($operations, $instructions);
}

# Return run's result of the same experiment, with the marks that explain uses.
sub measured {
	my ($facility) = @_;
	open(my $plan, '>', "$scratch/plan") or die;
	print $plan "experiment facility=$facility workload=batch objects=300 mark=1\n";
	close($plan);
	system("$kmemlab run --plan $scratch/plan --no-store --json $scratch/r.json >/dev/null 2>&1");
	return read_json("$scratch/r.json")->{runs}[0]{results}[0];
}

my @facilities = grep { $_ ne 'user' } map { /^(\w+) / ? $1 : () } split /\n/, `$kmemlab list facilities`;
ok(@facilities >= 5, 'list facilities prints at least five facilities');
for my $facility (@facilities) {
	my $result = measured($facility);
	for my $op ('alloc', 'free') {
		my ($status, $document) = explain("$facility --objects 300 --op $op");
		my $name = "$facility, $op";

		if ($status == 2 && said('err') =~ /unavailable|allocates objects|refused/) {
			ok(1, "$name # SKIP " . (said('err') =~ /(.*)/)[0]);
			next;
		}
		my ($operations, $instructions) = path_sum($document);
		my $all = $result->{$op}{all};
		my $slept = $result->{$op}{slept} // 0;

		add_up($name, $status, $document);
		# Operations that slept cannot be compared, because the CPU may be idle, nor those in
		# which an interrupt hit the reading of the clock, whose sample is wrong.
		my $misread = $document->{operations} - $document->{clock}{compared} - $slept;
		ok($misread <= 1, "$name: every operation is compared with the clock");
		# Samples include interrupts, which are separate here; run excludes operations that slept.
		ok($slept || $misread > 0 ||
		   ($operations == $all->{samples} &&
		    abs(($instructions + $document->{interrupt_instructions} +
			 $document->{other_task_instructions}) / $operations -
			$all->{mean}) < 0.0001), "$name: the paths add up to the result of run");
	}
}

my ($status) = explain('kmalloc --size 64 --folded -');
ok($status == 0 && said('out') =~ /^kmalloc_alloc_n;\w+ \d+$/m, 'explain --folded prints folded stacks');
my $folded = 0;
$folded += $_ for said('out') =~ / (\d+)$/mg;
ok($folded == read_json("$scratch/e.json")->{sum}, 'the folded stacks add up to the sum of the document');

my $document;
($status, $document) = explain("kmalloc --size 64 --state refill --model 'l1=32k,8 l2=1m,16 dtlb=64,4'");
ok($document->{sum} > 1000 && $document->{tree}{modelled_misses}{l1} >= 0, 'explain --state refill --model shows the longest path with cache misses');
my $model = '--cycles haswell,znver3';
($status, my $modelled) = explain("kmalloc --size 64 --state refill $model");
my @estimates = @{$modelled->{modelled_cycles} // []};
ok(@estimates == 2 && !grep({ $_->{pipeline} < 100 || abs($_->{cycles} - $_->{pipeline} - $_->{weights} - $_->{misses}) > 0.01 } @estimates),
   'explain --cycles estimates the cycles of each CPU');
ok(abs(sum(map { $_->{cycles} } @{$estimates[0]{named}}) - $estimates[0]{weights}) < 0.01 && !grep({ !$_->{source} } @{$estimates[0]{named}}),
   'explain --cycles: each weight has a source, and they add up');
ok($modelled->{sum} == $document->{sum} && said('out') =~ /^ *haswell +znver3\n *modelled +modelled/m, 'explain --cycles changes no count, and labels its columns');
($status, $document) = explain('kmalloc --size 64 --kernel default,6.1');
ok($status == 0 && @{$document->{differences}} > 3 &&
   !grep({ $_->{changes}[0] } @{$document->{differences}}), 'explain finds no difference between a kernel and itself');

# A bulk call is one operation; a ramp has many.
for (['kmem_cache --objects 300 --workload bulk_16', 19], ['kmem_cache --objects 48 --bulk 16 --repeats 5', 15],
     ['page_packed --objects 1000', 1],
     ['kmalloc --objects 300 --workload batch_rcu --op free', 300],
     ['kmem_cache --objects 300 --workload batch_rcu --op free', 300],
     ['page --workload ramp --memory 128', undef]) {
	my ($arguments, $operations) = @$_;
	($status, $document) = explain($arguments);
	add_up($arguments, $status, $document);
	ok(defined $operations ? $document->{operations} == $operations : $document->{operations} > 1000,
	   "explain $arguments: the expected number of operations is traced");
}

for (['nosuch', 'unknown facility'], ['kmalloc --op both', "'alloc' or 'free'"], ['', 'missing FACILITY'],
     ["kmalloc --model 'l1=3'", 'SIZE,WAYS'], ['kmalloc page', 'unexpected argument'],
     ['kmalloc,page', 'a single facility'], ['kmalloc --gfp nosuch', 'unknown GFP'],
     ['kmalloc --kernel 1,2,3,4,5,6,7,8,9', 'at most 8 values'], ['kmalloc --size 1G', 'allocates objects of'],
     ['user', 'is user memory'], ['kmalloc --target host', 'run --target host --pmu'],
     ['kmalloc --clock time', 'run --clock time'], ['kmalloc --cpus 2', 'one CPU'],
     ['kmalloc --workload remote_free', 'on another CPU'], ['kmalloc --size', '--size'],
     ['vmalloc --workload batch_rcu', 'no free after a grace period'],
     ['kmalloc --nosuch', 'unknown option'], ['kmalloc --folded --quiet', 'requires a value'], ['gen_pool --size 1M', 'budget'],
     ['kmalloc --kernel 3.2', 'no suite has kernel'], ['kmalloc --arch sparc', 'known: amd64']) {
	my ($arguments, $message) = @$_;
	($status) = explain($arguments);
	ok($status == 2 && said('err') =~ /\Q$message\E/i && 1 == (() = said("err") =~ /^kmemlab: /mg),
	   "explain $arguments exits with status 2 and one line");
}
done_testing();
