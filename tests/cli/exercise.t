#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab exercise: tasks, hints, progress, and answers that are refused before anything boots.
. tests/kmemlab.sh

folder=$scratch/exercise
exercise() {
	run exercise "$@" --folder "$folder"
}

exercise
ok "exercise: without a folder, eight steps are open" is "$(grep -c ' open ' "$scratch/out")" 8
ok "exercise: the first command is printed" out_has "exercise 1 --start --folder"
ok "exercise: nothing is written before --start" not test -e "$folder"
exercise 1 --check
ok "exercise --check: a step that was not started is a usage error" is "$status" 2
ok "exercise --check: a step that was not started is named" err_is_line "step 1 was not started"
exercise 9 --start
ok "exercise: an unknown step is a usage error" is "$status" 2
exercise 1 --start --hint
ok "exercise: --start and --hint exclude each other" is "$status" 2
exercise 1 --check --kernel 6.1
ok "exercise: --kernel belongs to --start" err_is_line "it is that of --start"

exercise 1 --start
ok "exercise --start: exit status 0" is "$status" 0
ok "exercise --start: the task has a number" out_has "stores [0-9]* structs"
ok "exercise --start: every question is open" is "$(grep -c ' = ?$' "$folder/1.txt")" 4
exercise 1 --check
ok "exercise --check: missing answers are a usage error" is "$status" 2
ok "exercise --check: each missing answer is named" is "$(grep -c 'has no answer' "$scratch/err")" 4
for wrong in 2^3 -4 4.5 0x 12,34 99999999999999999999; do
	sed -i "s/^order = .*/order = $wrong/" "$folder/1.txt"
	exercise 1 --check
	ok "exercise --check: $wrong is not a number" err_has "order must be a number .*'$wrong'"
done
cp "$folder/1.txt" "$scratch/before"
exercise 1 --start
ok "exercise --start: a second start keeps the answers" cmp "$folder/1.txt" "$scratch/before"
ok "exercise --start: a second start is noted" err_is_line "already started"
exercise --progress
ok "exercise --progress: a started step is listed as started" out_has "1  started"

exercise 1 --hint
cp "$scratch/out" "$scratch/first"
exercise 1 --hint
ok "exercise --hint: the second hint is another one" not cmp "$scratch/out" "$scratch/first"
exercise 1 --hint
exercise 1 --hint
ok "exercise --hint: the last hint is repeated" out_has "Hint 3 of 3"

run exercise 1 --start --folder "$scratch/other"
ok "exercise: another folder has other numbers" \
	not cmp "$folder/1.txt" "$scratch/other/1.txt"

exercise 3 --start
ok "exercise 3 --start: a module and a Makefile are written" \
	test -s "$folder/studio/kernel_memory.c" -a -s "$folder/studio/Makefile"
ok "exercise 3 --start: the module has things to do" \
	is "$(grep -c TODO "$folder/studio/kernel_memory.c")" 7
rm "$folder/3.txt"
echo mine >"$folder/studio/kernel_memory.c"
exercise 3 --start
ok "exercise 3 --start: the work of a student is kept" is "$(cat "$folder/studio/kernel_memory.c")" mine

rm "$folder/1.txt"
exercise 1 --check
ok "exercise --check: a missing file of answers is a usage error" is "$status" 2
echo '{' >"$folder/.state"
exercise
ok "exercise: a damaged state is a usage error" is "$status" 2
ok "exercise: a damaged state is named" err_is_line "state' is damaged"
echo text >"$scratch/file"
run exercise 1 --start --folder "$scratch/file"
ok "exercise --start: a folder that cannot be written is an error of the host" is "$status" 125
ok "exercise --start: the reason is printed" err_is_line "cannot write .*$scratch/file"
done_testing
