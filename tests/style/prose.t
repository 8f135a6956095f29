#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Comments, messages and documentation avoid phrases that are not plain English, comments do not
# begin with a question word, and a test's name does not continue the name before it.
use strict;
use warnings;
use Test::More;

my @phrases = (
	'(?:be|is|are|was|were|been) had',
	'(?:is|are|was) wanted',
	'unless told', '(?:is|are|was|be) told so', 'says? so',
	'told apart', 'tells? apart',
	'by lot', 'anew', 'alike', 'beside', 'in pieces', 'so many',
	'puts? away', 'for people', '(?:stand|stands|stood) behind',
	'(?:is|are|was|be) taken off', 'takes? off',
	# "nobody" is also a user.
	'nobody(?! "\$)', 'somebody',
	'carr(?:y|ies|ied|ying) out',
	'of (?:one|\w+)\'s own',
	'no news', 'makes? do', 'gone through', 'at hand', 'in (?:its|their) stead',
	'in vain', 'the like', 'by itself alone',
	'whoever', 'for long', 'allocator refuse[sd]?', 'also if (?:it|the)', 'by (?:an )?equal ones?',
	'[oi]f th(?:is|ese) (?:index|indices)', 'leaves nothing(?! behind)',
	'(?:instructions?|bytes?|ticks?|pages?|ns|nanoseconds|figures?|costs?) an? (?:object|operation|page|byte|call|boot|line)',
	# "there is no ..." is fine, "what is no file" is not.
	'(?<!there )(?<!There )(?:is|are) no (?!longer\b|more\b|such\b|less\b|need\b|way\b|different\b|better\b)[a-z]+',
);
my $phrase = join('|', @phrases);
my $question = qr/(?:What|Whose|Whether|Who|So|Where|Of|How|With what|By what)\b/;
my $continued = qr/^(?:and|or|nor|but|so|which|who|whose|that|as|says|too|also|again|there|then|it|they)\b/;

sub is_text {
	my ($path) = @_;
	return $path =~ m{\.(?:c|h|S|t|pl|sh|mk|md|scd|yml)$|(?:^|/)(?:lab|run|Makefile|Kbuild|Kconfig)$} &&
		$path !~ m{^(?:LICENSES|tests/golden)/|^tests/style/prose\.t$};
}

# The text that begins a comment on this line, or ''.
sub comment_start {
	my ($path, $line, $previous) = @_;
	return '' if $path =~ /\.(?:md|scd)$/;
	if ($path =~ /\.[chS]$/) {
		return $1 if $line =~ m{(?:/\*\*?|//)\s*(.*)};
		my ($text) = $line =~ m{^\s*\*\s+(.*)};
		return defined $text && $previous =~ m{^\s*/\*\*?\s*$} ? $text : '';
	}
	my ($text) = $line =~ /(?:^|\s)#\s+(.*)/;
	return defined $text && $previous !~ /^\s*#(?! SPDX|!)/ ? $text : '';
}

# All wrong lines, each as "number: text".
sub findings {
	my ($path, @lines) = @_;
	my @found;
	my $previous = '';
	for my $i (0 .. $#lines) {
		my $line = $lines[$i];
		push @found, $i + 1 . ": $line" if $line =~ /\b(?:$phrase)\b/i ||
			comment_start($path, $line, $previous) =~ /^$question/ ||
			($line =~ /\bok(?:_\w+)?\(?[ (].*?"([^"]+)"(?!\)[, ])/ && $1 =~ $continued);
		$previous = $line;
	}
	return @found;
}

my @found;
for my $path (grep { -f && is_text($_) } split /\n/, `git ls-files -co --exclude-standard`) {
	open(my $in, '<', $path) or die "$path: $!\n";
	chomp(my @lines = <$in>);
	push @found, map { "$path:$_" } findings($path, @lines);
}
ok(!@found, 'comments, messages and documentation are plain English') or
	diag(join("\n", @found), "\n", scalar @found, ' lines');

# Each check must find an error.
my %wrong = (
	'a banned phrase' => ['a.md', 'The kernel is told so.'],
	'"is no" without "there"' => ['a.c', '/* A line that is no payload. */'],
	'a comment that begins with What' => ['a.c', '/* What it writes. */'],
	'a kernel-doc comment that begins with Whose' => ['a.h', '/**', ' * Whose page this is.', ' */'],
	'a shell comment that begins with Whether' => ['a.sh', "\t# Whether it works"],
	'a comment at the end of a line that begins with So' => ['a.c', "\tint n;\t/* So many */"],
	'a test name that continues another' => ['a.t', 'ok "and the other one" is 1 1'],
	'a test name in C that continues another' => ['a_test.c', "\tok(n == 1, \"which is one\");"],
);
ok(findings(@{$wrong{$_}}), "self-test: $_ is found") for sort keys %wrong;
my @plain = ('a.c', '/* Return the page that holds the address, or NULL if there is no page. */',
	     '#include "what.h"', "\tok(n == 1, \"map: one frame is free\");",
	     "\tok(fails(err, \"too busy\"), \"experiment: a busy CPU is skipped\");");
is(join("\n", findings(@plain)), '', 'self-test: plain English is not reported');
done_testing();
