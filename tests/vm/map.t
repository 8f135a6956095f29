#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Maps of physical memory: the sums, what an experiment does to them, what looking costs.
. "$(dirname "$0")/tap.sh"

# says EXPRESSION: over $d, the document, and %m, its maps by phase
says() {
	perl -MJSON::PP -e '
		local $/; my $d = decode_json(<STDIN>);
		my %m = map { $_->{phase} => $_ } @{$d->{maps}};
		sub kind { my ($p, $k) = @_; my $n = 0;
			$n += $_->{kinds}{$k} // 0 for @{$m{$p}{figures}}; $n }
		# A list of a CPU takes pages and gives them back as it likes.
		sub unused { kind($_[0], "free") + kind($_[0], "free_cpu") }
		sub free { my $n = 0; for my $z (@{$m{now}{figures}}) {
			$n += $z->{free_by_order}[$_] for $_[0] .. 10 } $n }
		sub zones { my $n = 0; $n += $_->{pages} for @{$m{$_[0]}{figures}}; $n }
		exit !(eval $ARGV[0] // die $@);' "$1" <"$scratch/json"
}

run map --quiet --clock instructions --memory 256 --facility page --size 4K --objects 20000 \
	--json "$scratch/json" --png "$scratch/png"
ok "before, held and after" is "$status" 0
ok "three maps" says 'join(" ", map { $_->{phase} } @{$d->{maps}}) eq "before held after"'
ok "every frame is of one kind" says '$m{held}{pages} == zones("held")'
ok "the objects are the kernel's now" says 'abs(kind("held", "kernel") - kind("before", "kernel") - 20000) < 500'
ok "and were free before" says 'abs(kind("before", "free") - kind("held", "free") - 20000) < 500'
ok "they came back" says 'abs(kind("after", "kernel") - kind("before", "kernel")) < 500'
ok "the kernel's image is there" says 'kind("before", "image") > 1000'
ok "at most 40 instructions a page in use" \
	says '$m{held}{ticks} - $m{before}{ticks} <= 40 * 20000'
ok "the picture is a PNG file" is "$(head -c 4 "$scratch/png" | tail -c 3)" PNG
ok "the difference in words" out_has "From before to held, frames: free -20,"
cp "$scratch/json" "$scratch/full"

run map --quiet --clock instructions --memory 2048 --json "$scratch/json"
ok "2 GiB, mostly free" is "$status" 0
ok "at most 5 instructions a frame" says '$m{now}{ticks} <= 5 * $m{now}{pages}'

ok "the kernel's memory is told apart" \
	says 'not grep { kind("now", $_) < 100 } qw(image memmap percpu vmalloc modules)'
ok "all of it" says '!defined $m{now}{untold}'
cp "$scratch/json" "$scratch/now"

run map --quiet --memory 128 --condition fragmented:2 --json "$scratch/json"
ok "aged memory" is "$status" 0
ok "is what the map says it is of" out_has "^Physical memory, now, fragmented:2: "
# What the kernel gives back by itself meanwhile may lie together.
ok "half of what was free is, and in single frames" \
	says 'my $single = free(0) - free(1);
	$single > 3000 && $single < 16000 && $single > 0.95 * kind("now", "free")'
run map --quiet --memory 128 --condition fragmented:3 --facility page --size 4K --objects 1000 \
	--json "$scratch/json"
ok "an experiment that meets aged memory" is "$status" 0
ok "before it" says 'kind("before", "free") > 2000 && $m{before}{condition} eq "fragmented:3"'
ok "it takes its objects from there" \
	says 'abs(unused("before") - unused("held") - 1000) < 200'
ok "and leaves it as it was" says 'abs(unused("before") - unused("after")) < 200'
run map --quiet --memory 128 --condition low --facility page --size 4K --objects 2000 \
	--json "$scratch/json"
ok "memory that is nearly used up" is "$status" 0
ok "has room for the objects" says 'kind("before", "free") > 2000 && kind("before", "free") < 10000'

# A stretch of memory that begins with a hole, and huge pages that nobody has.
run map --quiet --append 'memmap=16M$0x8000000 hugepages=20' --json "$scratch/json"
ok "memory with a hole" is "$status" 0
ok "is there behind it" says 'my $held = 0; for (@{$m{now}{runs}}) {
	$held += $_->[1] if $_->[0] >= 0x9000 && $_->[0] < 0x10000 } $held > 0x6f00'
ok "and not in it" says '!grep { $_->[0] < 0x9000 && $_->[0] + $_->[1] > 0x8000 } @{$m{now}{runs}}'
ok "huge pages are not kept for a CPU" says 'kind("now", "kernel") > 20 * 512 &&
	kind("now", "free_cpu") < 4000'
run map --quiet --cpu qemu64,+la57 --json "$scratch/json"
ok "a machine with five levels" is "$status" 0
ok "is told apart as well" says '!defined $m{now}{untold} &&
	not grep { kind("now", $_) < 100 } qw(image memmap percpu vmalloc modules)'

# Blocks of more than 4 MiB.
if command -v qemu-system-arm >/dev/null; then
	run map --quiet --arch armhf --json "$scratch/json"
	ok "32-bit ARM" is "$status" 0
	ok "all that is free is in blocks of some order" says 'my ($n, $z) = (0, $m{now}{figures}[0]);
		$n += $z->{free_by_order}[$_] << $_ for 0 .. $m{now}{order_max};
		@{$z->{free_by_order}} == 12 && $n == $z->{kinds}{free}'
	ok "which has a column in the table" out_has "^free blocks by order .* 10     11$"
fi

run map --diff "$scratch/full" "$scratch/now"
ok "two files are compared" out_has "From after to now, frames: free +"
run map --diff "$scratch/full"
ok "two are wanted" err_has "kmemlab: map: --diff wants two files: BEFORE and AFTER"
ok "nothing is left" nothing_left
finish
