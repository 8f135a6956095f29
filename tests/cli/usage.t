#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# User errors that are detected before anything boots: one line, exit code 2.
# tests/unit/options_test.c checks each option of each command.

. tests/kmemlab.sh
folder=$scratch

# refused MESSAGE ARGUMENT...: exit code 2, this line on standard error, nothing else
refused() {
	expected="kmemlab: $1"
	shift
	"$kmemlab" "$@" >"$folder/out" 2>"$folder/err" </dev/null
	code=$?
	if [ $code = 2 ] && [ ! -s "$folder/out" ] && [ "$(cat "$folder/err")" = "$expected" ]; then
		pass "kmemlab $* is refused: $expected"
	else
		fail "kmemlab $* is refused: $expected" "exit code $code: $(cat "$folder/err")"
	fi
}

# shows TEXT ARGUMENT...: exit code 0, and the text is on standard output
shows() {
	text=$1
	shift
	if "$kmemlab" "$@" >"$folder/out" 2>"$folder/err" && [ ! -s "$folder/err" ] &&
	   grep -qF -- "$text" "$folder/out"; then
		pass "kmemlab $* prints '$text'"
	else
		fail "kmemlab $* prints '$text'" "$(cat "$folder/out" "$folder/err")"
	fi
}

shows "Usage: kmemlab" --help
shows "kmemlab 0." --version
shows "Usage: kmemlab run" run --help
shows "Usage: kmemlab run" run -h
shows "Usage: kmemlab run" help run
shows "*--facility* _LIST_ (run, advise, compare)" help --man
shows "kmalloc" list facilities
shows "batch" list workloads
shows "accounted" list gfp
shows "fragmented:" list conditions
refused "unknown command 'rnu' (closest match: 'run')" rnu
refused "unknown command 'frobnicate' (see 'kmemlab --help')" frobnicate
refused "list: missing topic (known: facilities, workloads, gfp, conditions, results)" list
refused "list: unknown topic 'facility' (closest match: 'facilities')" list facility
refused "list: unknown topic 'zzz' (see 'kmemlab list --help')" list zzz

refused "run: --facility: unknown facility 'kmaloc' (closest match: 'kmalloc')" \
	run --facility kmaloc
refused "run: --facility: unknown facility 'zzz' (see 'kmemlab list facilities')" \
	run --facility zzz
refused "run: --facility: unknown facility 'alloc_pages' (a function that is measured by: page, page_packed)" \
	run --facility alloc_pages
refused "run: --facility: unknown facility 'kzalloc' (a function that is measured by: kmalloc, kmalloc_const)" \
	run --facility kzalloc
refused "run: --append must be one line of printable ASCII, got 'a	b'" run --append "a	b"
refused "run: --facility must be names separated by commas, got 'page,,kmalloc'" \
	run --facility page,,kmalloc
refused "run: --size must be at least 1, got '0'" run --size 0
refused "run: --objects must not be empty" run --objects ""
refused "run: --objects must be at most 2^63 - 1, got '9223372036854775808'" \
	run --objects 9223372036854775808
refused "run: --objects must not have thousands separators, got '2,000' (commas separate values)" \
	run --objects 2,000
refused "run: 4294967296 objects of 4294967296 bytes exceed 2^63 - 1 bytes" \
	run --objects 4G --size 4G
shows "partial:" list workloads
for workload in partial partial: partial:0 partial:1 partial:x; do
	refused "run: --workload: unknown workload '$workload' (valid: partial:N with N from 2)" \
		run --workload $workload
done
refused "run: workload partial:2001 requires at least 2001 objects, got 2000" \
	run --workload batch,partial:2001
for align in 48 0 64,128 2T x; do
	refused "run: --align must be a power of two up to 2^40, got '$align'" run --align $align
done
refused "explain: --cycles: unknown CPU 'haswel' (did you mean 'haswell'?)" explain kmalloc --cycles haswel
refused "explain: --cycles haswell requires --arch amd64, got 'arm64'" explain kmalloc --cycles haswell --arch arm64
refused "explain: --folded requires one or two kernels, got 3" explain kmalloc --folded x --kernel 5.10,6.1,6.12
refused "explain: --blocks requires a single --kernel" explain kmalloc --blocks --kernel 5.10,6.1
refused "explain: --cycles requires a single --kernel" explain kmalloc --cycles haswell --kernel 5.10,6.1
refused "explain: --cycles estimates a single path (use --state steady, cold or refill)" \
	explain kmalloc --cycles haswell --state all
PATH=$scratch run explain kmalloc --cycles haswell
ok "explain --cycles without llvm exits with status 125" is "$status" 125
ok "explain --cycles without llvm names the package in one line" err_is_line "Debian's package llvm"
refused "run: --bulk must be between 1 and 1000000, got '0'" run --bulk 0
refused "run: --repeats must be between 1 and 1000000, got '1000001'" run --repeats 1000001
refused "run: --size must have a step in a range, A..BxK or A..B+K, got '8..64'" run --size 8..64
refused "run: too many experiments: 600000 (at most 10000)" \
	run --facility page,kmalloc,null --workload pair,batch --size 1..1000+1 --objects 1..100+1
refused "run: --seed must be a number between 0 and 9223372036854775807, got '-1'" run --seed -1
for command in run map "explain page" "shell -c true"; do
	refused "${command%% *}: --memory must be between 96 and 1048576 MiB, got '95'" \
		$command --memory 95
	refused "${command%% *}: --memory must be a multiple of 1 MiB, got '100000K'" \
		$command --memory 100000K
done
refused "run: --clock must be 'instructions' or 'time', got 'sundial'" run --clock sundial
refused "run: --arch: unknown architecture 'sparc' (known: amd64, arm64, arm64-16k, armhf, armhf-lpae)" \
	run --arch amd64,sparc
refused "run: --seed requires a value: N" run --seed
refused "run: --json requires a value: FILE" run --json --csv x
refused "run: --json requires a value: FILE" run --json --no-sto
refused "run: --json requires a value: FILE" run --json -q
refused "run: --seed is given twice" run --seed 1 --seed 2
refused "run: unknown option '--sed' (closest match: '--seed')" run --sed 1
refused "run: unknown option '--xyzzy' (see 'kmemlab run --help')" run --xyzzy x
refused "run: unknown option '-x' (see 'kmemlab run --help')" run -x
refused "run: unexpected argument 'page' (see 'kmemlab run --help')" run page
# Facilities and operations of a user's file.
echo 'const struct kmemlab_facility_ops kmemlab_my_pool = {' >"$folder/pool.c"
sed 's/my_pool/kmalloc/' "$folder/pool.c" >"$folder/again.c"
echo 'static void setup(void) {}' >"$folder/none.c"
refused "run: --facility: unknown facility 'my_pol' (closest match: 'my_pool')" \
	run --facility my_pol --facility-file "$folder/pool.c"
refused "run: --facility-file is given twice" \
	run --facility-file "$folder/pool.c" --facility-file "$folder/pool.c"
refused "run: --facility-file: cannot read '$folder/missing.c': No such file or directory" \
	run --facility-file "$folder/missing.c"
refused "run: --facility-file: '$folder/none.c' defines no facility (struct kmemlab_facility_ops kmemlab_NAME)" \
	run --facility-file "$folder/none.c"
refused "run: --facility-file: '$folder/again.c' defines facility 'kmalloc', which exists already" \
	run --facility-file "$folder/again.c"
printf '/* kmemlab_my_pool */\n#if 0\n%s\n#else\n%s\n#endif\n' \
	"$(cat "$folder/pool.c")" "$(cat "$folder/pool.c")" >"$folder/twice.c"
refused "run: --facility: unknown facility 'x' (see 'kmemlab list facilities')" \
	run --facility-file "$folder/twice.c" --facility x
printf 'const struct kmemlab_facility_ops kmemlab_%s = {' a_name_that_is_longer_than_allowed >"$folder/long.c"
refused "run: --facility-file: '$folder/long.c' defines facility 'a_name_that_is_longer_than_allowed': \
the name must have at most 31 characters" run --facility-file "$folder/long.c"
refused "run: --facility-file: '/dev/zero' must be at most 1024 KiB" run --facility-file /dev/zero
printf 'a\0b' >"$folder/binary.c"
refused "measure: --file: '$folder/binary.c' must be a text file" measure --file "$folder/binary.c"
refused "measure: --file: cannot read '$folder': Is a directory" measure --file "$folder"
printf '/* static void operation(void) { } */\nstatic void xoperation(void) {}\nstatic void operation(void);\n' \
	>"$folder/comment.c"
refused "measure: --file: '$folder/comment.c' defines neither 'static void operation(void)' nor operation_NAME()" \
	measure --file "$folder/comment.c"
printf 'static void operation_%s(void)\n{\n}\n' with_a_very_long_name_indeed >"$folder/long.c"
refused "measure: --file: '$folder/long.c' defines operation_with_a_very_long_name_indeed(): \
the name must have at most 31 characters" measure --file "$folder/long.c"
refused "measure: --setup cannot be used with --file" measure --file "$folder/none.c" --setup 'x;'
refused "measure: --softirq cannot be used with --irqs-off" measure 0 --irqs-off --softirq
refused "measure: EXPRESSION must not be empty" measure ' ; '
refused "measure: --explain cannot be used with a document on standard output" \
	measure 0 --explain --json -
refused "measure: --explain requires a single value of --operations" measure 0 --explain --operations 1,2
refused "measure: an expression or --file is missing" measure
refused "measure: --file: cannot read '$folder/missing.c': No such file or directory" \
	measure --file "$folder/missing.c"
refused "measure: --file: '$folder/none.c' defines neither 'static void operation(void)' nor operation_NAME()" \
	measure --file "$folder/none.c"
refused "report: unknown option '--cpus' (it is an option of: run, measure, advise, compare, shell)" \
	report file --cpus 4
refused "explain: --cpus is not available (explain follows one CPU)" explain page --cpus 2
refused "run: --memory cannot be used with --target host" run --target host --memory 512
refused "run: --mix cannot be used with --target host" run --target host --mix
refused "run: --clock time cannot be used with --mix" run --mix --clock time
printf 'clock tsc\nexperiment facility=kmalloc workload=pair objects=1\n' >"$scratch/tsc.plan"
refused "run: --mix requires the clock instructions, got 'tsc'" run --mix --plan "$scratch/tsc.plan"
refused "run: --clock instructions cannot be used with --target host" \
	run --target host --clock instructions
refused "run: --headers requires --kernel" run --headers "$folder"
refused "shell: unexpected argument 'true' (see 'kmemlab shell --help')" shell true
refused "kernel: --allow-expired cannot be used with 'list'" kernel list --allow-expired

refused "cannot write '$folder/none/r.json': No such file or directory" \
	run --json "$folder/none/r.json"
refused "cannot write '$folder': Is a directory" run --csv "$folder"
refused "compare: --json and --ktap name the same file '$folder/x'" \
	compare a b --json "$folder/x" --ktap "$folder/x"
refused "run: --json and --csv name the same file '-'" run --json - --csv /dev/stdout

refused "run: --plan $folder/none: No such file or directory" run --plan "$folder/none"
printf 'clock tsc\nexperiment facility=page workload=pair objekts=3\n' >"$folder/plan"
"$kmemlab" run --plan "$folder/plan" 2>"$folder/err"
ok "kmemlab run --plan names the line and the unknown field" \
	err_is_line "^kmemlab: run: --plan $folder/plan: line 2: unknown field 'objekts'"
refused "run: --size cannot be used with --plan" run --plan "$folder/plan" --size 8
printf 'experiment facility=page workload=pair\nmap\n' >"$folder/plan"
refused "run: --plan $folder/plan: translate and map lines are not allowed here (use 'kmemlab translate --plan' or 'kmemlab map')" \
	run --plan "$folder/plan"
printf 'experiment facility=pagge workload=pair\n' >"$folder/plan"
refused "run: --plan $folder/plan: unknown facility 'pagge' (closest match: 'page')" \
	run --plan "$folder/plan"

refused "translate: nothing to translate (give ADDRESS, --pfn, --phys, --facility or --plan)" \
	translate
for address in '' 0x -1x 0xg _text 18446744073709551616 0x10000000000000000; do
	refused "translate: invalid address '$address' (decimal, or 0x and hexadecimal, below 2^64)" \
		translate -- "$address"
done
refused "translate: 3 pages from 0xfffffffffffff000 exceed the last address" \
	translate --pages 3 0xfffffffffffff000
refused "translate: ADDRESS cannot be used with --pfn" translate --pfn 1 0x1000
refused "translate: --pid must be a process ID or 'self', got '0'" translate --pid 0 0x1000
refused "translate: --size requires --facility" translate --size 64 0x1000
refused "translate: --kernel cannot be used with --target host" \
	translate --target host --kernel 6.1 0x1000
refused "map: --condition: unknown condition 'fragmented:1' (valid: fragmented:N with N from 2)" \
	map --condition fragmented:1
refused "cannot write '$folder/none/png': No such file or directory" map --png "$folder/none/png"
refused "map: --diff requires two files: BEFORE and AFTER" map --diff "$folder/plan"
refused "map: --png cannot be used with --diff" map --png "$folder/png" --diff a b
refused "map: unexpected argument 'a' (only with --diff)" map a
refused "map: 'tests/golden/default.json' is not a map (schema 'kmemlab.map/2' expected)" \
	map --diff tests/golden/default.json tests/golden/map.json
refused "map: --facility user is user memory, which the module cannot hold (use 'kmemlab translate')" \
	map --facility user

# Messages and help name the program that was called.
export KMEMLAB_CALLED_AS=./lab
refused "run: --facility: unknown facility 'zzz' (see './lab list facilities')" run --facility zzz
refused "run: unknown option '-x' (see './lab run --help')" run -x
shows "Usage: ./lab run" run --help
shows "from './lab list facilities'" help run
shows "Example: ./lab run" --help
unset KMEMLAB_CALLED_AS

for command in run translate map explain advise compare report list results shell kernel doctor \
	       completion help; do
	"$kmemlab" help $command >"$folder/help"
	ok "help $command has an example and fits in 80 columns" \
		is "$(grep -c '^Example: ' "$folder/help") $(grep -c '.\{81\}' "$folder/help")" "1 0"
done

# A board selects its architecture.
for command in run "shell -c true" "translate 1" map "explain kmalloc"; do
	refused "--memory must be 1024 MiB for board raspi3b, got '512'" \
		$command --board raspi3b --memory 512
done
refused "map: --board: unknown board 'raspi4b' (known: pc, virt, raspi2b, raspi3b)" map --board raspi4b
refused "unknown board 'raspi3b' for armhf (known: virt, raspi2b)" map --board raspi3b --arch armv7l

"$kmemlab" help --man >"$folder/options.scd"
sed "/^; OPTIONS/r $folder/options.scd" docs/kmemlab.1.scd >"$folder/kmemlab.1.scd"
if command -v scdoc >/dev/null; then
	ok "the man page with the generated options is valid scdoc" \
		sh -c 'scdoc <"$1"' sh "$folder/kmemlab.1.scd"
else
	skip "the man page with the generated options is valid scdoc" "scdoc is not installed"
fi

# missing PROGRAM PACKAGE ARGUMENT...: with an empty PATH, exit code 125 and both are named
missing() {
	expected="kmemlab: $1 is missing: install the package $2"
	shift 2
	PATH=/nonexistent "$kmemlab" "$@" 2>"$folder/err" </dev/null
	if [ $? = 125 ] && [ "$(cat "$folder/err")" = "$expected" ]; then
		pass "kmemlab $* without QEMU exits with 125 and names the package"
	else
		fail "kmemlab $* without QEMU exits with 125 and names the package" \
			"$(cat "$folder/err")"
	fi
}

missing qemu-system-x86_64 qemu-system-x86 run --no-store
missing qemu-system-aarch64 qemu-system-arm run --no-store --arch arm64
missing qemu-system-arm qemu-system-arm shell --arch armhf-lpae -c true

# Kbuild and its shell commands do not quote paths.
for path in 'a b' 'a;b' 'a&b' 'a$b' "a'b"; do
	XDG_CACHE_HOME=$folder/$path run shell -c true
	if [ "$status" = 125 ] && err_has '^kmemlab: cannot build the module: the cache path'; then
		pass "a cache path with special characters is rejected: $path"
	else
		fail "a cache path with special characters is rejected: $path"
	fi
done

# make and its shell commands would interpret such paths, and could run a part of them.
makes_nothing() {
	path=$1
	shift
	if ! make "$@" >"$folder/out" 2>"$folder/err" && [ -z "$(find "$folder" -name made)" ] &&
	   grep -qF "must consist of letters, digits and / . _ + - @ ~, got '$path'" "$folder/err"
	then
		pass "make rejects the path $path"
	else
		fail "make rejects the path $path" "$(cat "$folder/err")"
	fi
}

for path in 'a b' "a;touch $folder/made;b" 'a&b' 'a$b' "a'b" 'a:b' 'a%b' 'a#b' 'a,b' 'a(b' 'a`b'; do
	makes_nothing "$path" "BUILD=$path" clean
	makes_nothing "/$path" -C module "KERNEL_SOURCE=/$path" clean
done
mkdir "$folder/a;touch made;b"
cp -r module "$folder/a;touch made;b"
makes_nothing "$(realpath "$folder")/a;touch made;b/module" -C "$folder/a;touch made;b/module" \
	KERNEL_SOURCE=/nonexistent

# The QEMU of Ubuntu 22.04 starts the guest, which then fails without a message.
mkdir "$folder/old"
cat >"$folder/old/qemu-system-x86_64" <<'END'
#!/bin/sh
[ "$1" = --version ] && echo "QEMU emulator version 6.2.0 (Debian 1:6.2+dfsg-2ubuntu6)"
END
chmod +x "$folder/old/qemu-system-x86_64"
PATH=$folder/old:$PATH "$kmemlab" run --arch amd64 --no-store >"$folder/out" 2>"$folder/err" </dev/null
if [ $? = 125 ] && [ "$(cat "$folder/err")" = "kmemlab: qemu-system-x86_64 6.2.0 (Debian \
1:6.2+dfsg-2ubuntu6) is too old (at least 7.2)" ]; then
	pass "kmemlab run refuses a QEMU that is too old"
else
	fail "kmemlab run refuses a QEMU that is too old" "$(cat "$folder/err")"
fi

# A build tree with a fake kernel whose module build fails with ENOSPC.
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
XDG_CACHE_HOME=$folder/cache "$kmemlab" run --arch amd64 --kernel "$tree" --no-store \
	>"$folder/out" 2>"$folder/err" </dev/null
if [ $? = 125 ] && [ "$(cat "$folder/err")" = "kmemlab: cannot build the module for 6.1.192: the \
cache $folder/cache/kmemlab is full" ]; then
	pass "kmemlab run reports that the cache is full"
else
	fail "kmemlab run reports that the cache is full" "$(cat "$folder/err")"
fi

# build_ends STATUS MESSAGE NAME: "kmemlab build hello.c" for the kernel $tree.
echo >"$folder/hello.c"
build_path=$PATH
build_ends() {
	PATH=$build_path "$kmemlab" build "$folder/hello.c" --arch amd64 --kernel "$tree" -o "$folder/built" \
		>"$folder/out" 2>"$folder/err" </dev/null
	status=$?
	if [ "$status" = "$1" ] && tail -n 1 "$folder/err" | grep -q "^kmemlab: .*$2"; then
		pass "$3"
	else
		fail "$3" "status $status: $(cat "$folder/err")"
	fi
}

# Only a source that does not build has exit status 3.
build_ends 125 'is full$' "kmemlab build: exit status 125 if the disk is full"
printf 'modules:\n\t@echo "hello.c:1: error: bad" >&2; exit 1\n' >"$tree/Makefile"
build_ends 3 'does not build for 6\.1\.192 (see above)$' \
	"kmemlab build: exit status 3 if the source does not build"
printf 'modules:\n\t@echo "gcc: fatal error: Killed signal terminated program cc1" >&2; exit 1\n' \
	>"$tree/Makefile"
build_ends 125 'Killed signal terminated program cc1$' \
	"kmemlab build: exit status 125 if the compiler was killed"
printf 'modules:\n\t@kill -9 $$PPID\n' >"$tree/Makefile"
build_ends 125 'status 137' "kmemlab build: exit status 125 if make was killed"
mkdir "$folder/no-make"
for name in env gcc sh; do
	ln -s "$(command -v $name)" "$folder/no-make"
done
build_path=$folder/no-make
build_ends 125 'make.*not found' "kmemlab build: exit status 125 without make"
build_path=$PATH
printf 'modules:\n\t@cp $(M)/hello.c $(M)/hello.ko\n' >"$tree/Makefile"
# A command whose output is lost fails, whichever it is.
for command in "build $folder/hello.c --arch amd64 --kernel $tree -o $folder/built" "kernel list" \
	"list facilities" "completion bash" "help --man" --version \
	"report tests/golden/default.json --html -"; do
	"$kmemlab" $command >/dev/full 2>"$folder/err" </dev/null
	status=$?
	if [ "$status" = 125 ] &&
	   grep -q "^kmemlab: cannot write 'standard output': No space left on device$" "$folder/err"; then
		pass "kmemlab ${command%% *}: exit status 125 if the output is lost"
	else
		fail "kmemlab ${command%% *}: exit status 125 if the output is lost" \
			"status $status: $(cat "$folder/err")"
	fi
done
PATH=$folder/no-make "$kmemlab" doctor >/dev/full 2>"$folder/err" </dev/null
ok "kmemlab doctor: a failed command reports lost output, too" \
	grep -q "cannot write 'standard output'" "$folder/err"
cp -r "$tree" "$folder/a tree"
tree="$folder/a tree"
build_ends 125 "the build tree '.*' contains ' '" \
	"kmemlab build: exit status 125 if the kernel's path contains a space"
tree=$folder/tree

# A file for the guest is checked before it is read.
mkfifo "$folder/fifo"
for file in "$folder/fifo" /dev/zero "$folder"; do
	(ulimit -v 4000000; exec timeout 60 "$kmemlab" shell --arch amd64 --add "$file" -c true) \
		>"$folder/out" 2>"$folder/err" </dev/null
	status=$?
	if [ "$status" = 2 ] &&
	   [ "$(cat "$folder/err")" = "kmemlab: --add '$file': not a regular file" ]; then
		pass "kmemlab shell --add $file is refused"
	else
		fail "kmemlab shell --add $file is refused" "status $status: $(cat "$folder/err")"
	fi
done

# All kernels are checked before the first one boots.
nothing="$folder is not a build tree or headers of a kernel (no .config)"
refused "$nothing" run --arch amd64 --no-store --kernel "$tree,$folder"
refused "$nothing" compare --arch amd64 --no-store --kernel "$tree,$folder"

done_testing
