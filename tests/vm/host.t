#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --target host, with a virtual machine for a host: the same program there.
set -u
kmemlab=${KMEMLAB:-build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
. tests/guest_module.sh
build_module tests/module/ramdisk "$scratch" || exit 1
loader=$(ldd "$kmemlab" | awk '/ld-linux/ { print $1 }')
add=(--add tests/guest/tap.sh --add "$kmemlab" --add "$loader")
add+=(--add "${BUILD:-build}/tests/process_test" --add "$scratch/ramdisk.ko")
while read -r library; do
	add+=(--add "$library")
done < <(ldd "$kmemlab" | awk '$2 == "=>" { print $3 }')

# Below 512 MiB there are no huge pages for processes.
"$kmemlab" shell --memory 768 "${add[@]}" <<'GUEST'
. /tap.sh
cat >/bin/kmemlab <<'PROGRAM'
#!/bin/sh
exec /"$(basename /ld-linux*)" --library-path / /kmemlab "$@"
PROGRAM
chmod +x /bin/kmemlab
export KMEMLAB_MODULE=/kernel_memory.ko
run() { kmemlab run --target host --facility kmalloc,page,page_packed --json /tmp/r.json >/tmp/table; }
one_line() { [ "$(wc -l </tmp/errors)" = 1 ] || { cat /tmp/errors; false; }; }
status_of() { expected=$1; shift; "$@" >/tmp/out 2>/tmp/errors; status=$?; [ $status = "$expected" ] || { echo "status $status"; cat /tmp/errors; false; }; }

ok "a run" run
ok "has results, each of them fine" [ "$(grep -c '"status": "ok"' /tmp/r.json)" = 6 ]
ok "by a clock that is time" grep -q '"unit": "tsc"' /tmp/r.json
ok "on this host" grep -q '"target": "host"' /tmp/r.json
ok "the CPU's own counters: or why there are none" grep -q 'counters are not visible' /tmp/r.json
ok "unloads what it loaded" [ ! -e /sys/module/kernel_memory ]
insmod /kernel_memory.ko nr_structs=100
ok "a run with the module there" run
ok "leaves it there" [ "$(cat /sys/module/kernel_memory/parameters/nr_structs)" = 100 ]
rmmod kernel_memory
ok "instructions cannot be counted here" status_of 2 kmemlab run --target host --clock instructions
ok "which takes one line" one_line
export KMEMLAB_MODULE=/nowhere.ko
ok "no module: trouble on this side" status_of 125 run
ok "which takes one line" one_line
export KMEMLAB_MODULE=/kernel_memory.ko

# translate and map: OUT has a line that matches
ask() { what=$1; shift; kmemlab "$what" --target host --quiet "$@" >/tmp/out 2>/tmp/errors; }
says() { grep -qE -e "$1" /tmp/out || { cat /tmp/out /tmp/errors; false; }; }
complains() { grep -qF -e "$1" /tmp/errors || { cat /tmp/errors; false; }; }
refused() { "$@"; [ $? = 2 ] || { cat /tmp/out /tmp/errors; false; }; }
at() { sed -n "s/^$1 //p" /tmp/pages; }
insmod /kernel_memory.ko nr_structs=0
insmod /ramdisk.ko && mkswap /dev/ramdisk >/dev/null && swapon /dev/ramdisk
/process_test pages >/tmp/pages & process=$!
while ! grep -qs untouched /tmp/pages; do usleep 100000; done
ok "a huge page of a process" ask translate --pid $process "$(at huge)"
ok "is one leaf of 2 MiB" says "maps +2 MiB, kernel rw-, user rw-"
ok "and a compound page of order 9" says "order 9 from frame"
ok "as pagemap says" says "routes +2 agree: walk, pagemap"
ok "a plain page" ask translate --pid $process "$(at plain)"
ok "is anonymous" says "page +anon"
ok "mapped once" says "mapped 1 time"
ok "a page that nobody may touch" ask translate --pid $process "$(at closed)"
ok "is told from one that is not there" says "no one may touch|prot_none"
ok "a page never touched" ask translate --pid $process "$(at untouched)"
ok "has no frame" says "^  not_mapped"
ok "a page that was paged out" ask translate --pid $process "$(at paged)"
ok "is shown where it went" says "^  not_mapped swapped out: page [0-9]+ of swap file 0"
ok "a kernel thread" refused ask translate --pid 2 0x1000
ok "has no memory" complains "this is a kernel thread: it has no memory of its own"
unshare -pf /process_test pages >/tmp/other & usleep 500000
inner=$(pidof process_test | tr ' ' '\n' | sort -n | tail -1)
ok "a process of another PID namespace, by its number here" ask translate --pid "$inner" "$(sed -n 's/^plain //p' /tmp/other)"
ok "is a process as any" says "page +anon"
ok "seen from another namespace, a number that is not there" status_of 2 unshare -pf \
	kmemlab translate --target host --quiet \
	--pid $process 0x1000
ok "is no process" complains "there is no such process (any more), or not in this namespace"
kill $process "$inner"
wait $process 2>/dev/null
ok "a process that is gone" refused ask translate --pid $process 0x1000
ok "is no process either" complains "there is no such process (any more), or not in this namespace"
ok "device memory, by its physical address" ask translate --phys 0xfee00000
ok "has no struct page" says "page +none: the frame has no struct page"
ok "and a fixed address" says "aliases fixed 0xff"
fixed=$(sed -n 's/.*aliases fixed \(0x[0-9a-f]*\).*/\1/p' /tmp/out)
ok "which leads there" ask translate "$fixed"
ok "through tables that say so" says "physical address 0xfee00000"
ok "memory of the kernel's image has two addresses" ask translate --phys 0x1000000
ok "the second is the image's" says "aliases image 0xffffffff81000000"
ok "objects of a process" ask translate --facility user --size 9000 --objects 2
ok "are translated by two routes" says "6 of 6 translated .* 0 disagree"
ok "a map" ask map --json /tmp/m.json
number() { sed -n "/\"kinds\": {/,/}/s/.*\"$1\": \([0-9]*\).*/\1/p" /tmp/m.json | awk '{ n += $1 } END { print n + 0 }'; }
near() { echo "$1 pages, $2 by /proc/meminfo"; [ "$1" -gt 100 ] && [ $(($1 - $2)) -lt 64 ] && [ $(($2 - $1)) -lt 64 ]; }
meminfo() { awk -v key="$1:" '$1 == key { print $2 / 4 }' /proc/meminfo; }
ok "has as many per-CPU pages as the kernel counts" near "$(number percpu)" "$(meminfo Percpu)"
ok "and those of vmalloc and of modules" near $(($(number vmalloc) + $(number modules))) "$(meminfo VmallocUsed)"
ok "nothing is left untold" grep -q '"untold": null' /tmp/m.json
ok "not root" status_of 125 /process_test without root kmemlab map --target host
ok "is told so" complains "kmemlab: --target host needs root"
ok "without CAP_SYS_ADMIN" status_of 125 /process_test without sys_admin kmemlab map --target host --quiet
ok "is told which capability" complains "/dev/kmemlab cannot be opened: that takes CAP_SYS_ADMIN"
ok "in one line" one_line
mount -t securityfs securityfs /sys/kernel/security
echo confidentiality >/sys/kernel/security/lockdown
ok "a kernel that is locked down shows no tables" refused ask translate 0xffffffff81000000
ok "and says so" complains "the kernel is locked down: it lets nobody look into its tables"
ok "nor pages" refused ask map
ok "and says so" complains "the kernel is locked down: it lets nobody look at its pages"
done_testing
GUEST
