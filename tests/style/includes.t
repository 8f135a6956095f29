#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Includes follow the table of folders in docs/architecture.md, files include each other without a
# cycle, and each struct, union and enum tag is defined once.
use strict;
use warnings;
use File::Basename qw(dirname);
use Test::More;

# Tags with two definitions that no program or module contains both of, and the reason.
my %double_tags = ();

# The table has lines like "| `vm/` | `base/`, `runner/ivshmem.h` | purpose |".
sub read_allowed {
	my %allowed;
	open(my $in, '<', 'docs/architecture.md') or die "docs/architecture.md: $!\n";
	while (<$in>) {
		my ($folder, $list) = m{^\| `([\w/]+)/` \| ([^|]*) \|} or next;
		$allowed{$folder} = [$list =~ /`([^`]+)`/g];
	}
	return \%allowed;
}

sub folder_of {
	my ($path) = @_;
	return $path =~ m{^include/} ? 'include' : $path =~ m{^([^/]+)/} ? $1 : '';
}

# The file of the tree that an include names, or undef for a header of the system.
sub resolve {
	my ($from, $name, $files) = @_;
	my $module = $from =~ m{^module/} ? ('module/') : '';
	for (dirname($from) . "/$name", $name, "$module$name", "include/uapi/$name") {
		my $path = $_;
		1 while $path =~ s{[^/]+/\.\./}{};
		$path =~ s{^\./}{};
		return $path if $files->{$path};
	}
	return undef;
}

sub read_tree {
	my (%files, @includes, %tags) = ();
	my @paths = grep { -f && !m{/probes/} } split /\n/, `git ls-files -co --exclude-standard -- '*.c' '*.h' '*.def'`;
	$files{$_} = 1 for @paths;
	for my $path (@paths) {
		open(my $in, '<', $path) or die "$path: $!\n";
		while (<$in>) {
			if (/^\s*#\s*include\s+["<]([^">]+)[">]/) {
				my $to = resolve($path, $1, \%files);
				push @includes, { from => $path, to => $to } if $to;
			}
			$tags{$2}{"$1 in $path:$."} = 1 if /^\s*(?:typedef )?(struct|union|enum) (\w+) \{/;
		}
	}
	return (\@includes, \%tags);
}

sub is_allowed {
	my ($include, $allowed) = @_;
	my ($from, $to) = (folder_of($include->{from}), $include->{to});
	return 1 if $from eq folder_of($to) || $from eq 'tests';
	return grep { m{/$} ? index($to, $_) == 0 : $to eq $_ } @{$allowed->{$from} || []};
}

# Strongly connected files, by Tarjan's algorithm: each as one string.
sub cycles {
	my ($includes) = @_;
	my (%edges, %index, %low, @stack, %on_stack, @found);
	for (@$includes) {
		my ($from, $to) = map { s/\.(?:c|h|def)$//r } @$_{'from', 'to'};
		$edges{$from}{$to} = 1 if $from ne $to;
	}
	my $visit;
	$visit = sub {
		my ($node) = @_;
		$index{$node} = $low{$node} = keys %index;
		push @stack, $node;
		$on_stack{$node} = 1;
		for (sort keys %{$edges{$node} || {}}) {
			$visit->($_) unless defined $index{$_};
			$low{$node} = $low{$_} if $on_stack{$_} && $low{$_} < $low{$node};
		}
		return if $low{$node} != $index{$node};
		my @members;
		do {
			push @members, pop @stack;
			delete $on_stack{$members[-1]};
		} until $members[-1] eq $node;
		push @found, join(' ', sort @members) if @members > 1;
	};
	defined $index{$_} or $visit->($_) for sort keys %edges;
	return @found;
}

sub double_tags {
	my ($tags) = @_;
	return map { "$_: " . join(', ', sort keys %{$tags->{$_}}) }
		grep { keys %{$tags->{$_}} > 1 && !$double_tags{$_} } sort keys %$tags;
}

sub none {
	my ($name, @found) = @_;
	ok(!@found, $name) or diag(join("\n", @found));
}

my $allowed = read_allowed();
my ($includes, $tags) = read_tree();
ok(@$includes > 500, 'the includes of the tree are found');
none('includes follow the table in docs/architecture.md',
     map { "$_->{from} includes $_->{to}" } grep { !is_allowed($_, $allowed) } @$includes);
none('files include each other without a cycle', cycles($includes));
none('each struct, union and enum tag is defined once', double_tags($tags));

# Each check must find an error.
ok(!is_allowed({ from => 'report/table.c', to => 'vm/vm.h' }, $allowed),
   'self-test: an include of vm/ in report/ is found');
is_deeply([cycles([{ from => 'a.c', to => 'b.h' }, { from => 'b.c', to => 'c.h' },
		   { from => 'c.h', to => 'a.h' }])], ['a b c'],
	  'self-test: a cycle of three files is found');
is_deeply([double_tags({ x => { 'struct in a.h:1' => 1, 'struct in b.c:2' => 1 } })],
	  ['x: struct in a.h:1, struct in b.c:2'], 'self-test: a second definition of a tag is found');
done_testing();
