#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --target host, with a virtual machine as the host.
set -u
. tests/kmemlab.sh
build_module tests/module/ramdisk "$scratch" || exit 1
loader=$(ldd "$kmemlab" | awk '/ld-linux/ { print $1 }')
add=(--add "$kmemlab" --add "$loader")
add+=(--add "$build/tests/process_test" --add "$scratch/ramdisk.ko")
while read -r library; do
	add+=(--add "$library")
done < <(ldd "$kmemlab" | awk '$2 == "=>" { print $3 }')

# Transparent huge pages require at least 512 MiB.
guest_shell --memory 768 "${add[@]}" <<'GUEST'
. /guest.sh
cat >/bin/kmemlab <<'PROGRAM'
#!/bin/sh
exec /"$(basename /ld-linux*)" --library-path / /kmemlab "$@"
PROGRAM
chmod +x /bin/kmemlab
export KMEMLAB_MODULE=/kernel_memory.ko
run() { kmemlab run --target host --facility kmalloc,page,page_packed --json /tmp/r.json >/tmp/table; }
one_line() { [ "$(wc -l </tmp/errors)" = 1 ] || { cat /tmp/errors; false; }; }
status_of() { expected=$1; shift; "$@" >/tmp/out 2>/tmp/errors; status=$?; [ $status = "$expected" ] || { echo "status $status"; cat /tmp/errors; false; }; }

ok "run --target host exits with status 0" run
ok "run --target host measures every experiment" [ "$(grep -c '"status": "ok"' /tmp/r.json)" = 6 ]
ok "run --target host uses the TSC" grep -q '"unit": "tsc"' /tmp/r.json
ok "run --target host records the target" grep -q '"target": "host"' /tmp/r.json
ok "run --target host records the reason for missing counters" grep -q 'counters are not visible' /tmp/r.json
ok "run --target host unloads the module it has loaded" [ ! -e /sys/module/kernel_memory ]
insmod /kernel_memory.ko nr_structs=100
ok "run --target host with a loaded module exits with status 0" run
ok "run --target host keeps a module that was loaded before" [ "$(cat /sys/module/kernel_memory/parameters/nr_structs)" = 100 ]
rmmod kernel_memory
ok "run --target host --clock instructions exits with status 2" status_of 2 kmemlab run --target host --clock instructions
ok "run --target host --clock instructions prints one line" one_line
export KMEMLAB_MODULE=/nowhere.ko
ok "run --target host without a module file exits with status 125" status_of 125 run
ok "run --target host without a module file prints one line" one_line
ok "run --target host without a module file names it" grep -q "^kmemlab: KMEMLAB_MODULE: cannot read '/nowhere.ko': No such file" /tmp/errors
export KMEMLAB_MODULE=/kernel_memory.ko

# Run translate or map, and check its output and errors.
ask() { what=$1; shift; kmemlab "$what" --target host --quiet "$@" >/tmp/out 2>/tmp/errors; }
# Long lines are wrapped: look at the lines, and at all of them joined.
says() { { cat /tmp/out; tr -s ' \n' ' ' </tmp/out; } | grep -qE -e "$1" || { cat /tmp/out /tmp/errors; false; }; }
complains() { grep -qF -e "$1" /tmp/errors || { cat /tmp/errors; false; }; }
refused() { "$@"; [ $? = 2 ] || { cat /tmp/out /tmp/errors; false; }; }
at() { sed -n "s/^$1 //p" /tmp/pages; }
insmod /kernel_memory.ko nr_structs=0
insmod /ramdisk.ko && mkswap /dev/ramdisk >/dev/null && swapon /dev/ramdisk
/process_test pages >/tmp/pages & process=$!
while ! grep -qs untouched /tmp/pages; do usleep 100000; done
ok "translate --pid of a huge page exits with status 0" ask translate --pid $process "$(at huge)"
ok "translate --pid of a huge page prints a leaf of 2 MiB" says "maps +2 MiB, kernel rw-, user rw-"
ok "translate --pid of a huge page prints a compound page of order 9" says "order 9"
ok "translate --pid of a huge page agrees with pagemap" says "routes +2 agree: walk, pagemap"
ok "translate --pid of a page exits with status 0" ask translate --pid $process "$(at plain)"
ok "translate --pid of a page prints that it is anonymous" says "page +kind anon"
ok "translate --pid of a page prints that it is mapped once" says "mapcount 1"
ok "translate --pid of a PROT_NONE page exits with status 0" ask translate --pid $process "$(at closed)"
ok "translate --pid distinguishes PROT_NONE pages from unmapped ones" says "no one may touch|prot_none"
ok "translate --pid of an untouched page exits with status 0" ask translate --pid $process "$(at untouched)"
ok "translate --pid of an untouched page prints not_mapped" says "^  not_mapped"
ok "translate --pid of a swapped page exits with status 0" ask translate --pid $process "$(at paged)"
ok "translate --pid of a swapped page prints the swap entry" says "^  not_mapped swapped out: page [0-9]+ of swap file 0"
ok "translate --pid of a kernel thread exits with status 2" refused ask translate --pid 2 0x1000
ok "translate --pid of a kernel thread prints the reason" complains "a kernel thread has no user memory"
unshare -pf /process_test pages >/tmp/other & usleep 500000
inner=$(pidof process_test | tr ' ' '\n' | sort -n | tail -1)
ok "translate --pid of a process in a child PID namespace exits with status 0" ask translate --pid "$inner" "$(sed -n 's/^plain //p' /tmp/other)"
ok "translate --pid of a process in a child PID namespace prints its page" says "page +kind anon"
ok "translate --pid from a namespace without that PID exits with status 2" status_of 2 unshare -pf \
	kmemlab translate --target host --quiet \
	--pid $process 0x1000
ok "translate --pid from a namespace without that PID prints the reason" complains "no such process in this PID namespace"
kill $process "$inner"
wait $process 2>/dev/null
ok "translate --pid of an exited process exits with status 2" refused ask translate --pid $process 0x1000
ok "translate --pid of an exited process prints the reason" complains "no such process in this PID namespace"
ok "translate --phys of device memory exits with status 0" ask translate --phys 0xfee00000
ok "translate --phys of device memory prints that it has no struct page" says "page +none: no struct page"
ok "translate --phys of device memory prints the fixmap alias" says "aliases fixed 0xff"
fixed=$(sed -n 's/.*aliases fixed \(0x[0-9a-f]*\).*/\1/p' /tmp/out)
ok "translate of a fixmap address exits with status 0" ask translate "$fixed"
ok "translate of a fixmap address prints the physical address" says "physical address 0xfee00000"
ok "translate --phys of kernel text exits with status 0" ask translate --phys 0x1000000
ok "translate --phys of kernel text prints the alias in the image" says "aliases image 0xffffffff81000000"
ok "translate --facility user exits with status 0" ask translate --facility user --size 9000 --objects 2
ok "translate --facility user translates all pages without disagreement" says "6 of 6 translated .* 0 disagree"
ok "map --target host exits with status 0" ask map --json /tmp/m.json
number() { sed -n "/\"kinds\": {/,/}/s/.*\"$1\": \([0-9]*\).*/\1/p" /tmp/m.json | awk '{ n += $1 } END { print n + 0 }'; }
near() { echo "$1 pages, $2 by /proc/meminfo"; [ "$1" -gt 100 ] && [ $(($1 - $2)) -lt 64 ] && [ $(($2 - $1)) -lt 64 ]; }
meminfo() { awk -v key="$1:" '$1 == key { print $2 / 4 }' /proc/meminfo; }
ok "map --target host: percpu pages agree with /proc/meminfo" near "$(number percpu)" "$(meminfo Percpu)"
ok "map --target host: vmalloc and module pages agree with /proc/meminfo" near $(($(number vmalloc) + $(number modules))) "$(meminfo VmallocUsed)"
ok "map --target host: all kinds of kernel memory are found" grep -q '"unattributed": null' /tmp/m.json
ok "map --target host without root exits with status 125" status_of 125 /process_test without root kmemlab map --target host
ok "map --target host without root prints the requirement" complains "kmemlab: --target host requires root"
ok "map --target host without CAP_SYS_ADMIN exits with status 125" status_of 125 /process_test without sys_admin kmemlab map --target host --quiet
ok "map --target host without CAP_SYS_ADMIN names the capability" complains "CAP_SYS_ADMIN is required"
ok "map --target host without CAP_SYS_ADMIN prints one line" one_line
mount -t securityfs securityfs /sys/kernel/security
echo confidentiality >/sys/kernel/security/lockdown
ok "translate on a locked-down kernel exits with status 2" refused ask translate 0xffffffff81000000
ok "translate on a locked-down kernel prints the reason" complains "the kernel is locked down and does not allow access to page tables"
ok "map on a locked-down kernel exits with status 2" refused ask map
ok "map on a locked-down kernel prints the reason" complains "the kernel is locked down and does not allow access to struct pages"
done_testing
GUEST
