#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# support_matrix.pl INTRO FOLDER: docs/support-matrix.md from what support_matrix.sh left there:
# what really ran, by architecture, board, kernel and facility.
use strict;
use warnings;
use JSON::PP;

my %usual = (amd64 => 'pc', arm64 => 'virt', 'arm64-16k' => 'virt', armhf => 'virt', 'armhf-lpae' => 'virt');
my @series = qw(5.4 5.10 6.1 6.12 7.2);
my %word = (ok => 'passed', failed => 'FAILED', refused => 'not available');
my (%run, %seen, @facilities, %unavailable, %unrun);

sub content {
	open my $in, '<', $_[0] or die "$_[0]: $!\n";
	local $/;
	return <$in> // '';
}

# Each facility's worst word; one workload that is refused is no facility that is.
sub take_run {
	my ($where, $kernel, $run) = @_;
	my %status;
	for my $result (@{$run->{results}}) {
		my ($name, $status) = @$result{qw(facility status)};
		push @facilities, $name unless $seen{$name}++;
		$unavailable{"$name on $where"} = $result->{reason} if $status eq 'refused' && !$status{$name};
		next if ($status{$name} // '') eq 'failed' || ($status eq 'refused' && $status{$name});
		$status{$name} = $status;
		delete $unavailable{"$name on $where"} if $status ne 'refused';
	}
	return { release => $run->{environment}{kernel}{release}, status => \%status };
}

my ($intro, $folder) = @ARGV;
for my $file (sort glob "'$folder'/*") {
	my ($arch, $board, $kernel, $kind) = $file =~ m{([^/:]+):([^/:]+):([^/:]+)\.(json|why)$} or next;
	my $where = "$kernel $arch" . ($board eq $usual{$arch} ? '' : " $board");
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
	my $ran = $run{"$arch:$usual{$arch}"} //= {};
	$ran->{$_} //= { release => undef, status => {} } for @series;
	print "\n## $arch, board $usual{$arch}\n\n";
	print '| facility | ', join(' | ', map { $ran->{$_}{release} // $_ } @series), " |\n";
	print '|---', '|---' x @series, "|\n";
	for my $name (@facilities) {
		print "| $name | ", join(' | ', map { $word{$ran->{$_}{status}{$name} // ''} // 'not run' } @series), " |\n";
	}
}
print "\n## Other boards\n\n| board | architecture | kernel | passed | failed | not available |\n|---|---|---|---|---|---|\n";
for my $key (sort keys %run) {
	my ($arch, $board) = split /:/, $key;
	next if $board eq $usual{$arch};
	for my $kernel (sort keys %{$run{$key}}) {
		my ($release, $status) = @{$run{$key}{$kernel}}{qw(release status)};
		my %count = (ok => 0, failed => 0, refused => 0);
		$count{$_}++ for values %$status;
		print "| $board | $arch | $release | $count{ok} | $count{failed} | $count{refused} |\n";
	}
}
print "\n## Not available because\n\n" if %unavailable;
print "- $_: $unavailable{$_}\n" for sort keys %unavailable;
print "\n## Not run because\n\n";
print "- $_: $unrun{$_}\n" for sort keys %unrun;
for my $arch (sort keys %usual) {
	for my $kernel (grep { !$run{"$arch:$usual{$arch}"}{$_}{release} && !$unrun{"$_ $arch"} } @series) {
		print "- $kernel $arch: ", $kernel eq '5.4' ? "no suite has it (see above)" : "nobody asked for it", "\n";
	}
}
