#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# CPU models of virtual machines: presets, features, and models that do not exist.
. tests/kmemlab.sh

XDG_DATA_HOME=$scratch/data
export XDG_DATA_HOME
refused() {
	message=$1
	shift
	run "$@"
	ok "$*: exits with status 2" is "$status" 2
	ok "$*: prints one line with the reason" err_is_line "$message"
}

run compare --cpu minimal,server --facility kmalloc --workload pair --objects 200 \
	--json "$scratch/c.json"
ok "compare --cpu of two models exits with status 0" is "$status" 0
ok "compare --cpu names the models that differ" out_has 'machine.cpu: minimal | server'
run compare 1 2
ok "compare of results with different CPU models exits with status 2" is "$status" 2
ok "compare of results with different CPU models names them" err_has 'machine.cpu'

run run --no-store --cpu server --facility kmalloc --workload pair --objects 200 --json "$scratch/a"
run run --no-store --cpu server --facility kmalloc --workload pair --objects 200 --json "$scratch/b"
ok "run --cpu server counts the same in two runs" is "$(json "$scratch/a" runs/0/results)" \
	"$(json "$scratch/b" runs/0/results)"
ok "run --cpu server reads 0 for null" is "$(json "$scratch/a" runs/0/environment/self_check/null)" 0
run shell --cpu server -c 'grep -c -m1 " erms .* smap" /proc/cpuinfo'
ok "shell --cpu server has ERMS and SMAP" out_has '^1$'

refused "unknown CPU model 'severr' (did you mean 'server'?)" run --cpu severr
refused "unknown CPU feature 'errms' (did you mean 'erms'?)" run --cpu qemu64,+errms
refused "CPU model '486' has no 64-bit mode, which amd64 kernels require" run --cpu 486
refused "QEMU cannot emulate CPU feature 'pcid'" run --cpu qemu64,+pcid
refused "takes a single model" explain kmalloc --cpu minimal,server
refused "cannot be used with board raspi3b" run --arch arm64 --board raspi3b --cpu server
run run --arch arm64 --cpu cortex-a53
refused "unknown CPU model 'cortex-a75'" run --arch arm64 --cpu cortex-a75
ok "--cpu leaves no files or processes" nothing_left
done_testing
