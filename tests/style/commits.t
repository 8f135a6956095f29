#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Commits since the rules in CONTRIBUTING.md were introduced follow them.
. tests/kmemlab.sh
# The last commit before the rules.
first=fc554fb
unset GIT_DIR GIT_WORK_TREE

[ "$(git rev-parse --show-toplevel 2>/dev/null)" -ef . ] || skip_all "not a git checkout"
git merge-base --is-ancestor $first HEAD 2>/dev/null || skip_all "the history is too short (shallow clone)"

# message_errors: print what is wrong with the commit message on standard input.
message_errors() {
	awk '
	NR == 1 && !/^[a-z][a-zA-Z0-9_.\/, -]*: [a-z]/ { print "the subject is not like \"area: imperative subject\"" }
	NR == 1 && /^[^:]*: [a-z]+(ed|ing|s) / && !/: (pass|process|address|discuss|focus|express|access|compress|embed|feed|need|seed|bring|string|speed|proceed|exceed) / {
		print "the subject does not begin with an imperative verb" }
	NR == 1 && /\.$/ { print "the subject ends with a period" }
	NR == 1 && length > 72 { print "the subject has " length " characters (the limit is 72)" }
	NR == 2 && $0 != "" { print "no empty line follows the subject" }
	NR > 2 && /[a-zA-Z]/ && !/^[A-Z][a-z]+(-[a-z]+)*: / { body = 1 }
	/^Signed-off-by: .+ <.+@.+>$/ { signed = 1 }
	/^Fixes:/ && (!/^Fixes: [0-9a-f]+ \(".+"\)$/ || length($2) < 12) { print "a Fixes line is not like: Fixes: 123456789abc (\"subject\")" }
	END {
		if (!body) print "no body says why"
		if (!signed) print "no Signed-off-by line"
	}'
}
message_is_good() {
	! git log -1 --format=%B "$1" | message_errors | grep .
}

while read -r commit subject; do
	ok "commit $commit: $subject" message_is_good "$commit"
done < <(git log --no-merges --format='%h %s' $first..HEAD)
ok "the history has no merges" is "$(git log --merges --format='%h %s' $first..HEAD)" ""

# finds ERROR MESSAGE: the message has exactly this error
finds() {
	is "$(printf "$2" | message_errors)" "$1"
}
trailer='Signed-off-by: A Name <name@example.org>'
ok "self-test: a good message has no errors" finds "" \
	"vm: retry\n\nThe mirror can be busy.\n\nFixes: 123456789abc (\"vm: x\")\n$trailer\n"
ok "self-test: a subject without an area is found" finds \
	'the subject is not like "area: imperative subject"' "A store is asked\n\nWhy.\n\n$trailer\n"
ok "self-test: a subject that is not imperative is found" finds \
	"the subject does not begin with an imperative verb" "vm: fixed the race\n\nWhy.\n\n$trailer\n"
ok "self-test: a long subject is found" finds "the subject has 75 characters (the limit is 72)" \
	"vm: $(printf 'a%.0s' {1..71})\n\nWhy.\n\n$trailer\n"
ok "self-test: a missing body is found" finds "no body says why" "vm: retry\n\n$trailer\n"
ok "self-test: a missing Signed-off-by line is found" finds "no Signed-off-by line" \
	"vm: retry\n\nThe mirror can be busy.\n"
ok "self-test: a malformed Fixes line is found" finds \
	'a Fixes line is not like: Fixes: 123456789abc ("subject")' \
	"vm: retry\n\nWhy.\n\nFixes: 1234 (x)\n$trailer\n"
done_testing
