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
for my $arguments ('--isolate --facility kmalloc,page_frag,percpu --workload pair --objects 300',
		   '--isolate --facility kmem_cache --workload pair,batch_rcu --objects 64 --arch arm64',
		   '--isolate --facility kmalloc --workload pair --objects 64 --arch armhf --cpu cortex-a15') {
	check_costs("$_->{facility} $_->{workload}", $_) for @{results_of($arguments)};
}

my ($page) = @{results_of('--facility page --workload pair --objects 64 --kernel 6.1')};
ok($page->{alloc}{mix}{named}{'rep stos'} == 64 && $page->{alloc}{mix}{stored_bytes} > 64 * 4096 &&
   $page->{alloc}{mix}{stores} < 64 * 100, 'clearing a page is one store of 4,096 bytes');
system("$kmemlab report $scratch/m.json >$scratch/out");
ok(said('out') =~ /^page pair, 64 x 32 +alloc +463\.0 .*\n.* free +\d/m,
   'report shows the mix of stored results');

# Several kernels and CPU models: each run has its own mix.
my $many = results_of('--facility kmalloc --workload pair --objects 64 --kernel 5.10,6.1 --cpu server,minimal');
ok(@$many == 4 && !grep({ $_->{alloc}{mix}{instructions} != $_->{alloc}{all}{total} } @$many),
   'each kernel and CPU model has its own mix');

# User memory and frees on another CPU cannot be traced.
my ($user, $kmalloc) = @{results_of('--facility user,kmalloc --workload pair --objects 64')};
ok($user->{status} eq 'ok' && !$user->{alloc}{mix} && $kmalloc->{alloc}{mix},
   'user memory has no mix');
done_testing();
