/* SPDX-License-Identifier: Apache-2.0 */
/* option_table: every option in one list: its argument, the commands that take it, its help. */
#ifndef SMMSIM_SIM_CLI_OPTION_TABLE_H
#define SMMSIM_SIM_CLI_OPTION_TABLE_H

/* Sets of commands: the bits OF_... of words.h. */
#define OF_TIMED (OF_RUN | OF_DEMO | OF_SWEEP | OF_NOISE | OF_FOLLOW)
#define OF_ORDER (OF_EXPLORE | OF_REPLAY)
#define OF_ALL (~0u)

/* Each row: id, name, argument ("": it takes none; a|b: one of these), the commands that take it,
 * default ("": none), help. In the order of help and manual page. A name may have several rows,
 * each for commands of its own. Parsers, --help, docs/smmsim.1 and docs/smmsim.bash read it. */
#define OPTION_TABLE(O)                                                                           \
    O(PLATFORM, "--platform", "NAME", OF_TIMED, "qemu-kvm-ovmf",                                  \
      "A file of models/platforms (`smmsim list platforms`), or a path.")                         \
    O(WORKLOAD, "--workload", "NAME", OF_TIMED & ~OF_FOLLOW, "efibootmgr-list",                   \
      "A file of workloads (`smmsim list workloads`), or a path.")                                \
    O(PROTOCOL, "--protocol", "NAME", OF_TIMED | OF_ORDER, "edk2-head",                           \
      "Rendezvous protocol and version (`smmsim list protocols`).")                               \
    O(PROTOCOL_STEPS, "--protocol", "NAME", OF_LIST, "edk2-head", "Of steps: whose.")             \
    O(CPUS, "--cpus", "N", OF_TIMED, "", "The same as --set cpus=N.")                             \
    O(CPUS_ORDER, "--cpus", "N", OF_ORDER, "2", "Number of CPUs.")                                \
    O(SMIS, "--smis", "K", OF_ORDER, "1", "Triggers. Each may come at any time.")                 \
    O(SET, "--set", "NAME=VALUE", OF_TIMED, "",                                                   \
      "Any parameter for time or both (`smmsim params`). May be repeated: the last one wins.")    \
    O(SET_ORDER, "--set", "NAME=VALUE", OF_ORDER, "",                                             \
      "Any parameter for order or both (`smmsim params`). May be repeated: the last one wins.")   \
    O(MEMORY, "--memory", "sc|tso", OF_ORDER, "sc",                                               \
      "Memory model: sequential consistency, or store buffers.")                                  \
    O(NO_TIMEOUTS, "--no-timeouts", "", OF_ORDER, "", "No timeout ever passes.")                  \
    O(MUTANT, "--mutant", "ID", OF_ORDER, "",                                                     \
      "Puts a known bug back in, with settings that show it (`smmsim list mutants`).")            \
    O(MENDED, "--fixed", "ID", OF_ORDER, "", "The same settings without the bug.")                \
    O(REPS, "--reps", "N", OF_RUN | OF_SWEEP, "20",                                               \
      "Repetitions (of each point), each with random numbers of its own.")                        \
    O(REPS_FOLLOW, "--reps", "N", OF_FOLLOW, "1", "Repetitions for each delay.")                  \
    O(REPS_DEMO, "--reps", "N", OF_DEMO, "40", "Repetitions. 40 of them hold a p99.")             \
    O(UNTIL, "--until", "EXPR", OF_SWEEP, "",                                                     \
      "Repeats until a 95 % interval is narrow: 'p99 ci<2%' or 'command_time mean ci<1%'. "       \
      "--reps is then the most (1000). A quantile is that of all repetitions together.")          \
    O(SEED, "--seed", "S", OF_TIMED, "1", "Seed of all random numbers.")                          \
    O(JOBS, "--jobs", "N", OF_SWEEP, "all processors",                                            \
      "Threads. They change no byte of the result.")                                              \
    O(OUT, "--out", "DIR", OF_RUN, "",                                                            \
      "Writes run.csv, summary.csv, reps.csv, hist.csv, ops.csv, smis.csv and cpus.csv there. "   \
      "Replaces what another run has written.")                                                   \
    O(OUT_DEMO, "--out", "DIR", OF_DEMO, "",                                                      \
      "Writes run.csv, slowdown.csv and phases.csv there, for ./plot.sh slowdown. Replaces what " \
      "another demo has written.")                                                                \
    O(OUT_SWEEP, "--out", "DIR", OF_SWEEP, "results/NAME-OF-THE-FILE",                            \
      "Folder of the result (of several files results/sweep). Replaces another sweep.")           \
    O(OUT_FILE, "--out", "FILE", OF_NOISE, "standard output", "File of the trace.")               \
    O(FORCE, "--force", "", OF_RUN | OF_DEMO | OF_SWEEP, "",                                      \
      "Replaces the result of another command, too, or an unfinished sweep.")                     \
    O(DETAIL, "--detail", "", OF_SWEEP, "", "Also ops.csv, smis.csv and cpus.csv: all events.")   \
    O(HGRM, "--hgrm", "", OF_RUN | OF_SWEEP, "",                                                  \
      "Also hgrm/POINT-METRIC.hgrm for HdrHistogram plotters, in us (a run is point 0).")         \
    O(RESUME, "--resume", "", OF_SWEEP, "",                                                       \
      "Goes on with a sweep that was stopped, whatever stopped it. Damaged runs in its journal "  \
      "are told and made again.")                                                                 \
    O(DRY_RUN, "--dry-run", "", OF_SWEEP, "",                                                     \
      "Checks and lists the points, estimates time and size, runs nothing. With --format csv: "   \
      "all points as CSV and nothing else.")                                                      \
    O(FORMAT, "--format", "text|csv", OF_RUN | OF_SWEEP, "text",                                  \
      "csv: summary.csv on standard output instead of the report.")                               \
    O(FORMAT_LIST, "--format", "text|csv", OF_LIST, "text", "Of steps and rules: for programs.")  \
    O(TRACE, "--trace", "FILE", OF_RUN, "",                                                       \
      "What every CPU did in the first SMIs, for Perfetto or chrome://tracing. FILE.csv: for "    \
      "./plot.sh timeline. -: as text, a column for each CPU.")                                   \
    O(TRACE_SMIS, "--trace-smis", "K", OF_RUN, "3", "With --trace: how many SMIs.")               \
    O(TRACE_SLOWEST, "--trace-slowest", "K", OF_RUN, "",                                          \
      "With --trace: the slowest K SMIs instead of the first.")                                   \
    O(CHECK, "--check", "RULES", OF_RUN, "",                                                      \
      "Watches rules in every run: all, default, or names with commas between (`smmsim list "     \
      "rules`).")                                                                                 \
    O(METRIC, "--metric", "M", OF_COMPARE, "",                                                    \
      "METRIC or METRIC.STATISTIC: smi_latency.p99, timeout1, phase.handler (`smmsim list "       \
      "metrics`). Without it all metrics, or for two sweeps command_time of each point.")         \
    O(PROPERTIES, "--properties", "P,...", OF_EXPLORE, "",                                        \
      "Rules to check: names, default, or all. Default: default; of a bug what it breaks.")       \
    O(ALL, "--all", "", OF_EXPLORE, "", "Goes on after a violation: the shortest of each rule.")  \
    O(NO_REDUCTION, "--no-reduction", "", OF_EXPLORE, "",                                         \
      "Every order, also those that cannot matter.")                                              \
    O(RANDOM, "--random", "RUNS", OF_EXPLORE, "",                                                 \
      "Random runs instead, up to 64 CPUs. A violation is shrunk; 4000 tries, an interrupt or "   \
      "--max-seconds cut that off.")                                                              \
    O(SEED_WALKS, "--seed", "S", OF_EXPLORE, "1", "With --random: seed of the runs.")             \
    O(DEVIATIONS, "--deviations", "D", OF_EXPLORE, "",                                            \
      "All runs with at most D scheduling deviations from the usual order.")                      \
    O(THREADS, "--threads", "T", OF_EXPLORE, "all processors",                                    \
      "The outcome is the same for any number.")                                                  \
    O(MAX_MEMORY, "--max-memory", "SIZE", OF_EXPLORE, "4GiB",                                     \
      "At the ceiling the search ends, INCOMPLETE.")                                              \
    O(MAX_DEPTH, "--max-depth", "D", OF_EXPLORE, "", "Steps of a run. No bound unless said.")     \
    O(MAX_SECONDS, "--max-seconds", "S", OF_EXPLORE, "",                                          \
      "Ends the search, the judging of no-livelock and shrinking. No bound unless said.")         \
    O(TABLE, "--table", "", OF_EXPLORE, "",                                                       \
      "Every version in every setting, as a table (about an hour on two cores).")                 \
    O(JOURNAL, "--journal", "FILE", OF_EXPLORE, "",                                               \
      "With --table: keeps the searches that are done, and goes on from there.")                  \
    O(COVERAGE, "--coverage", "", OF_EXPLORE, "", "A line for each step: the branches taken.")    \
    O(VIOLATES, "--violates", "P", OF_REPLAY, "",                                                 \
      "The rule that the last step or state must violate.")                                       \
    O(DIGEST, "--digest", "D", OF_REPLAY, "", "Of the last state: 16 hexadecimal digits.")        \
    O(VIOLATES_FOLLOW, "--violates", "P", OF_FOLLOW, "what the schedule violates",                \
      "What a machine must violate (`smmsim list rules`).")                                       \
    O(DIGEST_FOLLOW, "--digest", "D", OF_FOLLOW, "",                                              \
      "What the steps must come to, as explore printed it.")                                      \
    O(LOOP, "--loop", "L", OF_REPLAY, "",                                                         \
      "Of no-livelock: the last L steps lead back to where they begin.")                          \
    O(MARKDOWN, "--markdown", "", OF_PARAMS, "", "As a Markdown table, every column.")            \
    O(HELP, "--help", "", OF_ALL, "", "This text; -h, too.")

#endif
