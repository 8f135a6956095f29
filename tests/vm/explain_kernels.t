#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The instructions that explain attributes add up to the clock on other kernels and
# architectures, and differences between kernels add up to the difference of their clocks.
use strict;
use warnings;
use FindBin;
BEGIN { require "$FindBin::Bin/explaining.pl"; }
our ($kmemlab, $scratch);

# A selection; KMEMLAB_TEST_ALL=1 tests all facilities and operations on all kernels.
my @few = (['amd64', '5.10', 'kmalloc --op alloc', 'page --op free --size 65536'],
	   ['amd64', '6.12', 'vmalloc --op alloc', 'percpu --op free'],
	   ['amd64', '7.2', 'kmem_cache --op free', 'page --op alloc', 'contig --op alloc'],
	   ['arm64', '6.1', 'kmalloc --op free', 'vmalloc --op alloc'],
	   ['armhf', '6.1', 'page --op alloc --size 65536', 'percpu --op free'],
	   ['armhf-lpae', '6.1', 'vmalloc --op alloc', 'kmem_cache --op free']);

sub all {
	my @facilities = grep { $_ ne 'user' }
		map { /^(\w+) / ? $1 : () } split /\n/, `$kmemlab list facilities`;
	my @experiments = map { my $facility = $_;
				map { "$facility --op $_ --objects 300" } 'alloc', 'free' } @facilities;
	my @machines;
	for my $arch ('amd64', 'arm64', 'armhf', 'armhf-lpae') {
		push @machines, [$arch, $_, @experiments] for '5.10', '6.1', '6.12', '7.2';
	}
	push @machines, ['arm64-16k', $_, @experiments] for '6.12', '7.2';
	return @machines;
}

# Check each operation and their sum; return whether the facility exists on the kernel.
sub follows {
	my ($name, $experiment, @where) = @_;
	my ($status, $document) = explain("$experiment @where --quiet");
	my @handlers = grep { /^\(unknown|^vector|^__pi___x86|_text_start$|^__irq_svc|^el1h?_.*irq|sysvec/ }
		$document->{tree} ? names($document->{tree}) : ();
	my $compared = $document->{clock}{compared} // 0;
	my $sum = sum(map { $_->{count} * $_->{instructions} } @{$document->{paths}});

	if ($status == 2 && said('err') =~ /not available/) {
		ok(1, "$name # SKIP " . (said('err') =~ /(.*)/)[0]);
		return 0;
	}
	add_up($name, $status, $document);
	ok($compared && $compared >= 0.95 * $document->{operations},
	   "$name: at least 95 % of the operations are compared with the clock");
	ok(!@handlers, "$name: the call tree contains no interrupt handlers");
	print "# $compared of $document->{operations} operations compared, $sum instructions\n"
		if $document->{operations};
	print "# @handlers\n" if @handlers;
	return 1;
}

for ($ENV{KMEMLAB_TEST_ALL} ? all() : @few) {
	my ($arch, $kernel, @experiments) = @$_;
	my $followed = 0;

	$followed += follows("$kernel, $arch, $_", $_, "--arch $arch --kernel $kernel") for @experiments;
	ok($followed > 0.7 * @experiments, "$kernel, $arch: more than 70 % of the experiments can be explained");
}

my ($status, $document) =
	explain("kmalloc --size 64 --kernel 5.10,6.1,6.12,7.2 --html $scratch/page.html");
my @kernels = @{$document->{kernels} // []};
ok($status == 0 && @kernels == 4, 'explain --kernel compares four kernels');
for my $i (1 .. $#kernels) {
	my $changes = sum(map { $_->{changes}[$i - 1] } @{$document->{differences}});
	ok($changes == $kernels[$i]{sum} - $kernels[0]{sum} && !wrong_sums($kernels[$i]),
	   "$kernels[$i]{experiment}{kernel}: the differences add up to the difference of the clocks");
	ok($document->{tree}{total}[$i] == $kernels[$i]{sum}, "$kernels[$i]{experiment}{kernel}: the call tree adds up to the clock");
}
ok(said('page.html') =~ m{^<!DOCTYPE html>.*</html>\s*$}s, 'explain --html writes a complete page');
my @frames = said('page.html') =~ /class="flames"/g;
ok(@frames == 4 && said('page.html') !~ /src=|https?:/, 'explain --html contains four flame graphs and no external references');
done_testing();
