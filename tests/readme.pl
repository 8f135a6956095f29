#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# readme.pl: rewrite the output that README.md shows: that of "./lab run" in the block after
# "It prints:", and that of the command in each block that begins with "$ ./lab".
# The last line of README.md names the tools and sources that the counts depend on, besides the
# kernels. readme.pl tools: print what they are now.
# readme.pl COMMAND: print the output that README.md shows for COMMAND, which may be none.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);

my $blocks = qr/(?<=^```\n)(?:(?<=It prints:\n\n```\n)|\$ (?<command>\.\/lab [^\n]*)\n)\K.*?(?=^```)/ms;

sub output_of {
	my ($command) = @_;
	my $output = `$command </dev/null`;
	die "$command: exit status ", $? >> 8, "\n" if $?;
	return $output;
}

sub read_all {
	my ($path) = @_;
	open(my $in, '<', $path) or die "$path: $!\n";
	local $/;
	return <$in>;
}

sub tools {
	my ($qemu) = `qemu-system-x86_64 --version` =~ /version (\S+)/;
	my ($gcc) = `gcc -dumpfullversion` =~ /(\S+)/;
	my $sources = sha256_hex(join('', map { read_all($_) } sort split(/\0/,
		`find base explain include lib module plugin report runner -name '*.[ch]' -print0`)));
	return "QEMU $qemu, gcc $gcc, sources " . substr($sources, 0, 12);
}

if (($ARGV[0] // '') eq 'tools') {
	print tools(), "\n";
	exit;
}
my $text = read_all('README.md');
if (@ARGV) {
	while ($text =~ /$blocks/g) {
		print $& if ($+{command} // './lab run') eq $ARGV[0];
	}
	exit;
}
$text =~ s/$blocks/output_of($+{command} \/\/ '.\/lab run')/eg;
my $tools = tools();
$text =~ s/^<!-- made with \K[^\n]*(?= -->$)/$tools/m or die "README.md: no line 'made with'\n";
open(my $out, '>', 'README.md.new') or die "README.md.new: $!\n";
print $out $text;
close($out) && rename('README.md.new', 'README.md') or die "README.md: $!\n";
