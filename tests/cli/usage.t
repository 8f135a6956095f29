#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a user can get wrong before anything boots: one clear line, exit code 2.

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
count=0

verdict() {
	count=$((count + 1))
	echo "$1 $count $2"
}

# refused MESSAGE ARGUMENT...: exit code 2, this one line on standard error, nothing else
refused() {
	expected="kmemlab: $1"
	shift
	"$KMEMLAB" "$@" >"$folder/out" 2>"$folder/err" </dev/null
	code=$?
	if [ $code = 2 ] && [ ! -s "$folder/out" ] && [ "$(cat "$folder/err")" = "$expected" ]; then
		verdict ok "$*"
	else
		verdict "not ok" "$*"
		echo "# exit code $code; wanted: $expected"
		sed 's/^/# /' "$folder/err"
	fi
}

# shows TEXT ARGUMENT...: exit code 0, and the text is on standard output
shows() {
	text=$1
	shift
	if "$KMEMLAB" "$@" >"$folder/out" 2>"$folder/err" && [ ! -s "$folder/err" ] &&
	   grep -qF -- "$text" "$folder/out"; then
		verdict ok "$*"
	else
		verdict "not ok" "$*"
	fi
}

shows "Usage: kmemlab" --help
shows "kmemlab 0." --version
shows "Usage: kmemlab run" run --help
shows "Usage: kmemlab list" list --help
shows "kmalloc" list facilities
shows "batch" list workloads
shows "accounted" list gfp
shows "fragmented:" list conditions
refused "unknown command 'rnu': did you mean 'run'?" rnu
refused "unknown command 'frobnicate': 'kmemlab --help' shows them all" frobnicate
refused "list: one word is wanted: facilities, workloads, gfp, conditions or results" list
refused "list: unknown 'facility': did you mean 'facilities'?" list facility

refused "run: --facility kmaloc: unknown facility 'kmaloc': did you mean 'kmalloc'?" \
	run --facility kmaloc
refused "run: --facility zzz: unknown facility 'zzz': 'kmemlab list facilities' shows them all" \
	run --facility zzz
refused "run: --workload pear: unknown workload 'pear': did you mean 'pair'?" run --workload pear
refused "run: --append a	b: one line of printable ASCII is wanted" run --append "a	b"
refused "run: --facility page,,kmalloc: a name is missing: names with commas are wanted" \
	run --facility page,,kmalloc
refused "run: --size 0: 0 is not possible: at least 1" run --size 0
refused "run: --objects 0: 0 is not possible: at least 1" run --objects 0
refused "run: --objects : the list is empty" run --objects ""
refused "run: --objects 9223372036854775808: at most 2^63 - 1 is possible" \
	run --objects 9223372036854775808
refused "run: 4294967296 objects of 4294967296 bytes are beyond 2^63 - 1 bytes" \
	run --objects 4G --size 4G
for align in 48 0 64,128 2T x; do
	refused "run: --align $align: one power of two up to 2^40 is wanted, such as 64" \
		run --align $align
done
refused "run: --repeats 1000001: a whole number from 1 to 1000000 is wanted" run --repeats 1000001
refused "run: --pmu and --plan: the plan's file says the experiments" \
	run --plan "$folder/plan" --pmu
refused "run: --size 8..64: a range needs its step: A..BxK or A..B+K" run --size 8..64
refused "run: the lists make 600000 experiments: at most 10000 at once" \
	run --facility page,kmalloc,null --workload pair,batch --size 1..1000+1 --objects 1..100+1
refused "run: --seed -1: a whole number from 0 to 9223372036854775807 is wanted" run --seed -1
refused "run: --memory 2G: a whole number from 96 to 1048576 is wanted" run --memory 2G
refused "run: --memory 95: a whole number from 96 to 1048576 is wanted" run --memory 95
refused "map: --memory 95: a whole number from 96 to 1048576 is wanted" map --memory 95
refused "explain: --memory 95: a whole number from 96 to 1048576 is wanted" \
	explain page --memory 95
refused "--memory 95: must be a whole number from 96 to 1048576" shell -c true --memory 95
refused "run: --timeout 0: a whole number from 1 to 2147483647 is wanted" run --timeout 0
refused "run: --clock sundial: it can be instructions or time" run --clock sundial
refused "run: --target moon: it can be vm or host" run --target moon
refused "run: --arch amd64,sparc: unknown architecture 'sparc': these can be had: amd64, arm64, arm64-16k, armhf, armhf-lpae" \
	run --arch amd64,sparc
refused "run: --arch x86_64: unknown architecture 'x86_64': here it is called 'amd64'" \
	run --arch x86_64
refused "unknown architecture 'aarch64': here it is called 'arm64'" shell --arch aarch64 -c true
refused "run: --kernel : the list is empty" run --kernel ""
refused "run: --seed wants a value" run --seed
refused "run: --seed is given twice" run --seed 1 --seed 2
refused "run: unknown option '--sed': did you mean '--seed'?" run --sed 1
refused "run: unknown option '--xyzzy': 'kmemlab run --help' shows them all" run --xyzzy x
refused "run: 'page' is no option: 'kmemlab run --help' shows them all" run page
refused "run: --memory and --target host: it is the virtual machine's option" \
	run --target host --memory 512
refused "run: --clock and --target host: instructions are counted in the virtual machine only" \
	run --target host --clock instructions

refused "$folder/none/r.json cannot be written: No such file or directory" \
	run --json "$folder/none/r.json"
refused "$folder cannot be written: Is a directory" run --csv "$folder"
refused "compare: --json and --ktap name the same file '$folder/x'" \
	compare a b --json "$folder/x" --ktap "$folder/x"
refused "compare: --ktap and --markdown name the same file '-'" \
	compare a b --markdown - --ktap /dev/stdout
refused "run: --json and --csv name the same file '-'" run --json - --csv /dev/stdout

refused "run: --plan $folder/none: No such file or directory" run --plan "$folder/none"
printf 'clock tsc\nexperiment facility=page workload=pair objekts=3\n' >"$folder/plan"
refused "run: --plan $folder/plan: line 2: unknown field 'objekts': did you mean 'objects'?" \
	run --plan "$folder/plan"
refused "run: --size and --plan: the plan's file says the experiments" \
	run --plan "$folder/plan" --size 8
printf 'experiment facility=page workload=pair\nmap\n' >"$folder/plan"
refused "run: --plan $folder/plan: only experiment lines are carried out here: 'kmemlab translate --plan' takes translate lines, 'kmemlab map' makes maps" \
	run --plan "$folder/plan"
printf 'experiment facility=pagge workload=pair\n' >"$folder/plan"
refused "run: --plan $folder/plan: unknown facility 'pagge': did you mean 'page'?" \
	run --plan "$folder/plan"

refused "translate: what? An ADDRESS, --pfn, --phys, --facility or --plan is missing" translate
for address in '' 0x -1x 0xg _text 18446744073709551616 0x10000000000000000; do
	refused "translate: '$address': an address is wanted, decimal or 0x and hexadecimal, up to 2^64 - 1" \
		translate -- "$address"
done
refused "translate: 3 pages from 0xfffffffffffff000 go beyond the last address" \
	translate --pages 3 0xfffffffffffff000
refused "translate: one of ADDRESS, --pfn, --phys, --facility and --plan at a time" \
	translate --pfn 1 0x1000
refused "translate: --pid 0: a process's number is wanted, or self" translate --pid 0 0x1000
refused "translate: --kernel and --target host: it is the virtual machine's option" \
	translate --target host --kernel 6.1 0x1000
refused "map: --condition fragmented:1: unknown condition 'fragmented:1': a number from 2 on is wanted, as in fragmented:4" \
	map --condition fragmented:1
refused "$folder/none/png cannot be written: No such file or directory" map --png "$folder/none/png"
refused "map: --diff wants two files: BEFORE and AFTER" map --diff "$folder/plan"
refused "map: --diff compares two files: no --png beside it" map --png "$folder/png" --diff a b
refused "map: tests/golden/default.json is no map: its schema is not kmemlab.map/1" \
	map --diff tests/golden/default.json tests/golden/map.json
refused "map: --facility user: the module holds no such objects: 'kmemlab translate' shows them" \
	map --facility user

for command in run "shell -c true"; do
	refused "a raspi3b has 1024 MiB of memory, not 512: leave --memory out" \
		$command --arch arm64 --board raspi3b --memory 512
done

# missing PROGRAM PACKAGE ARGUMENT...: exit code 125 and both are named, where PATH has nothing
missing() {
	expected="kmemlab: $1 is missing: install the package $2"
	shift 2
	PATH=/nonexistent "$KMEMLAB" "$@" 2>"$folder/err" </dev/null
	if [ $? = 125 ] && [ "$(cat "$folder/err")" = "$expected" ]; then
		verdict ok "without QEMU: $*"
	else
		verdict "not ok" "without QEMU: $*"
		sed 's/^/# /' "$folder/err"
	fi
}

missing qemu-system-x86_64 qemu-system-x86 run --no-store
missing qemu-system-aarch64 qemu-system-arm run --no-store --arch arm64
missing qemu-system-arm qemu-system-arm shell --arch armhf-lpae -c true

# Ubuntu 22.04's: it starts, and then is lost without a word.
mkdir "$folder/old"
cat >"$folder/old/qemu-system-x86_64" <<'END'
#!/bin/sh
[ "$1" = --version ] && echo "QEMU emulator version 6.2.0 (Debian 1:6.2+dfsg-2ubuntu6)"
END
chmod +x "$folder/old/qemu-system-x86_64"
PATH=$folder/old:$PATH "$KMEMLAB" run --arch amd64 --no-store >"$folder/out" 2>"$folder/err" </dev/null
if [ $? = 125 ] && [ "$(cat "$folder/err")" = "kmemlab: qemu-system-x86_64 is 6.2.0 (Debian \
1:6.2+dfsg-2ubuntu6), too old: 7.2 or newer is needed" ]; then
	verdict ok "QEMU is too old"
else
	verdict "not ok" "QEMU is too old"
	sed 's/^/# /' "$folder/err"
fi

# A build tree that has all but a kernel, and whose module does not fit on the disk.
tree=$folder/tree
mkdir -p "$tree/include/generated" "$tree/arch/x86/boot"
printf '#\nCONFIG_X86_64=y\nCONFIG_MODULES=y\n' >"$tree/.config"
echo '#define UTS_RELEASE "6.1.192"' >"$tree/include/generated/utsrelease.h"
: >"$tree/Module.symvers"
{
	head -c 514 /dev/zero
	printf 'HdrS\0\0\0\0\0\0\0\0\0\1'
	head -c 240 /dev/zero
	printf '6.1.192 (me@here) #1\0'
} >"$tree/arch/x86/boot/bzImage"
printf 'modules:\n\t@echo "ld: No space left on device" >&2; exit 1\n' >"$tree/Makefile"
XDG_CACHE_HOME=$folder/cache "$KMEMLAB" run --arch amd64 --kernel "$tree" --no-store \
	>"$folder/out" 2>"$folder/err" </dev/null
if [ $? = 125 ] && [ "$(cat "$folder/err")" = "kmemlab: the cache $folder/cache/kmemlab is full: \
the module does not build for 6.1.192" ]; then
	verdict ok "the cache is full"
else
	verdict "not ok" "the cache is full"
	sed 's/^/# /' "$folder/err"
fi

# The last of them is looked at before the first one is built for and boots.
nothing="$folder is no kernel's build tree or headers: it has no .config"
refused "$nothing" run --arch amd64 --no-store --kernel "$tree,$folder"
refused "$nothing" compare --arch amd64 --no-store --kernel "$tree,$folder"

echo "1..$count"
