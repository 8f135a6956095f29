#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Compare kmemlab with the published figures of validation.json.
# validation.pl measure FOLDER: run kmemlab; FOLDER gets its documents
# validation.pl write INTRO FOLDER PLOT: print docs/validation.md, and write a scatter plot as SVG
# validation.pl check INTRO DOCUMENT: print how the document differs from what its own figures give
# validation.pl errors DOCUMENT: print explain/cycle_errors.h, the errors of modelled cycles
# validation.pl correlation LIST LIST: print the rank correlation of two lists of numbers
use strict;
use warnings;
use FindBin;
use JSON::PP;
use List::Util qw(max min sum uniq);

my $kmemlab = $ENV{KMEMLAB} || 'build/kmemlab';
my $data = document("$FindBin::Bin/validation.json");
my @columns = ('figure', 'source', 'published', 'ratio', 'ours', 'ratio', 'points', 'reason');

sub document {
	open my $in, '<', $_[0] or die "$_[0]: $!\n";
	local $/;
	return decode_json(<$in>);
}

sub file_name {
	my ($folder, @words) = @_;
	return "$folder/" . (join('-', @words) =~ s/[^\w.=]+/_/gr) . '.json';
}

# Experiments, as lists of fields. A list of sizes gives several.
sub experiments {
	my ($text) = @_;
	my %fields = (gfp => 'kernel', bulk => 0, repeats => 1, align => 0, map { split /=/ } split / /, $text);
	return map { { %fields, object_size => $_ } } split /,/, $fields{object_size};
}

sub plan_line {
	my ($fields) = @_;
	return join ' ', 'experiment', map { "$_=$fields->{$_}" } sort keys %$fields;
}

# A cell is measured in an environment. A base takes what it does not have from its row.
sub cells {
	my ($table) = @_;
	my @cells;
	for my $row (@{$table->{rows}}) {
		my %base = (in => $row->{base_in} // $row->{in} // $table->{in}, experiment => $row->{experiment}, %{$table->{base}});
		$base{experiment} =~ s/gfp=\w+/gfp=$base{gfp}/ if $base{gfp};
		push @cells, { in => $table->{in}, %$row, base => \%base };
	}
	return @cells;
}

sub result_of {
	my ($run, $fields) = @_;
	my ($result) = grep {
		my $result = $_;
		!grep { ($result->{$_} // $result->{parameters}{$_}) ne $fields->{$_} } keys %$fields;
	} @{$run->{results}};
	die plan_line($fields), ': ', $result ? $result->{reason} : 'no result', "\n"
		if ($result->{status} // '') ne 'ok';
	return $result;
}

# The cost of an object that is allocated and freed, or its bytes.
sub value {
	my ($result, $statistic) = @_;
	return $result->{memory}{backing_bytes} / $result->{objects} if $statistic eq 'bytes';
	return sum(map { $_->{mean} } @$result{'alloc', 'free'}) if $statistic eq 'mean';
	return sum(map { $_->{uninterrupted}{p50} / $_->{objects_per_operation} } @$result{'alloc', 'free'});
}

sub measured {
	my ($runs, $table, $cell) = @_;
	my @fields = experiments($cell->{experiment});
	my $statistic = $table->{statistic} // 'p50';
	return sum(map { value(result_of($runs->{$cell->{in}}, $_), $statistic) } @fields) / @fields;
}

sub published_ratio {
	my ($table, $row) = @_;
	return $table->{unit} eq 'percent' ? 1 + $row->{published} / 100 : $row->{published} / $table->{base}{published};
}

sub points {
	my ($published, $ours) = @_;
	return 100 * ($ours - $published);
}

sub ranks {
	my @values = @_;
	return map {
		my $value = $_;
		(grep { $_ < $value } @values) + ((grep { $_ == $value } @values) + 1) / 2;
	} @values;
}

# Spearman's rank correlation, with the mean rank of equal values; undefined for fewer than 3.
sub rank_correlation {
	my ($first, $second) = map { [ranks(@$_)] } @_;
	my $n = @$first;
	return undef if $n < 3;
	my $mean = ($n + 1) / 2;
	my @products = map { [$first->[$_] - $mean, $second->[$_] - $mean] } 0 .. $n - 1;
	my $scale = sqrt(sum(map { $_->[0] ** 2 } @products) * sum(map { $_->[1] ** 2 } @products));
	return $scale ? sum(map { $_->[0] * $_->[1] } @products) / $scale : undef;
}

# Return whether the signs agree, or undef if the published figures differ by rounding only.
sub sign_is_right {
	my ($table, $row, $ours) = @_;
	my $change = $row->{published} - ($table->{unit} eq 'percent' ? 0 : $table->{base}{published});
	return $table->{unit} ne 'percent' && abs($change) <= 1 ? undef : $change * ($ours - 1) > 0;
}

sub explain_path {
	my ($folder, $cell, $fields, $op) = @_;
	return file_name($folder, 'explain', $cell->{in}, $cell->{cpu} // (), (map { "$_=$fields->{$_}" } sort keys %$fields), $op);
}

# The size in the middle stands for a list of sizes.
sub explained_fields {
	my @fields = experiments($_[0]{experiment});
	return $fields[@fields / 2];
}

my %explained;
sub explain {
	my ($folder, $cell) = @_;
	my $fields = explained_fields($cell);
	return if $fields->{facility} eq 'user';
	my $cycles = $cell->{cpu} ? "--cycles $cell->{cpu}" : '';
	for my $op (@{$cell->{ops} // ['alloc', 'free']}) {
		my $path = explain_path($folder, $cell, $fields, $op);
		next if $explained{$path}++;
		my $objects = min($fields->{objects}, $fields->{bulk} || $cell->{cpu} ? 1e6 : 50);
		my $repeats = min($fields->{repeats}, 30);
		my $bulk = $fields->{bulk} ? "--bulk $fields->{bulk}" : '';
		command("explain $fields->{facility} --workload $fields->{workload} --size $fields->{object_size} " .
			"--objects $objects --repeats $repeats $bulk --gfp $fields->{gfp} --op $op $cycles " .
			"$data->{environments}{$cell->{in}} --quiet --json '$path' >/dev/null");
	}
}

sub command {
	print STDERR "kmemlab $_[0]\n";
	system("$kmemlab $_[0]") == 0 or die "failed: $kmemlab $_[0]\n";
}

sub measure {
	my ($folder) = @_;
	my %plan;
	my @pairs = map { my $table = $_; map { [$table, $_] } cells($table) } @{$data->{tables}};
	for my $cell (map { ($_->[1], $_->[1]{base}) } @pairs) {
		push @{$plan{$cell->{in}}}, map { plan_line($_) } experiments($cell->{experiment});
	}
	for my $in (sort keys %plan) {
		open my $out, '>', "$folder/plan" or die "$folder/plan: $!\n";
		print $out map { "$_\n" } uniq(@{$plan{$in}});
		close $out;
		command("run $data->{environments}{$in} --plan '$folder/plan' --no-store --quiet " .
			"--json '" . file_name($folder, $in) . "' >/dev/null");
	}
	my $runs = runs($folder);
	for (@pairs) {
		my ($table, $cell) = @$_;
		my $ours = measured($runs, $table, $cell) / measured($runs, $table, $cell->{base});
		next if abs(points(published_ratio($table, $cell), $ours)) <= 10 || ($table->{statistic} // '') eq 'bytes';
		explain($folder, $_) for $cell, $cell->{base};
	}
	explain($folder, $_) for @{$data->{modelled}};
}

# Objects that an operation covers. Pages are freed one by one.
sub objects_of_operation {
	my ($fields, $op) = @_;
	return 1 if !$fields->{bulk} || ($op eq 'free' && $fields->{facility} eq 'page');
	return $fields->{bulk};
}

# The cost of the operation per object, or that of single instructions, by their names.
sub modelled {
	my ($folder, $row) = @_;
	my $fields = explained_fields($row);
	if ($row->{names}) {
		my %cycles = map { ($_->{name} => $_->{cycles} / $_->{count}) } map {
			@{document(explain_path($folder, $row, $fields, $_))->{modelled_cycles}[0]{named}}
		} 'alloc', 'free';
		return sum(map { $cycles{$_} // die "no instruction $_ in $row->{figure}\n" } @{$row->{names}});
	}
	return sum(map {
		document(explain_path($folder, $row, $fields, $_))->{modelled_cycles}[0]{cycles} / objects_of_operation($fields, $_);
	} @{$row->{ops} // ['alloc', 'free']});
}

sub runs {
	my ($folder) = @_;
	return { map { ($_ => document(file_name($folder, $_))->{runs}[0]) } keys %{$data->{environments}} };
}

# Instructions of each function and class per object, of allocation and free together.
sub explained {
	my ($folder, $cell) = @_;
	my $fields = explained_fields($cell);
	my (%functions, %classes, $sum);
	for my $op ('alloc', 'free') {
		my $document = eval { document(explain_path($folder, $cell, $fields, $op)) } or return;
		my $batch = objects_of_operation($fields, $op);
		$sum += $document->{sum} / $batch;
		$classes{$_} += $document->{mix}{classes}{$_} / $batch for keys %{$document->{mix}{classes}};
		$classes{'stored bytes'} += $document->{memory}{stored_bytes} / $batch;
		my @nodes = $document->{tree};
		while (my $node = shift @nodes) {
			$functions{$node->{name} =~ s/(?:_noprof)?(?:\..*)?$//r} += $node->{self} / $batch;
			push @nodes, @{$node->{children}};
		}
	}
	return { sum => $sum, functions => \%functions, classes => \%classes };
}

sub rounded {
	my ($value) = @_;
	my $text = sprintf(abs($value) < 100 ? '%.1f' : '%.0f', $value) =~ s/\.0$//r;
	1 while $text =~ s/^(-?\d+)(\d{3})/$1,$2/;
	return $text;
}

# The functions and the classes that differ most between the base and the cell.
sub reason {
	my ($folder, $cell) = @_;
	my ($before, $after) = map { explained($folder, $_) } $cell->{base}, $cell;
	return 'no path: explain does not follow a process' unless $before && $after;
	my %change;
	$change{$_} = ($after->{functions}{$_} // 0) - ($before->{functions}{$_} // 0)
		for keys %{$before->{functions}}, keys %{$after->{functions}};
	my @most = (sort { abs($change{$b}) <=> abs($change{$a}) || $a cmp $b } keys %change)[0 .. 2];
	my @classes = grep { abs($before->{classes}{$_} - $after->{classes}{$_}) > 0.05 } 'atomic', 'string', 'stored bytes';
	return join '; ', 'path ' . rounded($before->{sum}) . ' → ' . rounded($after->{sum}),
		join(', ', map { "`$_` " . ($change{$_} > 0 ? '+' : '') . rounded($change{$_}) }
		     grep { defined && abs($change{$_}) >= 1 } @most),
		map { "$_ " . rounded($before->{classes}{$_}) . ' → ' . rounded($after->{classes}{$_}) } @classes;
}

# Return a table's lines, and its points for the plot. A row of @$figures has our value of the
# base, our value, and the reason.
sub table_lines {
	my ($table, $figures, $numbers) = @_;
	my (@lines, @published, @ours);
	my $percent = $table->{unit} eq 'percent';
	my ($right, $signs) = (0, 0);
	for my $cell (cells($table)) {
		my ($base, $value, $reason) = @{shift @$figures};
		my $published = published_ratio($table, $cell);
		my $ours = $value / $base;
		push @published, $published;
		push @ours, $ours;
		my $is_right = sign_is_right($table, $cell, $ours);
		$reason = 'MISSING' if $reason eq '' && abs(points($published, $ours)) > 10;
		$right += $is_right ? 1 : 0;
		$signs += defined $is_right;
		push @lines, '| ' . join(' | ', $cell->{figure}, "[$numbers->{$cell->{source} // $table->{source}}]",
			$percent ? sprintf('%+.2f %%', $cell->{published}) : "$table->{base}{published} → $cell->{published}",
			sprintf('%.3f', $published), sprintf('%.2f → %.2f', $base, $value), sprintf('%.3f', $ours),
			sprintf('%+.1f', points($published, $ours)) . ($is_right // 1 ? '' : ' (wrong sign)'), $reason) . " |";
	}
	my @base = $percent ? () : 1;
	my $correlation = rank_correlation([@base, @published], [@base, @ours]);
	return ([map { [$published[$_], $ours[$_]] } 0 .. $#ours], "## $table->{title}", '', $table->{note}, '',
		'| ' . join(' | ', @columns) . ' |', '|---' x @columns . '|', @lines, '',
		"Signs: $right of $signs right. Rank correlation: " .
		(defined $correlation ? sprintf('%.3f', $correlation) : 'not defined for fewer than 3 rows') . '.', '');
}

my @modelled_columns = ('figure', 'source', 'CPU', 'published cycles', 'modelled', 'error');

sub modelled_lines {
	my ($cycles, $numbers) = @_;
	my (@lines, @errors);
	for my $row (@{$data->{modelled}}) {
		my $modelled = shift @$cycles;
		push @errors, 100 * ($modelled / $row->{published} - 1);
		push @lines, '| ' . join(' | ', $row->{figure}, "[$numbers->{$row->{source}}]", $row->{cpu}, $row->{published},
			sprintf('%.1f', $modelled), sprintf('%+.1f %%', $errors[-1])) . ' |';
	}
	return ('## Modelled cycles', '', "`kmemlab explain --cycles` on the most frequent path, per object, against published cycles on the " .
		"same microarchitecture. The kernels and their configurations differ.", '',
		'| ' . join(' | ', @modelled_columns) . ' |', '|---' x @modelled_columns . '|', @lines, '',
		sprintf('Mean absolute error: %.1f %%.', sum(map { abs } @errors) / @errors), '');
}

sub environment_lines {
	my ($releases) = @_;
	return map { "| $_ | $releases->{$_} | `$data->{environments}{$_}` |" } sort keys %{$data->{environments}};
}

# Return the document's lines. Consume @$figures.
sub document_lines {
	my ($intro, $figures, $cycles, $releases, $plot) = @_;
	my (@lines, %numbers);
	my @sources = uniq((map { my $table = $_; map { $_->{source} // $table->{source} } @{$table->{rows}} } @{$data->{tables}}),
		map { $_->{source} } @{$data->{modelled}});
	@numbers{@sources} = 1 .. @sources;
	for my $table (@{$data->{tables}}) {
		my ($pairs, @table) = table_lines($table, $figures, \%numbers);
		push @lines, @table;
		push @$plot, { title => $table->{title}, pairs => $pairs };
	}
	push @lines, modelled_lines($cycles, \%numbers);
	open my $in, '<', $intro or die "$intro: $!\n";
	chomp(my @intro = <$in>);
	return (@intro, '', @lines, '## Our environments', '', '| name | release | options |', '|---|---|---|',
		environment_lines($releases), '', '## Sources', '',
		map { "$numbers{$_}. $data->{sources}{$_}{citation}. Environment: $data->{sources}{$_}{environment}." } @sources);
}

my @colors = map { "#$_" } qw(0072b2 d55e00 009e73 cc79a7 e69f00 56b4e9 000000);

# A scatter plot with logarithmic axes; on the diagonal both ratios are the same.
sub plot_svg {
	my ($plot) = @_;
	my @values = map { @$_ } map { @{$_->{pairs}} } @$plot;
	my ($low, $high) = map { log } min(@values) / 1.2, max(@values) * 1.2;
	my $x = sub { sprintf '%.1f', 60 + 520 * (log($_[0]) - $low) / ($high - $low) };
	my $y = sub { sprintf '%.1f', 540 - 520 * (log($_[0]) - $low) / ($high - $low) };
	my @ticks = grep { log($_) > $low && log($_) < $high } map { ($_, 2 * $_, 5 * $_) } 0.1, 1, 10, 100;
	my @lines = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 600" font-family="sans-serif" font-size="12">',
		'<!-- SPDX-License-Identifier: GPL-2.0-or-later -->',
		'<rect width="820" height="600" fill="#fff"/>', '<rect x="60" y="20" width="520" height="520" fill="none" stroke="#888"/>',
		'<line x1="60" y1="540" x2="580" y2="20" stroke="#888" stroke-dasharray="4"/>',
		'<text x="320" y="585" text-anchor="middle">published ratio to the base</text>',
		'<text x="15" y="280" text-anchor="middle" transform="rotate(-90 15 280)">our ratio, in instructions</text>');
	push @lines, map { ('<text x="' . $x->($_) . '" y="558" text-anchor="middle">' . "$_</text>",
		'<text x="54" y="' . $y->($_) . '" text-anchor="end">' . "$_</text>") } @ticks;
	for my $i (0 .. $#$plot) {
		my $color = $colors[$i % @colors];
		push @lines, '<circle cx="600" cy="' . (40 + 20 * $i) . "\" r=\"4\" fill=\"$color\"/>",
			'<text x="610" y="' . (44 + 20 * $i) . "\">$plot->[$i]{title}</text>";
		push @lines, map { '<circle cx="' . $x->($_->[0]) . '" cy="' . $y->($_->[1]) . "\" r=\"4\" fill=\"$color\"/>" }
			@{$plot->[$i]{pairs}};
	}
	return (@lines, '</svg>');
}

sub write_document {
	my ($intro, $folder, $path) = @_;
	my $runs = runs($folder);
	my (@figures, @plot);
	for my $table (@{$data->{tables}}) {
		for my $cell (cells($table)) {
			my ($base, $value) = map { sprintf '%.2f', measured($runs, $table, $_) } $cell->{base}, $cell;
			my $differs = abs(points(published_ratio($table, $cell), $value / $base)) > 10;
			push @figures, [$base, $value, !$differs ? '' : ($table->{statistic} // '') eq 'bytes' ?
				'the sizes of the caches' : reason($folder, $cell)];
		}
	}
	my @cycles = map { sprintf '%.1f', modelled($folder, $_) } @{$data->{modelled}};
	my %releases = map { ($_ => $runs->{$_}{environment}{kernel}{release}) } keys %$runs;
	print "$_\n" for document_lines($intro, \@figures, \@cycles, \%releases, \@plot);
	open my $out, '>', $path or die "$path: $!\n";
	print $out "$_\n" for plot_svg(\@plot);
}

# Rebuild the document from the figures, reasons and releases that it has.
sub check {
	my ($intro, $path) = @_;
	open my $in, '<', $path or die "$path: $!\n";
	chomp(my @lines = <$in>);
	my (@figures, @cycles, %releases);
	for (@lines) {
		my @cells = map { s/^ | $//gr } split /\|/;
		shift @cells;
		push @figures, [$1, $2, $cells[7]] if @cells == @columns && $cells[4] =~ /^([\d.]+) → ([\d.]+)$/;
		push @cycles, $cells[4] if @cells == @modelled_columns && $cells[4] =~ /^[\d.]+$/;
		$releases{$cells[0]} = $cells[1] if @cells == 3 && $data->{environments}{$cells[0]};
	}
	my $rows = sum(map { scalar @$_ } $data->{modelled}, map { $_->{rows} } @{$data->{tables}});
	my $found = @figures + @cycles;
	return print "$found rows, but validation.json has $rows\n" if $found != $rows;
	my @expected = document_lines($intro, \@figures, \@cycles, \%releases, []);
	my ($i) = grep { ($lines[$_] // '') ne ($expected[$_] // '') } 0 .. max($#lines, $#expected);
	print "line " . ($i + 1) . ": '" . ($lines[$i] // '') . "' must be '" . ($expected[$i] // '') . "'\n" if defined $i;
}

# Print the mean absolute error of each CPU, which explain prints with its estimates.
sub print_errors {
	open my $in, '<', $_[0] or die "$_[0]: $!\n";
	my %errors;
	while (<$in>) {
		my @cells = map { s/^ | $//gr } split /\|/;
		shift @cells;
		push @{$errors{$cells[2]}}, $1 if @cells > @modelled_columns - 1 && $cells[5] =~ /^[+-]([\d.]+) %$/;
	}
	print "/* SPDX-License-Identifier: GPL-2.0-or-later */\n",
		"/* Written by \"make validation\": CPU, mean absolute error in percent, published figures. */\n";
	printf "CYCLE_ERROR(\"%s\", %.1f, %d)\n", $_, sum(@{$errors{$_}}) / @{$errors{$_}}, scalar @{$errors{$_}}
		for sort keys %errors;
}

my ($verb, @arguments) = @ARGV;
my %verbs = (measure => \&measure, write => \&write_document, check => \&check, errors => \&print_errors,
	correlation => sub { printf "%.3f\n", rank_correlation(map { [split /,/] } @_) });
$verbs{$verb // ''} or die "usage: validation.pl measure FOLDER | write INTRO FOLDER PLOT | check INTRO DOCUMENT | errors DOCUMENT | correlation LIST LIST\n";
$verbs{$verb}->(@arguments);
