#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# checkpatch --strict has no findings in the module and the ABI, except those listed here.
. tests/kmemlab.sh
source=$(tests/kernels/source.sh) || bail_out "checkpatch.pl is not available"

# Accepted findings, as "FILE TYPE reason".
cat >"$scratch/accepted" <<'END'
module/clock.h COMPLEX_MACRO the trace marks are asm statements with a constant operand
module/compat/compat.h DEPRECATED_API kmap_atomic() replaces kmap_local_page() before 5.11
module/compat/probes.c CAMELCASE _Static_assert is a keyword
module/compat/probes.c LINUX_VERSION_CODE no header shows how dma_pool links its blocks, nor what kmalloc aligns to
module/compat/probes.c CONSTANT_COMPARISON checkpatch takes LINUX_VERSION_CODE for a constant
module/facilities/bench_loops.h MACRO_ARG_REUSE the arguments are names of functions
module/facilities/facility.h TRAILING_SEMICOLON FACILITY() makes a declaration of each row of list.h
module/facilities/kmalloc_const.c COMPLEX_MACRO the macros define functions
module/facilities/kmalloc_const.c MACRO_ARG_REUSE the arguments are constants
module/facilities/operation.h MACRO_ARG_REUSE only one use of an argument is evaluated
module/facilities/registry.c COMPLEX_MACRO FACILITY() makes an initializer of each row of list.h
module/workloads/workload.h COMPLEX_MACRO WORKLOAD() makes an enumerator of each row of list.h
module/workloads/workload.h TRAILING_SEMICOLON WORKLOAD() makes a declaration of each row of list.h
module/workloads/workloads.c COMPLEX_MACRO WORKLOAD() makes an initializer of each row of list.h
END

has_no_findings() {
	perl "$source/scripts/checkpatch.pl" --terse --show-types --file "$1" >"$scratch/findings" 2>&1
	while IFS=: read -r path line level type text; do
		case $path in
		total*) continue ;;
		esac
		grep -q "^$path $type " "$scratch/accepted" || echo "$path:$line:$level:$type:$text"
	done <"$scratch/findings" >"$scratch/new_findings"
	not grep . "$scratch/new_findings"
}

while read -r file; do
	ok "checkpatch: $file" has_no_findings "$file"
done < <(git ls-files -co --exclude-standard -- 'module/*.[ch]' 'include/*.h')
printf 'int  f(void) {\n\treturn 0;\n}\n' >"$scratch/bad.c"
ok "self-test: a finding is reported" not has_no_findings "$scratch/bad.c"
done_testing
