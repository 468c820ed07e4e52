# SPDX-License-Identifier: Apache-2.0
# tidy.awk: the rules of tests/tidy that can be read off the text of one file at a time.
# Input: any sources. Output: lines `file:line: what`; those that begin with `warning: ` after the
# place do not count as findings. POSIX awk; run it with LC_ALL=C, so that a byte is a character.

BEGIN {
    for (a = 1; a < ARGC; a++) present[ARGV[a]]
    WIDTH = 100; PAGE_WIDTH = 130; FILE_LINES = 600; FUNCTION_LINES = 60
    PARAMETERS = 4; PARAMETERS_MAX = 6
    banned = "strcpy|strcat|stpcpy|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|strtok_r" \
        "|rand|srand|rand_r|random|srandom|drand48|setlocale|alloca"
    libm = "sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|exp|exp2|exp10" \
        "|expm1|log|log2|log10|log1p|logb|ilogb|pow|cbrt|hypot|floor|ceil|round|trunc|rint" \
        "|nearbyint|lround|llround|lrint|llrint|fmod|remainder|modf|fabs|fmin|fmax|fdim|fma" \
        "|ldexp|scalbn|scalbln|frexp|erf|erfc|tgamma|lgamma|nextafter|copysign"
    # The one that compiles to an instruction and is exact is __builtin_sqrt.
    libm = "(__builtin_)?(" libm ")[fl]?|sqrt[fl]?"
    before = "(^|[^A-Za-z0-9_.>])"
    marks = "(^|[^A-Za-z0-9_])(TO" "DO|FIX" "ME|XX" "X)([^A-Za-z0-9_]|$)"
    # The rooms from the ground up: an include points into the same room or further down.
    split("sim/lib sim/explore sim/sweep models/protocol models/machine models/explore" \
        " models/follow workloads sim/cli tests", rooms, " ")
    for (r in rooms) floor[rooms[r]] = r + 0
    # Words that docs/glossary.md has a better one for, or that a reader stops at: in pages, scripts
    # and comments. An option may have such a name.
    stops = "who" "ever|for ev" "er|men" "d(s|ed|ing)?|las" "sos?|sce" "nes?|depar" "tures?" \
        "|pul" "ses?|(held|kept) st" "ill|nobody b" "ut|end" "less|e" "ras?"
    stops = "(^|[^A-Za-z0-9_-])(" stops ")([^A-Za-z0-9_]|$)"
    member = "[a-z]+((->|[.])[a-z_]+)+"
    parts = "(deliver|driver|handler|mark|sharing|thread)" # of the machine, and their files
    places = "(^|[^A-Za-z0-9_.])/(root|home|work|Users)/|[.][.]/shared"
}

FNR == 1 { end_file(); begin_file() }
{
    last = FNR
    if ($0 ~ marks) bad(FNR, "a mark of unfinished work (finish it, or say the limit in words)")
    if ($0 ~ places) bad(FNR, "a path of one machine (would be right: relative to the root)")
}
kind == "doc" {
    check_page()
    next
}
{ check_width() }
kind == "script" {
    check_stops($0)
    if (FNR <= 2 && $0 == "# SPDX-License-Identifier: Apache-2.0") spdx = 1
    next
}
FNR == 1 && $0 == "/* SPDX-License-Identifier: Apache-2.0 */" { spdx = 1 }
FNR == 2 { check_purpose() }
{
    raw = $0
    remark = ""
    code = strip(raw)
    check_stops(remark)
    check_words(code)
    if (room == "models/machine" && file ~ /\.c$/) check_owner(code)
    if (code ~ /^[ \t]*#/ || continued) {
        check_directive(code, raw)
        continued = code ~ /\\[ \t]*$/
    } else {
        if (code ~ /^[ \t]*$/ && depth == 0 && declaration ~ /\)[ \t]*$/) declaration = ""
        scan(code)
    }
}
END {
    end_file()
    find_circles()
}

function bad(line, what) { printf "%s:%d: %s\n", file, line, what }

function begin_file() {
    file = FILENAME
    module = file; sub(/.*\//, "", module); sub(/\.[ch]$/, "", module)
    layer = file; sub(/\/.*/, "", layer)
    model = layer ~ /^(sim|models|workloads)$/ # what the rules of determinism are about
    room = room_of(file)
    if (model && kind_of(file) == "c" && !(room in floor))
        bad(1, "stands in no room (STYLE.md lists them)")
    kind = kind_of(file)
    spdx = comment = continued = depth = in_function = block = 0
    declaration = ""
}

function end_file() {
    if (file == "" || kind == "doc") return
    if (!spdx) bad(1, "no SPDX line (would be right: SPDX-License-Identifier: Apache-2.0)")
    if (last > FILE_LINES) bad(last, "file of " last " lines (at most " FILE_LINES ")")
}

function check_width(    s) {
    s = $0
    gsub(/[\200-\277]/, "", s) # the further bytes of a UTF-8 character take no column
    if (length(s) > WIDTH) bad(FNR, length(s) " columns (at most " WIDTH ")")
}

# Tables, blocks of code and addresses are as wide as they must be.
function check_page(    s) {
    if (file !~ /[.]csv$/) check_stops($0)
    if (file !~ /[.]md$/) return
    if ($0 ~ /^```/) block = !block
    s = $0
    gsub(/[\200-\277]/, "", s)
    if (length(s) > PAGE_WIDTH && !block && s !~ /^(    |[|])/ && s !~ /:[/][/]/)
        bad(FNR, length(s) " columns (at most " PAGE_WIDTH " in a page)")
}

function check_stops(s,    word) {
    if (!match(tolower(s), stops)) return
    word = substr(s, RSTART, RLENGTH)
    gsub(/^[^A-Za-z]|[^A-Za-z]$/, "", word)
    bad(FNR, "a word to avoid: " word " (docs/glossary.md)")
}

function check_purpose(    want) {
    want = "/* " (model ? module : "")
    gsub(/_/, "-", want)
    line = $0
    gsub(/_/, "-", line)
    if (index(line, want) != 1 || (model && substr(line, length(want) + 1, 2) != ": "))
        bad(2, "no purpose (would be right: /* " module ": its one job in one sentence */)")
}

# The line without comments, and with strings and characters emptied; `remark`: its comments.
function strip(s,    out, at, c) {
    out = ""
    while (s != "") {
        if (comment) {
            at = index(s, "*/")
            remark = remark " " (at ? substr(s, 1, at - 1) : s)
            if (!at) return out
            s = substr(s, at + 2); comment = 0; out = out " "
            continue
        }
        if (!match(s, /\/\*|\/\/|"|\047/)) return out s
        out = out substr(s, 1, RSTART - 1)
        s = substr(s, RSTART)
        c = substr(s, 1, 1)
        if (c == "/") {
            if (substr(s, 2, 1) == "/") {
                remark = remark " " s
                return out
            }
            comment = 1; s = substr(s, 3)
            continue
        }
        if (c == "\"") match(s, /^"([^"\\]|\\.)*"?/)
        else match(s, /^\047([^\047\\]|\\.)*\047?/)
        out = out c c
        s = substr(s, RLENGTH + 1)
    }
    return out
}

# The first call of one of `names` (a regular expression) in `code`, or "".
function called(code, names,    s) {
    if (!match(code, before "(" names ")[ \t]*\\(")) return ""
    s = substr(code, RSTART, RLENGTH)
    gsub(/^[^A-Za-z0-9_]*|[^A-Za-z0-9_]*$/, "", s)
    return s
}

function check_words(code,    s) {
    if ((s = called(code, banned)) != "") bad(FNR, "banned call: " s)
    if (code ~ before "long[ \t]+double([^A-Za-z0-9_]|$)") bad(FNR, "banned type: long double")
    if (!model) return
    if ((s = called(code, libm)) != "") bad(FNR, "banned call of libm: " s)
    if ((s = called(code, "time")) != "") bad(FNR, "banned call: " s)
}

# Each part of the machine is written by its own file (deliver.c, driver_memory.c) alone, what
# stands beside them by machine.c; the record is everybody's. Others read, by a pointer to const.
function check_owner(code,    s, path) {
    s = code
    gsub(/[=!<>]=/, "~", s)
    while (gsub(/\[[^][]*\]/, "", s)) continue
    while (match(s, "(\\+\\+|--)" member "|" member " *([-+*/%&|^]?=|\\+\\+|--)")) {
        path = substr(s, RSTART, RLENGTH)
        s = substr(s, RSTART + RLENGTH)
        gsub(/[^a-z_>.]|-*$/, "", path)
        gsub(/>/, ".", path)
        check_path(path)
    }
    s = code
    gsub(/const [a-z]+_(cpu|part|entry) [*]/, "", s)
    if (match(s, before parts "_(cpu|part|entry) [*]")) {
        s = substr(s, RSTART, RLENGTH)
        gsub(/^[^a-z]|_.*/, "", s)
        if (s != owner()) bad(FNR, "may write what is of " s ".c (would be right: const)")
    }
}

function owner() {
    return module ~ "^" parts "_" ? substr(module, 1, index(module, "_") - 1) : module
}

function check_path(path,    at, n, step, whose) {
    n = split(path, step, ".")
    at = step[1] == "m" && step[2] == "cpu" ? 3 : 2
    whose = step[at]
    if (whose !~ "^" parts "$") {
        if (step[1] != "m" || step[2] == "record" && n > 2) return
        whose = "machine"
    } else if (step[1] != "m" && n == at) return # the field of another struct
    if (whose != owner()) bad(FNR, "writes what is of " whose ".c: " path)
}

function only(what, where) {
    if (file !~ where) bad(FNR, what " does not belong here")
}

function check_directive(code, raw,    target) {
    if (code ~ /^[ \t]*#[ \t]*pragma[ \t]+omp/)
        only("#pragma omp", "^sim/((sweep|explore)/[^/]*|lib/team)[.]c$")
    if (file ~ /[.]h$/ && code ~ /^[ \t]*#[ \t]*define[ \t]+[A-Za-z]([^A-Za-z0-9_]|$)/)
        bad(FNR, "a macro of one letter, for every file that includes this")
    if (raw !~ /^[ \t]*#[ \t]*include/) return
    target = raw
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", target)
    if (match(target, /^("[^"]*"|<[^>]*>)/)) target = substr(target, 1, RLENGTH)
    if (target == "<csv.h>") only(target, "^sim/lib/csv[^/]*[.]c$")
    if (target == "<omp.h>") only(target, "^sim/((sweep|explore)/[^/]*|lib/team)[.]c$")
    if (target == "<mpi.h>") only(target, "^sim/sweep/[^/]*[.]c$")
    if (target == "<cmocka.h>") only(target, "^tests/")
    if (target ~ /^<(math|tgmath|complex|fenv|locale)[.]h>$/) only(target, "^nowhere$")
    if (target !~ /^"/) return
    if (target !~ /^"(sim|models|workloads|tests)\//) {
        bad(FNR, "include " target ": paths are from the root")
        return
    }
    if (!model || !(room in floor)) return
    if (target ~ /^"tests\//) bad(FNR, "include " target ": tests are for tests only")
    else check_floor(target, raw)
}

function kind_of(path) { return path ~ /\.[ch]$/ ? "c" : path ~ /\.(md|csv|1)$/ ? "doc" : "script" }

function room_of(path) {
    if (path ~ /^(sim|models)\/[^\/]*\//) sub(/\/[^\/]*$/, "", path)
    else sub(/\/.*/, "", path)
    return path
}

# A module is a .c file and its header. An include that closes a circle says why:
# `/* circle: ... */`.
function check_floor(target, raw,    other, from, to) {
    other = target
    gsub(/"/, "", other)
    to = other; sub(/\.[ch]$/, "", to)
    from = file; sub(/\.[ch]$/, "", from)
    if (!(room_of(other) in floor) || floor[room_of(other)] > floor[room]) {
        bad(FNR, "include " target ": goes the wrong way (up from " room ")")
        return
    }
    if (from == to || room_of(other) != room || raw ~ /\/\* circle: /) return
    if (!((from, to) in place_of)) {
        leads[from]++
        reached_by[to] = reached_by[to] " " from
        targets[from] = targets[from] " " to
        modules[from] = modules[to] = 1
        place_of[from, to] = file ":" FNR
    }
}

# Modules that lead nowhere are taken away until none is left; what stays is on a circle or leads
# to one. Each circle is told once.
function find_circles(    m, n, k, took, froms, at, step, begin, seen) {
    do {
        took = 0
        for (m in modules) {
            if (leads[m] > 0 || m in gone) continue
            gone[m] = took = 1
            n = split(reached_by[m], froms, " ")
            for (k = 1; k <= n; k++) leads[froms[k]]--
        }
    } while (took)
    for (m in modules) {
        if (m in gone) continue
        for (at = m; !(at in seen); at = way_on(at)) seen[at] = m
        if (seen[at] != m) continue
        begin = at
        for (step = way_on(at); step != at; step = way_on(step))
            if (place_of[step, way_on(step)] < place_of[begin, way_on(begin)]) begin = step
        printf "%s: a circle: %s", place_of[begin, way_on(begin)], begin
        for (step = way_on(begin); step != begin; step = way_on(step)) printf " -> %s", step
        print " -> " begin
    }
}

function way_on(m,    n, k, all) {
    n = split(targets[m], all, " ")
    for (k = 1; k <= n; k++) if (!(all[k] in gone)) return all[k]
}

# Follows braces and statements; `declaration` is what was read since the last one ended.
function scan(code,    at, c) {
    while ((at = match(code, /[{};]/)) > 0) {
        c = substr(code, at, 1)
        piece(substr(code, 1, at - 1))
        code = substr(code, at + 1)
        if (c == "{") open_brace()
        else if (c == "}") close_brace()
        else if (depth == 0) {
            check_global()
            declaration = ""
        }
    }
    piece(code)
}

function piece(s) {
    if (depth == 0) {
        if (declaration ~ /^[ \t]*$/) declared_at = FNR
        declaration = declaration " " s
    } else if (in_function) {
        if (called(s, name) != "") bad(FNR, "recursion: " name " calls itself")
        if (model && s ~ /^[ \t]*static[ \t]/ && s !~ /(^|[ \t])const([ \t]|$)/)
            bad(FNR, "a static variable that can change (put it in a struct)")
    }
}

function open_brace() {
    if (depth++ > 0) return
    in_function = declaration ~ /\)[ \t]*$/ && declaration !~ /=/
    function_at = declared_at
    if (in_function) {
        check_parameters()
        check_name()
    }
}

function close_brace(    lines) {
    if (depth > 0) depth--
    if (depth > 0) return
    if (!in_function) {
        declaration = declaration "{}"
        return
    }
    lines = FNR - function_at + 1
    if (lines > FUNCTION_LINES)
        bad(function_at, "function " name " of " lines " lines (at most " FUNCTION_LINES ")")
    in_function = 0
    declaration = ""
}

# A function that others call is named after its file, csv_read.c or, if there is a csv.h, csv; the
# room may stand before it (explore_set_add). base.c is what all begin with.
function check_name(    s, last) {
    if (!model || file !~ /[.]c$/ || declaration ~ /(^|[^A-Za-z0-9_])static[^A-Za-z0-9_]/) return
    if (name == "main" || file == "sim/lib/base.c") return
    last = room
    sub(/.*\//, "", last)
    for (s = module; s != ""; ) {
        if ((s == module || (room "/" s ".h") in present) && name ~ "^(" last "_)?" s "(_|$)")
            return
        if (!sub(/_[^_]*$/, "", s)) s = ""
    }
    bad(function_at, name " is not named after its file (would be right: " module "_...)")
}

# Takes the last group in parentheses for the parameters and the word before it for the name.
function check_parameters(    i, c, level, commas, inside) {
    level = commas = 0
    inside = ""
    for (i = length(declaration); i > 0; i--) {
        c = substr(declaration, i, 1)
        if (c == ")" && level++ == 0) continue
        if (c == "(" && --level == 0) break
        if (c == "," && level == 1) commas++
        if (level > 0) inside = c inside
    }
    name = substr(declaration, 1, i - 1)
    sub(/[ \t]*$/, "", name)
    sub(/.*[^A-Za-z0-9_]/, "", name)
    if (inside ~ /^[ \t]*(void)?[ \t]*$/) return
    if (commas + 1 > PARAMETERS_MAX)
        bad(function_at, name " has " commas + 1 " parameters (at most " PARAMETERS_MAX ")")
    else if (commas + 1 > PARAMETERS)
        bad(function_at, "warning: " name " has " commas + 1 " parameters (aim: " PARAMETERS ")")
}

function check_global(    d) {
    d = declaration
    gsub(/[ \t]+/, " ", d); sub(/^ /, "", d); sub(/ ?=.*/, "", d); sub(/ $/, "", d)
    if (!model || d == "" || d ~ /(^| )(const|typedef|extern|sig_atomic_t|_Static_assert)( |\(|$)/)
        return
    if (d ~ /^(struct|union|enum)( [A-Za-z0-9_]+)? ?(\{\})?$/) return
    if (d ~ /\(/ && d !~ /^[^(]*\(\*/) return # a prototype or a macro
    if (file == "sim/lib/base.c" && d ~ /(^| )_Thread_local /) return # what sim_guard needs
    if (file == "sim/lib/interrupt.c" && d ~ /(^| )interrupt_duty /) return # what a signal undoes
    bad(declared_at, "a global that can change (put it in a struct)")
}
