#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# results.pl FILE PATH: print a part of a JSON document as canonical JSON.
# PATH is like runs/0/results/3/alloc/uninterrupted/p50.
use strict;
use warnings;
use JSON::PP;

my ($file, $path) = @ARGV;
open my $in, '<', $file or die "$file: $!\n";
local $/;
my $node = decode_json(<$in>);
for my $step (split m{/}, $path // '') {
	$node = ref $node eq 'ARRAY' ? $node->[$step] : $node->{$step};
}
print JSON::PP->new->canonical->allow_nonref->encode($node), "\n";
