#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A script in the guest: output, exit status, files, and the module.
. tests/kmemlab.sh

printf 'added by hand\n' >"$scratch/note"
run shell --add "$scratch/note" -c '
	cat /note
	echo error >&2
	lsmod | grep kernel_memory
	ls -l /kernel_memory.ko | wc -l
	test -d /proc/1 && test -d /sys/module && test -c /dev/ttyS0 && echo mounted
	head -c 100000 /dev/zero | tr "\0" x
	echo
	printf "no newline"
	sleep 1000 &
	exit 7'
ok "shell -c: the exit status is that of the script" is "$status" 7
ok "shell --add: the file is in the guest" out_has '^added by hand$'
ok "shell -c: /proc, /sys and /dev are mounted" out_has '^mounted$'
ok "shell -c: standard error is separate" is "$(cat "$scratch/err")" "error"
ok "shell -c: the module file exists, but is not loaded" is "$(sed -n 2p "$scratch/out")" 1
ok "shell -c: long output is complete" is "$(grep '^x' "$scratch/out" | tr -d '\n' | wc -c)" 100000
ok "shell -c: output without a newline is printed" is "$(tail -n 1 "$scratch/out")" "no newline"
ok "shell -c leaves no files or processes" nothing_left

# Statuses that kmemlab uses itself, and messages of the guest's kernel
mkdir "$scratch/faults"
build_module tests/vm/faults "$scratch/faults"
run shell -c 'exit 127'
ok "shell -c: status 127 of a command is passed on" is "$status" 127
ok "shell -c: status 127 of a command is told from kmemlab's own" \
	err_is_line "^kmemlab: status 127 is that of the guest's last command$"
run shell --add "$scratch/faults/faults.ko" -c 'insmod /faults.ko; echo done >&2'
ok "shell -c: a warning does not change the exit status" is "$status" 0
ok "shell -c: kernel warnings follow the output" is "$(sed 2q "$scratch/err")" \
	"done
kmemlab: warnings of the guest's kernel:"
ok "shell -c: an error of a module is reported" err_has '^  \[ *[0-9.]*\] an error$'
ok "shell -c: a warning is reported with its place" err_has '\] WARNING: .* faults_init+.* \[faults\]$'
ok "shell -c: a warning is reported with its call trace" err_has '\]  do_one_initcall+'
ok "shell -c: what a warning taints is reported" err_has "^kmemlab: the guest's kernel is tainted: W (warning)$"
ok "shell -c: information is not reported" not err_has 'a piece of information'
ok "shell -c: taints of any module are not reported" not err_has 'out-of-tree\|module from outside'
run shell -c 'modprobe kernel_memory nr_structs=4000000000 || modprobe kernel_memory nr_structs=10 &&
	cat /sys/module/kernel_memory/parameters/nr_structs && modprobe -r kernel_memory'
ok "shell -c: modprobe loads a module that refuses to load once" is "$(grep -c refused "$scratch/err")" 1
ok "shell -c: modprobe takes parameters and -r" is "$status $(cat "$scratch/out")" "0 10"
run shell -c 'insmod /kernel_memory.ko nr_structs=4000000000; modinfo /kernel_memory.ko kernel_memory && cat /proc/modules'
ok "shell -c: a module that refuses to load is loaded once" is "$(grep -c refused "$scratch/err")" 1
ok "shell -c: modinfo describes a module by path and by name" \
	is "$(grep -c '^parm: *nr_structs' "$scratch/out")" 2
ok "shell -c: modinfo exits with status 0" is "$status" 0

# A reader that exits ends kmemlab by SIGPIPE (128 + 13), without a message.
{ "$kmemlab" shell -c yes </dev/null 2>"$scratch/err"; echo $? >"$scratch/status"; } |
	head -n 1 >"$scratch/out"
ok "shell -c yes | head -n 1 prints one line" is "$(cat "$scratch/out")" y
ok "shell -c yes | head -n 1 ends by SIGPIPE" is "$(cat "$scratch/status")" 141
ok "shell -c yes | head -n 1 prints no error" is "$(cat "$scratch/err")" ""
ok "shell -c yes | head -n 1 leaves no files or processes" nothing_left
status=0
"$kmemlab" shell -c 'echo text' >/dev/full 2>"$scratch/err" </dev/null || status=$?
ok "shell -c with a full output exits with status 125" is "$status" 125
ok "shell -c with a full output prints the reason" \
	err_is_line "^kmemlab: cannot write the guest's output: No space left"

# Two modules of one name cannot be loaded: ours is renamed if a user's has it.
mkdir "$scratch/user" "$scratch/user-build"
cat >"$scratch/user/kernel_memory.c" <<'MODULE'
#include <linux/module.h>

static int __init user_init(void)
{
	pr_info("a user's module\n");
	return 0;
}

static void __exit user_exit(void)
{
}

module_init(user_init);
module_exit(user_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A user's module");
MODULE
echo 'obj-m := kernel_memory.o' >"$scratch/user/Kbuild"
build_module "$scratch/user" "$scratch/user-build"
run shell --add "$scratch/user-build/kernel_memory.ko" -c '
	insmod /kernel_memory.ko && insmod /kmemlab.ko nr_structs=0 && ls /dev/kmemlab
	cat /sys/module/kmemlab/parameters/nr_structs
	dmesg | grep -o "a user.s module\|Loaded kmemlab module"
	rmmod kmemlab kernel_memory'
ok "shell --add: our module and a user's of the same name are loaded" is "$(cat "$scratch/out")" \
	"/dev/kmemlab
0
a user's module
Loaded kmemlab module"
ok "shell --add: both modules can be unloaded" is "$status" 0
cp "$scratch/user-build/kernel_memory.ko" "$scratch/renamed.ko"
run shell --add "$scratch/renamed.ko" -c 'insmod /renamed.ko && insmod /kmemlab.ko nr_structs=0'
ok "shell --add: the name in the module counts, not that of its file" is "$status" 0
done_testing
