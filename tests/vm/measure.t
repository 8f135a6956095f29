#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab measure: expressions, statements and files of a user.
. tests/kmemlab.sh

# cost FILE PATH: print a part of the first result
cost() {
	json "$1" "runs/0/results/0/$2"
}

run measure 0 --json "$scratch/json" --no-store
ok "measure 0: exit status 0" is "$status" 0
ok "nothing costs nothing" is "$(cost "$scratch/json" alloc/uninterrupted/max)" 0
ok "nothing costs nothing in a loop" is "$(cost "$scratch/json" alloc/loop_mean)" 0
ok "a cost of 0 is explained" out_has '^operation costs 0: the compiler'
ok "nothing loses no memory" is "$(cost "$scratch/json" operation/lost_bytes)" 0

cat >"$scratch/bench.c" <<'END'
#include <linux/slab.h>

static void **objects;
static unsigned int next;

static int setup(void)
{
	next = 0;
	objects = kvcalloc(2000, sizeof(*objects), GFP_KERNEL);
	return objects ? 0 : -ENOMEM;
}

static void teardown(void)
{
	while (next--)
		kfree(objects[next]);
	kvfree(objects);
}

static void operation_nops(void)
{
	asm volatile("nop\n\tnop\n\tnop");
}

static void operation_take(void)
{
	objects[next++] = kmalloc(1024, GFP_KERNEL);
}
END
run measure --file "$scratch/bench.c" --json "$scratch/json" --name bench
ok "measure --file: exit status 0" is "$status" 0
ok "three nops are three instructions" is "$(cost "$scratch/json" alloc/uninterrupted/p50)" 3
ok "the table has a row for each operation" is "$(grep -c '^operation_' "$scratch/out")" 2
run report bench
ok "report prints the table of operations, too" is "$(grep -c '^operation_' "$scratch/out")" 2
held=$(json "$scratch/json" runs/0/results/1/operation/held_bytes)
ok "2,000 objects of 1,024 bytes are held" test "$held" -ge 2048000 -a "$held" -lt 2200000
ok "teardown gives them back" is "$(json "$scratch/json" runs/0/results/1/operation/lost_bytes)" 0
run measure --file "$scratch/bench.c" --json "$scratch/again" --no-store --boot
perl tests/json_diff.pl "$scratch/json" "$scratch/again" | grep -v '/run/\|/date' >"$scratch/difference"
ok "the same file gives the same results" is "$(cat "$scratch/difference")" ""

# A header next to the file may have the name of one of the module's: that one is not replaced.
mkdir "$scratch/headers"
printf '#define NOPS "nop; nop"\n' >"$scratch/headers/nops.h"
printf '#error not this one\n' >"$scratch/headers/pattern.h"
printf '#include "nops.h"\nstatic void operation(void) { asm volatile(NOPS); }\n' >"$scratch/headers/op.c"
run measure --file "$scratch/headers/op.c" --json "$scratch/json" --no-store
ok "a file may include the headers next to it" is "$(cost "$scratch/json" alloc/uninterrupted/p50)" 2
printf '#define NOPS "nop"\n' >"$scratch/headers/nops.h"
run measure --file "$scratch/headers/op.c" --json "$scratch/json" --no-store
ok "a changed header is built again" is "$(cost "$scratch/json" alloc/uninterrupted/p50)" 1

run measure 'kmalloc(64, GFP_KERNEL)' --include linux/slab.h --explain --json "$scratch/json" --no-store
ok "a leak: exit status 1" is "$status" 1
ok "a leak does not prevent --explain" out_has '^Sum: '
lost=$(cost "$scratch/json" operation/lost_bytes)
ok "a leak of 2,000 x 64 bytes is found" test "$lost" -ge 124000 -a "$lost" -le 136000
ok "a leak is reported" out_has 'setup, 2,000 operations and teardown lose .* each time: a leak$'

run measure 'kmalloc(1024, GFP_KERNEL); usleep_range(10, 20);' --include linux/slab.h --include linux/delay.h \
	--operations 50 --json "$scratch/json" --no-store
ok "operations that sleep are counted" is "$(cost "$scratch/json" alloc/slept)" 50
ok "a leak of operations that sleep is found" is "$status" 1
cat >"$scratch/rcu.c" <<'END'
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct object {
	struct rcu_head rcu;
	char data[1000];
};

static void operation(void)
{
	struct object *object = kmalloc(sizeof(*object), GFP_KERNEL);

	if (object)
		kfree_rcu(object, rcu);
}
END
run measure --file "$scratch/rcu.c" --no-store
ok "memory that waits for a grace period is not reported as a leak" is "$status" 0

run measure 'nonsense(1)' --no-store
ok "code that does not build: exit status 3" is "$status" 3
ok "code that does not build: the message names the operation and its line" err_has '^operation:1:.*error: .*nonsense'
run measure 0 --setup 'return -ENODEV;' --no-store
ok "a setup that fails: exit status 2" is "$status" 2
ok "a setup that fails: the reason is printed" err_has 'cannot prepare operation (error -19)'

run measure 'BUG_ON(!irqs_disabled() || in_softirq());' --irqs-off --no-store
ok "--irqs-off: interrupts are off" is "$status" 0
run measure 'BUG_ON(!in_serving_softirq());' --softirq --include linux/preempt.h --no-store
ok "--softirq: the operations run in a softirq" is "$status" 0
run measure 'BUG();' --no-store
ok "a panic: exit status 127" is "$status" 127
ok "a panic: the call trace names the operation" err_has 'operation_'
ok "a panic: the line of the operation is named" err_has '^  in operation:1$'
run measure 'for (;;) cpu_relax();' --timeout 30 --no-store
ok "an operation that never returns: exit status 124" is "$status" 124

run measure 'crc32_le(0, value, 512);' --include linux/crc32.h --declare 'static char value[512];' \
	--operations 100 --explain --no-store
ok "measure --explain: exit status 0" is "$status" 0
ok "measure --explain prints the call tree" out_has 'crc32_le'
ok "measure --explain agrees with the clock" out_has 'agrees to the instruction in 100 operations'
run measure 0 --arch arm64,armhf --json "$scratch/json" --no-store
ok "arm64 and armhf: exit status 0" is "$status" 0
ok "arm64: nothing costs nothing" is "$(json "$scratch/json" runs/0/results/0/alloc/uninterrupted/p50)" 0
ok "armhf: nothing costs nothing" is "$(json "$scratch/json" runs/1/results/0/alloc/uninterrupted/p50)" 0

ok "nothing is left behind" nothing_left
done_testing
