#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shell completion: the candidates for a command line, and the scripts that ask for them.

. tests/kmemlab.sh

# completes EXPECTED WORD...: the candidates for the last word, separated by blanks
completes() {
	expected=$1
	shift
	ok "kmemlab ${*@Q} completes to: ${expected:-nothing}" \
		is "$("$kmemlab" completion words -- "$@" | cut -f1 | paste -sd' ')" "$expected"
}

completes "run report results" r
completes "--memory" run --mem
completes "amd64 arm64 arm64-16k armhf armhf-lpae" run --arch a
completes "kmalloc,page kmalloc,page_packed kmalloc,page_exact kmalloc,page_nolock kmalloc,page_pool kmalloc,page_frag" \
	run --facility kmalloc,pag
completes "vm" run --target v
completes "steady" explain kmalloc --state st
completes "kmem_cache kmem_cache_typesafe" explain kmem_c
completes "list fetch remove headers" kernel ""
completes "bookworm" shell --kernel bookw
completes "last" report las
completes "translate" help tr
completes "" run --json ""
completes "" nosuch ""

mkdir "$scratch/bin"
ln -s "$kmemlab" "$scratch/bin/kmemlab"
PATH=$scratch/bin:$PATH
# shellcheck source=/dev/null
source <("$kmemlab" completion bash)
compopt() { :; }
COMP_WORDS=(kmemlab run --clock i) COMP_CWORD=3
_kmemlab
ok "the bash function completes kmemlab run --clock i" is "${COMPREPLY[*]}" instructions

# check_syntax SHELL
check_syntax() {
	if command -v "$1" >/dev/null; then
		ok "kmemlab completion $1 prints a valid $1 script" \
			sh -c '"$1" completion "$2" | "$2" -n' sh "$kmemlab" "$1"
	else
		skip "kmemlab completion $1 prints a valid $1 script" "$1 is not installed"
	fi
}

check_syntax bash
check_syntax zsh
check_syntax fish
done_testing
