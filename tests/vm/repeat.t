#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two runs of the same inputs give the same results to the last digit, whatever
# the host's load, folder, user, locale, time zone and environment are between them.
set -u
KMEMLAB=$(realpath "${KMEMLAB:-build/kmemlab}")
results=$PWD/tests/results.pl
scratch=$(mktemp -d) || exit 1
busy=
trap 'kill $busy 2>/dev/null; rm -rf "$scratch"' EXIT
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab

echo 1..4
tests=0
ok() {
	tests=$((tests + 1))
	if "${@:2}"; then echo "ok $tests - $1"; else echo "not ok $tests - $1"; fi
}

"$KMEMLAB" run --json "$scratch/a.json" --quiet >/dev/null
ok "a first run" [ -s "$scratch/a.json" ]

# Another folder with its own build and cache, another user, another locale, a busy machine.
other="$scratch/an other place"
mkdir -p "$other" "$scratch/cache/kmemlab"
cp -r Makefile base cli exec explain include lib module report store plugin tests vm "$other/" 2>/dev/null
find "$other/module" -name '*.o' -delete
release=$("$KMEMLAB" kernel headers | sed 's|.*/linux-headers-||')
mkdir "$scratch/cache/kmemlab/kernels"
cp -a "$cache/kernels/$release" "$scratch/cache/kmemlab/kernels/"
cp -a "$cache/vmlinux" "$scratch/cache/kmemlab/"
chmod 755 "$scratch"
[ "$(id -u)" = 0 ] && { chown -R nobody "$other" "$scratch/cache"; as='setpriv --reuid=65534 --clear-groups'; }
for i in 1 2; do
	(while :; do :; done) &
	busy="$busy $!"
done
cd "$other" || exit 1
${as:-} env -i PATH="$PATH" make -s -j2 BUILD=out >/dev/null 2>"$scratch/make.log" ||
	sed 's/^/# /' "$scratch/make.log"
${as:-} env -i PATH="$PATH" XDG_CACHE_HOME="$scratch/cache" HOME="$other" LANG=de_DE.UTF-8 LC_ALL=C.UTF-8 \
	TZ=Asia/Kathmandu FILLER="$(seq 1000 | tr '\n' ' ')" \
	out/kmemlab run --json b.json --quiet >/dev/null
ok "a second one, elsewhere" [ -s b.json ]

same() {
	[ "$(perl "$results" "$scratch/a.json" "$1")" = "$(perl "$results" b.json "$1")" ]
}
ok "their inputs are the same" same runs/0/environment/input_sha256
ok "their results are the same" same runs/0/results
