#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files and folders that the documentation names exist.
. tests/kmemlab.sh

# missing_paths FILE: print each `path` of the tree that the document names and that does not exist.
# Words in capitals and asterisks stand for any name.
missing_paths() {
	grep -oE '`(base|bench|cli|docs|explain|include|lib|module|plugin|report|runner|store|tests|vm)/[^` ]*`' "$1" |
		tr -d '`' | sort -u | while read -r path; do
		pattern=$(sed -E 's|[A-Z]{3,}|*|g' <<<"$path")
		compgen -G "$pattern" >/dev/null || echo "$path"
	done
}

for document in README.md CONTRIBUTING.md docs/*.md; do
	[ "$document" = docs/changes.md ] || ok "$document: the files that it names exist" \
		is "$(missing_paths "$document")" ""
done
echo '`module/clock.h` `module/facilities/NAME.c` `vm/nothing.c`' >"$scratch/document.md"
ok "self-test: a file that does not exist is found" is "$(missing_paths "$scratch/document.md")" vm/nothing.c

validation() {
	perl tests/validation.pl check docs/validation-intro.md "$1" >"$scratch/out" 2>&1
	cat "$scratch/out"
}
ok "docs/validation.md: rows, ratios and correlations are those of its figures" \
	is "$(validation docs/validation.md)" ""
ok "explain --cycles prints the errors of docs/validation.md" is \
	"$(perl tests/validation.pl errors docs/validation.md)" "$(cat explain/cycle_errors.h)"
sed '0,/ → \([0-9]\)/s// → 9\1/' docs/validation.md >"$scratch/validation.md"
validation "$scratch/validation.md" >/dev/null
ok "self-test: a published figure that was changed is found" out_has "must be"
grep -v '^| order 4 ' docs/validation.md >"$scratch/validation.md"
validation "$scratch/validation.md" >/dev/null
ok "self-test: a published figure without a row is found" out_has "rows, but"
ok "self-test: equal values have their mean rank in a rank correlation" \
	is "$(perl tests/validation.pl correlation 1,2,3,4,5 5,6,7,8,7)" 0.821

# exit_codes FILE: print "CODE MEANING" of each row of its table, in Markdown or scdoc.
exit_codes() {
	perl -0777 -ne '
		s/.*^# exit (?:status|codes)$//ims; s/^# .*//ms; s/[*`]//g;
		s/^\|\[ (\d+)\n:\[ ((?:.|\n(?![|\n]))*)/| $1 | $2 |/gm;
		while (/^\| (\d+) \| (.*?) \|$/gsm) { ($c, $m) = ($1, $2); $m =~ s/\s+/ /g; print "$c $m\n" }' "$1"
}
ok "the exit codes of docs/results.md are those of the man page" \
	is "$(exit_codes docs/results.md)" "$(exit_codes docs/kmemlab.1.scd)"
ok "the exit codes of the man page are those of base/error.h" \
	is "$(exit_codes docs/kmemlab.1.scd | cut -d' ' -f1)" "$(sed -n 's/^\tEXIT_.* = \([0-9]*\),.*/\1/p' base/error.h)"
done_testing
