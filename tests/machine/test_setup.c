/* SPDX-License-Identifier: Apache-2.0 */
/* test_setup: what the firmware chooses by itself, timeouts in ticks, and what does not fit. */
#include "models/machine/chipset.h"
#include "models/protocol/coreboot.h"
#include "models/protocol/designs.h"
#include "models/protocol/edk2.h"
#include "models/protocol/basic.h"
#include "tests/rig.h"

static const char one_smi[] = "0,smi,,,,,\n";

enum { RELAXED, TRADITIONAL };

/* Files of every case are the same; only the settings differ. */
static void assert_value(const rig *g, int id, int64_t expected, const char *what)
{
    if (param_int(g->e.params, id) != expected)
        fail_msg("%s: %s is %lld, not %lld", what, params_table.defs[id].name,
                 (long long)param_int(g->e.params, id), (long long)expected);
}

static void firmware_chooses_by_delivery_and_era(void **state)
{
    static const struct {
        const char *settings;
        int mode;
        int64_t timeout_ms;
        int election_2017, election_later;
    } rows[] = {
        {"firmware=ovmf smi.delivery=unicast", RELAXED, 100, ELECTION_FIXED, ELECTION_HOOK},
        {"firmware=ovmf smi.delivery=broadcast", TRADITIONAL, 1000, ELECTION_FIXED, ELECTION_HOOK},
        {"firmware=stock smi.delivery=unicast", TRADITIONAL, 1000, ELECTION_RACE, ELECTION_RACE},
        {"firmware=stock smi.delivery=broadcast", TRADITIONAL, 1000, ELECTION_RACE, ELECTION_RACE},
        {"firmware=stock smi.delivery=hardware", TRADITIONAL, 1000, ELECTION_RACE, ELECTION_RACE},
    };
    static const char *const eras[] = {"edk2-2017",   "edk2-202211", "edk2-202402",
                                       "edk2-202408", "edk2-202411", "edk2-head"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int era = 0; era < 6; era++) {
            char settings[200];
            rig g;

            (void)snprintf(settings, sizeof settings, "%s protocol=%s", rows[i].settings,
                           eras[era]);
            rig_load(&g, one_smi, settings);
            assert_value(&g, P_MODE, rows[i].mode, settings);
            assert_value(&g, P_TIMEOUT1, rows[i].timeout_ms * PS_PER_MS, settings);
            assert_value(&g, P_TIMEOUT2, rows[i].timeout_ms * PS_PER_MS, settings);
            assert_value(&g, P_ELECTION, era ? rows[i].election_later : rows[i].election_2017,
                         settings);
            assert_int_equal(g.e.setup.config.traditional, rows[i].mode);
            assert_int_equal(g.e.setup.config.election, param_int(g.e.params, P_ELECTION));
            assert_string_equal(g.e.setup.protocol->name, eras[era]);
            assert_string_equal(param_place(g.e.params, P_MODE), "auto");
            assert_int_equal(param_rank_of(g.e.params, P_TIMEOUT1), PARAM_DERIVED);
            rig_free(&g);
        }
}

/* Election by the APIC flag: 43df61878d, 202005. Runtime cache: aab3b9b9a1, 201911; not in OVMF. */
static void defaults_follow_the_tag(void **state)
{
    static const struct {
        const char *protocol, *firmware;
        int election, cache;
    } rows[] = {
        {"edk2-2017", "ovmf", ELECTION_FIXED, 0},   {"edk2-201908", "stock", ELECTION_RACE, 0},
        {"edk2-201911", "stock", ELECTION_RACE, 1}, {"edk2-201911", "ovmf", ELECTION_FIXED, 0},
        {"edk2-202002", "ovmf", ELECTION_FIXED, 0}, {"edk2-202005", "ovmf", ELECTION_HOOK, 0},
        {"edk2-head", "stock", ELECTION_RACE, 1},   {"edk2-head", "ovmf", ELECTION_HOOK, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char settings[100];
        rig g;

        (void)snprintf(settings, sizeof settings, "protocol=%s firmware=%s", rows[i].protocol,
                       rows[i].firmware);
        rig_load(&g, one_smi, settings);
        assert_value(&g, P_ELECTION, rows[i].election, settings);
        assert_value(&g, P_VAR_CACHE, rows[i].cache, settings);
        rig_free(&g);
    }
}

static void a_tag_is_named_as_its_version(void **state)
{
    rig g;

    (void)state;
    rig_load(&g, one_smi, "protocol=edk2-stable202408.01");
    assert_string_equal(param_name(g.e.params, P_PROTOCOL), "edk2-202408.01");
    assert_string_equal(param_place(g.e.params, P_PROTOCOL), "--set");
    assert_string_equal(g.e.setup.protocol->name, "edk2-202408.01");
    rig_free(&g);
}

static void only_broadcast_is_negotiated(void **state)
{
    static const struct {
        const char *settings;
        uint64_t features;
    } rows[] = {{"smi.delivery=broadcast", CHIPSET_BROADCAST | CHIPSET_HOTPLUG | CHIPSET_HOTUNPLUG},
                {"smi.delivery=unicast", 0},
                {"smi.delivery=hardware firmware=stock", 0}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        rig g;

        rig_load(&g, one_smi, rows[i].settings);
        assert_int_equal(g.e.setup.chipset.negotiated, rows[i].features);
        rig_free(&g);
    }
}

static void explicit_value_wins(void **state)
{
    rig g;

    (void)state;
    rig_load(&g, one_smi,
             "smi.delivery=unicast sync.mode=traditional sync.timeout1=7ms bsp.election=race");
    assert_value(&g, P_MODE, TRADITIONAL, "explicit");
    assert_value(&g, P_TIMEOUT1, 7 * PS_PER_MS, "explicit");
    assert_value(&g, P_TIMEOUT2, 100 * PS_PER_MS, "the second one stays the firmware's");
    assert_value(&g, P_ELECTION, ELECTION_RACE, "explicit");
    assert_string_equal(param_place(g.e.params, P_MODE), "--set");
    rig_free(&g);
}

static void old_versions_have_one_timeout_for_both(void **state)
{
    static const char *const old[] = {"edk2-2017", "edk2-202211", "edk2-202402"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        char settings[100];
        rig g;

        (void)snprintf(settings, sizeof settings, "protocol=%s sync.timeout1=7ms", old[i]);
        rig_load(&g, one_smi, settings);
        assert_value(&g, P_TIMEOUT2, 7 * PS_PER_MS, settings);
        rig_free(&g);
        (void)snprintf(settings, sizeof settings, "protocol=%s sync.timeout1=7ms %s", old[i],
                       "sync.timeout2=7ms"); /* the same value is no contradiction */
        rig_load(&g, one_smi, settings);
        rig_free(&g);
    }
}

/* ticks = floor(frequency * timeout); the wait ends with the first picosecond at which so many
 * ticks have passed. */
static void timeouts_are_whole_ticks(void **state)
{
    static const struct {
        const char *settings;
        int64_t ticks, timeout;
    } rows[] = {
        {"timer.frequency=3.579545MHz sync.timeout1=100ms", 357954, INT64_C(99999860318)},
        {"timer.frequency=3.579545MHz sync.timeout1=1s", 3579545, PS_PER_S},
        {"timer.frequency=1MHz sync.timeout1=100us", 100, 100 * PS_PER_US},
        {"timer.frequency=1MHz sync.timeout1=100999ns", 100, 100 * PS_PER_US},
        {"timer.frequency=1MHz sync.timeout1=999ns", 0, 0},
        {"timer.frequency=3MHz sync.timeout1=1us", 3, PS_PER_US},
        {"timer.frequency=3MHz sync.timeout1=999999ps", 2, 666667},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        __int128 mhz;
        rig g;

        rig_load(&g, one_smi, rows[i].settings);
        mhz = param_int(g.e.params, P_TIMER_FREQ);
        assert_int_equal(g.e.setup.timeout[STEP_TIMEOUT1], rows[i].timeout);
        /* one picosecond less and the last tick has not passed */
        assert_true(rows[i].timeout * mhz / 1000 / PS_PER_S == rows[i].ticks);
        assert_true(rows[i].ticks == 0 ||
                    (rows[i].timeout - 1) * mhz / 1000 / PS_PER_S == rows[i].ticks - 1);
        rig_free(&g);
    }
}

static void timer_wraps_by_its_width(void **state)
{
    rig g;

    (void)state;
    rig_load(&g, one_smi, "timer.frequency=3.579545MHz");
    assert_int_equal(g.e.setup.timer_wrap, INT64_C(4686968874535)); /* 2^24 ticks: 4.687 s */
    rig_free(&g);
    rig_load(&g, one_smi, "timer.frequency=1MHz timer.bits=16 sync.timeout1=1ms sync.timeout2=1ms");
    assert_int_equal(g.e.setup.timer_wrap, 65536 * PS_PER_US);
    rig_free(&g);
    rig_load(&g, one_smi, "timer.frequency=1kHz timer.bits=63"); /* beyond int64: as long as fits */
    assert_true(g.e.setup.timer_wrap > INT64_C(600) * 3600 * PS_PER_S);
    rig_free(&g);
}

static void topology_follows_the_cpus(void **state)
{
    static const struct {
        const char *settings;
        topology place;
    } rows[] = {
        {"cpus=4", {1, 4, 4, 4}},
        {"cpus=12 topology.threads=2 topology.dies=2 topology.sockets=2", {2, 4, 8, 12}},
        {"cpus=4 topology.cores=8", {1, 8, 8, 4}},
        {"cpus=1", {1, 1, 1, 1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig g;

        rig_load(&g, one_smi, rows[i].settings);
        assert_memory_equal(&g.e.setup.place, &rows[i].place, sizeof(topology));
        rig_free(&g);
    }
}

static void possible_and_excused_cpus_reach_the_protocol(void **state)
{
    rig g;

    (void)state;
    rig_load(&g, one_smi, "cpus=4 cpus.blocked=last:1 cpus.disabled=cpu:2");
    assert_int_equal(g.e.setup.config.possible, 4);
    assert_int_equal(g.e.setup.config.excused, 0); /* nobody reports them */
    rig_free(&g);
    rig_load(&g, one_smi,
             "cpus=4 cpus.possible=9 cpus.blocked=last:1 cpus.disabled=cpu:2 "
             "sync.smm_registers=on bsp.boot_cpu=1");
    assert_int_equal(g.e.setup.config.possible, 9);
    assert_int_equal(g.e.setup.config.excused, 2);
    assert_int_equal(g.e.setup.config.boot_cpu, 1);
    rig_free(&g);
}

typedef struct {
    const char *rows, *settings, *message;
} refusal;

static void assert_refused(const refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_err err = {""};
        rig g;

        assert_int_equal(rig_try(&g, rows[i].rows, rows[i].settings, &err), SIM_BAD_INPUT);
        assert_string_equal(err.text, rows[i].message);
    }
}

static void contradictions_are_refused_in_one_line(void **state)
{
    static const refusal rows[] = {
        {one_smi, "protocol=edk2-2018",
         "--set: unknown protocol \"edk2-2018\" (did you mean \"edk2-2017\"? "
         "`smmsim list protocols` shows all)"},
        {one_smi, "protocol=edk2-stabel202211",
         "--set: unknown protocol \"edk2-stabel202211\" (did you mean \"edk2-stable202211\"? "
         "`smmsim list protocols` shows all)"},
        {one_smi, "protocol=seabios",
         "--set: unknown protocol \"seabios\" (`smmsim list protocols` shows all)"},
        {one_smi, "protocol=edk2-2017 sync.timeout2=7ms",
         "--set: sync.timeout2 cannot be set apart in edk2-2017, which has one timeout for both "
         "(use edk2-202408 or later, or leave it out)"},
        {one_smi, "protocol=edk2-202402 sync.timeout1=1ms sync.timeout2=7ms",
         "--set: sync.timeout2 cannot be set apart in edk2-202402, which has one timeout for both "
         "(use edk2-202408 or later, or leave it out)"},
        {one_smi, "caller.cpu=2", "--set: caller.cpu is 2, but there are 2 CPUs (0 to 1)"},
        {one_smi, "bsp.boot_cpu=5", "--set: bsp.boot_cpu is 5, but there are 2 CPUs (0 to 1)"},
        {one_smi, "cpus.possible=1",
         "--set: cpus.possible is 1, fewer than the 2 cpus (at least as many)"},
        {one_smi, "cpus.blocked=cpu:1 cpus.disabled=cpu:0",
         "--set: cpus.blocked and cpus.disabled leave no CPU of the 2 (together fewer than that)"},
        {one_smi, "cpus.blocked=last:1 bsp.boot_cpu=1",
         "--set: bsp.boot_cpu: CPU 1 is blocked or disabled (choose another)"},
        {one_smi, "cpus.blocked=last:1 caller.cpu=1",
         "--set: caller.cpu: CPU 1 is blocked (choose another)"},
        {"0,smi,,,,0,\n0,smi,,,,1,\n", "cpus.blocked=last:1",
         "line 3 of the workload is for CPU 1, which is blocked (choose another)"},
        {"each,smi,,,,,\n", "cpus=3 cpus.blocked=last:1",
         "line 2 of the workload is for CPU 2, which is blocked (choose another)"},
        {one_smi, "cpus=9 topology.cores=2 topology.threads=2 topology.sockets=2",
         "cpus: 9 do not fit the topology of 8 CPUs (set topology.cores, or fewer cpus)"},
        {one_smi, "protocol=edk2-2017 sync.lmce=on",
         "edk2-2017 knows no local machine check (use a later version)"},
        {one_smi, "protocol=coreboot sync.mtrr=on",
         "--set: coreboot has no sync.mtrr (leave it out)"},
        {one_smi, "protocol=coreboot sync.lmce=off",
         "--set: coreboot has no sync.lmce (leave it out)"},
        {one_smi, "protocol=coreboot sync.timeout2=1s",
         "--set: coreboot has no sync.timeout2 (leave it out)"},
        {one_smi, "protocol=design-bits bsp.election=race",
         "--set: design-bits has no bsp.election (leave it out)"},
        {one_smi, "protocol=design-tree4 sync.mode=relaxed",
         "--set: design-tree4 has no sync.mode (leave it out)"},
    };

    (void)state;
    assert_refused(rows, sizeof rows / sizeof rows[0]);
}

#define WRAPPED                                                                         \
    "the timer is round before, and such a timeout never ends (a shorter one, a wider " \
    "timer.bits, or a lower timer.frequency)"

static void what_cannot_both_hold_is_refused_with_the_way_out(void **state)
{
    static const refusal rows[] = {
        {one_smi, "smi.delivery=hardware firmware=stock lock=barging",
         "--set: smi.delivery=hardware does not go with lock=barging: only an emulator has that "
         "lock (lock=none, or a platform of hardware, such as xeon-2s-64c128t)"},
        {one_smi, "smi.delivery=hardware firmware=ovmf",
         "--set: smi.delivery=hardware does not go with firmware=ovmf: OVMF runs on an emulator "
         "(firmware=stock, or a platform of hardware, such as xeon-2s-64c128t)"},
        {one_smi, "cpus=4 smi.delivery=hardware firmware=stock host.cores=2",
         "--set: smi.delivery=hardware does not go with host.cores=2: only virtual CPUs share the "
         "cores of a host (host.cores=0, or a platform of hardware, such as xeon-2s-64c128t)"},
        {one_smi, "protocol=edk2-2017 variable.runtime_cache=on",
         "--set: variable.runtime_cache=on does not go with protocol=edk2-2017: edk2 has that "
         "cache since November 2019 (variable.runtime_cache=off, or edk2-201911 or later)"},
        {one_smi, "os.phase=boot os.efi_cpu=worker",
         "--set: os.efi_cpu=worker does not go with os.phase=boot: there is no kernel before "
         "ExitBootServices (os.efi_cpu=caller, or os.phase=runtime)"},
        {one_smi, "sync.timeout1=16777216us",
         "--set: sync.timeout1=16.777216s does not go with timer.bits=24: " WRAPPED},
        {one_smi, "sync.timeout1=17s",
         "--set: sync.timeout1=17s does not go with timer.bits=24: " WRAPPED},
        {one_smi, "protocol=edk2-202408 sync.timeout2=17s",
         "--set: sync.timeout2=17s does not go with timer.bits=24: " WRAPPED},
        {one_smi, "timer.bits=16",
         "--set: sync.timeout1=1s does not go with timer.bits=16: " WRAPPED},
    };

    (void)state;
    assert_refused(rows, sizeof rows / sizeof rows[0]);
}

/* The way out, and what is at the edge. */
static void what_a_refusal_advises_is_taken(void **state)
{
    static const char *const fine[] = {
        "smi.delivery=hardware firmware=stock lock=none",
        "cpus=4 smi.delivery=hardware firmware=stock host.cores=4",
        "smi.delivery=broadcast firmware=stock lock=fair",
        "protocol=edk2-202211 variable.runtime_cache=on",
        "protocol=coreboot variable.runtime_cache=on",
        "protocol=coreboot timer.bits=16",
        "os.phase=boot os.efi_cpu=caller",
        "sync.timeout1=16777215us",
        "sync.timeout1=17s timer.bits=25",
    };

    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        rig g;

        rig_load(&g, one_smi, fine[i]);
        rig_free(&g);
    }
}

/* What a platform says of its firmware is no mistake; it is for protocols that have it. */
static void what_a_protocol_has_not_is_shown_as_not_used(void **state)
{
    static const int unused[] = {P_MODE, P_TIMEOUT1,  P_TIMEOUT2, P_MTRR,    P_DEBUG_AGENT,
                                 P_LMCE, P_REGISTERS, P_BLOCKING, P_ELECTION};
    const param_origin platform = {PARAM_PLATFORM, "platform.csv:9", "", ""};
    const param_origin user = {PARAM_USER, "--set", "", ""};
    machine_setup setup;
    param_set *params;
    sim_err err;
    rig g;

    (void)state;
    rig_load(&g, one_smi, "protocol=coreboot sync.mode=auto");
    for (size_t i = 0; i < sizeof unused / sizeof unused[0]; i++)
        assert_string_equal(param_place(g.e.params, unused[i]), "not used");
    assert_string_equal(param_place(g.e.params, P_BOOT_CPU), "default");
    params = param_new_for(&params_table, PARAM_FOR_BOTH);
    assert_int_equal(param_assign(params, "protocol", "coreboot", &user, &err), SIM_OK);
    assert_int_equal(param_assign(params, "sync.mtrr", "on", &platform, &err), SIM_OK);
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(setup_resolve(params, g.e.setup.program, &setup, &err), SIM_OK);
        assert_string_equal(param_place(params, P_MTRR), "not used");
        assert_int_equal(setup.config.mtrr, 0);
    }
    param_free(params);
    rig_free(&g);
}

static void every_protocol_is_found_by_number_and_name(void **state)
{
    const step_protocol *p;
    int count = 0;

    (void)state;
    for (; (p = setup_protocol_at(count)); count++) {
        assert_ptr_equal(setup_protocol(p->name), p);
        assert_int_equal(basic_protocol(p), strncmp(p->name, "edk2", 4) != 0);
    }
    assert_int_equal(count, edk2_protocol_count + 1 + designs_protocol_count);
    assert_ptr_equal(setup_protocol_at(edk2_protocol_count), &coreboot_protocol);
    assert_null(setup_protocol("edk2-2018"));
}

static void disabled_cpu_may_still_call(void **state)
{
    rig g;

    (void)state;
    rig_load(&g, "0,smi,,,,1,\n", "cpus.disabled=last:1");
    rig_free(&g);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(firmware_chooses_by_delivery_and_era),
        cmocka_unit_test(defaults_follow_the_tag),
        cmocka_unit_test(a_tag_is_named_as_its_version),
        cmocka_unit_test(only_broadcast_is_negotiated),
        cmocka_unit_test(explicit_value_wins),
        cmocka_unit_test(old_versions_have_one_timeout_for_both),
        cmocka_unit_test(timeouts_are_whole_ticks),
        cmocka_unit_test(timer_wraps_by_its_width),
        cmocka_unit_test(topology_follows_the_cpus),
        cmocka_unit_test(possible_and_excused_cpus_reach_the_protocol),
        cmocka_unit_test(contradictions_are_refused_in_one_line),
        cmocka_unit_test(what_cannot_both_hold_is_refused_with_the_way_out),
        cmocka_unit_test(what_a_refusal_advises_is_taken),
        cmocka_unit_test(what_a_protocol_has_not_is_shown_as_not_used),
        cmocka_unit_test(every_protocol_is_found_by_number_and_name),
        cmocka_unit_test(disabled_cpu_may_still_call),
    };

    return cmocka_run_group_tests_name("setup", tests, scratch_enter, scratch_leave);
}
