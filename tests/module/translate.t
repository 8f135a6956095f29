#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Addresses of all kinds, in one boot: mapped addresses are verified by all routes, others
# have a reason, and the kernel logs no complaint.
. tests/kmemlab.sh

# This kernel does not have the last two.
list=$(sed -n 's/^FACILITY(\([a-z_0-9]*\),.*/\1/p' "$(dirname "$0")/../../module/facilities/list.h" |
	grep -v -x -e null -e delay -e user -e page_nolock -e kmalloc_nolock)
{
	cat <<-'PLAN'
	translate space=kernel address=0xffffffff81000000 pages=2
	translate space=kernel address=0xffffc8ffffff0000
	translate space=kernel address=0x8000000000000000
	translate space=kernel address=0x1000
	translate space=process address=0x400000 pages=2
	translate space=process address=0x400010 routes=0
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
ok "translate --plan with inputs that are not addresses exits with 1" is "$status" 1
ok "a kernel thread is reported to have no user memory" err_has "process 2: a kernel thread has no user memory"
ok "a missing process is reported" err_has "process 31999: no such process"
ok "a range past the last address is rejected" err_has "2 pages from 0xfffffffffffff000 exceed the last address"
ok "slab objects cannot be mapped to user space" err_has "cannot be mapped"

# doc_has EXPRESSION: evaluate it with $d, the document, and @a, its answers
doc_has() {
	perl -MJSON::PP -e '
		local $/; my $d = decode_json(<STDIN>); my @a = @{$d->{lookups}};
		sub at { my ($s, $x) = @_;
			(grep { $_->{input}{space} eq $s && ($_->{input}{address} // "") eq $x } @a)[0] }
		exit !(eval $ARGV[0] // die $@);' "$1" <"$scratch/json"
}
text='at("kernel", "0xffffffff81000000")'
ok "kernel text is mapped read-only and executable" doc_has "$text->{status} eq 'ok' && $text->{permissions} =~ /r-x, user ---/"
ok "kernel text is mapped by a 2 MiB leaf" doc_has "$text->{leaf_bytes} == 2097152"
ok "kernel text: three routes agree" doc_has "$text->{agree} && @{$text->{routes}} == 3"
ok "kernel text: the page is reserved" doc_has "$text->{page}{kind} eq 'reserved'"
ok "the physical address of kernel text has the same page frame" doc_has "at('phys', '0x1000000')->{pfn} == $text->{pfn}"
ok "a page frame number is translated" doc_has 'at("pfn", "0x1000000")->{pfn} == 4096'
hole='at("kernel", "0xffffc8ffffff0000")'
ok "an unmapped kernel address has no page frame" doc_has "$hole->{status} eq 'not_mapped' && !defined $hole->{pfn}"
ok "an unmapped kernel address is reported with a reason" doc_has "$hole->{reason} eq 'not mapped: the entry is empty'"
ok "a non-canonical address is reported with a reason" doc_has 'at("kernel", "0x8000000000000000")->{reason} =~ /not an address of this machine/'
ok "a process address in kernel space is reported with a reason" \
	doc_has 'at("kernel", "0x1000")->{reason} eq "user address (name its process with --pid)"'
ok "a kernel address in process space is reported with a reason" \
	doc_has 'at("process", "0xffffffff81000000")->{reason} eq "kernel address (omit --pid)"'
own='at("process", "0x400000")'
ok "program text is mapped read-only for the user" doc_has "$own->{status} eq 'ok' && $own->{permissions} =~ /user r--/"
ok "program text: pagemap agrees with the walk" doc_has "$own->{agree} && grep { \$_->{name} eq 'pagemap' } @{$own->{routes}}"
ok "program text: without other methods pagemap is not asked" \
	doc_has 'my @r = @{at("process", "0x400010")->{routes}}; @r == 1 && $r[0]{name} eq "walk"'
ok "an unmapped process address is not translated" doc_has 'at("process", "0x1000")->{status} eq "not_mapped"'
ok "device memory has no struct page" \
	doc_has '!defined at("phys", "0xfee00000")->{page} &&
		at("phys", "0xfee00000")->{status} eq "no_address"'
ok "a physical address beyond memory has no struct page" doc_has '!defined at("phys", "0xfffffffffffff000")->{page}'
ok "objects mapped to user space have the same frames and contents" \
	doc_has '@{$d->{mmap_check}} == 1 && $d->{mmap_check}[0]{agree} && $d->{mmap_check}[0]{pages} == 20'
for facility in $list; do
	ok "$facility: all objects are translated by at least three routes" doc_has "
		my @o = grep { (\$_->{input}{facility} // '') eq '$facility' } @a;
		@o >= 50 && @o == grep { \$_->{status} eq 'ok' && \$_->{agree} && @{\$_->{routes}} > 2 } @o"
done
ok "no route of any translation disagrees" doc_has '!grep { defined $_->{agree} && !$_->{agree} } @a'
ok "translate leaves no files or processes" nothing_left
done_testing
