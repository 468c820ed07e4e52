/* SPDX-License-Identifier: Apache-2.0 */
/* command_table: every command in one list: its words, what it does, its exit statuses. */
#ifndef SMMSIM_SIM_CLI_COMMAND_TABLE_H
#define SMMSIM_SIM_CLI_COMMAND_TABLE_H

/* Each row: id, name, function, how many words that are no options it takes at most, these words
 * for the usage, summary, text (lines of at most 80 columns), what exit status 0 means, 1 (0: never
 * given), 130 (0: an interrupt just ends it), an example. */
#define COMMAND_TABLE(C)                                                                           \
    C(RUN, "run", cmd_run, 0, "", "one setting: latencies, counts, where the time went",           \
      "Runs a workload on a platform. Says how long the SMIs took, and why.\n",                    \
      "every run came to its end",                                                                 \
      "a hang, a broken invariant or rule, or a run that run.limit stopped", 0,                    \
      "run --protocol edk2-2017 --set smi.delivery=unicast --set caller.cpu=1")                    \
    C(DEMO, "demo", cmd_demo, 0, "", "the three-second slowdown, unicast against broadcast",       \
      "Lists the boot entries as `taskset -c N efibootmgr` does, on CPU 1 and on CPU 0,\n"         \
      "with unicast and with broadcast SMI. Says where the time went.\n",                          \
      "every run came to its end", "a hang, a broken invariant, or a run that run.limit stopped",  \
      0, "demo --out results/demo && ./plot.sh slowdown results/demo")                             \
    C(SWEEP, "sweep", cmd_sweep, WORDS_MAX, "FILE.csv...",                                         \
      "many settings: every point of a sweep file, on all processors",                             \
      "Runs every point of sweep files, or of those that `smmsim list sweeps` names. A\n"          \
      "header names parameters, a row is a point. A cell may be a list a|b|c or a range\n"         \
      "2:64:*2 or 10ms:100ms:+10ms; a row with several of them is their cross product.\n"          \
      "Repetition N of all points has the same random numbers, so that differences\n"              \
      "between points are precise (smmsim compare). Settings are for all points; a\n"              \
      "sweep file may not set the same.\n",                                                        \
      "every point has its row; a hang or a broken invariant is an outcome in it", 0,              \
      "interrupted: --resume goes on (after 3, too)", "sweep slowdown --reps 10")                  \
    C(COMPARE, "compare", cmd_compare, 2, "A B",                                                   \
      "the difference of two results or points, and whether it is real",                           \
      "Says how B differs from A: the mean difference over the repetitions that both\n"            \
      "have, with its 95 % confidence interval. A quantile is that of all repetitions\n"           \
      "together; its interval is wide enough however A and B depend on each other.\n"              \
      "A and B are folders that `run --out` or `sweep` has written, or FOLDER:POINT for\n"         \
      "one point of a sweep (points.csv says which is which). Repetition N of both had\n"          \
      "the same random numbers, so the difference is more precise than either. Points\n"           \
      "of two sweeps match if they are the same in every parameter that is a\n"                    \
      "column in the files of both.\n",                                                            \
      "compared", 0, 0, "compare results/slowdown:4 results/slowdown:12 --metric smi_latency.p99") \
    C(EXPLORE, "explore", cmd_explore, 0, "",                                                      \
      "every interleaving: is there an order that breaks the protocol?",                           \
      "Drives the protocol through every order of its steps, breadth first. Checks the\n"          \
      "rules in every state (`smmsim list rules`). The first violation is a shortest\n"            \
      "one; it is told step by step, with the `replay` command that repeats it.\n"                 \
      "A verdict INCOMPLETE means that the search ended before it had seen all.\n",                \
      "no violation found, or none before an INCOMPLETE search ended",                             \
      "a violation, or vacuous: no handler ever ran, so the search shows nothing",                 \
      "interrupted: the verdict is about what was seen",                                           \
      "explore --cpus 3 --set smi.delivery=unicast")                                               \
    C(REPLAY, "replay", cmd_replay, 1, "'SCHEDULE'",                                               \
      "a schedule that explore has found, step by step",                                           \
      "Repeats a run step by step. `explore` prints the whole line behind a violation.\n"          \
      "A schedule is steps with spaces between:\n"                                                 \
      "  0      a step of CPU 0\n"                                                                 \
      "  0*6    six of them (any step can be repeated so)\n"                                       \
      "  0=1    a step of CPU 0 with outcome 1, where it has several: yes (0 is no) for\n"         \
      "         the machine check test, the CPU for a loop in free order\n"                        \
      "  p0     CPU 0 triggers an SMI. p and the number of CPUs: the hardware does.\n"             \
      "         p0=1: the second source\n"                                                         \
      "  e1     CPU 1 takes its SMI and enters SMM\n"                                              \
      "  t1     the timeout of CPU 1's wait passes\n"                                              \
      "  d0     the oldest buffered store of CPU 0 reaches memory (memory=tso)\n"                  \
      "  s0     the machine sleeps and resumes (suspend=on)\n"                                     \
      "Some bugs have a model of their own (F10, F12, F31, F32, F33, F36, F38). There 0\n"         \
      "and 1 are steps of these CPUs, 2 of the operating system. It has no settings.\n",           \
      "repeated", "repeated, and it violates the rule; or the model diverges (on stderr)", 0,      \
      "replay 'p0 e0 0*6 e1 1*7'")                                                                 \
    C(FOLLOW, "follow", cmd_follow, 1, "'SCHEDULE'",                                               \
      "such a schedule in time: can it happen, and how wide is the window",                        \
      "Runs one SMI, or two, on a platform, with CPUs that come late or are held.\n"               \
      "Says for which delays the machine violates what the schedule violates.\n"                   \
      "SCHEDULE is what `smmsim explore` printed. The settings in front of it can be\n"            \
      "pasted as they are.\n",                                                                     \
      "not seen: for none of the delays that were tried",                                          \
      "it can happen here; or run.limit or a broken invariant stopped a run", 0,                   \
      "follow 'p1 e1 1*7 t1 1*6' --cpus 2 --set smi.delivery=unicast")                             \
    C(NOISE, "noise", cmd_noise, 1, "[CPU]",                                                       \
      "when a CPU is away in SMM, as a trace for noise simulators",                                \
      "Writes when and for how long one CPU (0 unless said) was away in SMM. A line for\n"         \
      "each time: start, tab, duration, in nanoseconds, as LogGOPSim's --noise-trace\n"            \
      "and other noise simulators read it. Lines that begin with # say what was\n"                 \
      "simulated. It is one repetition.\n",                                                        \
      "written", "a hang, a broken invariant, or a run that run.limit stopped", 0,                 \
      "noise 3 --workload rt-poll --platform xeon-2s-64c128t --out noise.txt")                     \
    C(PARAMS, "params", cmd_params, 1, "[NAME]",                                                   \
      "every parameter: default and meaning; of one all that is known",                            \
      "Every parameter, or one in full: meaning, unit, default, bounds, source, and who\n"         \
      "takes it. Set one with --set NAME=VALUE, in a platform file or in a sweep.\n",              \
      "printed", 0, 0, "params smi.delivery")                                                      \
    C(LIST, "list", cmd_list, 1, "WHAT",                                                           \
      "what there is: platforms, workloads, protocols, steps, rules, ...",                         \
      "Names that the other commands take, and what they mean. WHAT is one of:\n"                  \
      "  platforms  machines: how long things take\n"                                              \
      "  workloads  what the operating system does\n"                                              \
      "  sweeps     files of many settings, for `smmsim sweep`\n"                                  \
      "  protocols  the firmware's rendezvous, by version\n"                                       \
      "  metrics    what is measured, for --metric and --until\n"                                  \
      "  mutants    known bugs, for --mutant\n"                                                    \
      "  steps      every step of a protocol, the BSP's beside the APs': what it\n"                \
      "             accesses and where it leads\n"                                                 \
      "  rules      what must hold (* not checked unless asked for), and whose rule it\n"          \
      "             is, upstream's or ours\n",                                                     \
      "printed", 0, 0, "list steps --protocol edk2-2017")

#endif
