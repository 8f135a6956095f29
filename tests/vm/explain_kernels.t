#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What explain shows adds up to the clock on other kernels and architectures, and what differs
# between kernels to the difference of their clocks.
use strict;
use warnings;
use FindBin;
require "$FindBin::Bin/explaining.pl";
our ($kmemlab, $scratch);

for (['amd64', '5.10', 'kmalloc --op alloc', 'page --op free --size 65536'],
     ['amd64', '6.12', 'vmalloc --op alloc', 'percpu --op free'],
     ['amd64', '7.2', 'kmem_cache --op free', 'page --op alloc'],
     ['arm64', '6.1', 'kmalloc --op free', 'vmalloc --op alloc'],
     ['armhf', '6.1', 'page --op alloc --size 65536', 'percpu --op free'],
     ['armhf-lpae', '6.1', 'vmalloc --op alloc', 'kmem_cache --op free']) {
	my ($arch, $kernel, @experiments) = @$_;
	for my $experiment (@experiments) {
		my ($status, $document) =
			explain("$experiment --arch $arch --kernel $kernel --quiet");
		my @strangers = grep { /^\(unknown|^vector|_irq|_exc_|sysvec/ } $document->{tree} ? names($document->{tree}) : ();
		add_up("$kernel, $arch, $experiment", $status, $document);
		ok(($document->{clock}{compared} // 0) >= 0.95 * ($document->{operations} // 1),
		   'nearly every operation has a clock to compare');
		ok(!@strangers, 'interrupts are kept apart');
		print "# @strangers\n" if @strangers;
	}
}

my ($status, $document) =
	explain("kmalloc --size 64 --kernel 5.10,6.1,6.12,7.2 --html $scratch/page.html");
my @kernels = @{$document->{kernels} // []};
ok($status == 0 && @kernels == 4, 'four kernels side by side');
for my $i (1 .. $#kernels) {
	my $changes = sum(map { $_->{changes}[$i - 1] } @{$document->{differences}});
	ok($changes == $kernels[$i]{sum} - $kernels[0]{sum} && !wrong_sums($kernels[$i]),
	   "$kernels[$i]{experiment}{kernel}: the differences are that of the clocks");
	ok($document->{tree}{total}[$i] == $kernels[$i]{sum}, 'so are those of the calls');
}
ok(said('page.html') =~ m{^<!DOCTYPE html>.*</html>\s*$}s, 'and as a page');
my @frames = said('page.html') =~ /class="flames"/g;
ok(@frames == 4 && said('page.html') !~ /<script|https?:/, 'with a flame graph each and nothing from elsewhere');
finish();
