#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# support_matrix.pl INTRO FOLDER: print docs/support-matrix.md from the files of support_matrix.sh:
# the outcome for each architecture, board, kernel and facility.
use strict;
use warnings;
use JSON::PP;

my %default_board = (amd64 => 'pc', arm64 => 'virt', 'arm64-16k' => 'virt', armhf => 'virt', 'armhf-lpae' => 'virt');
my @series = qw(5.4 5.10 6.1 6.12 7.2);
my %word = (ok => 'passed', failed => 'FAILED', skipped => 'not available');
my (%run, %seen, @facilities, %unavailable, %unrun);

sub content {
	open my $in, '<', $_[0] or die "$_[0]: $!\n";
	local $/;
	return <$in> // '';
}

# The status of a facility is that of its worst workload, except that one skipped workload does not
# make it unavailable.
sub take_run {
	my ($where, $kernel, $run) = @_;
	my %status;
	for my $result (@{$run->{results}}) {
		my ($name, $status) = @$result{qw(facility status)};
		push @facilities, $name unless $seen{$name}++;
		$unavailable{"$name on $where"} = $result->{reason} if $status eq 'skipped' && !$status{$name};
		next if ($status{$name} // '') eq 'failed' || ($status eq 'skipped' && $status{$name});
		$status{$name} = $status;
		delete $unavailable{"$name on $where"} if $status ne 'skipped';
	}
	return { release => $run->{environment}{kernel}{release}, status => \%status };
}

my ($intro, $folder) = @ARGV;
for my $file (sort glob "'$folder'/*") {
	my ($arch, $board, $kernel, $kind) = $file =~ m{([^/:]+):([^/:]+):([^/:]+)\.(json|why)$} or next;
	my $where = "$kernel $arch" . ($board eq $default_board{$arch} ? '' : " $board");
	if ($kind eq 'json') {
		my $document = eval { decode_json(content($file)) } or next;
		$run{"$arch:$board"}{$kernel} = take_run($where, $kernel, $document->{runs}[0]);
	} else {
		my ($line) = reverse grep { /^kmemlab: / } split /\n/, content($file);
		$unrun{$where} = ($line // 'no reason given') =~ s/^kmemlab: (run: )?//r;
	}
}

print content($intro);
for my $arch (qw(amd64 arm64 arm64-16k armhf armhf-lpae)) {
	my $ran = $run{"$arch:$default_board{$arch}"} //= {};
	$ran->{$_} //= { release => undef, status => {} } for @series;
	print "\n## $arch, board $default_board{$arch}\n\n";
	print '| facility | ', join(' | ', map { $ran->{$_}{release} // $_ } @series), " |\n";
	print '|---', '|---' x @series, "|\n";
	for my $name (@facilities) {
		print "| $name | ", join(' | ', map { $word{$ran->{$_}{status}{$name} // ''} // 'not run' } @series), " |\n";
	}
}
print "\n## Other boards\n\n| board | architecture | kernel | passed | failed | not available |\n|---|---|---|---|---|---|\n";
for my $key (sort keys %run) {
	my ($arch, $board) = split /:/, $key;
	next if $board eq $default_board{$arch};
	for my $kernel (sort keys %{$run{$key}}) {
		my ($release, $status) = @{$run{$key}{$kernel}}{qw(release status)};
		my %count = (ok => 0, failed => 0, skipped => 0);
		$count{$_}++ for values %$status;
		print "| $board | $arch | $release | $count{ok} | $count{failed} | $count{skipped} |\n";
	}
}
print "\n## Reasons for \"not available\"\n\n" if %unavailable;
print "- $_: $unavailable{$_}\n" for sort keys %unavailable;
print "\n## Reasons for \"not run\"\n\n";
print "- $_: $unrun{$_}\n" for sort keys %unrun;
for my $arch (sort keys %default_board) {
	for my $kernel (grep { !$run{"$arch:$default_board{$arch}"}{$_}{release} && !$unrun{"$_ $arch"} } @series) {
		print "- $kernel $arch: ", $kernel eq '5.4' ? "no suite has this kernel (see above)" : "not requested", "\n";
	}
}
