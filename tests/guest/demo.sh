# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the parameter nr_structs and the thread k_memory. Source it after guest.sh; the
# module is not loaded before and after.

parameter=/sys/module/kernel_memory/parameters/nr_structs

load() { new_log >/dev/null; insmod /kernel_memory.ko "$@"; status=$?; new_log >/tmp/log; return $status; }
unload() { rmmod kernel_memory; status=$?; new_log >/tmp/log; return $status; }
write_nr() { new_log >/dev/null; echo "$1" 2>/tmp/error >$parameter; status=$?; new_log >/tmp/log; return $status; }
value_is() { [ "$(cat $parameter)" = "$1" ]; }
thread() { ps -o pid,comm | awk '$2 == "k_memory" { print $1 }'; }
cpu_ticks() { awk '{ print $14 + $15 }' /proc/"$(thread)"/stat; }
budget_refusal_logged() {
	grep -q "nr_structs=$1 refused: it may take [0-9]* MiB, but the budget, 50 % of the free memory, has [0-9]* [KM]iB left (more with --memory in a VM or the parameter budget_percent)\$" /tmp/log
}
gone() { [ ! -e /sys/module/kernel_memory ] && [ -z "$(thread)" ]; }

ok "insmod without parameters: succeeds" load
ok "insmod without parameters: logs that the module is loaded" logged "Loaded kernel_memory module"
ok "thread k_memory: logs its start with the default nr_structs" logged "Hello from thread k_memory. nr_structs=2000"
ok "thread k_memory: logs the page and object size" logged "page size 4096 bytes, object size 32 bytes, 128 objects per page"
ok "thread k_memory: logs the pages and the order of the set" logged "2000 objects need 16 pages, order 4"
ok "nr_structs: the default is 2000" value_is 2000
ok "nr_structs: the mode is 0644" [ "$(stat -c %a $parameter)" = 644 ]
ok "device: the mode is 0600" [ "$(stat -c %a /dev/kmemlab)" = 600 ]
ok "thread k_memory: is idle (state I)" grep -q 'State:.*I' /proc/"$(thread)"/status
before=$(cpu_ticks); sleep 1
ok "thread k_memory: uses no CPU time while it waits" [ "$(cpu_ticks)" = "$before" ]
ok "insmod: fails if the module is loaded" not insmod /kernel_memory.ko
ok "nr_structs: can be changed" write_nr 5
ok "nr_structs: changing it verifies the old set" logged "16000 elements right, 0 wrong"
ok "nr_structs: returns the new value" value_is 5
ok "nr_structs larger than memory: the write fails" not write_nr 4000000000
ok "nr_structs larger than memory: the error is logged" budget_refusal_logged 4000000000
ok "nr_structs larger than memory: the old value is kept" value_is 5
ok "nr_structs not a number: the write fails" not write_nr pear
ok "nr_structs negative: the write fails" not write_nr -1
ok "nr_structs invalid: the old value is kept" value_is 5
ok "rmmod: succeeds" unload
ok "rmmod: verifies the set" logged "40 elements right, 0 wrong"
ok "rmmod: logs that the module is unloaded" logged "Unloaded kernel_memory module"
ok "rmmod: the module and the thread are gone" gone

# set_of N NEED ELEMENTS
set_of() {
	load nr_structs="$1" && grep -q "$1 object$2\$" /tmp/log && unload && logged "$3 elements right, 0 wrong"
}
ok "nr_structs=0: insmod succeeds" load nr_structs=0
ok "nr_structs=0: logs that there is nothing to allocate" logged "nr_structs=0: nothing to allocate"
ok "nr_structs from 0 to 129: the write succeeds" write_nr 129
ok "nr_structs from 0 to 129: returns the new value" value_is 129
ok "nr_structs from 129 to 0: the write succeeds" write_nr 0
ok "nr_structs from 129 to 0: verifies the old set" logged "1032 elements right, 0 wrong"
ok "nr_structs=0: rmmod succeeds" unload
ok "nr_structs=1: takes one page" set_of 1 " needs 1 page, order 0" 8
ok "nr_structs=128: fills one page" set_of 128 "s need 1 page, order 0" 1024
ok "nr_structs=129: takes two pages" set_of 129 "s need 2 pages, order 1" 1032
ok "nr_structs=131072: fills one block of the largest order" set_of 131072 "s need 1024 pages, order 10" 1048576
ok "nr_structs=131073: takes a page more than the largest block" set_of 131073 "s need 1025 pages, order 10" 1048584
ok "nr_structs=20000: logs the unused pages of the block" set_of 20000 "s need 157 pages, order 8 (99 of 256 pages unused)" 160000
ok "nr_structs=947200: insmod succeeds" load nr_structs=947200
ok "nr_structs=947200: allocates 7 blocks of the largest order" logged "allocated 7 blocks of order 10"
ok "nr_structs=947200: allocates a smaller block for the rest" logged "allocated 1 block of order 8"
ok "nr_structs=947200: rmmod succeeds" unload
ok "nr_structs=947200: rmmod verifies all elements" logged "7577600 elements right, 0 wrong"
ok "insmod with nr_structs larger than memory: fails" not load nr_structs=4000000000
ok "insmod with nr_structs larger than memory: the reason is logged" logged "nr_structs=4000000000 refused"
ok "insmod with nr_structs larger than memory: module and thread are gone" gone

. /slope.sh
[ "$cycles" = 0 ] || ok "insmod and rmmod, $cycles cycles: no free memory is lost" keeps_memory nr_structs=2000
sed 's/^/# /' /tmp/ok.out

# Write the parameter while the module is loaded and unloaded.
write_always() { while :; do echo $((RANDOM % 2000)) >$parameter; done 2>/dev/null; }
write_always & writers=$!
write_always & writers="$writers $!"
races() {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		insmod /kernel_memory.ko && { sleep 0.1; rmmod kernel_memory; } || return 1
	done
}
ok "nr_structs: two writers during insmod and rmmod cause no failure" races
# shellcheck disable=SC2086 # a list
kill $writers

insmod /kernel_memory.ko nr_structs=0
exec 3<>/dev/kmemlab
ok "rmmod: fails while the device is open" not rmmod kernel_memory
exec 3>&-
ok "rmmod: succeeds after the device is closed" rmmod kernel_memory
