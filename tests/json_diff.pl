#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# json_diff.pl FILE FILE: compare two JSON documents. Print the path and both values of the
# first differences, and exit with status 1 if there are any.
use strict;
use warnings;
use JSON::PP;

my $json = JSON::PP->new->canonical->allow_nonref;
my $shown = 20;
my $differences = 0;

sub load {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	return $json->decode(<$in>);
}

sub text {
	my ($value) = @_;
	return substr($json->encode($value), 0, 60);
}

sub differ {
	my ($path, $left, $right) = @_;
	print "$path: $left, $right\n" if $differences++ < $shown;
}

sub compare {
	my ($path, $left, $right) = @_;
	if (ref $left eq 'HASH' && ref $right eq 'HASH') {
		my %keys = (%$left, %$right);
		for my $key (sort keys %keys) {
			if (exists $left->{$key} && exists $right->{$key}) {
				compare("$path/$key", $left->{$key}, $right->{$key});
			} else {
				differ("$path/$key", map { exists $_->{$key} ? text($_->{$key}) : 'missing' }
					$left, $right);
			}
		}
	} elsif (ref $left eq 'ARRAY' && ref $right eq 'ARRAY' && @$left == @$right) {
		compare("$path/$_", $left->[$_], $right->[$_]) for 0 .. $#$left;
	} elsif ($json->encode($left) ne $json->encode($right)) {
		differ($path, text($left), text($right));
	}
}

die "usage: json_diff.pl FILE FILE\n" if @ARGV != 2;
compare('', load($ARGV[0]), load($ARGV[1]));
print "$differences differences\n" if $differences > $shown;
exit($differences > 0);
