#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab bench: modules of others, whose own timing reads instructions, and modules that fail.
. tests/kmemlab.sh

probe() {
	run bench "tests/vm/bench/probe_$1.c" "${@:2}"
}

# figure WORD: print the number after a word in the module's messages
figure() {
	grep -o "$1 [0-9]*" "$scratch/out" | head -n 1 | grep -o '[0-9]*$'
}

# cost FACILITY DIRECTION FIELD: print a figure of run's reference
cost() {
	json "$scratch/$1.json" "runs/0/results/0/$2/uninterrupted/$3"
}

# within NUMBER MIN MAX
within() {
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || { echo "$1 is not between $2 and $3"; false; }
}

# The clock counts the repetitions of memset(), for which run corrects: without zeroing there are none.
for facility in kmalloc kmem_cache page; do
	run run --facility "$facility" --size 64 --workload pair --append init_on_alloc=0 --no-store \
		--json "$scratch/$facility.json"
	ok "run measures the reference, $facility" is "$status" 0
done
pair() {
	echo $(($(cost "$1" alloc p50) + $(cost "$1" free p50)))
}

# A loop costs its own instructions, which an empty loop measures (5), and up to 3 of the call.
probe cycles --append init_on_alloc=0
ok "bench: a module that returns -EAGAIN after it ran: exit status 0" is "$status" 0
ok "bench: -EAGAIN is mentioned" err_has '^init of probe_cycles returned -EAGAIN'
net=$((($(figure 'kfree') - $(figure 'empty')) / 1000))
ok "bench: get_cycles() of kmalloc and kfree agrees with run" \
	within $(($(pair kmalloc) - net)) -3 3
ok "bench: a cycle is an instruction" out_has 'an instruction is 1\.000 cycles'
ok "bench: a nanosecond is an instruction" out_has '1\.000 ns of$\|1\.000 ns of ktime_get'
probe ktime --append init_on_alloc=0
ok "bench: a thread that runs after init: exit status 0" is "$status" 0
net=$(($(grep -o '[0-9]* ns for' "$scratch/out" | grep -o '[0-9]*') / 1000))
ok "bench: ktime_get() of alloc_pages and __free_pages agrees with run" \
	within $((net - $(pair page))) 0 6
ok "bench: the module is unloaded after its thread has ended" is "$(grep -c 'unloaded$' "$scratch/out")" 1
probe min --append init_on_alloc=0
net=$(($(figure alloc) - $(figure 'empty')))
ok "bench: the minimum of kmem_cache_alloc agrees with run" \
	within $((net - $(cost kmem_cache alloc min))) -3 3
net=$(($(figure free) - $(figure 'empty')))
ok "bench: the minimum of kmem_cache_free agrees with run" \
	within $((net - $(cost kmem_cache free min))) -3 3

# Messages with several lines
probe faults --param mode=lines
ok "bench: a message of several lines is printed as dmesg does" is \
	"$(sed 's/^\[[^]]*\] //' "$scratch/out" | grep -A 1 '^first')" "first	tab
second \\"

# KUnit
probe faults --param mode=ktap --ktap "$scratch/ktap"
ok "bench: KUnit tests that pass: exit status 0" is "$status" 0
ok "bench --ktap: each test is a line" is "$(cat "$scratch/ktap")" "KTAP version 1
1..4
ok 1 slub_test.test_clobber_zone
ok 2 slub_test.test_next_pointer
ok 3 slub_test.test_first_word # SKIP needs CONFIG_X
ok 4 alone"
probe faults --param mode=ktap_fails
ok "bench: a KUnit test that fails: exit status 1" is "$status" 1
ok "bench: the failed test is named" out_has '^slub_test.test_next_pointer  failed$'
probe faults --param mode=ktap_misses
ok "bench: a KUnit test without a result: exit status 1" is "$status" 1
ok "bench: the suite with missing tests is named" \
	err_has '^kmemlab: KUnit: slub_test: 1 of 3 planned tests have a result$'

# Modules that fail
probe faults --param mode=einval
ok "bench: init fails: exit status 1" is "$status" 1
ok "bench: init fails: the error is named" err_is_line '^kmemlab: init of probe_faults returned -EINVAL'
run bench tests/vm/bench/probe_wanting.c
ok "bench: init fails without parameters: they are named" err_has '(--param; the module has: loops)$'
probe faults --param mode=taint
ok "bench: taints are reported" err_has "^kmemlab: the guest's kernel is tainted: W (warning)"
probe faults --param mode=oops
ok "bench: an oops: exit status 127" is "$status" 127
ok "bench: an oops: the call trace names init" err_has 'probe_faults_init+0x'
probe faults --param mode=hang --timeout 20
ok "bench: init never returns: exit status 124" is "$status" 124
probe faults --param mod=hang
ok "bench: an unknown parameter: exit status 2" is "$status" 2
ok "bench: an unknown parameter: the known ones are printed" err_has "'mod' (known: mode)$"
probe faults --param 'mode=a b  c'
ok "bench: a value may have blanks" out_has "mode 'a b  c'$"
probe faults --param 'mode=a"b'
ok "bench: a quote in a value: exit status 2" is "$status" 2
probe faults --param mode
ok "bench: a parameter without value: exit status 2" is "$status" 2

# Modules that need each other, and those of another architecture
mkdir "$scratch/two"
cat >"$scratch/two/a_user.c" <<'END'
#include <linux/module.h>

int b_library_answer(void);

static int __init a_user_init(void)
{
	pr_info("the answer is %d\n", b_library_answer());
	return -EAGAIN;
}
module_init(a_user_init);
MODULE_DESCRIPTION("test");
MODULE_LICENSE("GPL");
END
cat >"$scratch/two/b_library.c" <<'END'
#include <linux/module.h>

int b_library_answer(void)
{
	return 42;
}
EXPORT_SYMBOL_GPL(b_library_answer);
MODULE_DESCRIPTION("test");
MODULE_LICENSE("GPL");
END
echo 'obj-m := a_user.o b_library.o' >"$scratch/two/Kbuild"
run build "$scratch/two" -o "$scratch/built"
modules=$(dirname "$(head -n 1 "$scratch/out")")
run bench "$scratch/two"
ok "bench DIR: modules are loaded in the order of their needs" out_has 'the answer is 42$'
for name in c_ended d_ended; do
	cat >"$scratch/two/$name.c" <<'END'
#include <linux/module.h>

static int __init ended_init(void)
{
	pr_info("ran\n");
	return -EAGAIN;
}
module_init(ended_init);
MODULE_DESCRIPTION("test");
MODULE_LICENSE("GPL");
END
done
echo 'obj-m += c_ended.o d_ended.o' >>"$scratch/two/Kbuild"
run bench "$scratch/two"
ok "bench DIR: modules after one that returns -EAGAIN are loaded" is \
	"$status $(grep -c ' ran$' "$scratch/out")" "0 2"
run bench "$modules/a_user.ko"
ok "bench: a module that needs another one: exit status 2" is "$status" 2
ok "bench: the module that is needed is named" err_has 'needs module b_library,'
strip --strip-debug "$modules/a_user.ko"
run bench "$modules/a_user.ko" --add "$modules/b_library.ko"
ok "bench --add: the module that is needed is loaded first" out_has 'the answer is 42$'
run bench "$modules/a_user.ko" --add "$modules/b_library.ko" --arch arm64
ok "bench: a module of another architecture: exit status 2" is "$status" 2
echo 'int x = ;' >"$scratch/two/b_library.c"
run bench "$scratch/two"
ok "bench DIR: a source that does not build: exit status 3" is "$status" 3

for arch in arm64 armhf; do
	probe cycles --arch "$arch"
	ok "bench, $arch: exit status 0" is "$status" 0
	ok "bench, $arch: a cycle is an instruction" out_has 'an instruction is 1\.000 cycles'
	ok "bench, $arch: the figures are instructions of a loop" within "$(figure empty)" 3000 7000
done
ok "nothing is left behind" nothing_left
done_testing
