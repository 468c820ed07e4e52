/* SPDX-License-Identifier: Apache-2.0 */
/* test_mistakes: what a user gets wrong, with the exact line that the program answers and its exit
 * status. */
#include <sys/wait.h>

#include "tests/scratch.h"

/* Each row runs the program beside this test, in a scratch folder that has the project's models and
 * workloads, a file called `taken`, and a folder `linked` whose smis.csv is a link. No row
 * may print anything else or leave a folder `left` behind. */
typedef struct {
    const char *name;
    const char *words; /* the command line, for a shell */
    int status;
    const char *line; /* on standard error, behind "smmsim: " */
} mistake;

#define SLIP(column, word)          \
    "schedule:1:" column ": '" word \
    "' is no step (would be right: 0, e1, p0, t1, d0, s0, 0*12, 0=1)"
#define NO_STEP "schedule:1:1: no step (would be right: what explore printed)"
#define PIPE "a pipe (write what comes out of it to a file first)"
static const mistake mistakes[] = {
    /* files */
    {"a platform that is not there", "run --platform no.csv", 2,
     "no.csv: No such file or directory (the path of a platform, or a name that `smmsim list "
     "platforms` shows)"},
    {"a workload that is not there", "run --workload no/such.csv", 2,
     "no/such.csv: No such file or directory (the path of a workload, or a name that `smmsim list "
     "workloads` shows)"},
    {"a folder as platform", "run --platform ./models", 2,
     "./models: a folder (name a file in it)"},
    {"a folder as workload", "run --workload ./", 2, "./: a folder (name a file in it)"},
    {"a file that cannot be read", "run --platform /proc/self/mem", 3,
     "/proc/self/mem: Input/output error"},
    {"a device as workload", "run --workload /dev/zero", 2, "/dev/zero: a device (name a file)"},
    {"a pipe as platform", "run --platform ./pipe", 2, "./pipe: " PIPE},
    {"a pipe as workload", "run --workload ./pipe", 2, "./pipe: " PIPE},
    {"a pipe as sweep", "sweep ./pipe", 2, "./pipe: " PIPE},
    {"a pipe as table", "run --set 'smi.rsm=table(pipe)'", 2, "--set: smi.rsm: pipe: " PIPE},
    {"a pipe in a result", "compare piped piped", 2,
     "piped/run.csv: lists no files: of an older smmsim, or not of smmsim (make the result anew)"},
    {"a pipe as journal", "explore --table --journal ./pipe", 2, "./pipe: " PIPE},
    {"standard input as sweep", "sweep - --out left", 2,
     "-: standard input is not read, since a result is repeated from its files (write the sweep to "
     "a file)"},

    /* numbers and units */
    {"a negative count", "run --set cpus=-1", 2, "--set: cpus: -1 is below 1 (1 to 4096)"},
    {"not a number", "run --set cpus=nan", 2,
     "--set: cpus: \"nan\": not a number (write for example 8)"},
    {"infinite repetitions", "run --reps inf", 2,
     "--reps: \"inf\": not a number (write for example 8)"},
    {"10^30 repetitions", "run --reps 1e30", 2,
     "--reps: \"1e30\": too large (at most 9223372036854775807)"},
    {"a time beyond any double", "run --set smi.rsm=1e400s", 2,
     "--set: smi.rsm: \"1e400s\": too large (at most 9223372.036854775807s)"},
    {"hexadecimal", "run --seed 0x10", 2, "--seed: \"0x10\": hexadecimal (write it in decimal)"},
    {"half a CPU", "run --set cpus=2.5", 2,
     "--set: cpus: \"2.5\": not a whole number (write for example 8)"},
    {"percentiles without a folder", "run --hgrm", 2,
     "--hgrm: no folder for the files (give --out DIR, too)"},
    {"percentiles of a schedule", "follow x --hgrm", 2,
     "--hgrm: follow does not take it (would be right: with smmsim run, sweep)"},
    {"a schedule of run", "run --follow 'p0 e0'", 2,
     "--follow: is a command now (would be right: smmsim follow SCHEDULE)"},
    {"no schedule in time", "follow --cpus 2", 2,
     "follow: no schedule (would be right: what explore printed)"},
    {"two schedules in time", "follow 'p0 e0' p1", 2,
     "\"p1\": follow takes no more than 1 word (--help)"},
    {"a schedule of a rule that nobody knows", "follow 'p0 e0' --violates never", 2,
     "--violates: 'never' is no rule (would be right: one that `smmsim list rules` shows)"},
    {"a schedule with half a digest", "follow 'p0 e0' --digest 12", 2,
     "--digest: \"12\" is none (would be right: 16 hexadecimal digits, as explore printed them)"},
    {"how many SMIs of no trace", "run --trace-smis 5", 2,
     "--trace-smis: nothing is traced (give --trace FILE, too)"},
    {"the slowest SMIs of no trace", "run --reps 1 --trace-slowest 5", 2,
     "--trace-slowest: nothing is traced (give --trace FILE, too)"},
    {"the first and the slowest SMIs", "run --trace left --trace-smis 3 --trace-slowest 5", 2,
     "--trace-slowest: not with --trace-smis (the first SMIs or the slowest)"},
    {"a trace in the place of a lock", "run --reps 1 --trace ./.smmsim.lock", 2,
     "./.smmsim.lock: the lock of a folder (use another name)"},
    {"a trigger that is repeated too often", "follow 'p0*3 e0' --cpus 2", 2,
     "schedule: 3 triggers (would be right: one or two)"},
    {"an automatic mode in a search", "explore --set sync.mode=auto", 2,
     "sync.mode: auto is whose firmware it is, and here there is none (would be right: relaxed or "
     "traditional)"},
    {"an automatic election in a schedule", "replay --set bsp.election=auto 'p0 e0'", 2,
     "bsp.election: auto is whose firmware it is, and here there is none (would be right: fixed, "
     "hook or race)"},
    {"a command of two lines", "\"$(printf 'a\\nb')\"", 2,
     "unknown command \"a?b\" (`smmsim --help` shows all)"},
    {"repetitions of one repetition", "noise --reps 3", 2,
     "--reps: noise does not take it (would be right: with smmsim run, demo, sweep, follow)"},
    {"a workload of a schedule", "follow 'p0 e0' --workload smi-idle", 2,
     "--workload: follow does not take it (would be right: with smmsim run, demo, sweep, noise)"},
    {"a workload of a schedule as a setting", "follow 'p0 e0' --set workload=smi-idle", 2,
     "follow: one SMI instead of a workload (leave --set workload out)"},
    {"threads of random runs", "explore --random 5 --threads 2", 2,
     "--threads has no effect with --random (would be right: with a full search, --deviations, "
     "--table, a bug that has a model of its own)"},
    {"memory of random runs", "explore --random 5 --max-memory 1GiB", 2,
     "--max-memory has no effect with --random (would be right: with a full search, --deviations, "
     "--table, a bug that has a model of its own)"},
    {"no reduction where there is none", "explore --deviations 2 --no-reduction", 2,
     "--no-reduction has no effect with --deviations (would be right: with a full search)"},
    {"a schedule with a CPU below 0", "follow p-3 --set cpus=2", 2, SLIP("1", "p-3")},
    {"an empty schedule in time", "follow ''", 2, NO_STEP},
    {"an empty schedule", "replay ''", 2, NO_STEP},
    {"a schedule of blanks in a model", "replay --mutant F31 '  '", 2, NO_STEP},
    {"a schedule on a platform that explore does not know",
     "follow 'p0 e0' --set cpus=2 --set smi.valid_status=on", 2,
     "follow: explore knows no smi.valid_status, which is a step more (would be right: --set "
     "smi.valid_status=off)"},
    {"no repetition", "run --reps 0", 2, "--reps: 0 is out of bounds (1 to 10000000)"},
    {"a number that is empty", "run --set cpus=", 2, "--set: cpus: empty (write for example 8)"},
    {"more CPUs than there can be", "run --set cpus=5000", 2,
     "--set: cpus: 5000 is above 4096 (1 to 4096)"},
    {"a thousands separator", "run --set cpus=1,024", 2,
     "--set: cpus: \"1,024\": a comma in the number (the decimal sign is a point, thousands are "
     "not "
     "marked)"},
    {"a share above one", "run --set fabric.steal=150%", 2,
     "--set: fabric.steal: 150% is above 1 (0 to 1)"},
    {"a time without unit", "run --set smi.rsm=3", 2,
     "--set: smi.rsm: \"3\": a time needs a unit (use ps, ns, us, ms, s, min or h)"},
    {"an unknown unit", "run --set smi.rsm=3fortnights", 2,
     "--set: smi.rsm: \"3fortnights\": unknown unit \"fortnights\" (use ps, ns, us, ms, s, min or "
     "h)"},
    {"a unit in upper case", "run --set smi.rsm=3US", 2,
     "--set: smi.rsm: \"3US\": unknown unit \"US\" (use ps, ns, us, ms, s, min or h; did you mean "
     "\"us\"?)"},
    {"a count with a unit", "run --set cpus=4us", 2,
     "--set: cpus: \"4us\": unknown unit \"us\" (a count has no unit)"},
    {"a negative time", "run --set smi.rsm=-3us", 2,
     "--set: smi.rsm: \"-3us\": negative (a duration is 0 or more)"},
    {"a distribution that is backwards", "run --set 'smi.rsm=uniform(3us,1us)'", 2,
     "--set: smi.rsm: uniform: from 3us to 1us is backwards (the smaller one first)"},
    {"a distribution that does not exist", "run --set 'smi.rsm=gauss(1us,2us)'", 2,
     "--set: smi.rsm: unknown distribution \"gauss\" (use uniform, exp, lognormal, pareto, table "
     "or "
     "mix)"},
    {"weights that do not add up", "run --set 'smi.rsm=mix(0.5:1us,0.4:2us)'", 2,
     "--set: smi.rsm: mix: the weights add up to 0.9 (they must add up to 1)"},

    /* names */
    {"a command with two letters swapped", "rnu", 2,
     "unknown command \"rnu\" (did you mean \"run\"? `smmsim --help` shows all)"},
    {"a command that nobody knows", "teleport", 2,
     "unknown command \"teleport\" (`smmsim --help` shows all)"},
    {"an option with a slip", "run --platfrom qemu-kvm-ovmf", 2,
     "unknown option \"--platfrom\" (did you mean \"--platform\"? --help shows all)"},
    {"an option of one letter", "run -x", 2, "unknown option \"-x\" (--help shows all)"},
    {"an option of another command", "params --set cpus=4", 2,
     "--set: params does not take it (would be right: with smmsim run, demo, sweep, explore, "
     "replay, follow, noise)"},
    {"a rule with a slip", "explore --properties dor", 2,
     "--properties: unknown rule \"dor\" (did you mean \"door\"? all, default, or what `smmsim "
     "list "
     "rules` shows)"},
    {"a bug with a slip", "explore --mutant F0l", 2,
     "--mutant: unknown bug \"F0l\" (did you mean \"F01\"? `smmsim list mutants` shows all)"},
    {"a setting of a search with a slip", "explore --set smi.delvery=unicast", 2,
     "--set: unknown parameter \"smi.delvery\" (did you mean \"smi.delivery\"?)"},
    {"an option without its value", "run --reps", 2, "--reps: no value behind it (--help)"},
    {"a value for an option that takes none", "run --help=run", 2,
     "--help takes no value (leave \"=run\" out)"},
    {"a word that is no option", "run efibootmgr-list", 2,
     "\"efibootmgr-list\": run takes options only (--help)"},
    {"a word too many", "list platforms workloads", 2,
     "\"workloads\": list takes no more than 1 word (--help)"},
    {"a CPU that is no number", "noise one", 2,
     "noise: CPU: \"one\": not a number (write for example 8)"},
    {"a list of nothing", "list", 2,
     "list: of what? (platforms, workloads, sweeps, protocols, metrics, mutants, steps or rules)"},
    {"a list of something else", "list platfrom", 2,
     "nothing called \"platfrom\" to list (did you mean \"platforms\"? one of platforms, "
     "workloads, sweeps, protocols, metrics, mutants, steps or rules)"},
    {"steps of a protocol with a slip", "list steps --protocol edk2-haed", 2,
     "--protocol: unknown protocol \"edk2-haed\" (did you mean \"edk2-head\"? `smmsim list "
     "protocols` shows all)"},
    {"a format of what has none", "list platforms --format csv", 2,
     "list platforms: takes no --protocol and no --format (list steps does)"},
    {"a sweep with a slip", "sweep slowdwn", 2,
     "unknown sweep \"slowdwn\" (did you mean \"slowdown\"? `smmsim list sweeps` shows all)"},
    {"a parameter with a slip", "run --set calle.cpu=1", 2,
     "--set: unknown parameter \"calle.cpu\" (did you mean \"caller.cpu\"?)"},
    {"a parameter that nobody knows", "run --set gravity=1", 2,
     "--set: unknown parameter \"gravity\" (\"smmsim params\" lists them)"},
    {"a setting without a value", "run --set cpus", 2,
     "--set cpus: no value (NAME=VALUE, such as cpus=8)"},
    {"a setting without a name", "run --set =8", 2,
     "--set =8: no name (NAME=VALUE, such as cpus=8)"},
    {"a protocol of a year that has none", "run --protocol edk2-2018", 2,
     "--protocol: unknown protocol \"edk2-2018\" (did you mean \"edk2-2017\"? `smmsim list "
     "protocols` shows all)"},
    {"a platform with letters swapped", "run --platform qemu-kvm-ovfm", 2,
     "unknown platform \"qemu-kvm-ovfm\" (did you mean \"qemu-kvm-ovmf\"? `smmsim list platforms` "
     "shows all)"},
    {"a workload with a slip", "run --workload efibootmgr-lits", 2,
     "unknown workload \"efibootmgr-lits\" (did you mean \"efibootmgr-list\"? `smmsim list "
     "workloads` shows all)"},
    {"a choice with a slip", "run --set smi.delivery=brodcast", 2,
     "--set: smi.delivery: \"brodcast\" is not one of unicast, broadcast, hardware (did you mean "
     "\"broadcast\"?)"},
    {"a switch that is neither on nor off", "run --set sync.mtrr=maybe", 2,
     "--set: sync.mtrr: \"maybe\" is not a switch (write on or off)"},
    {"a goal that is no share", "sweep slowdown --until 'p99 ci<2' --out left", 2,
     "--until: \"2\": a share needs a % (such as ci<2%)"},
    {"a goal of a phase with a slip", "sweep slowdown --until 'phase.hanler ci<2%' --out left", 2,
     "--until: unknown metric \"phase.hanler\" (did you mean \"phase.handler\"? `smmsim list "
     "metrics` shows all)"},
    {"a format that nobody knows", "run --format json", 2,
     "--format: unknown format \"json\" (text or csv)"},

    /* contradictions */
    {"a second timeout before there was one",
     "run --protocol edk2-2017 --set sync.timeout2=2s --out left", 2,
     "--set: sync.timeout2 cannot be set apart in edk2-2017, which has one timeout for both (use "
     "edk2-202408 or later, or leave it out)"},
    {"a caller on a CPU that is not there", "run --set cpus=2 --set caller.cpu=2", 2,
     "--set: caller.cpu is 2, but there are 2 CPUs (0 to 1)"},
    {"noise of a CPU that is not there", "noise 9", 2,
     "noise: CPU 9, but there are 4 CPUs (0 to 3)"},
    {"a demo of one side only", "demo --set caller.cpu=1", 2,
     "caller.cpu: demo compares its values (use `smmsim run`)"},
    {"fewer possible CPUs than CPUs", "run --set cpus.possible=2", 2,
     "--set: cpus.possible is 2, fewer than the 4 cpus (at least as many)"},
    {"every CPU blocked", "run --set cpus.blocked=last:4", 2,
     "--set: cpus.blocked and cpus.disabled leave no CPU of the 4 (together fewer than that)"},
    {"every CPU blocked or disabled", "run --set cpus.blocked=last:2 --set cpus.disabled=cpu:0,1",
     2, "--set: cpus.blocked and cpus.disabled leave no CPU of the 4 (together fewer than that)"},
    {"a caller that is blocked", "run --set cpus.blocked=last:1 --set caller.cpu=3", 2,
     "--set: caller.cpu: CPU 3 is blocked (choose another)"},
    {"a job for a CPU that is not there", "run --set cpus=2 --set handler.services=job:3", 2,
     "--set: handler.services: a job for CPU 3, which is not there (would be right: an AP, 1)"},
    {"a topology that is too small", "run --set topology.cores=2 --set topology.threads=1", 2,
     "cpus: 4 do not fit the topology of 2 CPUs (set topology.cores, or fewer cpus)"},

    /* schedules */
    {"a step with an outcome that is missing", "replay 'p0 e0 0='", 2, SLIP("7", "0=")},
    {"a space behind a star", "replay '0* 5'", 2, SLIP("1", "0*")},
    {"a zero in front", "replay 'p0  00'", 2, SLIP("5", "00")},
    {"a CPU with a zero in front", "replay p00", 2, SLIP("1", "p00")},
    {"more steps than memory", "replay \"$(printf '0*1000000 %.0s' 1 2 3 4 5 6 7 8 9 10)0\"", 2,
     "schedule:1:101: more than 10000000 steps (would be right: fewer, in all)"},
    {"a trigger by a CPU that is not there", "replay 'p0 p9'", 2,
     "schedule, step 2: 'p9': no such CPU (would be right: 0 to 1)"},
    {"a step of a CPU that is not there", "replay 'p0 2'", 2,
     "schedule, step 2: '2': no such CPU (would be right: 0 to 1)"},
    {"a trigger by hardware where there is none", "replay p2", 2,
     "schedule, step 1: 'p2' is never possible (would be right: with smi.delivery=hardware)"},
    {"a timeout where none fires", "replay --no-timeouts t0", 2,
     "schedule, step 1: 't0' is never possible (would be right: with timeouts=on)"},
    {"a trigger in a model that has none", "replay --mutant F10 p0", 2,
     "schedule, step 1: F10 has no 'p0' (would be right: 0 to 1)"},
    {"a timeout in a model that has none", "replay --mutant F31 '0 t1'", 2,
     "schedule, step 2: F31 has no 't1' (would be right: 0 to 2)"},
    {"a step of nobody in a model", "replay --mutant F31 3", 2,
     "schedule, step 1: F31 has no '3' (would be right: 0 to 2)"},
    {"a search of no CPU", "explore --cpus 0", 2, "--cpus: cpus: 0 is below 1 (1 to 4096)"},

    /* places to write to */
    {"a folder without a name", "run --out ''", 2, "--out: empty (the name of a folder)"},
    {"a file in the place of the folder", "run --reps 1 --out taken", 3,
     "taken: not a folder (give --out another name)"},
    {"a folder below a file", "run --reps 1 --out taken/here", 3,
     "taken/here: Not a directory (give --out another name)"},
    {"a folder where none can be made", "run --reps 1 --out /proc/here", 3,
     "/proc/here: No such file or directory (give --out another name)"},
    {"a device as folder", "demo --reps 1 --out /dev/full", 3,
     "/dev/full: not a folder (give --out another name)"},
    {"a link where a data file should be", "run --reps 1 --out linked", 2,
     "linked/smis.csv: not of a result that run.csv lists (move it away, or use another --out)"},
    {"a full disk behind a trace", "run --reps 1 --trace /dev/full", 3,
     "/dev/full: No space left on device"},
    {"a full disk behind a summary", "run --reps 1 --format csv >/dev/full", 3,
     "/dev/stdout: No space left on device"},
    {"a full disk behind a report", "run --reps 1 >/dev/full", 3,
     "standard output: cannot be written (is the disk full?)"},
    {"a full disk behind the parameters", "params >/dev/full", 3,
     "standard output: cannot be written (is the disk full?)"},
    {"a full disk behind a list", "list protocols >/dev/full", 3,
     "standard output: cannot be written (is the disk full?)"},
    {"a full disk behind the demo", "demo --reps 1 >/dev/full", 3,
     "standard output: cannot be written (is the disk full?)"},
    {"standard output that is closed", "--version >&-", 3,
     "standard output: cannot be written (is the disk full?)"},
};
enum { MISTAKES = sizeof mistakes / sizeof mistakes[0] };

/* The same with a file to make first; the status is 2. */
typedef struct {
    const char *name, *words, *line;
    const char *path, *bytes;
    size_t length;
} file_mistake;

#define FILE_WITH(path, text) path, text, sizeof(text) - 1
#define PLATFORM(rows) FILE_WITH("p.csv", "parameter,value,source\n" rows)
#define WORKLOAD(rows) FILE_WITH("w.csv", "thread,op,name,bytes,think,cpu,repeat\n" rows)
#define RUN_P "run --platform p.csv --out left"
#define RUN_W "run --workload w.csv --out left"

static const file_mistake file_mistakes[] = {
    /* files */
    {"an empty platform", RUN_P,
     "p.csv:1:1: the file is empty (its first row must name the columns)", FILE_WITH("p.csv", "")},
    {"a workload in the place of its trace", "run --workload w.csv --trace linked/../w.csv",
     "linked/../w.csv: the workload that is run "
     "(use another name)",
     WORKLOAD("0,smi,,,,,\n")},
    {"a platform in the place of its noise", "noise --platform p.csv --out ./p.csv",
     "./p.csv: the platform that is run (use another name)", PLATFORM("cpus,4,mine\n")},
    {"only comments", RUN_P,
     "p.csv:1:1: no header (the first row that is no comment must name the columns)",
     FILE_WITH("p.csv", "# my machine\n")},
    {"a header and nothing below", RUN_W,
     "w.csv:1:1: no operations (at least one row below the header)", WORKLOAD("")},
    {"a NUL byte", RUN_P,
     "p.csv:2:1: a NUL byte (a CSV file is text; save it as UTF-8 if it is UTF-16)",
     PLATFORM("cp\0us,4,mine\n")},
    {"a byte that is no UTF-8", RUN_P,
     "p.csv:3:3: byte 0xb5 is not UTF-8 (save the file as UTF-8, if this is \xc2\xb5 in Latin-1)",
     PLATFORM("cpus,4,mine\nsmi.rsm,2us,\xb5s measured\n")},
    {"a last line that was cut off", RUN_P,
     "p.csv:3:2: the last line has no line end (was the file cut short? end it with a newline)",
     PLATFORM("cpus,4,mine\nsmi.rsm,2")},
    {"a quote that is never closed", RUN_P,
     "p.csv:3:2: a quote that is never closed (the field begins here; end it with a quote)",
     PLATFORM("cpus,4,mine\nsmi.rsm,\"uniform(1us,2us),mine\ntie,index,mine\n")},
    {"a quote inside a field", RUN_P,
     "p.csv:2:3: a quote inside a field (quote the whole field and write \"\" for a quote)",
     PLATFORM("cpus,4,a 19\" rack\n")},
    {"too few fields", RUN_P,
     "p.csv:2:3: 2 fields, but the header has 3 (the next would be \"source\")",
     PLATFORM("cpus,4\n")},
    {"a comma that is not quoted", RUN_P,
     "p.csv:2:4: 4 fields, but the header has 3 (quote a field that holds a comma)",
     PLATFORM("smi.rsm,uniform(1us,2us),mine\n")},
    {"a decimal comma that is not quoted", RUN_P,
     "p.csv:2:2: 4 fields, but the header has 3: a decimal comma in 3,3us? (write 3.3us)",
     PLATFORM("smi.rsm,3,3us,mine\n")},
    {"a decimal comma that is quoted", RUN_P,
     "p.csv:2:2: smi.rsm: \"3,3us\": the decimal sign is a point (write 3.3us)",
     PLATFORM("smi.rsm,\"3,3us\",mine\n")},
    {"semicolons", RUN_P,
     "p.csv:1:1: fields separated by semicolons (separate them by commas, and write 1.5 for 1,5)",
     FILE_WITH("p.csv", "parameter;value;source\r\nsmi.rsm;3,3us;mine\r\n")},
    {"a column that is there twice", RUN_P,
     "p.csv:1:4: duplicate column \"value\" (column 2 has this name)",
     FILE_WITH("p.csv", "parameter,value,source,value\n")},
    {"a column with a slip of the pen", RUN_W,
     "w.csv:1:3: unknown column \"nmae\" (did you mean \"name\"?)",
     FILE_WITH("w.csv", "thread,op,nmae\n0,get,BootOrder\n")},
    {"a column that nobody knows", RUN_P,
     "p.csv:1:4: unknown column \"colour\" (the columns are parameter, value, source, low, high, "
     "confidence)",
     FILE_WITH("p.csv", "parameter,value,source,colour\n")},
    {"a range that leaves the value out", RUN_P,
     "p.csv:2:5: 2us is below the value (low, value, high: in order)",
     FILE_WITH("p.csv", "parameter,value,source,low,high\nsmi.rsm,3us,mine,1us,2us\n")},
    {"an end without a unit", RUN_P,
     "p.csv:2:4: smi.rsm: \"1\": a time needs a unit (use ps, ns, us, ms, s, min or h)",
     FILE_WITH("p.csv", "parameter,value,source,low\nsmi.rsm,3us,mine,1\n")},
    {"a confidence that nobody knows", RUN_P,
     "p.csv:2:4: \"sure\" is no confidence (write measured, elsewhere, summed or guessed)",
     FILE_WITH("p.csv", "parameter,value,source,confidence\nsmi.rsm,3us,mine,sure\n")},
    {"a column that is missing", RUN_P, "p.csv:1:3: no column \"source\" (add it to the header)",
     FILE_WITH("p.csv", "parameter,value\ncpus,4\n")},

    /* numbers and units */
    {"a time without unit in a file", RUN_P,
     "p.csv:2:2: smi.rsm: \"3\": a time needs a unit (use ps, ns, us, ms, s, min or h)",
     PLATFORM("smi.rsm,3,mine\n")},
    {"a size without unit", RUN_W,
     "w.csv:2:4: bytes: \"64\": a size needs a unit (use B, kB, MB, KiB, MiB or GiB)",
     WORKLOAD("0,set,MyVariable,64,,,\n")},
    {"repeat 0 times", RUN_W, "w.csv:2:7: repeat: 0 is out of bounds (1 to 1000000)",
     WORKLOAD("0,smi,,,,,0\n")},

    /* names */
    {"an operation with a slip", RUN_W,
     "w.csv:2:2: unknown operation \"fraed\" (did you mean \"fread\"? one of get, size, next, "
     "set, append, delete, query, fread, fwrite, smi, job, compute or hold)",
     WORKLOAD("0,fraed,BootOrder,4B,,,\n")},
    {"a thread without a number", RUN_W,
     "w.csv:2:1: thread is \"main\" (a number from 0 to 8191, or each)",
     WORKLOAD("main,smi,,,,,\n")},
    {"a read of no variable", RUN_W,
     "w.csv:2:3: fread needs a variable (in column name, such as BootOrder)",
     WORKLOAD("0,fread,,4B,,,\n")},
    {"a hold of nobody", RUN_W,
     "w.csv:2:6: hold needs a CPU (in column cpu: which one to hold still)",
     WORKLOAD("0,hold,1ms,,,,\n")},
    {"a computation without a time", RUN_W,
     "w.csv:2:3: compute needs a time (in column name, such as 1ms)", WORKLOAD("0,compute,,,,,\n")},

    /* contradictions */
    {"a caller in a file on a CPU that is not there", RUN_P,
     "p.csv:3:2: caller.cpu is 2, but there are 2 CPUs (0 to 1)",
     PLATFORM("cpus,2,mine\ncaller.cpu,2,mine\n")},
    {"an operation on a CPU that is not there", RUN_W,
     "w.csv:2:6: cpu is \"4\" (a CPU from 0 to 3, or empty: the caller's)",
     WORKLOAD("0,smi,,,,4,\n")},
    {"a job on a CPU that is not there", RUN_W,
     "w.csv:2:3: job on \"9\" (in column name: all, or a CPU from 0 to 3)",
     WORKLOAD("0,job,9,,,,\n")},
    {"a figure of a platform without source", RUN_P,
     "p.csv:2:3: no source (where the figure comes from, or \"uncalibrated\")",
     PLATFORM("cpus,4,\n")},
    {"a platform that sets the workload", RUN_P,
     "p.csv:2:1: a platform cannot set \"workload\" (use the option --workload)",
     PLATFORM("workload,smi-stress,mine\n")},
    {"a platform that says something twice", RUN_P,
     "p.csv:4:1: cpus was set in line 2 already (once only)",
     PLATFORM("cpus,4,mine\nsmi.rsm,1us,mine\ncpus,8,mine\n")},
    {"a platform with an unknown parameter", RUN_P,
     "p.csv:2:1: unknown parameter \"cpu\" (did you mean \"cpus\"?)", PLATFORM("cpu,4,mine\n")},
};
enum { FILE_MISTAKES = sizeof file_mistakes / sizeof file_mistakes[0] };
_Static_assert((int)MISTAKES + (int)FILE_MISTAKES >= 40, "many kinds of mistakes");

/* The program is two folders above this test's. */
static int find_program(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 8);

    for (int up = 0; up < 3 && length > 0; up++)
        while (length > 0 && path[--length] != '/') {
        }
    if (length <= 0)
        return 1;
    (void)snprintf(path + length, sizeof path - (size_t)length, "/smmsim");
    return access(path, X_OK) != 0 || setenv("SMMSIM", path, 1) != 0;
}

static void *folder; /* not the state of the group: cmocka would give it to every test */

static int enter(void **state)
{
    (void)state;
    char *root = getcwd(NULL, 0);
    char path[4096];
    int failed = root == NULL || find_program() != 0 || scratch_enter(&folder) != 0;

    for (int i = 0; i < 2 && !failed; i++) {
        const char *name = i == 0 ? "models" : "workloads";

        (void)snprintf(path, sizeof path, "%s/%s", root, name);
        failed = symlink(path, name) != 0;
    }
    free(root);
    if (failed)
        return 1;
    scratch_write("taken", "", 0);
    if (mkfifo("pipe", 0600) != 0 || mkdir("piped", 0777) != 0 ||
        mkfifo("piped/run.csv", 0600) != 0)
        return 1;
    return mkdir("linked", 0777) != 0 || symlink("/dev/full", "linked/smis.csv") != 0;
}

static int leave(void **state)
{
    (void)state;
    return scratch_leave_all(&folder);
}

static void assert_answer(const char *command, int expected, const char *line)
{
    char words[1024];
    char wanted[1024];
    int status;

    (void)snprintf(words, sizeof words, "exec >out 2>err </dev/null; exec \"$SMMSIM\" %s", command);
    status = system(words);
    (void)snprintf(wanted, sizeof wanted, "smmsim: %s\n", line);
    scratch_assert("err", wanted);
    scratch_assert("out", "");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), expected);
    assert_int_equal(access("left", F_OK), -1);
}

static void run_mistake(void **state)
{
    const mistake *m = *state;

    assert_answer(m->words, m->status, m->line);
}

static void run_file_mistake(void **state)
{
    const file_mistake *m = *state;

    scratch_write(m->path, m->bytes, m->length);
    assert_answer(m->words, 2, m->line);
    assert_int_equal(unlink(m->path), 0);
}

/* A switch as a spreadsheet writes it, its blank rows, and a pipe in a folder that is listed. */
static void what_a_spreadsheet_writes_is_taken(void **state)
{
    static const char platform[] = "parameter,value,source\r\nsync.mtrr,TRUE,mine\r\n,,\r\n"
                                   "sync.lmce,FALSE,mine\r\n,,\r\n";

    (void)state;
    scratch_write("p.csv", platform, sizeof platform - 1);
    assert_int_equal(system("exec >out; \"$SMMSIM\" run --reps 1 --platform p.csv --out taken-p && "
                            "grep -q '^sync.mtrr,on,p.csv:2:2,' taken-p/run.csv && "
                            "grep -q '^sync.lmce,off,p.csv:4:2,' taken-p/run.csv"),
                     0);
    assert_int_equal(unlink("p.csv"), 0);
}

static void a_list_waits_for_no_pipe(void **state)
{
    (void)state;
    assert_int_equal(system("mkdir -p listed/workloads && mkfifo listed/workloads/odd.csv && "
                            "cd listed && timeout 20 \"$SMMSIM\" list workloads >../out && "
                            "grep -qx '  odd' ../out"),
                     0);
}

/* Comments and names of other people's files reach a terminal. */
static void a_list_holds_nothing_that_a_terminal_obeys(void **state)
{
    (void)state;
    assert_int_equal(system("mkdir -p told/workloads && cd told && "
                            "printf '# a\\033[31mb\\r\\n' >\"workloads/$(printf 'c\\nd').csv\" && "
                            "\"$SMMSIM\" list workloads >../out && "
                            "grep -qx '  c?d  *a?\\[31mb' ../out"),
                     0);
}

static void a_full_disk_leaves_no_half_written_file(void **state)
{
    (void)state;
    assert_int_equal(system("test -z \"$(find . -name '.smmsim*')\""), 0);
}

/* No-livelock is judged once all states are known: not in a search that was cut short. */
static void where_nothing_was_judged_nothing_is_said(void **state)
{
    (void)state;
    assert_int_equal(system("exec >out; \"$SMMSIM\" explore --properties no-livelock --max-depth "
                            "10 && grep -qx 'verdict     INCOMPLETE: nothing was judged' out"),
                     0);
}

int main(void)
{
    struct CMUnitTest tests[MISTAKES + FILE_MISTAKES + 5];
    int count = 0;

    for (int i = 0; i < MISTAKES; i++)
        tests[count++] = (struct CMUnitTest){mistakes[i].name, run_mistake, NULL, NULL,
                                             (void *)(uintptr_t)&mistakes[i]};
    for (int i = 0; i < FILE_MISTAKES; i++)
        tests[count++] = (struct CMUnitTest){file_mistakes[i].name, run_file_mistake, NULL, NULL,
                                             (void *)(uintptr_t)&file_mistakes[i]};
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(what_a_spreadsheet_writes_is_taken);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_list_waits_for_no_pipe);
    tests[count++] =
        (struct CMUnitTest)cmocka_unit_test(a_list_holds_nothing_that_a_terminal_obeys);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(where_nothing_was_judged_nothing_is_said);
    tests[count] = (struct CMUnitTest)cmocka_unit_test(a_full_disk_leaves_no_half_written_file);
    return cmocka_run_group_tests_name("mistakes", tests, enter, leave);
}
