#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab check: errors that are found before anything boots.
. tests/kmemlab.sh

run check "$scratch/missing.ko"
ok "check: a missing module is a usage error" is "$status" 2
ok "check: a missing module is named" err_is_line "cannot open '$scratch/missing.ko'"

name=$(printf 'a\377')
run check "$scratch/$name.ko" --json "$scratch/json"
ok "check: a missing module whose name is not UTF-8 is a usage error" is "$status" 2
ok "check: a module whose name is not UTF-8 is in the document" \
	is "$(json "$scratch/json" modules/0/module)" "\"$scratch/a?.ko\""

# Not a module, although it has the text
printf 'x\0name=demo\0' >"$scratch/text.ko"
run check "$scratch/text.ko"
ok "check: another file than a module is a usage error" is "$status" 2
ok "check: another file than a module is named" err_is_line "'$scratch/text.ko' is not a kernel module"

# A file with a module's description; its code has a string that looks like one.
cat >"$scratch/hello.c" <<'END'
const char text[] = "x\0name=text";
#define INFO __attribute__((section(".modinfo"), used, aligned(1))) static const char
INFO name[] = "name=demo";
INFO type[] = "parmtype=count:int";
INFO described[] = "parm=special:a parameter of a type of its own";
END
${CC:-gcc} -c "$scratch/hello.c" -o "$scratch/hello.ko"
run check "$scratch/hello.ko" --param special=1 --param cuont=1
ok "check: a parameter that the module lacks is a usage error" is "$status" 2
ok "check: the module's parameters are named" \
	err_is_line "does not describe a parameter 'cuont' (described: count, special)"

done_testing
