#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# man.sh: writes the options and exit statuses of docs/smmsim.1 anew, from --help of each command.
# Usage: docs/man.sh [--check]   (after `make`; --check: says what would change instead)
# They stand between a line .\" options of COMMAND, or .\" statuses, and the next line .\" end.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

smmsim=${SMMSIM:-./smmsim}
page=docs/smmsim.1

case ${1-} in
'' | --check) ;;
*)
    echo "man: unknown option '$1' (would be right: --check)" >&2
    exit 2
    ;;
esac

# troff SECTION: of a help text on standard input that section, its text behind two columns.
troff() {
    awk -v section="$1" '
        function plain(s) {
            gsub(/\\/, "\\e", s)
            gsub(/-/, "\\-", s)
            return s ~ /^[.\047]/ ? "\\&" s : s
        }
        /^[a-z ]+:$/ { inside = $0 == section ":"; next }
        /^$/ { inside = 0 }
        !inside { next }
        section == "options" && /^  --/ {
            print ".TP"
            print $2 != "" && substr($0, 3, 20) ~ / [^ ]/ \
                ? ".BI " plain($1) " \" " plain($2) "\"" : ".B " plain($1)
        }
        section == "exit status" && /^ *[0-9]+  / { print ".TP\n.B " $1 }
        { print plain(substr($0, section == "options" ? 24 : 8)) }'
}

commands() {
    "$smmsim" --help | awk '/^  [a-z]/ { print $1 }'
}

statuses() {
    for command in $(commands); do
        printf '.SS %s\n' "$command"
        "$smmsim" "$command" --help | troff "exit status"
    done
}

now=$(mktemp)
trap 'rm -f "$now"' EXIT
blocks=0
inside=0
while IFS= read -r line; do
    [[ $line != '.\" end' ]] || inside=0
    ((inside == 1)) || printf '%s\n' "$line"
    if [[ $line =~ ^'.\" options of '([a-z]+) ]]; then
        "$smmsim" "${BASH_REMATCH[1]}" --help | troff options
    elif [[ $line == '.\" statuses'* ]]; then
        statuses
    else
        continue
    fi
    blocks=$((blocks + 1)) inside=1
done <"$page" >"$now"
if ((blocks != $(commands | wc -l) + 1 || inside != 0)); then
    echo "man: $page has not one block of options for each command, or one without its end" >&2
    exit 1
fi
if [[ ${1-} == --check ]]; then
    diff -u --label "$page" --label "smmsim --help" "$page" "$now" || {
        echo "man: $page is not what --help says (docs/man.sh writes it anew)"
        exit 1
    }
else
    cat "$now" >"$page"
fi
echo "man: $blocks blocks of $page are what --help says"
