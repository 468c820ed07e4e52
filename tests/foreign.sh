#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# foreign.sh: other processors, another compiler and another C library must write the same bytes.
# Usage: tests/foreign.sh [aarch64|riscv64|s390x|clang|musl]...   (all of them if nothing is said)
# LIBCSV_SOURCE names a folder with libcsv.c and csv.h; without it apt-get fetches them once.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(realpath -m "${BUILD:-build}/foreign")
libcsv=${LIBCSV_SOURCE:-$out/libcsv}
every=(aarch64 riscv64 s390x clang musl)
version=$("${MAKE:-make}" -s version) # one name for all: it is in run.csv

# The command lines of two other scripts: those with --out, and those that explore; and how to speak
# to this program.
eval "$(sed -n '/^commands=(/,/^)/p' tests/determinism.sh)"
eval "$(sed -n '/^hang=/p; /^data=(/,/^)/p; /^order=(/,/^)/p; /^speak() {/,/^}/p' tests/same.sh)"
for line in "${commands[@]}"; do
    read -r -d '' -a words <<<"${line//JOBS/3}" || true
    data+=("$(printf '%q ' "${words[@]}")")
done

# ---- what is needed -----------------------------------------------------------------------------

compiler_of() {
    case $1 in
    native) echo gcc ;;
    clang) echo clang ;;
    musl) echo musl-gcc ;;
    *) echo "$1-linux-gnu-gcc" ;;
    esac
}

emulator_of() {
    case $1 in
    native | clang | musl) ;;
    *) command -v "qemu-$1" || command -v "qemu-$1-static" || true ;;
    esac
}

# missing NAME: the Debian packages that it needs and that are not there.
missing() {
    case $1 in
    clang) tests/install-deps.sh --missing test | grep -oE '\b(clang|libomp-dev)\b' || true ;;
    musl) command -v musl-gcc >/dev/null || echo musl-tools ;;
    *)
        command -v "$(compiler_of "$1")" >/dev/null || echo "gcc-$1-linux-gnu"
        [[ -n $(emulator_of "$1") ]] || echo qemu-user-static
        # As another package than the compiler, so that apt-get may have left it out.
        echo '#include <stdio.h>' | "$(compiler_of "$1")" -E -xc - >/dev/null 2>&1 \
            || echo "libc6-dev-${1/aarch64/arm64}-cross"
        ;;
    esac
}

# Debian's source package, by a list of sources of our own: those of the system stay as they are.
fetch_libcsv() {
    local apt=$out/apt
    [[ ! -e $libcsv/libcsv.c || ! -e $libcsv/csv.h ]] || return 0
    [[ -z ${LIBCSV_SOURCE-} ]] \
        || { echo "foreign: $libcsv: no libcsv.c and csv.h in it" && exit 1; }
    rm -rf "$apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/source" "$libcsv"
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
        "${DEBIAN_MIRROR:-http://deb.debian.org/debian} bookworm main" >"$apt/sources.list"
    printf '%s "%s";\n' Dir::Etc::sourcelist "$apt/sources.list" Dir::Etc::sourceparts - \
        Dir::State::lists "$apt/lists" Dir::Cache "$apt/cache" >"$apt/apt.conf"
    if ! (cd "$apt/source" && APT_CONFIG=$apt/apt.conf && export APT_CONFIG \
        && apt-get -q update && apt-get -q source --download-only libcsv \
        && tar -xf libcsv_*.orig.tar.* -C "$libcsv" --strip-components 1) >"$apt/log" 2>&1; then
        tail -n 3 "$apt/log"
        echo "foreign: cannot fetch Debian's source of libcsv; put its libcsv.c and csv.h into" \
            "a folder and say LIBCSV_SOURCE=FOLDER"
        exit 1
    fi
    rm -rf "$apt"
}

# ---- build, run, compare ------------------------------------------------------------------------

# libgomp is built for glibc; musl lacks two things that it asks for when threads are pinned.
shim() {
    cat <<'C'
#include <errno.h>
#include <unistd.h>
long __sysconf(int name) { return sysconf(name); }
int pthread_attr_setaffinity_np(void *attr, size_t size, const void *set)
{
    return attr && size && set ? ENOSYS : EINVAL;
}
C
}

# library NAME: libcsv for it, linked in, so that no folder of another processor is needed to run.
library() {
    local to=$out/$1/lib compiler binutils=""
    compiler=$(compiler_of "$1")
    [[ -z $(emulator_of "$1") ]] || binutils=$1-linux-gnu-
    mkdir -p "$to"
    cp "$libcsv/csv.h" "$to"
    "$compiler" -O2 -c "$libcsv/libcsv.c" -o "$to/libcsv.o"
    if [[ $1 == musl ]]; then
        cp "$(gcc -print-file-name=include)/omp.h" "$to"
        shim | "$compiler" -O2 -xc -c - -o "$to/shim.o"
    fi
    rm -f "$to/libcsv.a"
    "${binutils}ar" rcs "$to/libcsv.a" "$to"/*.o
}

# build NAME: makes $out/NAME/smmsim.
build() {
    local to=$out/$1/lib link=-static settings
    settings=("CC=$(compiler_of "$1")" OPT=-O2 CFLAGS=-g0 WERROR=-w "VERSION=$version"
        "BUILD=$out/$1/build")
    [[ -z $(emulator_of "$1") ]] || settings+=("AR=$1-linux-gnu-ar")
    case $1 in
    native | clang) link="" ;; # as everyone has them
    musl) link+=" -Wl,--undefined=__sysconf" ;;
    esac
    if [[ -n $link ]]; then
        library "$1"
        export CPATH=$to
        link+=" -L$to"
    fi
    "${MAKE:-make}" -s "${settings[@]}" LDFLAGS="$link" binary
    cp "$("${MAKE:-make}" -s "${settings[@]}" where)/smmsim" "$out/$1/smmsim"
}

# run NAME: everything, into its folder.
run() {
    local number=0 line status words to=$out/$1/result binary=$out/$1/smmsim emulator
    emulator=$(emulator_of "$1")
    mkdir -p "$to"
    for line in "${data[@]}" "${order[@]}"; do
        number=$((number + 1))
        status=0
        eval "words=($(speak "$out/native/smmsim" "${line//$'\n'/ }"))"
        ((number > ${#data[@]})) || words+=(--out "$to/$number")
        # shellcheck disable=SC2086 # no emulator is no word
        $emulator "$binary" "${words[@]}" >"$to/$number.out" 2>"$to/$number.err" </dev/null \
            || status=$?
        echo "$status" >"$to/$number.status"
        sed -i "s|$binary|smmsim|g; s|$to|FOLDER|g" "$to/$number".{out,err}
    done
}

# A line that is refused everywhere would compare nothing.
check_native() {
    local number=0 line
    for line in "${data[@]}" "${order[@]}"; do
        number=$((number + 1))
        (($(cat "$out/native/result/$number.status" || echo 3) > 1)) || continue
        echo "foreign: not done by this machine: smmsim $line"
        tail -n 2 "$out/native/result/$number.err"
        bad=$((bad + 1))
    done
}

# compare NAME: all files with those of native.
compare() {
    local files different
    files=$(find "$out/$1/result" -type f | wc -l)
    different=$(diff -rq "$out/native/result" "$out/$1/result" | sed "s|$out/||g" || true)
    if [[ -n $different ]]; then
        head -n 10 <<<"$different"
        echo "foreign: $1: $(wc -l <<<"$different") of $files files differ"
        return 1
    fi
    echo "foreign: $1: $files files as on this machine"
}

for name in "$@"; do
    [[ " ${every[*]} " == *" $name "* ]] \
        || { echo "foreign: unknown: $name (would be right: ${every[*]})" >&2 && exit 2; }
done
(($# > 0)) || set -- "${every[@]}"
lacks=$(for name in "$@"; do missing "$name"; done | sort -u | tr '\n' ' ')
[[ -z $lacks ]] || { echo "foreign: missing: as root: apt-get install $lacks" && exit 3; }
mkdir -p "$out"
fetch_libcsv
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
bad=0
for name in native "$@"; do
    rm -rf "$out/$name/smmsim" "$out/$name/result"
    mkdir -p "$out/$name"
    # A shell of its own, which ends at the first error.
    (build "$name") >"$out/$name/log" 2>&1 &
    wait $! || { tail -n 5 "$out/$name/log" && echo "foreign: $name: cannot be built" && exit 1; }
done
for name in native "$@"; do
    while (($(jobs -pr | wc -l) >= $(nproc))); do
        wait -n || true
    done
    run "$name" &
done
wait
check_native
for name in "$@"; do
    compare "$name" || bad=$((bad + 1))
done
sweeps=$(grep -cE '^sweep ' <(printf '%s\n' "${data[@]}"))
echo "foreign: ${#data[@]} command lines with files ($sweeps sweeps), ${#order[@]} that explore:" \
    "$# builds, $bad differ or failed"
((bad == 0))
