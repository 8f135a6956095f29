# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of explain share: TAP, and what must add up in a document.
use strict;
use warnings;
use File::Temp qw(tempdir);
use JSON::PP;

our $kmemlab = $ENV{KMEMLAB} || 'build/kmemlab';
our $scratch = tempdir(CLEANUP => 1);
my $count = 0;

# The prototype makes a match one value, found or not.
sub ok($$) {
	my ($good, $name) = @_;
	$count++;
	print $good ? '' : 'not ', "ok $count - $name\n";
}

sub finish {
	print "1..$count\n";
}

sub read_json {
	my ($path) = @_;
	open(my $in, '<', $path) or return {};
	local $/;
	return decode_json(<$in>);
}

# Exit status and document; what was said lies in out and err.
sub explain {
	unlink "$scratch/e.json";
	my $status = system("$kmemlab explain @_ --json $scratch/e.json >$scratch/out 2>$scratch/err");
	return ($status >> 8, read_json("$scratch/e.json"));
}

sub said {
	my ($file) = @_;
	open(my $in, '<', "$scratch/$file") or return '';
	local $/;
	return <$in> // '';
}

sub self_sum {
	my ($node) = @_;
	my $sum = $node->{self};
	$sum += self_sum($_) for @{$node->{children}};
	return $sum;
}

sub sum {
	my $sum = 0;
	$sum += $_ for @_;
	return $sum;
}

# By function, by block and by path; and the clock says so. What is wrong, or ''.
sub wrong_sums {
	my ($document) = @_;
	my ($sum, $operations) = @$document{'sum', 'operations'};
	return 'no document' unless defined $sum;
	return 'the clock differs' if $document->{clock}{differing};
	return 'the tree' if self_sum($document->{tree}) != $sum || $document->{tree}{total} != $sum;
	return 'the blocks' if sum(map { $_->{instructions} } @{$document->{blocks}}) != $sum;
	return 'the paths' if sum(map { $_->{count} } @{$document->{paths}}) != $operations ||
		abs(sum(map { $_->{share} } @{$document->{paths}}) - 1) > 1e-9;
	return 'the memory' if $document->{memory}{loads} != loads($document->{tree});
	return '';
}

sub loads {
	my ($node) = @_;
	return $node->{loads} + sum(map { loads($_) } @{$node->{children}});
}

# All functions of a tree.
sub names {
	my ($node) = @_;
	return ($node->{name}, map { names($_) } @{$node->{children}});
}

sub add_up {
	my ($name, $status, $document) = @_;
	my $wrong = $status ? said('err') : wrong_sums($document);
	ok(!$wrong, "$name: all sums are the clock's");
	print "# $wrong\n" if $wrong;
}

1;
