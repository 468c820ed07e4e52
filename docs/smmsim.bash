# SPDX-License-Identifier: Apache-2.0
# smmsim.bash: completion for bash; commands, options and names come from smmsim itself.

# Commands, as --help lists them.
_smmsim_commands() {
    "$1" --help 2>/dev/null | awk '/^  [a-z]/ { print $1 }'
}

# Options of a command: lines of its help that begin with one.
_smmsim_options() {
    "$1" "$2" --help 2>/dev/null | sed -nE 's/^  (--[a-z-]+).*/\1/p'
}

# What an option of a command takes, as its help has it: NAME, FILE, text|csv.
_smmsim_argument() {
    "$1" "$2" --help 2>/dev/null | sed -nE "s/^  $3 ([^ ]+).*/\\1/p"
}

# Names of platforms, workloads, sweeps, protocols, mutants, metrics or rules.
_smmsim_names() {
    "$1" list "$2" 2>/dev/null | awk '
        /^  [^ ]/ { print $1 }
        /^  edk2-[^ ]+ +edk2-stable/ { sub(/[,:].*/, "", $2); print $2 }'
}

# Names of parameters; not those for time only, or order only.
_smmsim_params() {
    "$1" params 2>/dev/null | awk -v other="${2-}" '
        /^[a-z]/ && NR > 1 && $2 != other { print $1 }'
}

# NAME= for --set, or NAME=VALUE where the values are known.
_smmsim_settings() {
    local smmsim=$1 command=$2 cur=$3 name=${3%%=*} other=order

    [[ $command != explore && $command != replay ]] || other="time"
    [[ $command != follow ]] || other=""
    if [[ $cur != *=* ]]; then
        _smmsim_params "$smmsim" "$other" | sed 's/$/=/'
        return
    fi
    case $name in
        platform | workload | protocol) _smmsim_names "$smmsim" "${name}s" ;;
        handler.services) printf '%s\n' none rendezvous jobs jobs-wait job: job-wait: switch: ;;
        *)
            "$smmsim" params "$name" 2>/dev/null | sed -nE '
                s/^  kind .*set of CPUs.*/none last: cpu:/p
                s/^  choices +//p' | tr -d ','
            ;;
    esac | tr ' ' '\n' | sed "s/^/$name=/"
}

# What may stand at the end of the line.
_smmsim_words() {
    local smmsim=$1 command=$2 prev=$3 cur=$4 argument=""

    case $prev in
        --platform | --workload | --protocol) _smmsim_names "$smmsim" "${prev#--}s" ;;
        --mutant | --fixed) _smmsim_names "$smmsim" mutants ;;
        --metric) _smmsim_names "$smmsim" metrics ;;
        --check | --properties) printf '%s\n' all default && _smmsim_names "$smmsim" rules ;;
        --violates) _smmsim_names "$smmsim" rules ;;
        --set) _smmsim_settings "$smmsim" "$command" "$cur" ;;
        *)
            [[ $prev != --* ]] || argument=$(_smmsim_argument "$smmsim" "$command" "$prev")
            if [[ -n $argument ]]; then
                [[ $argument != *'|'* ]] || tr '|' '\n' <<<"$argument"
            elif [[ $cur == -* ]]; then
                _smmsim_options "$smmsim" "$command"
            elif [[ $command == sweep ]]; then
                _smmsim_names "$smmsim" sweeps
            elif [[ $prev != "$command" ]]; then
                return # params and list take one word
            elif [[ $command == params ]]; then
                _smmsim_params "$smmsim"
            elif [[ $command == list ]]; then
                "$smmsim" list --help 2>/dev/null | sed -nE '/^options:/q; s/^  ([a-z]+) .*/\1/p'
            fi
            ;;
    esac
}

# Whether a file may stand there, too.
_smmsim_takes_file() {
    case $2 in
        --platform | --workload) return ;;
        --*) [[ $(_smmsim_argument "$3" "$1" "$2") =~ ^(FILE|DIR)$ ]] ;;
        *) [[ $1 == sweep || $1 == compare ]] ;;
    esac
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
    if ((${#COMPREPLY[@]} == 0)) && _smmsim_takes_file "$command" "$prev" "$smmsim"; then
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
