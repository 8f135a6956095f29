#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# support_matrix.pl RESULTS...: docs/support-matrix.md from results documents: what really
# ran, by kernel, architecture and facility.
use strict;
use warnings;
use JSON::PP;

my @archs = qw(amd64 arm64 armhf armhf-lpae);
my (%cell, %facilities, @order, %releases, %reasons);
local $/;
for my $file (@ARGV) {
	open my $in, '<', $file or die "$file: $!\n";
	for my $run (@{decode_json(<$in>)->{runs}}) {
		my $environment = $run->{environment};
		my $arch = $environment->{machine}{arch};
		my ($series) = $environment->{kernel}{release} =~ /^(\d+\.\d+)/;
		$releases{$series}{$arch} = $environment->{kernel}{release};
		for my $result (@{$run->{results}}) {
			my $name = $result->{facility};
			push @order, $name unless $facilities{$name}++;
			my $status = $result->{status};
			# One workload that is refused is no facility that is.
			next if $status eq 'refused' && $cell{$series}{$arch}{$name};
			$cell{$series}{$arch}{$name} = $status unless
				($cell{$series}{$arch}{$name} // '') eq 'failed';
			$reasons{"$name on $series $arch"} = $result->{reason} if $status eq 'refused';
			delete $reasons{"$name on $series $arch"} if $status eq 'ok';
		}
	}
}
my %word = (ok => 'passed', failed => 'FAILED', refused => 'not available');
my @series = sort { my ($a1, $a2) = split /\./, $a; my ($b1, $b2) = split /\./, $b;
		    $a1 <=> $b1 || $a2 <=> $b2 } keys %cell;
print "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n# What has run where\n\n";
print "Made by `make support-matrix` from runs of every facility (pair and batch, 2,000 objects of\n";
print "32 bytes, instructions counted). *Passed*: costs taken, every object proved by all routes.\n";
for my $arch (@archs) {
	my @ran = grep { $cell{$_}{$arch} } @series;
	print "\n## $arch\n\n";
	print("Not run.\n"), next unless @ran;
	print '| facility | ', join(' | ', map { $cell{$_}{$arch} ? $releases{$_}{$arch} : $_ } @series), " |\n";
	print '|---', '|---' x @series, "|\n";
	for my $name (@order) {
		print "| $name | ", join(' | ', map { $word{$cell{$_}{$arch}{$name} // ''} // 'not run' } @series), " |\n";
	}
}
print "\n## Not available because\n\n" if %reasons;
print "- $_: $reasons{$_}\n" for sort keys %reasons;
print "\n## Linux 5.4\n\nNot run, and not built: no suite has it. The probes in `module/compat/` find out what a kernel lacks; whether that is enough for 5.4 is not shown.\n";
