#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Physical maps: sums, the effect of an experiment, and the cost of a map.
. tests/kmemlab.sh

# says EXPRESSION: evaluate it with $d, the document, and %m, its maps by phase
says() {
	perl -MJSON::PP -e '
		local $/; my $d = decode_json(<STDIN>);
		my %m = map { $_->{phase} => $_ } @{$d->{maps}};
		sub kind { my ($p, $k) = @_; my $n = 0;
			$n += $_->{kinds}{$k} // 0 for @{$m{$p}{statistics}}; $n }
		# Pages move between per-CPU lists and the buddy allocator at any time.
		sub unused { kind($_[0], "free") + kind($_[0], "free_cpu") }
		sub free { my $n = 0; for my $z (@{$m{now}{statistics}}) {
			$n += $z->{free_by_order}[$_] for $_[0] .. 10 } $n }
		sub zones { my $n = 0; $n += $_->{pages} for @{$m{$_[0]}{statistics}}; $n }
		exit !(eval $ARGV[0] // die $@);' "$1" <"$scratch/json"
}

run map --quiet --clock instructions --memory 256 --facility page --size 4K --objects 20000 \
	--json "$scratch/json" --png "$scratch/png" --html "$scratch/html"
ok "map --facility exits with status 0" is "$status" 0
ok "map --facility takes maps before, with and after the objects" says 'join(" ", map { $_->{phase} } @{$d->{maps}}) eq "before held after"'
ok "map: every frame has one kind" says '$m{held}{pages} == zones("held")'
ok "map: the objects' pages are of a kind of their own while held" says 'kind("held", "object") == 20000'
ok "map: the pages of the objects were free before" says 'abs(kind("before", "free") - kind("held", "free") - 20000) < 500'
ok "map: the pages of the objects are free afterwards" says 'abs(kind("after", "kernel") - kind("before", "kernel")) < 500'
ok "map: the kernel image is found" says 'kind("before", "image") > 1000'
ok "map: a used page costs at most 40 instructions" \
	says '$m{held}{ticks} - $m{before}{ticks} <= 40 * 20000'
ok "map --png writes a PNG file" is "$(head -c 4 "$scratch/png" | tail -c 3)" PNG
ok "map --html writes a page with four pictures" \
	is "$(grep -c '<figure class="map">' "$scratch/html")$(tail -n 1 "$scratch/html")" "4</html>"
ok "map --html shows the frames of the objects" grep -q '> object</th><td>20,000</td>' "$scratch/html"
ok "map: other kernel pages stay as they are" says 'abs(kind("held", "kernel") - kind("before", "kernel")) < 500'
ok "map --facility prints the difference as a picture" out_has '+ allocated'
ok "map prints a legend, the shades and the scale" sh -c 'grep -q "@ object" "$1" && grep -q "largest free block in the cell" "$1" && grep -q "^1 cell = .* frames" "$1"' sh "$scratch/out"
ok "map --facility prints the difference between maps" out_has "Change from before to held, frames: free -20,"
cp "$scratch/json" "$scratch/full"

# More objects than the limit of frames, but on fewer frames; and several copies of each.
run map --quiet --memory 256 --facility kmalloc --size 64 --objects 600000 --json "$scratch/json"
ok "map finds many objects on few frames" \
	says 'kind("held", "object") >= 9375 && kind("held", "object") < 9600'
run map --quiet --memory 256 --facility percpu --size 64 --objects 10 --json "$scratch/json"
ok "map says why it does not show objects with a copy per CPU" \
	out_has "^objects not shown: each object of percpu has 8 copies, "

run map --quiet --clock instructions --memory 2048 --json "$scratch/json"
ok "map of 2 GiB exits with status 0" is "$status" 0
ok "map of 2 GiB costs at most 5 instructions per frame" says '$m{now}{ticks} <= 5 * $m{now}{pages}'

ok "map: image, memmap, percpu, vmalloc and modules are distinguished" \
	says 'not grep { kind("now", $_) < 100 } qw(image memmap percpu vmalloc modules)'
ok "map: all kinds of kernel memory are found" says '!defined $m{now}{unattributed}'
cp "$scratch/json" "$scratch/now"

run map --quiet --memory 128 --condition fragmented:2 --json "$scratch/json"
ok "map --condition fragmented:2 exits with status 0" is "$status" 0
ok "map --condition fragmented:2: the picture shows single free frames in most cells" \
	[ "$(sed -n '/^Physical/,/^[. ].*free  /p' "$scratch/out" | grep -o '[.K]0' | wc -l)" -gt 300 ]
ok "map --condition fragmented:2 prints the condition" out_has "^Physical memory, now, fragmented:2: "
# Memory that the kernel frees meanwhile may be contiguous.
ok "map --condition fragmented:2: free memory consists of single frames" \
	says 'my $single = free(0) - free(1);
	$single > 3000 && $single < 16000 && $single > 0.95 * kind("now", "free")'
run map --quiet --memory 128 --condition fragmented:3 --facility page --size 4K --objects 1000 \
	--json "$scratch/json" --html -
ok "map --condition fragmented:3 --facility exits with status 0" is "$status" 0
ok "map --html - prints nothing else" \
	is "$(head -n 1 "$scratch/out")$(tail -n 1 "$scratch/out")" "<!DOCTYPE html></html>"
ok "map --condition fragmented:3: memory is free before the experiment" says 'kind("before", "free") > 2000 && $m{before}{condition} eq "fragmented:3"'
ok "map --condition fragmented:3: the objects use the free memory" \
	says 'abs(unused("before") - unused("held") - 1000) < 200'
ok "map --condition fragmented:3: the objects' memory is free afterwards" says 'abs(unused("before") - unused("after")) < 200'
run map --quiet --memory 128 --condition low --facility page --size 4K --objects 2000 \
	--json "$scratch/json"
ok "map --condition low exits with status 0" is "$status" 0
ok "map --condition low leaves room for the objects" says 'kind("before", "free") > 2000 && kind("before", "free") < 10000'

# A memory block that begins with a hole, and unused huge pages.
run map --quiet --append 'memmap=16M$0x8000000 hugepages=20' --json "$scratch/json"
ok "map of memory with a hole exits with status 0" is "$status" 0
ok "map of memory with a hole contains the frames after the hole" says 'my $held = 0; for (@{$m{now}{runs}}) {
	$held += $_->[1] if $_->[0] >= 0x9000 && $_->[0] < 0x10000 } $held > 0x6f00'
ok "map of memory with a hole contains no frame of the hole" says '!grep { $_->[0] < 0x9000 && $_->[0] + $_->[1] > 0x8000 } @{$m{now}{runs}}'
ok "map: unused huge pages are pages of hugetlb" says 'kind("now", "hugetlb") == 20 * 512 &&
	kind("now", "kernel") < 20 * 512 && kind("now", "free_cpu") < 4000'
run map --quiet --cpu qemu64,+la57 --json "$scratch/json"
ok "map with five page-table levels exits with status 0" is "$status" 0
ok "map with five page-table levels distinguishes kernel memory" says '!defined $m{now}{unattributed} &&
	not grep { kind("now", $_) < 100 } qw(image memmap percpu vmalloc modules)'

# Blocks of more than 4 MiB.
if command -v qemu-system-arm >/dev/null; then
	run map --quiet --arch armhf --json "$scratch/json"
	ok "map on 32-bit ARM exits with status 0" is "$status" 0
	ok "map on 32-bit ARM: free blocks add up to free memory" says 'my ($n, $z) = (0, $m{now}{statistics}[0]);
		$n += $z->{free_by_order}[$_] << $_ for 0 .. $m{now}{order_max};
		@{$z->{free_by_order}} == 12 &&
		$n == $z->{kinds}{free} + ($z->{kinds}{free_cma} // 0)'
	ok "map on 32-bit ARM prints a column for order 11" out_has "^zone  *free blocks by order .* 10  *11$"
fi

run map --diff "$scratch/full" "$scratch/now"
ok "map --diff compares two files" out_has "Change from after to now, frames: free +"
run map --diff "$scratch/full"
ok "map --diff with one file names the missing one" err_has "kmemlab: map: --diff requires two files: BEFORE and AFTER"
ok "map leaves no files or processes" nothing_left
done_testing
