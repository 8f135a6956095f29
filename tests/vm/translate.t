#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Objects of every facility, the kernel's code, a hole and a huge page, translated by every
# route there is, on each architecture and each kernel: one boot each.
. "$(dirname "$0")/tap.sh"

# says EXPRESSION: over $d, the document, and %a, its answers by the address that was asked
says() {
	perl -MJSON::PP -e '
		local $/; my $d = decode_json(<STDIN>);
		my %a = map { ($_->{input}{address} // "") => $_ } @{$d->{answers}};
		sub leaf { scalar grep { ($_->{leaf_bytes} // 0) == $_[0] } @{$d->{answers}} }
		exit !(eval $ARGV[0] // die $@);' "$1" <"$scratch/json"
}

# plan TEXT HOLE PHYS: every facility that holds anything, and these addresses
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

# look MACHINE TEXT HOLE PHYS LEAF OPTION...
look() {
	machine=$1 text=$2 hole=$3 phys=$4 leaf=$5
	shift 5
	plan "$text" "$hole" "$phys" >"$scratch/plan"
	run translate --quiet --plan "$scratch/plan" --json "$scratch/json" "$@"
	ok "$machine: every facility's objects are translated" is "$status" 0
	ok "$machine: no route disagrees" says '!grep { $_->{disagreements} } @{$d->{translations}}'
	ok "$machine: every object has a frame" \
		says '!grep { $_->{input}{space} eq "objects" && $_->{status} ne "ok" } @{$d->{answers}}'
	ok "$machine: what is refused is what this kernel lacks" \
		says '@{$d->{refusals}} == grep { !$_->{available} } @{$d->{environment}{facilities}}'
	ok "$machine: the kernel's code can be executed" \
		says "\$a{'$text'}{permissions} =~ /^kernel r-x/ && \$a{'$text'}{agree}"
	ok "$machine: a hole is none" says "\$a{'$hole'}{status} eq 'not_mapped' && !defined \$a{'$hole'}{pfn}"
	ok "$machine: a leaf of $leaf bytes" says "leaf($leaf)"
	ok "$machine: the process and the kernel see the same frames" says '$d->{mapped}[0]{agree}'
	ok "$machine: the way back knows who owns a page" \
		says "\$a{'$phys'}{page}{migrate_type} =~ /^[a-z]+\$/ && ref \$a{'$phys'}{aliases}"
}

# together MACHINE ADDRESS BYTES: of the last look
together() {
	ok "$1: entries that belong together" says "\$a{'$2'}{contiguous_bytes} == $3"
}

for kernel in 5.10 6.1 6.12 7.2; do
	look "amd64 $kernel" 0xffffffff81000000 0xffffc8fffffff000 0x1000000 2097152 --kernel "$kernel"
done
# recent ARCH: addresses that this process has not been to, in tables that others share
recent() {
	run translate --quiet --arch "$1" --facility vmalloc --size 8M --objects 3
	ok "$1: what was mapped a moment ago is mapped" out_has "^6,144 of 6,144 translated"
}

if command -v qemu-system-arm >/dev/null; then
	look arm64 0xffff800008010000 0xffff7ffffffff000 0x48000000 2097152 --arch arm64 --kernel 6.1
	look arm64-16k 0xffffc00080800000 0xffffbffffff00000 0x48000000 16384 --arch arm64-16k --kernel 6.12
	together arm64-16k 0xffffc00080800000 2097152
	look armhf 0xc0300000 0xffa00000 0x48000000 1048576 --arch armhf --kernel 6.1
	look armhf-lpae 0xc0400000 0xffe00000 0x48000000 2097152 --arch armhf-lpae --kernel 6.1
	recent armhf
	recent armhf-lpae
fi
ok "nothing is left" nothing_left
finish
