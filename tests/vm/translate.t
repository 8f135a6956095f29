#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Objects of every facility, kernel text, a hole and a huge page are translated by all routes,
# on each architecture and kernel.
. tests/kmemlab.sh

# says EXPRESSION: evaluate it with $d, the document, and %a, its answers by input address
says() {
	perl -MJSON::PP -e '
		local $/; my $d = decode_json(<STDIN>);
		my %a = map { ($_->{input}{address} // "") => $_ } @{$d->{lookups}};
		sub leaf { scalar grep { ($_->{leaf_bytes} // 0) == $_[0] } @{$d->{lookups}} }
		exit !(eval $ARGV[0] // die $@);' "$1" <"$scratch/json"
}

# plan TEXT HOLE PHYS: print a plan for all facilities and these addresses
plan() {
	"$kmemlab" list facilities | awk '$1 != "null" && $1 != "delay" {
		size = $1 == "vmalloc_huge" ? "4M" : $1 == "percpu" || $1 == "page_frag" ? "3000" : "5000"
		objects = $1 == "vmalloc_huge" ? 1 : 9
		print "translate space=objects facility=" $1 " object_size=" size " objects=" objects }'
	echo "translate space=kernel address=$1"
	echo "translate space=kernel address=$2"
	echo "translate space=objects facility=page object_size=8K objects=2 mapped=1"
	echo "translate space=phys address=$3 pages=3"
}

# translate MACHINE TEXT HOLE PHYS LEAF OPTION...
translate() {
	machine=$1 text=$2 hole=$3 phys=$4 leaf=$5
	shift 5
	plan "$text" "$hole" "$phys" >"$scratch/plan"
	run translate --quiet --plan "$scratch/plan" --json "$scratch/json" "$@"
	ok "$machine: translate of all facilities exits with status 0" is "$status" 0
	ok "$machine: all routes agree" says '!grep { $_->{route_mismatches} } @{$d->{translations}}'
	ok "$machine: every object has a frame" \
		says '!grep { $_->{input}{space} eq "objects" && $_->{status} ne "ok" } @{$d->{lookups}}'
	ok "$machine: only unavailable facilities are skipped" \
		says '@{$d->{skipped}} == grep { !$_->{available} } @{$d->{environment}{facilities}}'
	ok "$machine: kernel text is executable" \
		says "\$a{'$text'}{permissions} =~ /^kernel r-x/ && \$a{'$text'}{agree}"
	ok "$machine: a hole is not mapped" says "\$a{'$hole'}{status} eq 'not_mapped' && !defined \$a{'$hole'}{pfn}"
	ok "$machine: a leaf entry of $leaf bytes is found" says "leaf($leaf)"
	ok "$machine: process and kernel map the same frames" says '$d->{mmap_check}[0]{agree}'
	ok "$machine: translate --phys prints the page's type and aliases" \
		says "\$a{'$phys'}{page}{migrate_type} =~ /^[a-z]+\$/ && ref \$a{'$phys'}{aliases}"
}

# contiguous MACHINE ADDRESS BYTES: check the previous translation
contiguous() {
	ok "$1: contiguous entries are reported" says "\$a{'$2'}{contiguous_bytes} == $3"
}

for kernel in 5.10 6.1 6.12 7.2; do
	translate "amd64 $kernel" 0xffffffff81000000 0xffffc8fffffff000 0x1000000 2097152 --kernel "$kernel"
done
# recent ARCH: addresses that the process has not accessed, in shared page tables
recent() {
	run translate --quiet --arch "$1" --facility vmalloc --size 8M --objects 3
	ok "$1: new vmalloc mappings are translated" out_has "^6,144 of 6,144 translated"
}

if command -v qemu-system-arm >/dev/null; then
	translate arm64 0xffff800008010000 0xffff7ffffffff000 0x48000000 2097152 --arch arm64 --kernel 6.1
	translate arm64-16k 0xffffc00080800000 0xffffbffffff00000 0x48000000 16384 --arch arm64-16k --kernel 6.12
	contiguous arm64-16k 0xffffc00080800000 2097152
	translate armhf 0xc0300000 0xffa00000 0x48000000 1048576 --arch armhf --kernel 6.1
	translate armhf-lpae 0xc0400000 0xffe00000 0x48000000 2097152 --arch armhf-lpae --kernel 6.1
	recent armhf
	recent armhf-lpae
fi
ok "translate leaves no files or processes" nothing_left
done_testing
