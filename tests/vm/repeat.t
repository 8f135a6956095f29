#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two runs of the same inputs give equal results, even if the host's load, directory, user,
# locale, time zone and environment differ.
set -u
. tests/kmemlab.sh
results=$PWD/tests/results.pl
busy=
trap 'kill $busy 2>/dev/null; rm -rf "$scratch"' EXIT
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab

"$kmemlab" run --json "$scratch/a.json" --quiet >/dev/null
ok "run writes a result" [ -s "$scratch/a.json" ]

# Use another directory, build, cache, user and locale, on a busy host.
other="$scratch/an other place"
mkdir -p "$other" "$scratch/cache/kmemlab"
cp -r Makefile base cli runner explain include lib module report store plugin tests vm "$other/" 2>/dev/null
find "$other/module" -name '*.o' -delete
release=$("$kmemlab" kernel headers | sed 's|.*/linux-headers-||')
mkdir "$scratch/cache/kmemlab/kernels"
cp -a "$cache/kernels/$release" "$scratch/cache/kmemlab/kernels/"
cp -a "$cache/images" "$scratch/cache/kmemlab/"
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
ok "run in another environment writes a result" [ -s b.json ]

same() {
	[ "$(perl "$results" "$scratch/a.json" "$1")" = "$(perl "$results" b.json "$1")" ]
}
ok "runs in different environments have the same input_sha256" same runs/0/environment/input_sha256
ok "runs in different environments have the same results" same runs/0/results
done_testing
