#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab bench --around: calls of functions of the kernel, compared with explain.
. tests/kmemlab.sh

probe() {
	run bench "tests/vm/bench/probe_$1.c" "${@:2}"
}

# figure WORD: print the number after a word in the module's messages
figure() {
	grep -o "$1 [0-9]*" "$scratch/out" | head -n 1 | grep -o '[0-9]*$'
}

# within NUMBER MIN MAX
within() {
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || { echo "$1 is not between $2 and $3"; false; }
}

# around FUNCTION FIELD: print a field of a function, by its index
around() {
	json "$scratch/json" "around/functions/$1/$2"
}
run_around() {
	probe min --around kmem_cache_alloc,kmem_cache_free --json "$scratch/json" "$@"
}
# explained OP ARCH: print the instructions of kmem_cache_alloc or _free, and its own ones
explained() {
	"$kmemlab" explain kmem_cache --size 64 --workload pair --op "$1" --arch "$2" 2>/dev/null |
		awk -v f="kmem_cache_$1" '$1 == f { print $2, $3; exit }'
}
for arch in amd64 arm64 armhf; do
	run_around --arch "$arch"
	ok "bench --around, $arch: exit status 0" is "$status" 0
	ok "bench --around, $arch: each call is counted" within "$(around 0 calls)" 1000 1010
	ok "bench --around, $arch: kmem_cache_alloc agrees with explain" is \
		"$(around 0 inclusive/p50) $(around 0 exclusive/p50)" "$(explained alloc $arch)"
	ok "bench --around, $arch: kmem_cache_free agrees with explain" is \
		"$(around 1 inclusive/p50) $(around 1 exclusive/p50)" "$(explained free $arch)"
done
run_around --append init_on_alloc=0
ok "bench --around prints a table" out_has '^kmem_cache_alloc  *1,00'
probe min --append init_on_alloc=0
net=$(($(figure alloc) - $(figure 'empty') - $(around 0 inclusive/min)))
ok "bench --around: the module's own figure is 1 to 6 instructions larger, for the call" within "$net" 1 6
probe ktime --around alloc_pages,msleep --json "$scratch/json"
ok "bench --around: calls of a thread after init are not counted" is "$(around 1 calls)" 0
probe min --around kmem_cache_aloc
ok "bench --around: an unknown function: exit status 2" is "$status" 2
ok "bench --around: an unknown function: the closest name is printed" \
	err_has "'kmem_cache_aloc' is not a function .*(closest match: 'kmem_cache_alloc')$"
probe min --around kmalloc
ok "bench --around: an inlined function is refused" err_has "'kmalloc' is not .*may be inlined"
probe min --around memcpy,memmove --arch arm64
ok "bench --around: two names of one function: exit status 2" is "$status" 2
ok "bench --around: two names of one function are refused" err_has "'memcpy' and 'memmove' are one function"
probe min --around memmove --arch arm64
ok "bench --around: other names of a function are printed" out_has '^memmove is also named memcpy: '
mkdir "$scratch/two"
cat >"$scratch/two/a_user.c" <<'END'
#include <linux/module.h>
#include <linux/slab.h>

void b_library_free(void *object);

static int __init a_user_init(void)
{
	b_library_free(kmalloc(8192, GFP_KERNEL));
	return -EAGAIN;
}
module_init(a_user_init);
MODULE_DESCRIPTION("test");
MODULE_LICENSE("GPL");
END
cat >"$scratch/two/b_library.c" <<'END'
#include <linux/module.h>
#include <linux/slab.h>

void b_library_free(void *object)
{
	kfree(object);
}
EXPORT_SYMBOL_GPL(b_library_free);

static int __init b_library_init(void)
{
	int i;

	for (i = 0; i < 10000; i++)
		kfree(kmalloc(64, GFP_KERNEL));
	return 0;
}
module_init(b_library_init);
MODULE_DESCRIPTION("test");
MODULE_LICENSE("GPL");
END
echo 'obj-m := a_user.o b_library.o' >"$scratch/two/Kbuild"
run build "$scratch/two" -o "$scratch/built"
modules=$(dirname "$(head -n 1 "$scratch/out")")
run bench "$modules/a_user.ko" --add "$modules/b_library.ko" --around kfree --json "$scratch/json"
ok "bench --around: calls in init of a module of --add are not counted" \
	within "$(around 0 calls)" 1 1000
cat >"$scratch/mixed.c" <<'END'
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/module.h>

static DECLARE_COMPLETION(ended);

static int mixed_thread(void *unused)
{
	int i;

	for (i = 0; i < 100; i++) {
		__free_pages(alloc_pages(GFP_KERNEL, 0), 0);
		if (i % 10 == 0)
			msleep(1);
	}
	complete(&ended);
	return 0;
}

static int __init mixed_init(void)
{
	int i;

	for (i = 0; i < 20000; i++)
		__free_pages(alloc_pages(GFP_KERNEL, 0), 0);
	kthread_run(mixed_thread, NULL, "mixed");
	wait_for_completion(&ended);
	return -EAGAIN;
}
module_init(mixed_init);
MODULE_DESCRIPTION("test");
MODULE_LICENSE("GPL");
END
for arch in amd64 arm64 armhf; do
	run bench "$scratch/mixed.c" --arch "$arch" --around __free_pages,msleep,do_one_initcall \
		--json "$scratch/json"
	ok "bench --around, $arch: calls of init and of its thread are counted" \
		within "$(around 0 calls)" 20100 20200
	ok "bench --around, $arch: interrupts are noticed" is "$(around 2 interrupted)" 1
	ok "bench --around, $arch: init's own instructions are those of its call" is \
		"$(around 2 inclusive/max)" "$(json "$scratch/json" around/instructions)"
	ok "bench --around, $arch: instructions of interrupts are not counted" within \
		"$(around 0 inclusive/max)" 1 8000
	ok "bench --around, $arch: calls that sleep are counted" is \
		"$(around 1 calls) $(around 1 switched)" "10 10"
	ok "bench --around, $arch: instructions of other tasks are not counted" within \
		"$(around 1 inclusive/max)" 500 8000
done

ok "nothing is left behind" nothing_left
done_testing
