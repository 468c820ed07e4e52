/* SPDX-License-Identifier: Apache-2.0 */
/* params: every parameter of the simulator in one list: unit, default, bounds, meaning, source. */
#ifndef SMMSIM_MODELS_MACHINE_PARAMS_H
#define SMMSIM_MODELS_MACHINE_PARAMS_H

#include "models/machine/chipset.h"
#include "sim/lib/param.h"

#define UNCALIBRATED "uncalibrated"
#define FROM_EDK2 "edk2 UefiCpuPkg.dec"
#define FROM_QEMU "QEMU lpc_ich9.c"

/* Each row: id, name, kind, what for, default, min, max, choices, meaning, source; in the reader's
 * order. */

/* What is simulated. */
#define PARAMS_SETTING(P)                                                                        \
    P(PLATFORM, "platform", NAME, TIME, "qemu-kvm-ovmf", 0, 0, 0,                                \
      "file of models/platforms, without .csv", "")                                              \
    P(WORKLOAD, "workload", NAME, TIME, "efibootmgr-list", 0, 0, 0,                              \
      "file of workloads, without .csv", "")                                                     \
    P(PROTOCOL, "protocol", NAME, BOTH, "edk2-head", 0, 0, 0, "rendezvous protocol and version", \
      "")                                                                                        \
    P(FIRMWARE, "firmware", ENUM, TIME, "ovmf", 0, 0, "ovmf|stock",                              \
      "whose defaults the automatic values follow", "")                                          \
    P(CALLER, "caller.cpu", COUNT, TIME, "0", "0", "4095", 0,                                    \
      "the CPU that the operating system's caller runs on", "")                                  \
    P(TIE, "tie", ENUM, TIME, "permute", 0, 0, "permute|index",                                  \
      "order of CPUs at one instant: drawn for each repetition, or by number", "")               \
    P(THINK, "think.scale", RATIO, TIME, "1", "0", "1000000", 0,                                 \
      "all think times of the workload are multiplied by this", "a setting, not a figure")       \
    P(LIMIT, "run.limit", TIME, TIME, "1h", "1us", "1000h", 0,                                   \
      "a run that is not over by this simulated time is stopped and says so",                    \
      "a setting, not a figure")

/* The processors. */
#define PARAMS_CPU(P)                                                                              \
    P(CPUS, "cpus", COUNT, BOTH, "4", "1", "4096", 0, "CPUs", "")                                  \
    P(POSSIBLE, "cpus.possible", COUNT, BOTH, "auto", "1", "4096", 0,                              \
      "CPUs that the firmware loops over (PcdCpuMaxLogicalProcessorNumber); auto: as many as "     \
      "cpus",                                                                                      \
      "edk2 PiSmmCpuCommon.c")                                                                     \
    P(BLOCKED, "cpus.blocked", CPUS, BOTH, "none", 0, 0, 0,                                        \
      "CPUs that wait for SIPI: their SMI stays pending", "Intel SDM")                             \
    P(DISABLED, "cpus.disabled", CPUS, BOTH, "none", 0, 0, 0,                                      \
      "CPUs with SMI disabled: they never see it", "Intel SDM")                                    \
    P(LATE_CPUS, "cpus.late", CPUS, ORDER, "none", 0, 0, 0,                                        \
      "CPUs that take their SMI when a handler runs, or when nobody else can move",                \
      "a setting, not a figure")                                                                   \
    P(THREADS, "topology.threads", COUNT, TIME, "1", "1", "8", 0, "threads of a core", "")         \
    P(CORES, "topology.cores", COUNT, TIME, "auto", "1", "4096", 0,                                \
      "cores of a die; auto: enough for all CPUs", "")                                             \
    P(DIES, "topology.dies", COUNT, TIME, "1", "1", "64", 0, "dies of a socket", "")               \
    P(SOCKETS, "topology.sockets", COUNT, TIME, "1", "1", "64", 0, "sockets", "")                  \
    P(CSTATE, "cpu.cstate_exit", LATENCY, TIME, "0", 0, 0, 0, "halted CPU: from SMI to execution", \
      UNCALIBRATED)                                                                                \
    P(LONG_SHARE, "cpu.long_instruction.share", RATIO, TIME, "0", 0, 0, 0,                         \
      "share of SMIs that find a running CPU inside a long instruction", UNCALIBRATED)             \
    P(LONG_TIME, "cpu.long_instruction", LATENCY, TIME, "0", 0, 0, 0,                              \
      "what is left of that instruction (WBINVD and the like)", UNCALIBRATED)                      \
    P(LATE, "cpu.late", LATENCY, TIME, "0", 0, 0, 0,                                               \
      "the last CPU that takes SMIs reacts to each later by this", "a setting, not a figure")

/* How an SMI comes to them. */
#define PARAMS_SMI(P)                                                                             \
    P(DELIVERY, "smi.delivery", ENUM, BOTH, "broadcast", 0, 0, "unicast|broadcast|hardware",      \
      "who gets the SMI of a write to port 0xB2. unicast: the CPU that writes. broadcast: every " \
      "CPU, one after the other, where firmware and chipset negotiated it. hardware: every CPU "  \
      "at once, as a physical chipset does",                                                      \
      FROM_QEMU)                                                                                  \
    P(NEGOTIATION, "smi.negotiation", ENUM, TIME, "agreed", 0, 0, "agreed|none|refused",          \
      "firmware asks for all that the chipset offers, for nothing, or for more and gets nothing", \
      "edk2 SmiFeatures.c; " FROM_QEMU)                                                           \
    P(VALID_STATUS, "smi.valid_status", BOOL, TIME, "off", 0, 0, 0,                               \
      "the platform can tell a spurious SMI from a valid one",                                    \
      "OVMF: PlatformValidSmi is always true")                                                    \
    P(KICK, "smi.kick", LATENCY, TIME, "0", 0, 0, 0,                                              \
      "chipset: time for each target of a broadcast, one after the other", UNCALIBRATED)          \
    P(TRAVEL, "smi.travel", LATENCY, TIME, "500ns", 0, 0, 0,                                      \
      "from the chipset to a running CPU that can take the SMI", UNCALIBRATED)                    \
    P(INJECT, "smi.inject", LATENCY, TIME, "0", 0, 0, 0,                                          \
      "hypervisor: from noticing the SMI to the guest's next entry", UNCALIBRATED)                \
    P(ENTRY, "smi.entry", LATENCY, TIME, "3.3us", 0, 0, 0, "switch to SMM: state save",           \
      UNCALIBRATED " (3 to 5 us recalled from a desktop AMD board, SPECTRE 2013)")                \
    P(RSM, "smi.rsm", LATENCY, TIME, "4.6us", 0, 0, 0, "RSM: state restore",                      \
      UNCALIBRATED " (3 to 5 us recalled from a desktop AMD board, SPECTRE 2013)")                \
    P(APMC_EN, "chipset.apmc_en", BOOL, TIME, "on", 0, 0, 0,                                      \
      "SMI_EN.APMC_EN: a write to port 0xB2 raises an SMI", FROM_QEMU)                            \
    P(COMMAND, "chipset.command", COUNT, TIME, "0", "0", "255", 0,                                \
      "byte that is written to port 0xB2; QEMU raises no SMI for 2 and 3 (ACPI on and off)",      \
      FROM_QEMU)                                                                                  \
    P(PORT, "port.write", LATENCY, TIME, "1us", 0, 0, 0,                                          \
      "write to an I/O port until the chipset acts on it", UNCALIBRATED)                          \
    P(ICR, "apic.icr", LATENCY, TIME, "100ns", 0, 0, 0, "write of the ICR, at the sender",        \
      UNCALIBRATED)                                                                               \
    P(APIC_CORE, "apic.same_core", LATENCY, TIME, "1us", 0, 0, 0, "directed SMI within a core",   \
      UNCALIBRATED " (0.5 to 1 us within a socket, recalled)")                                    \
    P(APIC_DIE, "apic.same_die", LATENCY, TIME, "1us", 0, 0, 0, "directed SMI within a die",      \
      UNCALIBRATED " (0.5 to 1 us within a socket, recalled)")                                    \
    P(APIC_SOCKET, "apic.same_socket", LATENCY, TIME, "1us", 0, 0, 0,                             \
      "directed SMI within a socket", UNCALIBRATED " (0.5 to 1 us within a socket, recalled)")    \
    P(APIC_OTHER, "apic.other_socket", LATENCY, TIME, "2us", 0, 0, 0,                             \
      "directed SMI across sockets", UNCALIBRATED " (1 to 2 us, recalled)")                       \
    P(APIC_LOCKED, "apic.locked", BOOL, TIME, "off", 0, 0, 0,                                     \
      "a directed SMI is taken under the emulator's lock like any other",                         \
      "QEMU without KVM: yes; KVM's own APIC: no")

/* How they meet: the choices of the firmware. */
#define PARAMS_SYNC(P)                                                                            \
    P(MODE, "sync.mode", ENUM, BOTH, "auto", 0, 0, "relaxed|traditional",                         \
      "PcdCpuSmmSyncMode. traditional: the BSP waits for all CPUs before handlers run. relaxed: " \
      "only where a handler asks for it",                                                         \
      FROM_EDK2)                                                                                  \
    P(TIMEOUT1, "sync.timeout1", TIME, TIME, "auto", "0", "1h", 0,                                \
      "PcdCpuSmmApSyncTimeout: how long the first wait for CPUs that are missing lasts at most",  \
      FROM_EDK2)                                                                                  \
    P(TIMEOUT2, "sync.timeout2", TIME, TIME, "auto", "0", "1h", 0,                                \
      "PcdCpuSmmApSyncTimeout2: the same of the second wait, after a directed SMI", FROM_EDK2)    \
    P(MTRR, "sync.mtrr", BOOL, BOTH, "off", 0, 0, 0,                                              \
      "MTRRs must be programmed in SMM (Intel parts without SMRR): four barriers more",           \
      "SmmCpuFeaturesNeedConfigureMtrrs")                                                         \
    P(DEBUG_AGENT, "sync.debug_agent", BOOL, BOTH, "off", 0, 0, 0,                                \
      "SMM debug agent: one barrier more at the exit", "edk2 MpService.c")                        \
    P(LMCE, "sync.lmce", BOOL, BOTH, "off", 0, 0, 0,                                              \
      "a local machine check is signalled: the BSP skips timeout 1", "edk2 12c663822d")           \
    P(REGISTERS, "sync.smm_registers", BOOL, BOTH, "off", 0, 0, 0,                                \
      "platform registers report blocked and disabled CPUs, which are then excused",              \
      "edk2 SmmCpuFeaturesLib: public libraries return 0")                                        \
    P(BLOCKING, "sync.block_startup_this_ap", BOOL, BOTH, "off", 0, 0, 0,                         \
      "StartupThisAp and StartupAllAPs wait for the job's end (PcdCpuSmmBlockStartupThisAp)",     \
      FROM_EDK2)                                                                                  \
    P(ELECTION, "bsp.election", ENUM, BOTH, "auto", 0, 0, "fixed|hook|race",                      \
      "how the BSP is found: a fixed CPU, the APIC base flag, or the first that comes",           \
      "edk2 PcdCpuSmmEnableBspElection, 43df61878d")                                              \
    P(BOOT_CPU, "bsp.boot_cpu", COUNT, BOTH, "0", "0", "4095", 0,                                 \
      "the CPU whose APIC base says BSP", "")

/* What the firmware does. */
#define PARAMS_FIRMWARE(P)                                                                     \
    P(FW_ENTRY, "firmware.entry", LATENCY, TIME, "500ns", 0, 0, 0,                             \
      "firmware's entry code on each CPU before it shares anything", UNCALIBRATED)             \
    P(FW_EXIT, "firmware.exit", LATENCY, TIME, "500ns", 0, 0, 0,                               \
      "firmware's exit code on each CPU", UNCALIBRATED)                                        \
    P(CLEAR_STATUS, "firmware.clear_status", LATENCY, TIME, "0", 0, 0, 0,                      \
      "BSP: clear the platform's SMI status", UNCALIBRATED)                                    \
    P(PLATFORM_HOOK, "firmware.platform_hook", LATENCY, TIME, "0", 0, 0, 0,                    \
      "SmmCpuPlatformHookBeforeMmiHandler", "edk2: unsupported by default")                    \
    P(MTRR_SAVE, "firmware.mtrr_save", LATENCY, TIME, "1us", 0, 0, 0, "read all MTRRs",        \
      UNCALIBRATED)                                                                            \
    P(MTRR_LOAD, "firmware.mtrr_load", LATENCY, TIME, "20us", 0, 0, 0,                         \
      "program all MTRRs, caches off and flushed", UNCALIBRATED)                               \
    P(CPU_UPDATE, "firmware.cpu_update", LATENCY, TIME, "3ns", 0, 0, 0,                        \
      "SmmCpuUpdate: time for each possible CPU", UNCALIBRATED)                                \
    P(ELECTION_HOOK, "firmware.election_hook", LATENCY, TIME, "50ns", 0, 0, 0,                 \
      "read of the APIC base register", UNCALIBRATED)                                          \
    P(DISPATCH, "handler.dispatch", LATENCY, TIME, "2us", 0, 0, 0,                             \
      "SMM core: entry, look-up of the handler, all root handlers", UNCALIBRATED)              \
    P(SERVICES, "handler.services", NAME, BOTH, "none", 0, 0, 0,                               \
      "each handler asks for these, in order: none, or rendezvous, jobs, jobs-wait, job:CPU, " \
      "job-wait:CPU, switch:CPU",                                                              \
      "edk2 CpuService.c, MpService.c")                                                        \
    P(SERVICE, "handler.service", LATENCY, TIME, "100ns", 0, 0, 0,                             \
      "one of these calls, its accesses and waits apart", UNCALIBRATED)                        \
    P(UNKNOWN, "handler.smi", LATENCY, TIME, "0", 0, 0, 0,                                     \
      "what a plain SMI (`smi` in a workload) makes the handler do", UNCALIBRATED)             \
    P(JOB, "job.work", LATENCY, TIME, "100us", 0, 0, 0, "one procedure run on an AP", UNCALIBRATED)

/* The variable driver, and what it stores variables in. */
#define PARAMS_VARIABLE(P)                                                                       \
    P(VAR_READ, "variable.read", LATENCY, TIME, "3us", 0, 0, 0,                                  \
      "variable driver: get, get next, query", UNCALIBRATED)                                     \
    P(VAR_WRITE, "variable.write", LATENCY, TIME, "20us", 0, 0, 0,                               \
      "variable driver: set or delete, flash apart", UNCALIBRATED)                               \
    P(VAR_BYTE, "variable.byte", LATENCY, TIME, "1ns", 0, 0, 0, "copies, for each byte of data", \
      UNCALIBRATED)                                                                              \
    P(VAR_HEADER, "variable.header", BYTES, TIME, "60B", "1B", "4kB", 0,                         \
      "header of a stored variable (authenticated format)", "edk2 VariableFormat.h")             \
    P(VAR_CACHE, "variable.runtime_cache", BOOL, TIME, "auto", 0, 0, 0,                          \
      "reads are served from a cache outside SMM (PcdEnableVariableRuntimeCache); auto: on in "  \
      "stock firmware since edk2-stable201911, else off",                                        \
      "default TRUE (aab3b9b9a1), OVMF FALSE (d511d6e0e7)")                                      \
    P(VAR_CACHE_READ, "variable.cache_read", LATENCY, TIME, "5us", 0, 0, 0,                      \
      "a read from that cache", "edk2-devel 46939: about 5 us on an Atom SoC")                   \
    P(VAR_STALE, "variable.stale_status", ENUM, TIME, "success", 0, 0,                           \
      "success|not_found|buffer_too_small",                                                      \
      "status that the last call before this run left in the communicate buffer",                \
      "measured: OVMF 2022.11 after Linux has booted")                                           \
    P(FLASH, "flash", ENUM, TIME, "qemu", 0, 0, "qemu|nor|ram",                                  \
      "variable store: QEMU's pflash, SPI NOR, or memory", "")                                   \
    P(FLASH_BLOCK, "flash.block", BYTES, TIME, "4kB", "1B", "1MiB", 0,                           \
      "writes are split at this boundary", "edk2 UpdateVariableStore: 0x1000")                   \
    P(FLASH_MMIO, "flash.mmio", LATENCY, TIME, "2.5us", 0, 0, 0,                                 \
      "one trapped write to the pflash device", UNCALIBRATED)                                    \
    P(FLASH_PAGE, "flash.page_program", LATENCY, TIME, "700us", 0, 0, 0,                         \
      "SPI NOR: program one page or part of it", "W25Q16BV: 0.7 ms typical, 3 ms maximum")       \
    P(FLASH_PAGE_SIZE, "flash.page_size", BYTES, TIME, "256B", "1B", "64kB", 0, "SPI NOR page",  \
      "W25Q16BV")

/* Shared memory and the timer behind the timeouts. */
#define PARAMS_FABRIC(P)                                                                          \
    P(HIT, "fabric.hit", LATENCY, TIME, "1.5ns", 0, 0, 0, "access to a line that this CPU holds", \
      UNCALIBRATED)                                                                               \
    P(SAME_CORE, "fabric.same_core", LATENCY, TIME, "8ns", 0, 0, 0,                               \
      "line from the other thread of the core", "core-to-core-latency: Xeon 7.4 to 8.1 ns")       \
    P(SAME_DIE, "fabric.same_die", LATENCY, TIME, "48ns", 0, 0, 0,                                \
      "line from another core of the die", "core-to-core-latency: Intel servers 44 to 51 ns")     \
    P(SAME_SOCKET, "fabric.same_socket", LATENCY, TIME, "48ns", 0, 0, 0,                          \
      "line from another die of the socket",                                                      \
      "core-to-core-latency: Intel servers 44 to 51 ns (one die)")                                \
    P(OTHER_SOCKET, "fabric.other_socket", LATENCY, TIME, "120ns", 0, 0, 0,                       \
      "line from another socket", "core-to-core-latency: Intel 108 to 136 ns")                    \
    P(ATOMIC, "fabric.atomic", LATENCY, TIME, "5ns", 0, 0, 0,                                     \
      "locked operation on a line that is held", UNCALIBRATED)                                    \
    P(READ_BUSY, "fabric.read_busy", LATENCY, TIME, "10ns", 0, 0, 0,                              \
      "how long one reader keeps a line from the next reader", UNCALIBRATED)                      \
    P(STEAL, "fabric.steal", RATIO, TIME, "0", 0, 0, 0,                                           \
      "probability of losing a line between a load and the CAS that follows", UNCALIBRATED)       \
    P(PAUSE, "pause", LATENCY, TIME, "40ns", 0, 0, 0, "PAUSE instruction", UNCALIBRATED)          \
    P(TIMER_READ, "timer.read", LATENCY, TIME, "1us", 0, 0, 0, "read of the ACPI PM timer",       \
      UNCALIBRATED)                                                                               \
    P(TIMER_FREQ, "timer.frequency", FREQ, TIME, "3.579545MHz", "1kHz", "10GHz", 0,               \
      "of the timer behind the timeouts", "ACPI specification; edk2 AcpiTimerLib.c")              \
    P(TIMER_BITS, "timer.bits", COUNT, TIME, "24", "16", "63", 0, "width of that timer",          \
      "edk2 AcpiTimerLib.c")

/* An emulator: its lock, and the cores that its host has. */
#define PARAMS_HOST(P)                                                                             \
    P(LOCK, "lock", ENUM, TIME, "none", 0, 0, "none|fair|barging",                                 \
      "emulator's lock: none, handed over in order, or taken by the first that runs",              \
      UNCALIBRATED)                                                                                \
    P(LOCK_PORT, "lock.port", LATENCY, TIME, "0", 0, 0, 0, "held for a port write, kicks apart",   \
      UNCALIBRATED)                                                                                \
    P(LOCK_CLEAR, "lock.clear", LATENCY, TIME, "0", 0, 0, 0,                                       \
      "held by each target to take its SMI", "QEMU kvm.c holds it; time " UNCALIBRATED)            \
    P(LOCK_TIMER, "lock.timer", LATENCY, TIME, "0", 0, 0, 0, "held for a read of the PM timer",    \
      UNCALIBRATED)                                                                                \
    P(LOCK_PAUSE, "lock.pause", LATENCY, TIME, "0", 0, 0, 0,                                       \
      "held for a PAUSE (0: PAUSE needs it not)", UNCALIBRATED)                                    \
    P(LOCK_WAKE, "lock.wake", LATENCY, TIME, "0", 0, 0, 0,                                         \
      "a sleeper's way back when the lock is free", UNCALIBRATED)                                  \
    P(FLASH_LOCK, "lock.flash", LATENCY, TIME, "0", 0, 0, 0,                                       \
      "lock held for such a write: only pollers wait for it", UNCALIBRATED)                        \
    P(HOST_CORES, "host.cores", COUNT, TIME, "0", "0", "4096", 0,                                  \
      "host cores that the vCPUs share; 0, or as many as cpus: each has one of its own", "")       \
    P(HOST_TICK, "host.tick", TIME, TIME, "4ms", "1us", "1s", 0,                                   \
      "host timer tick: ends a barging spinner's time slice", "Linux CONFIG_HZ=250")               \
    P(HOST_SHARED, "host.shared", RATIO, TIME, "0", 0, 0, 0,                                       \
      "how often the first SMI after sleep wakes a vCPU on the host core of its waker",            \
      UNCALIBRATED)                                                                                \
    P(HOST_WAKER, "host.waker_waits", RATIO, TIME, "0.5", 0, 0, 0,                                 \
      "then: how often the waker loses that core at the kick, and not the woken", UNCALIBRATED)    \
    P(HOST_KEEPS, "host.keeps_core", RATIO, TIME, "0", 0, 0, 0,                                    \
      "then: how often a poller that has handed over in SMM keeps its time slice", UNCALIBRATED)   \
    P(HOST_TURN, "host.turn", LATENCY, TIME, "0", 0, 0, 0,                                         \
      "remaining time slice of the vCPU that keeps the core; rounded up to the next host tick",    \
      UNCALIBRATED)                                                                                \
    P(HOST_SLICE, "host.slice", TIME, TIME, "1500us", "1us", "1s", 0,                              \
      "least time slice while others wait; it lasts until the next host tick",                     \
      "Linux kernel/sched/fair.c: 0.75 ms x (1 + log2 of 2 cores)")                                \
    P(HOST_PERIOD, "host.period", TIME, TIME, "12ms", "0", "10s", 0,                               \
      "in which each vCPU of a host core has a time slice, if the least one allows it",            \
      "Linux kernel/sched/fair.c: 6 ms x (1 + log2 of 2 cores)")                                   \
    P(HOST_YIELD, "host.yield", BOOL, TIME, "off", 0, 0, 0,                                        \
      "a vCPU that polls in SMM passes its host core on after each poll, not after a slice",       \
      "a setting: one variant of the measured emulator does")                                      \
    P(HOST_SETTLE, "host.settle", LATENCY, TIME, "1000s", 0, 0, 0,                                 \
      "a vCPU that has been awake for this long shares no core with those it wakes", UNCALIBRATED) \
    P(HOST_GATHER, "host.gather", LATENCY, TIME, "0", 0, 0, 0,                                     \
      "vCPUs that have met share one again when all have slept for longer than this",              \
      UNCALIBRATED)

/* The operating system. */
#define PARAMS_OS(P)                                                                      \
    P(PHASE, "os.phase", ENUM, TIME, "runtime", 0, 0, "runtime|boot",                     \
      "before ExitBootServices every call is made on the boot CPU", "UEFI specification") \
    P(EFI_CPU, "os.efi_cpu", ENUM, TIME, "caller", 0, 0, "caller|worker",                 \
      "EFI calls stay on the caller's CPU, or a kernel worker makes them on some CPU",    \
      "Linux efi_rts_wq")                                                                 \
    P(OTHERS, "os.others", ENUM, TIME, "idle", 0, 0, "idle|running",                      \
      "CPUs without work of their own: halted, or running something", "")                 \
    P(OS_CALL, "os.call", LATENCY, TIME, "1us", 0, 0, 0,                                  \
      "operating system and runtime driver around one variable call", UNCALIBRATED)       \
    P(OS_FILE, "os.file", LATENCY, TIME, "1us", 0, 0, 0,                                  \
      "system call around one file read or write", UNCALIBRATED)                          \
    P(OS_WORKER, "os.worker_switch", LATENCY, TIME, "5us", 0, 0, 0,                       \
      "to the kernel worker and back", UNCALIBRATED)

/* What a search through orders has: bounds of the search, and what may happen in it. */
#define PARAMS_ORDER(P)                                                                           \
    P(SMIS, "smis", COUNT, ORDER, "1", "1", "7", 0, "triggers; each may come at any time", "")    \
    P(TRIGGER, "trigger", NAME, ORDER, "any", 0, 0, 0, "who triggers: any, bsp, ap or a CPU", "") \
    P(SOURCES, "sources", COUNT, ORDER, "1", "1", "2", 0,                                         \
      "2: a second source of SMIs, with no request in the communicate buffer", "")                \
    P(TIMEOUTS, "timeouts", BOOL, ORDER, "on", 0, 0, 0,                                           \
      "a timeout may pass wherever its condition was read false", "")                             \
    P(MEMORY, "memory", ENUM, ORDER, "sc", 0, 0, "sc|tso",                                        \
      "sequentially consistent, or a store buffer for each CPU (x86)", "Intel SDM 3A 9.2")        \
    P(SUSPEND, "suspend", BOOL, ORDER, "off", 0, 0, 0,                                            \
      "the machine may sleep out of a handler and resume, once", "")                              \
    P(REDUCTION, "reduction", BOOL, ORDER, "on", 0, 0, 0,                                         \
      "orders that cannot matter are left out", "")

/* Defaults that are others where orders are asked for: a search takes what most can go wrong in. */
#define PARAMS_ORDERED(X) X(CPUS, "2") X(MODE, "traditional") X(ELECTION, "hook")

/* Names that went: old, now. */
#define PARAMS_RENAMED(X)                \
    X("mtrr", "sync.mtrr")               \
    X("lmce", "sync.lmce")               \
    X("debug.agent", "sync.debug_agent") \
    X("boot.cpu", "bsp.boot_cpu")        \
    X("possible", "cpus.possible")       \
    X("handler", "handler.services") X("cpus.excused", "sync.smm_registers")

#define PARAMS(P)      \
    PARAMS_SETTING(P)  \
    PARAMS_CPU(P)      \
    PARAMS_SMI(P)      \
    PARAMS_SYNC(P)     \
    PARAMS_FIRMWARE(P) \
    PARAMS_VARIABLE(P) \
    PARAMS_FABRIC(P)   \
    PARAMS_HOST(P)     \
    PARAMS_OS(P)       \
    PARAMS_ORDER(P)

#define PARAM_ID(id, ...) P_##id,
enum { PARAMS(PARAM_ID) P_COUNT };
#undef PARAM_ID

extern const param_table params_table;

/* Values of the enumerations, in the order of their choices. */
enum { MODE_RELAXED, MODE_TRADITIONAL };
enum { FIRMWARE_OVMF, FIRMWARE_STOCK };
enum { EFI_CALLER, EFI_WORKER };
enum { PHASE_RUNTIME, PHASE_BOOT };
enum { OTHERS_IDLE, OTHERS_RUNNING };
enum { TIE_PERMUTE, TIE_INDEX };
enum { FLASH_QEMU, FLASH_NOR, FLASH_RAM };
enum { NEGOTIATION_AGREED, NEGOTIATION_NONE, NEGOTIATION_REFUSED };

#endif
