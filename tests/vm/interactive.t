#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The interactive shell, with a terminal from script(1): type-ahead, exit, Ctrl-].
. tests/kmemlab.sh

command -v script >/dev/null || skip_all "script(1) is not installed"

mkdir "$scratch/faults"
build_module tests/vm/faults "$scratch/faults"

# type_in TEXT OPTION...: screen output goes to $scratch/out, terminal settings to $scratch/stty.*
type_in() {
	text=$1
	shift
	status=0
	printf "$text" | script -qec "tty >$scratch/tty; stty rows 24 cols 80
		stty -g >$scratch/stty.before; $kmemlab shell $*; status=\$?
		stty -g >$scratch/stty.after; exit \$status" /dev/null >"$scratch/out" 2>&1 || status=$?
}

type_in 'test -t 0 && echo a term""inal; lsmod; exit 9\n'
ok "shell: commands typed before the prompt run on a terminal" out_has 'a terminal'
ok "shell: the exit status is that of the guest's shell" is "$status" 9
ok "shell: the banner explains how to leave" out_has 'Leave with "exit"'
ok "shell: the banner names the parameter of the module" out_has 'insmod /kernel_memory.ko nr_structs='
ok "shell: the banner explains how to add a file" out_has 'kmemlab shell --add FILE'
ok "shell: exit restores the terminal's settings" cmp -s "$scratch/stty.before" "$scratch/stty.after"

type_in 'insmod /faults.ko; rmmod faults; insmod /faults.ko oops=1\nexit 7\n' \
	--add "$scratch/faults/faults.ko"
ok "shell: a kernel warning is shown" out_has 'WARNING: .* faults_init+.* \[faults\]'
ok "shell: an oops is shown with its cause" out_has 'BUG: kernel NULL pointer dereference'
ok "shell: an oops is shown with its call trace" out_has '\]  do_one_initcall+'
ok "shell: information of the kernel is not shown" not out_has 'a piece of information'
ok "shell: the exit status after an oops is that of the guest's shell" is "$status" 7

# The window becomes larger while the guest runs.
>"$scratch/out"
timeout 300 sh -c 'until grep -q "size 24 80" "$1/out"; do sleep 0.1; done
	stty rows 30 cols 101 <"$(cat "$1/tty")"' sh "$scratch" &
type_in 'echo size $(stty size)\n
until [ "$(stty size)" = "30 101" ] || [ $((n += 1)) = 100 ]; do sleep 0.1; done
echo now $(stty size)\nexit 127\n'
ok "shell: the guest's terminal has the new size of the window" out_has 'now 30 101'
ok "shell: status 127 of the guest's shell is told from kmemlab's own" \
	out_has "status 127 is that of the guest's last command"
wait

type_in '\035'
ok "shell: Ctrl-] exits with status 130" is "$status" 130
ok "shell: Ctrl-] restores the terminal's settings" cmp -s "$scratch/stty.before" "$scratch/stty.after"
ok "shell: Ctrl-] leaves no files or processes" nothing_left

# One line of progress is replaced again and again, and gone at the end.
status=0
script -qec "stty cols 60; $kmemlab run --facility page,kmalloc --objects 100000 --no-store >$scratch/table" \
	/dev/null >"$scratch/out" 2>&1 </dev/null || status=$?
ok "run on a terminal exits with status 0" is "$status" 0
ok "run on a terminal shows the experiment that is measured" \
	out_has '[0-9] of 4  \(page\|kmalloc\) \(pair\|batch\) 32'
ok "run on a terminal shows progress in a single line that it clears" \
	is "$(tr '\r' '\n' <"$scratch/out" | tail -n 1)" "$(printf '\033[K')"
run run --facility page --no-store
ok "run without a terminal shows no progress" is "$(grep -c ' of 2' "$scratch/err")" 0
done_testing
