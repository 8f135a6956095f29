# SPDX-License-Identifier: GPL-2.0-or-later
# What the module's first users know: insmod, nr_structs, k_memory, rmmod. Source
# it after tap.sh; the module is not loaded, before and after.

parameter=/sys/module/kernel_memory/parameters/nr_structs

load() { new_log >/dev/null; insmod /kernel_memory.ko "$@"; status=$?; new_log >/tmp/log; return $status; }
unload() { rmmod kernel_memory; status=$?; new_log >/tmp/log; return $status; }
write_nr() { new_log >/dev/null; echo "$1" 2>/tmp/error >$parameter; status=$?; new_log >/tmp/log; return $status; }
value_is() { [ "$(cat $parameter)" = "$1" ]; }
thread() { ps -o pid,comm | awk '$2 == "k_memory" { print $1 }'; }
cpu_ticks() { awk '{ print $14 + $15 }' /proc/"$(thread)"/stat; }
gone() { [ ! -e /sys/module/kernel_memory ] && [ -z "$(thread)" ]; }

ok "insmod without parameters" load
ok "logs that it is loaded" logged "Loaded kernel_memory module"
ok "the thread says hello" logged "Hello from thread k_memory. nr_structs=2000"
ok "logs the sizes" logged "page size 4096 bytes, object size 32 bytes, 128 objects per page"
ok "logs pages and order" logged "2000 objects need 16 pages, order 4"
ok "nr_structs is 2000" value_is 2000
ok "nr_structs has mode 0644" [ "$(stat -c %a $parameter)" = 644 ]
ok "the device has mode 0600" [ "$(stat -c %a /dev/kmemlab)" = 600 ]
ok "the thread is idle (state I)" grep -q 'State:.*I' /proc/"$(thread)"/status
before=$(cpu_ticks); sleep 1
ok "the thread takes no CPU time while it waits" [ "$(cpu_ticks)" = "$before" ]
ok "loading it twice fails" not insmod /kernel_memory.ko
ok "a new value" write_nr 5
ok "checks the old set" logged "16000 elements right, 0 wrong"
ok "and is there" value_is 5
ok "a value beyond all memory gives an error" not write_nr 4000000000
ok "says so in the log" logged "nr_structs=4000000000 refused"
ok "leaves the old value" value_is 5
ok "a value that is no number gives an error" not write_nr pear
ok "a negative value gives an error" not write_nr -1
ok "leaves the old value again" value_is 5
ok "rmmod" unload
ok "checks the set" logged "40 elements right, 0 wrong"
ok "logs that it is unloaded" logged "Unloaded kernel_memory module"
ok "is gone" gone

# N, pages, order of the first block, elements
studio() {
	load nr_structs="$1" && logged "$1 objects need $2 pages, order $3" && unload &&
		logged "$4 elements right, 0 wrong"
}
ok "0 structs: nothing to allocate" load nr_structs=0
ok "and said so" logged "nr_structs=0: nothing to allocate"
ok "from nothing to something" write_nr 129
ok "is there" value_is 129
ok "and back to nothing" write_nr 0
ok "checked what was there" logged "1032 elements right, 0 wrong"
ok "rmmod with nothing" unload
ok "1 struct" studio 1 1 0 8
ok "one page exactly" studio 128 1 0 1024
ok "one page and one more" studio 129 2 1 1032
ok "one largest block exactly" studio 131072 1024 10 1048576
ok "one largest block and one more" studio 131073 1025 10 1048584
ok "far beyond one largest block" load nr_structs=947200
ok "in full blocks" logged "allocated 7 blocks of order 10"
ok "and the rest" logged "allocated 1 block of order 8"
ok "rmmod gives it back" unload
ok "all elements were right" logged "7577600 elements right, 0 wrong"
ok "insmod fails where the set cannot be had" not load nr_structs=4000000000
ok "with the reason in the log" logged "nr_structs=4000000000 refused"
ok "and leaves nothing behind" gone

. /slope.sh
[ "$cycles" = 0 ] || ok "$cycles cycles leave no slope in free memory" keeps_memory nr_structs=2000
sed 's/^/# /' /tmp/ok.out

# Writers that go on while the module loads and unloads.
write_always() { while :; do echo $((RANDOM % 2000)) >$parameter; done 2>/dev/null; }
write_always & writers=$!
write_always & writers="$writers $!"
races() {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		insmod /kernel_memory.ko && { sleep 0.1; rmmod kernel_memory; } || return 1
	done
}
ok "load and unload while two writers write" races
# shellcheck disable=SC2086 # a list
kill $writers

insmod /kernel_memory.ko nr_structs=0
exec 3<>/dev/kmemlab
ok "rmmod is refused while the device is open" not rmmod kernel_memory
exec 3>&-
ok "and works once it is closed" rmmod kernel_memory
