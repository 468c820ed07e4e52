# SPDX-License-Identifier: Apache-2.0
# smmsim.bash: completion for bash; commands, options and names come from smmsim itself.

# Commands, as --help lists them.
_smmsim_commands() {
    "$1" --help 2>/dev/null | awk '/^  [a-z]/ { print $1 }'
}

# Options of a command, and those of run where its help points there.
_smmsim_options() {
    local help
    help=$("$1" "$2" --help 2>/dev/null)
    if [[ $help == *'options of run'* ]]; then
        help+=$("$1" run --help 2>/dev/null)
    fi
    # the usage, and lines that begin with an option
    grep -E -e '^(usage:| +(--|smmsim ))' <<<"$help" |
        grep -oE -e '(^| |\[)--[a-z][a-z-]*' | tr -d ' ['
    echo --help
}

# Names of platforms, workloads, sweeps, protocols, mutants or metrics; and the tags of versions.
_smmsim_names() {
    "$1" list "$2" 2>/dev/null | awk '/^  [^ ]/ { print $1 }
        /^  edk2-[^ ]+ +edk2-stable/ { sub(/[,:].*/, "", $2); print $2 }'
}

# NAME= for --set, or NAME=VALUE where the values are known. `params` has the columns name, for
# (time, order or both), kind, default and range.
_smmsim_settings() {
    local smmsim=$1 command=$2 cur=$3 name=${3%%=*} other=order

    [[ $command != explore && $command != replay ]] || other="time"
    [[ $COMP_LINE != *' --follow '* ]] || other=""
    if [[ $cur != *=* ]]; then
        "$smmsim" params 2>/dev/null | awk -v other="$other" '
            NR > 1 && $2 != other { print $1 "=" }'
        return
    fi
    case $name in
        platform | workload | protocol) _smmsim_names "$smmsim" "${name}s" ;;
        handler.services) printf '%s\n' none rendezvous jobs jobs-wait job: job-wait: switch: ;;
        *)
            "$smmsim" params 2>/dev/null | awk -v name="$name" '
                $1 == name && ($3 == "choice" || $3 == "switch") {
                    for (i = 5; $i ~ /,$/; i++) { sub(/,$/, "", $i); print $i }
                    print $i
                }
                $1 == name && $3 == "CPUs" { print "none\nlast:\ncpu:" }'
            ;;
    esac | sed "s/^/$name=/"
}

# What may stand at the end of the line.
_smmsim_words() {
    local smmsim=$1 command=$2 prev=$3 cur=$4

    case $prev in
        --platform | --workload | --protocol) _smmsim_names "$smmsim" "${prev#--}s" ;;
        --mutant) _smmsim_names "$smmsim" mutants ;;
        --metric) _smmsim_names "$smmsim" metrics ;;
        --set) _smmsim_settings "$smmsim" "$command" "$cur" ;;
        --format) printf '%s\n' text csv ;;
        --memory) printf '%s\n' sc tso ;;
        *)
            if [[ $cur == -* ]]; then
                _smmsim_options "$smmsim" "$command"
            elif [[ $command == sweep ]]; then
                _smmsim_names "$smmsim" sweeps
            elif [[ $command == list ]]; then
                "$smmsim" list --help 2>/dev/null | sed -n 's/^usage: smmsim list//p' | tr '|' '\n'
            fi
            ;;
    esac
}

# Whether a file may stand there, too.
_smmsim_takes_file() {
    [[ $2 == --platform || $2 == --workload || $2 == --out || $2 == --trace ]] && return
    [[ $2 != --* && ($1 == sweep || $1 == compare) ]]
}

# Those of the words on standard input that begin with cur, as the shell has to read them. A name is
# that of a file, and may hold anything; compgen -W would expand it.
_smmsim_matches() {
    local cur=$1 word

    tr ' ' '\n' | while IFS= read -r word; do
        [[ -n $word && $word == "$cur"* ]] || continue
        [[ $word == *[^a-zA-Z0-9_.:/=+,-]* ]] && printf -v word %q "$word"
        printf '%s\n' "$word"
    done
}

_smmsim() {
    local smmsim=$1 command=${COMP_WORDS[1]} prev cur words

    # What smmsim sees as one word, whatever COMP_WORDBREAKS breaks.
    cur=${COMP_LINE:0:COMP_POINT}
    prev=${cur%[[:space:]]*}
    cur=${cur##*[[:space:]]}
    prev=${prev%"${prev##*[![:space:]]}"}
    prev=${prev##*[[:space:]]}

    if ((COMP_CWORD == 1)); then
        words="$(_smmsim_commands "$smmsim") --help --version"
    else
        words=$(_smmsim_words "$smmsim" "$command" "$prev" "$cur")
    fi
    mapfile -t COMPREPLY < <(_smmsim_matches "$cur" <<<"$words")
    if ((${#COMPREPLY[@]} == 0)) && _smmsim_takes_file "$command" "$prev"; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    # Where = breaks words, only what follows the last one is replaced.
    if [[ $cur == *=* && $COMP_WORDBREAKS == *=* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*=}"}"}")
    fi
}
complete -F _smmsim smmsim ./smmsim
