#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# probe.sh PROBES_DIR MODULE_SYMVERS CC FLAGS...
#
# Writes a header that says what this kernel has. A probe NAME.c that compiles
# gives HAVE_NAME; a symbol in the file "exports" that the kernel exports gives
# HAVE_EXPORT_SYMBOL.
set -u
probes=$1 symvers=$2
shift 2

echo '/* Made by compat/probe.sh. */'
# A probe may only fail for its own reason, not for want of a compiler or a flag.
if ! echo '#include <linux/mm.h>' | "$@" -w -c -o /dev/null -x c -; then
	echo "compat/probe.sh: the kernel's headers do not compile with: $*" >&2
	exit 1
fi
for probe in "$probes"/*.c; do
	name=$(basename "$probe" .c | tr '[:lower:]' '[:upper:]')
	if "$@" -Werror -Wno-unused -Wno-missing-prototypes -Wno-missing-declarations \
		-c -o /dev/null "$probe" 2>/dev/null; then
		echo "#define HAVE_$name 1"
	else
		echo "/* HAVE_$name is not set */"
	fi
done
while read -r symbol; do
	case $symbol in '#'*|'') continue ;; esac
	if grep -q "[[:space:]]$symbol[[:space:]]" "$symvers"; then
		echo "#define HAVE_EXPORT_$(echo "$symbol" | tr '[:lower:]' '[:upper:]') 1"
	else
		echo "/* HAVE_EXPORT_$(echo "$symbol" | tr '[:lower:]' '[:upper:]') is not set */"
	fi
done < "$probes/exports"
