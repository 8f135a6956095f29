#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Addresses of all sorts, in one boot: what is there is proved by all routes, what
# is not gets its reason, and nothing makes the kernel complain.
. "$(dirname "$0")/../vm/tap.sh"

list=$(sed -n 's/^FACILITY(\([a-z_0-9]*\),.*/\1/p' "$(dirname "$0")/../../module/facilities/list.h" |
	grep -v -x -e null -e delay)
{
	cat <<-'PLAN'
	translate space=kernel address=0xffffffff81000000 pages=2
	translate space=kernel address=0xffffc8ffffff0000
	translate space=kernel address=0x8000000000000000
	translate space=kernel address=0x1000
	translate space=process address=0x400000 pages=2
	translate space=process pid=1 address=0x400000
	translate space=process address=0x1000
	translate space=process address=0xffffffff81000000
	translate space=process pid=2 address=0x400000
	translate space=process pid=31999 address=0x400000
	translate space=phys address=0x1000000
	translate space=pfn address=4096
	translate space=pfn address=0xfffffffffffff pages=2
	translate space=phys address=0xfee00000
	translate space=phys address=0xfffffffffffff000
	translate space=objects facility=page object_size=12000 objects=5 mapped=1
	translate space=objects facility=kmalloc object_size=64 objects=3 mapped=1
	PLAN
	for facility in $list; do
		echo "translate space=objects facility=$facility object_size=4096 objects=50"
	done
} >"$scratch/plan"

run translate --quiet --plan "$scratch/plan" --json "$scratch/json"
ok "all lines are carried out" is "$status" 0
ok "a kernel thread has no memory" err_has "process 2: this is a kernel thread"
ok "nobody is nobody" err_has "process 31999: there is no such process"
ok "no range goes round" err_has "2 pages from 0xfffffffffffff000 go beyond the last address"
ok "slab objects are not mapped" err_has "objects of kmalloc cannot be mapped"

# says EXPRESSION: over $d, the document, and @a, its answers
says() {
	perl -MJSON::PP -e '
		local $/; my $d = decode_json(<STDIN>); my @a = @{$d->{answers}};
		sub at { my ($s, $x) = @_;
			(grep { $_->{input}{space} eq $s && ($_->{input}{address} // "") eq $x } @a)[0] }
		exit !(eval $ARGV[0] // die $@);' "$1" <"$scratch/json"
}
text='at("kernel", "0xffffffff81000000")'
ok "kernel text is mapped" says "$text->{status} eq 'ok' && $text->{permissions} =~ /r-x, user ---/"
ok "by a huge leaf" says "$text->{leaf_bytes} == 2097152"
ok "three routes agree on it" says "$text->{agree} && @{$text->{routes}} == 3"
ok "its page is reserved" says "$text->{page}{kind} eq 'reserved'"
ok "the way back leads there" says "at('phys', '0x1000000')->{pfn} == $text->{pfn}"
ok "by page frame as well" says 'at("pfn", "0x1000000")->{pfn} == 4096'
hole='at("kernel", "0xffffc8ffffff0000")'
ok "a hole has no frame" says "$hole->{status} eq 'not_mapped' && !defined $hole->{pfn}"
ok "and its reason" says "$hole->{reason} eq 'a hole: the entry is empty'"
ok "no address" says 'at("kernel", "0x8000000000000000")->{reason} =~ /no address of this machine/'
ok "a process's address is none of the kernel's" \
	says 'at("kernel", "0x1000")->{reason} =~ /no process is named/'
ok "and the other way round" \
	says 'at("process", "0xffffffff81000000")->{reason} =~ /not a process/'
own='at("process", "0x400000")'
ok "the program's first page" says "$own->{status} eq 'ok' && $own->{permissions} =~ /user r--/"
ok "pagemap agrees" says "$own->{agree} && grep { \$_->{name} eq 'pagemap' } @{$own->{routes}}"
ok "page 0x1000 is a hole" says 'at("process", "0x1000")->{status} eq "not_mapped"'
ok "a device's memory has no struct page" says '!defined at("phys", "0xfee00000")->{page}'
ok "nor has what lies beyond all memory" says '!defined at("phys", "0xfffffffffffff000")->{page}'
ok "mapped objects: the same frames, the same bytes" \
	says '@{$d->{mapped}} == 1 && $d->{mapped}[0]{agree} && $d->{mapped}[0]{pages} == 20'
for facility in $list; do
	ok "every object of $facility is proved" says "
		my @o = grep { (\$_->{input}{facility} // '') eq '$facility' } @a;
		@o >= 50 && @o == grep { \$_->{status} eq 'ok' && \$_->{agree} && @{\$_->{routes}} > 2 } @o"
done
ok "nothing disagrees" says '!grep { defined $_->{agree} && !$_->{agree} } @a'
ok "nothing is left" nothing_left
finish
