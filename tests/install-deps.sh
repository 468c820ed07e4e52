#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install-deps.sh: names the Debian packages that are missing and installs them.
# Usage: tests/install-deps.sh [--missing] [build|runtime|test|fuzz]   (runtime if nothing is said)
# With --missing it only prints their names. Where nothing is missing it does and says nothing.
# DEPS=no in the environment: nothing is installed. Status 3: something is missing still.
set -euo pipefail

compiler=${CC:-gcc}

have_command() { command -v "$1" >/dev/null 2>&1; }

# Whether COMPILER finds HEADER; further words are flags.
have_header() {
    local with=$1 header=$2
    shift 2
    # shellcheck disable=SC2086 # a compiler may be two words, as in `ccache gcc`
    echo "#include <$header>" | $with "$@" -xc -fsyntax-only - >/dev/null 2>&1
}

# Each line: package, and the test that says it is there. No dpkg: things may come from elsewhere.
missing() {
    local want=$1 headers_with=$compiler
    have_command "${compiler%% *}" || { compiler_package && headers_with=gcc; }
    have_command make || echo make
    if have_command "$headers_with" || have_command "${headers_with%% *}"; then
        have_header "$headers_with" stdio.h || echo libc6-dev
        have_header "$headers_with" csv.h || echo libcsv-dev
        have_header "$headers_with" omp.h -fopenmp || openmp_package
    else
        echo libc6-dev libcsv-dev
    fi
    [[ $want == build ]] && return
    have_command gnuplot || echo gnuplot-nox
    [[ $want == runtime ]] && return
    have_header "$headers_with" cmocka.h -include stdarg.h -include stddef.h -include setjmp.h \
        || echo libcmocka-dev
    have_command gcc || echo gcc
    local tool
    for tool in clang clang-format clang-tidy cppcheck spin; do
        have_command "$tool" || echo "$tool"
    done
    have_header clang omp.h -fopenmp || echo libomp-dev
    "${0%/*}/threads.sh" --possible | grep -o libclang-rt-dev || true
    have_command mpicc || echo libopenmpi-dev
    have_command mpirun || echo openmpi-bin
    have_command pgrep || echo procps
    have_command python3 || echo python3
    [[ $want == test ]] && return
    have_libfuzzer || echo libclang-rt-dev
}

# With the sanitizers of clang it is in a package that clang only recommends.
have_libfuzzer() {
    local program
    program=$(mktemp)
    echo 'int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n ? 0 : 0; }' \
        | clang -xc - -fsanitize=fuzzer,address,undefined -o "$program" >/dev/null 2>&1 \
        && rm -f "$program" && return
    rm -f "$program"
    return 1
}

compiler_package() {
    case $compiler in
    mpicc) echo libopenmpi-dev ;;
    *) echo "${compiler%% *}" ;;
    esac
}

# gcc brings its own OpenMP; clang has it in a package.
openmp_package() {
    case $compiler in
    *clang*) echo libomp-dev ;;
    *) echo libgomp1 ;;
    esac
}

give_up() {
    echo "deps: missing for $want, and not installed: $1. As root:" \
        "apt-get install ${packages[*]}" >&2
    exit 3
}

# apt-get, quiet unless it fails.
apt() {
    local log quiet=(env DEBIAN_FRONTEND=noninteractive apt-get -q)
    log=$(mktemp)
    if ! "${as_root[@]}" "${quiet[@]}" "$@" >"$log" 2>&1 </dev/null; then
        tail -n 5 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

only_names=0
if [[ ${1-} == --missing ]]; then
    only_names=1
    shift
fi
want=${1-runtime}
case $want in
build | runtime | test | fuzz) ;;
*)
    echo "deps: unknown set '$want' (would be right: build, runtime, test or fuzz)" >&2
    exit 2
    ;;
esac
case ${DEPS-yes} in
yes | no) ;;
*)
    echo "deps: DEPS='$DEPS' (would be right: yes or no)" >&2
    exit 2
    ;;
esac

mapfile -t packages < <(missing "$want" | tr ' ' '\n' | sort -u)
if ((only_names)); then
    echo "${packages[*]}"
    exit 0
fi
((${#packages[@]} > 0)) || exit 0

[[ ${DEPS-yes} == yes ]] || give_up "DEPS=no"
as_root=()
have_command apt-get || give_up "there is no apt-get here"
if (($(id -u) != 0)); then
    have_command sudo || give_up "neither root nor sudo"
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(-n) # nobody there to type a password
fi
echo "deps: about to install with ${as_root[*]:+${as_root[*]} }apt-get, for $want:" \
    "${packages[*]} (DEPS=no: install nothing)"
((${#as_root[@]} == 0)) || "${as_root[@]}" true || give_up "sudo refuses"
apt update || give_up "apt-get update failed (no network?)"
apt install -y --no-install-recommends "${packages[@]}" || give_up "apt-get install failed"

mapfile -t packages < <(missing "$want" | tr ' ' '\n' | sort -u)
((${#packages[@]} == 0)) || give_up "still missing after the installation"
