#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Build the kernel's page-types tool as a static program in the cache, and print its path.
set -eu
source=$("$(dirname "$0")/source.sh")
tools=$source/tools
program=$source/page-types

if [ ! -x "$program" ]; then
	gcc -O2 -static -w -I"$tools/include" -I"$tools/lib" -I"$tools/lib/api" -o "$program.$$" \
		"$tools"/[mv]m/page-types.c "$tools/lib/api/fs/fs.c" "$tools/lib/api/debug.c" \
		"$tools/lib/str_error_r.c"
	mv "$program.$$" "$program"
fi
echo "$program"
