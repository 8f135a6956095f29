#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Advice for five sets of requirements from one stored run, and for one from a new run; each
# is checked against the measured results.
. tests/kmemlab.sh
export XDG_DATA_HOME="$scratch/data"

# follows ADVICE RUN: check that each ranked facility meets the requirements and has the run's
# metrics, that the order is right, that each excluded facility misses a requirement, and that
# every measured facility is listed.
follows() {
	perl -MJSON::PP -e '
		sub document { open my $in, "<", $_[0] or die; local $/; decode_json(<$in>) }
		my ($advice, $run) = map { document($_) } @ARGV;
		my ($need, $environment) = ($advice->{requirements}, $run->{runs}[0]{environment});
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
		# Return whether a facility misses a requirement, by its results or its properties.
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
				/^(page|page_packed|page_exact|get_free_pages|page_pool|page_frag|folio|
				   kmem_cache|kmem_cache_typesafe|vmalloc|vmap|
				   dma_coherent|dma_pool)$/x;
		}
		for my $entry (@{$advice->{ranking}}) {
			my $name = $entry->{facility};
			my ($pair, $batch) = @{$found{$name}}{qw(pair batch)};
			my $costs = $need->{lifetime} eq "long" ? $batch : $pair;
			# All ticks but those of interrupted operations, and the deferred ones, per object.
			my $cost = ($costs->{deferred} // 0) / $need->{objects};
			for (@{$costs}{qw(alloc free)}) {
				my $clean = $_->{uninterrupted}{samples} ? $_->{uninterrupted} : $_->{all};
				$cost += $clean->{total} / $clean->{samples} *
					($_->{all}{samples} + $_->{slept}) / $need->{objects};
			}
			my ($backing, $system) = @{$batch->{memory}}{qw(backing_bytes system_bytes)};
			# Use the figure of the system if the facility holds much more than it backs.
			my $bytes = ($system - $backing > 16 * $environment->{page_size} ?
				     $system : $backing) / $need->{objects};
			my $key = $need->{lifetime} eq "short" ? $cost :
				  $need->{lifetime} eq "long" ?
					int(50 * $bytes / $need->{object_size}) + $cost / 1e9 :
				  $cost * $bytes;
			my $partial = "$name $entry->{call}" =~ /^(gen_pool|vmap) | memset\(/x;
			my $device = !$need->{contiguous} && !$need->{dma32};
			my $limited = "page_frag|page_pool|page_nolock|kmalloc_nolock|kmem_cache_typesafe|percpu";
			my $special = $name =~ ($device ? qr/^($limited|dma_\w+|contig)$/ :
							  qr/^($limited)$/);
			$key += $partial ? 2e15 : $special ? 1e15 : 0;
			my $words = join(", ", @{$entry->{reasons}}) =~ s/(?<=\d),(?=\d)//gr;
			wrong("$name is ranked, but misses a requirement") if cannot($name);
			wrong("$name: cost $entry->{cost}, measured $cost") if differ($entry->{cost}, $cost);
			wrong("$name: $entry->{bytes_per_object} bytes, measured $bytes")
				if differ($entry->{bytes_per_object}, $bytes);
			wrong("$name: $words")
				if $words !~ /on average ([\d.]+) \w+ to allocate, ([\d.]+) to free/ ||
				   abs($1 + $2 - $cost) > 0.11;
			wrong("$name: not in order") if defined $last && $key < $last;
			# General facilities, then special ones, then those with unmeasured costs.
			wrong("$name: wrong group")
				if !$entry->{ranked_separately} != !($partial || $special);
			$last = $key;
			$seen{$name}++;
		}
		for my $entry (@{$advice->{excluded}}) {
			my $name = $entry->{facility};
			my $limited = grep { ($_->{reason_code} // "") =~ /^(unavailable|size|gfp)$/ }
					   @{$found{$name}}{qw(pair batch)};
			wrong("$name is excluded: $entry->{reason}") if !cannot($name) || !$entry->{reason};
			wrong("$name has a limit, but is called not measured")
				if $limited && !$entry->{measured};
			$seen{$name}++;
		}
		for (keys %found) { wrong("$_: not listed exactly once") if ($seen{$_} // 0) != 1 }
		wrong("nothing is ranked") if !@{$advice->{ranking}};
		wrong("a listed facility was not measured") if keys %seen != keys %found;
		exit($wrong ? 1 : 0)' "$1" "$2"
}

run run --facility all --workload pair,batch --size 32,4096 --objects 300 --no-store --quiet \
	--gfp kernel,atomic,zeroed --json "$scratch/run"
ok "run --facility all writes a result for advise --from" test -s "$scratch/run"

advise() {
	run advise --objects 300 --from "$scratch/run" --json "$scratch/advice" "$@"
	ok "advise $* exits with status 0" is "$status" 0
	ok "advise $* agrees with the measured results" follows "$scratch/advice" "$scratch/run"
}
advise --size 32
advise --size 32 --contiguous --lifetime short
advise --size 4096 --atomic
advise --size 4096 --dma32 --lifetime long
advise --size 32 --zeroed --lifetime short

run run --facility kmalloc,percpu --workload pair,batch --size 65536 --objects 10 --no-store \
	--quiet --json "$scratch/large"
run advise --size 65536 --objects 10 --from "$scratch/large"
ok "advise excludes a facility that the kernel limits to smaller objects" \
	out_has "Excluded: percpu allocates objects of 1 to 32768 bytes, not 65536"

run advise --size 32 --objects 300 --contiguous --layouts 1 --quiet --json "$scratch/advice"
ok "advise without --from exits with status 0" is "$status" 0
run results export last "$scratch/own"
ok "advise without --from stores its run" is "$status" 0
ok "advise without --from agrees with its stored run" follows "$scratch/advice" "$scratch/own"

# The cost of zeroing: the same plan with and without init_on_alloc.
clears() { perl tests/results.pl "$scratch/split" "runs/$1/environment/kernel/config/init_on_alloc"; }
results() { perl tests/results.pl "$scratch/$1" "runs/$2/results"; }
costs() { perl tests/results.pl "$scratch/split" "runs/$1/results/$2/alloc/uninterrupted/p50"; }
zeroing() { echo $(($(costs 0 "$1") - $(costs 1 "$1"))); }
run run --facility page,kmem_cache --workload batch --size 4096,16384 --objects 200 --no-store \
	--split-zeroing --json "$scratch/split"
ok "run --split-zeroing exits with status 0" is "$status" 0
ok "run --split-zeroing boots with init_on_alloc on, then off" is "$(clears 0)$(clears 1)" '"on""off"'
ok "zeroing a page costs instructions" [ "$(zeroing 0)" -gt 0 ]
ok "zeroing four pages costs more than zeroing one" [ "$(zeroing 1)" -gt "$(zeroing 0)" ]
ok "run --split-zeroing prints a column for each boot" out_has "  init_on_alloc=1  init_on_alloc=0  "
ok "run --split-zeroing prints the share of zeroing in each cost" grep -Eq "^page batch, 200 x 4,096 .* [1-9][0-9.]* %" "$scratch/out"
run run --facility page,kmem_cache --workload batch --size 4096,16384 --objects 200 --no-store \
	--quiet --append init_on_alloc=0 --json "$scratch/without"
ok "run --append init_on_alloc=0 repeats the second boot of --split-zeroing" is "$(results without 0)" "$(results split 1)"
ok "advise leaves no files or processes" nothing_left
done_testing
