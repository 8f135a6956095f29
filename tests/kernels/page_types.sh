#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints the path of the kernel's own page-types, built as a static program; kept in the cache.
set -eu
files=$("$(dirname "$0")/source_files.sh")
tools=$files/tools
program=$files/page-types

if [ ! -x "$program" ]; then
	gcc -O2 -static -w -I"$tools/include" -I"$tools/lib" -I"$tools/lib/api" -o "$program.$$" \
		"$tools"/[mv]m/page-types.c "$tools/lib/api/fs/fs.c" "$tools/lib/api/debug.c" \
		"$tools/lib/str_error_r.c"
	mv "$program.$$" "$program"
fi
echo "$program"
