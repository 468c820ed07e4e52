#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clean_room.sh: a copy without .git that nobody may write to builds in another folder, passes its
# unit tests and runs the demo, as a user who is not root and without a network.
# Usage: tests/clean_room.sh
set -euo pipefail
cd "$(dirname "$0")/.."

nobody=65534
room=$(mktemp -d)
trap 'chmod -R u+w "$room"; rm -rf "$room"' EXIT
source=$room/source
work=$room/work # all that may be written to
mkdir "$source" "$work"

# What a release would have in it, as it is now.
if [[ -e .git ]]; then
    git ls-files -z --cached --others --exclude-standard
else
    find . -path "./${BUILD:-build}" -prune -o -path './results/[!g]*' -prune \
        -o -type f ! -name smmsim ! -name smmsim-mpi -print0
fi | tar -c --null --ignore-failed-read -T - 2>/dev/null | tar -x -C "$source"
chmod 755 "$room"
chmod -R a+rX,a-w "$source"
touch "$room/begin"

# become COMMAND...: without a network, if that may be; as nobody, if we are root.
become=()
if unshare -n true 2>/dev/null; then
    become=(unshare -n)
elif unshare -Un --map-current-user true 2>/dev/null; then
    become=(unshare -Un --map-current-user)
else
    echo "clean room: with a network: this user may not unshare it"
fi
if (($(id -u) == 0)); then
    become+=(setpriv --reuid "$nobody" --regid "$nobody" --clear-groups)
    chown "$nobody:$nobody" "$work"
fi

# The room: no settings of ours but these. Two tests only search, for twenty seconds at -O0.
inside() {
    fail() { echo "clean room: $1" && exit 1; }
    ! touch here 2>/dev/null || fail "the sources can be written to"
    (($(id -u) != 0)) || fail "this is root"
    make -s all unit-binaries
    [[ $("$BUILD/smmsim" --version) == "smmsim 0.1" ]] || fail "a version from elsewhere"
    find "$BUILD"/*/tests -type f -name 'test_*' ! -name '*.[do]' ! -name test_explore \
        ! -name test_follow -print0 \
        | xargs -0 -n 1 -P "$(nproc)" bash -c '
            out=$("$0" 2>&1) || { grep -E "FAILED|error:" <<<"$out" && exit 1; }' \
        || fail "unit tests"
    make -s demo >"$BUILD/demo.log" 2>&1 || { tail -n 5 "$BUILD/demo.log" && fail "demo"; }
    [[ -s $BUILD/results/demo/slowdown.csv ]] || fail "no result of the demo"
}

cd "$source"
env -i PATH="$PATH" HOME="$work" BUILD="$work/build" OPT=-O0 CFLAGS=-g0 DEPS=no \
    "${become[@]}" bash -euo pipefail -c "$(declare -f inside); inside" </dev/null
[[ -z $(find "$source" -newer "$room/begin") ]] || { echo "clean room: written to" && exit 1; }
echo "clean room: built, tested and run"
