#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Advice for five needs, from one run, and for one of them from a measurement of its
# own: each checked against what was measured.
. "$(dirname "$0")/tap.sh"
export XDG_DATA_HOME="$scratch/data"

# follows ADVICE RUN: what is ranked can do what is needed and has the run's own figures, in
# the order of what it is ranked by; what is ruled out could not; and nothing else was measured.
follows() {
	perl -MJSON::PP -e '
		sub document { open my $in, "<", $_[0] or die; local $/; decode_json(<$in>) }
		my ($advice, $run) = map { document($_) } @ARGV;
		my ($need, $environment) = ($advice->{need}, $run->{runs}[0]{environment});
		my $gfp = $need->{atomic} ? "atomic" : $need->{zeroed} ? "zeroed" : "kernel";
		my (%found, %seen, $last, $wrong);
		$found{$_->{facility}}{$_->{workload}} = $_ for grep {
			$_->{object_size} == $need->{object_size} &&
			$_->{objects} == $need->{objects} && $_->{parameters}{gfp} eq $gfp &&
			$_->{facility} !~ /^(null|delay)$/ } @{$run->{runs}[0]{results}};
		my %can = map { my $f = $_; $f->{name} => { map { $_ => 1 } @{$f->{capabilities}} } }
			@{$environment->{facilities}};
		sub differ { abs($_[0] - $_[1]) > 1e-6 * abs($_[1]) }
		sub wrong { print "# @_\n"; $wrong = 1 }
		# Why it cannot serve: by what was measured, or by what it is.
		sub cannot {
			my ($name) = @_;
			my ($pair, $batch) = @{$found{$name}}{qw(pair batch)};
			return 1 if $pair->{status} ne "ok" || $batch->{status} ne "ok";
			return 1 if $name eq "user" || $need->{atomic} && !$can{$name}{atomic};
			return 1 if $need->{contiguous} &&
				($batch->{contiguity}{contiguous_objects} < $need->{objects} ||
				 !$can{$name}{contiguous} && ($need->{object_size} > 4096 ||
				 $can{$name}{shared_frames} && $name ne "kvmalloc"));
			return 1 if $pair->{alloc}{objects_per_operation} > 1 &&
				$need->{lifetime} ne "long";
			return $need->{dma32} && $name !~
				/^(page|page_packed|page_exact|page_frag|folio|kmem_cache|vmalloc|vmap|
				   dma_coherent|dma_pool)$/x;
		}
		for my $entry (@{$advice->{ranking}}) {
			my $name = $entry->{facility};
			my ($pair, $batch) = @{$found{$name}}{qw(pair batch)};
			my $costs = $need->{lifetime} eq "long" ? $batch : $pair;
			my @p50 = map { $costs->{$_}{clean}{p50} } qw(alloc free);
			my $packed = $costs->{alloc}{objects_per_operation} > 1;
			# Operations that cover several objects differ in how many: all over all.
			my $cost = $packed ? 0 : $p50[0] + $p50[1];
			$cost += $_->{all}{mean} * ($_->{all}{samples} + $_->{slept}) / $need->{objects}
				for $packed ? @{$costs}{qw(alloc free)} : ();
			my ($backing, $system) = @{$batch->{memory}}{qw(backing_bytes system_bytes)};
			# Much more than stands behind the objects is held beside them.
			my $bytes = ($system - $backing > 16 * $environment->{page_size} ?
				     $system : $backing) / $need->{objects};
			my $key = $need->{lifetime} eq "short" ? $cost :
				  $need->{lifetime} eq "long" ?
					int(50 * $bytes / $need->{object_size}) + $cost / 1e9 :
				  $cost * $bytes;
			$key += 1e15 if $entry->{ranked_apart};
			my $words = join(", ", @{$entry->{reasons}}) =~ s/(?<=\d),(?=\d)//gr;
			wrong("$name cannot, and is ranked") if cannot($name);
			wrong("$name: cost $entry->{cost}, measured $cost") if differ($entry->{cost}, $cost);
			wrong("$name: $entry->{bytes_an_object} bytes, measured $bytes")
				if differ($entry->{bytes_an_object}, $bytes);
			wrong("$name: $words") if !$packed && $words !~ /p50 $p50[0] \w+ to allocate, $p50[1] to free/;
			wrong("$name: not in order") if defined $last && $key < $last;
			# What has no figure for a part of its cost comes after all others.
			wrong("$name: ranked apart or not")
				if !$entry->{ranked_apart} !=
				   ("$name $entry->{call}" !~ /^(gen_pool|vmap) | memset\(/x);
			$last = $key;
			$seen{$name}++;
		}
		for my $entry (@{$advice->{excluded}}) {
			my $name = $entry->{facility};
			wrong("$name is ruled out: $entry->{reason}") if !cannot($name) || !$entry->{reason};
			$seen{$name}++;
		}
		for (keys %found) { wrong("$_: seen not once") if ($seen{$_} // 0) != 1 }
		wrong("nothing is ranked") if !@{$advice->{ranking}};
		wrong("what nobody has measured") if keys %seen != keys %found;
		exit($wrong ? 1 : 0)' "$1" "$2"
}

run run --facility all --workload pair,batch --size 32,4096 --objects 300 --no-store --quiet \
	--gfp kernel,atomic,zeroed --json "$scratch/run"
ok "a run with all that may be needed" test -s "$scratch/run"

advise() {
	run advise --objects 300 --from "$scratch/run" --json "$scratch/advice" "$@"
	ok "advised: $*" is "$status" 0
	ok "as measured" follows "$scratch/advice" "$scratch/run"
}
advise --size 32
advise --size 32 --contiguous --lifetime short
advise --size 4096 --atomic
advise --size 4096 --dma32 --lifetime long
advise --size 32 --zeroed --lifetime short

run advise --size 32 --objects 300 --contiguous --layouts 1 --quiet --json "$scratch/advice"
ok "advised from a measurement of its own" is "$status" 0
run results export last "$scratch/own"
ok "which is kept" is "$status" 0
ok "and says the same" follows "$scratch/advice" "$scratch/own"

# What clearing costs: the same plan with and without, and without once more.
clears() { perl tests/results.pl "$scratch/split" "runs/$1/environment/kernel/config/init_on_alloc"; }
results() { perl tests/results.pl "$scratch/$1" "runs/$2/results"; }
costs() { perl tests/results.pl "$scratch/split" "runs/$1/results/$2/alloc/clean/p50"; }
more() { [ $(($(costs 0 "$1") - $(costs 1 "$1"))) -ge "$2" ]; }
run run --facility page,kmem_cache --workload batch --size 4096,16384 --objects 200 --no-store \
	--split-zeroing --json "$scratch/split"
ok "clearing told apart" is "$status" 0
ok "the first boot clears, the second does not" is "$(clears 0)$(clears 1)" '"on""off"'
ok "clearing a page takes at least a store for each word of 64 bits, by strings of 8" more 0 64
ok "and four pages four times that" more 1 256
ok "what it takes stands in the table" out_has "  init_on_alloc=1  init_on_alloc=0  "
ok "each cost with its part" grep -Eq "^page batch, 200 x 4,096 .* [1-9][0-9.]* %" "$scratch/out"
run run --facility page,kmem_cache --workload batch --size 4096,16384 --objects 200 --no-store \
	--quiet --append init_on_alloc=0 --json "$scratch/without"
ok "a boot without gives the second one's figures" is "$(results without 0)" "$(results split 1)"
ok "nothing is left" nothing_left
finish
