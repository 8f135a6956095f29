#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab build: a user's module for several kernels and architectures, and modules for others.
. tests/kmemlab.sh

source=$scratch/src
mkdir "$source" "$scratch/project"
write_hello "$source" "hello from outside"
echo '#warning "included"' >"$source/warning.h"
sed -e 's/pr_info(GREETING/pr_inf(GREETING/' -e 's/greeting.h/warning.h/' "$source/hello.c" \
	>"$source/broken.c"
cp "$source/hello.c" "$source/greeting.h" "$scratch/project"
cat >"$scratch/project/Makefile" <<'END'
export ARCH := mips
CROSS_COMPILE ?= mips-linux-gnu-
KERNEL_SOURCE = /nowhere/linux
obj-m += hello.o
all:
	make -C $(KERNEL_SOURCE) M=$(PWD) modules
END
sources=$(ls -A "$source" "$scratch/project")

run build "$source/hello.c" --quiet --kernel 6.1,7.2 -o "$scratch/built"
amd64=$(sed -n 1p "$scratch/out")
newest=$(sed -n 2p "$scratch/out")
ok "build FILE.c: exit status 0" is "$status" 0
ok "build FILE.c prints a path for each kernel" is "$(wc -l <"$scratch/out")" 2
ok "build FILE.c: 6.1 has its own folder" grep -q '/built/6\.1\.[^/]*-amd64/hello\.ko$' "$scratch/out"
ok "build FILE.c: the module for 7.2 is for 7.2" grep -q 'vermagic=7\.2\.' "$newest"
ok "build FILE.c prints no message of its own or of make" is "$(cat "$scratch/err")" ""

run build "$source/broken.c" --kernel 6.1,7.2 -o "$scratch/built"
ok "build: exit status 3 if the source does not build" is "$status" 3
ok "build: the compiler's messages for 6.1 and 7.2 have the user's path and line" \
	is "$(grep -c "^$source/broken.c:6:9: error: " "$scratch/err")" 2
ok "build: a message about a header has the user's path and line" \
	is "$(grep -c "^In file included from $source/broken.c:2:$" "$scratch/err")" 2
ok "build: the last line names the source and the kernel" \
	err_has "^kmemlab: '$source/broken.c' does not build for 6\.1\.[^ ]*-amd64 (see above)$"

run build "$scratch/project/" --kernel 6.1 --arch amd64,armhf -o "$scratch/built"
armhf=$(sed -n 2p "$scratch/out")
ok "build DIR/: exit status 0 in spite of another architecture in the Makefile" is "$status" 0
ok "build DIR: a notice names the replaced variables" \
	err_has '^ARCH, CROSS_COMPILE, KERNEL_SOURCE of the makefile replaced: building for 6\.1'
ok "build writes nothing next to the sources" \
	is "$(ls -A "$source" "$scratch/project")" "$sources"
echo 'all:' >"$scratch/project/Makefile"
run build "$scratch/project" --kernel 6.1 -o "$scratch/built"
ok "build DIR without obj-m: exit status 3" is "$status" 3
ok "build DIR without obj-m: the message names it" err_has 'does not set obj-m$'
rm "$scratch/project/Makefile"
run build "$scratch/project" -o "$scratch/built"
ok "build DIR without a Makefile: exit status 2" is "$status" 2
run build "$source/greeting.h" -o "$scratch/built"
ok "build of a header: exit status 2" is "$status" 2
ok "build of a header: the message says what is valid" err_is_line 'must be a C file or a directory$'
ok "build leaves no files or processes" nothing_left

run shell --kernel 6.1 --add "$armhf" -c true
ok "shell --add: a module for armhf is refused on amd64" is "$status" 2
ok "shell --add: the message names both architectures" \
	err_is_line 'the module was built for armhf, not for amd64$'
cp "$newest" "$scratch/newest.ko"
run shell --kernel 6.1 --add "$amd64" --add "$scratch/newest.ko" -c '
	insmod /newest.ko || echo refused
	insmod /hello.ko && rmmod hello && dmesg | grep outside'
ok "shell --add: a notice names the kernel of a module for another one, and that of the guest" \
	err_has "newest.ko': the module was built for kernel 7\.2[^ ]*-amd64: 6\.1[^ ]*-amd64 may refuse"
ok "shell --add: the guest's kernel checks a module for another one" out_has '^refused$'
ok "shell --add: the module that was built can be loaded and unloaded" is "$status" 0
ok "shell --add: the module was executed" out_has 'hello from outside$'
done_testing
