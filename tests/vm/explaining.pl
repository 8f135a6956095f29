# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the tests of explain: run it, and check the sums in a document.
use strict;
use warnings;
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More import => [qw(ok done_testing diag)];

our $kmemlab = $ENV{KMEMLAB} || 'build/kmemlab';
our $scratch = tempdir(CLEANUP => 1);
sub read_json {
	my ($path) = @_;
	open(my $in, '<', $path) or return {};
	local $/;
	return decode_json(<$in>);
}

# Run explain. Return its exit status and document; its output is in the files out and err.
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

# Return which sum differs from the clock (by function, mix, block, path or memory), or ''.
sub wrong_sums {
	my ($document, $mismatches) = @_;
	my ($sum, $operations) = @$document{'sum', 'operations'};
	return 'no document' unless defined $sum;
	my $first = $document->{clock}{first_mismatch};
	return 'the clock differs' if $document->{clock}{mismatches} != ($mismatches // 0) ||
		($document->{clock}{mismatches} && abs($first->{clock} - $first->{trace}) != 1);
	return 'the tree' if self_sum($document->{tree}) != $sum || $document->{tree}{total} != $sum;
	return 'the mix' if sum(values %{$document->{mix}{classes}}) != $sum;
	return 'the blocks' if sum(map { $_->{instructions} } @{$document->{blocks}}) != $sum;
	return 'the paths' if sum(map { $_->{count} } @{$document->{paths}}) != $operations ||
		abs(sum(map { $_->{share} } @{$document->{paths}}) - 1) > 1e-9;
	return 'the memory' if $document->{memory}{loads} != loads($document->{tree});
	my $written = $document->{written_lines};
	return 'the written lines' if $written && (sum(@$written{qw(stack own task per_cpu shared)}) !=
		$document->{memory}{written_lines} ||
		sum(map { $_->{lines} } @{$written->{shared_named}}) != $written->{shared});
	return '';
}

sub loads {
	my ($node) = @_;
	return $node->{loads} + sum(map { loads($_) } @{$node->{children}});
}

# Return all functions of a tree.
sub names {
	my ($node) = @_;
	return ($node->{name}, map { names($_) } @{$node->{children}});
}

sub add_up {
	my ($name, $status, $document) = @_;
	# At the end of memory, other tasks run within an operation: of its millions of instructions,
	# the trace may have one that the clock has not, which explain reports with status 1.
	my $mismatches = $status == 1 && $name =~ /ramp/ ? 1 : 0;
	my $wrong = $status > $mismatches ? said('err') : wrong_sums($document, $mismatches);
	ok(!$wrong, "$name: all sums agree with the clock");
	diag($wrong) if $wrong;
}

1;
