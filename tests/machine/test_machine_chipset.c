/* SPDX-License-Identifier: Apache-2.0 */
/* test_machine_chipset: negotiation, SMI enable and the byte written, in whole runs of the machine.
 */
#include "models/machine/chipset.h"
#include "tests/rig.h"

#define STRESS "each,smi,,,exp(20us),,5\n0,fwrite,A,20B,exp(10us),1,2\n"

static void assert_equal_runs(const rig *a, const rig *b)
{
    assert_int_equal(a->r.digest, b->r.digest);
    assert_int_equal(a->r.end, b->r.end);
    assert_int_equal(a->r.triggers, b->r.triggers);
    assert_int_equal(a->r.visits, b->r.visits);
    assert_memory_equal(a->r.trigger, b->r.trigger, a->r.triggers * sizeof *a->r.trigger);
    assert_memory_equal(a->r.visit, b->r.visit, a->r.visits * sizeof *a->r.visit);
}

/* QEMU offers broadcast; firmware that does not ask for it, or asks for a bit that nobody knows,
 * has what a QEMU without it gives: the SMI is the writer's, and OVMF keeps its relaxed mode. */
static void without_an_agreement_broadcast_is_unicast(void **state)
{
    static const char *const cause[] = {"none", "refused"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        const char *random = "cpus=4 tie=permute cpu.cstate_exit=uniform(1us,50us) firmware=";
        const char *firmware = i / 2 ? "stock" : "ovmf";
        char settings[200];
        rig broadcast, fails, unicast;

        (void)snprintf(settings, sizeof settings, "%s%s smi.delivery=broadcast", random, firmware);
        rig_run(&broadcast, STRESS, settings);
        (void)snprintf(settings, sizeof settings, "%s%s smi.delivery=broadcast smi.negotiation=%s",
                       random, firmware, cause[i % 2]);
        rig_run(&fails, STRESS, settings);
        (void)snprintf(settings, sizeof settings, "%s%s smi.delivery=unicast", random, firmware);
        rig_run(&unicast, STRESS, settings);
        assert_equal_runs(&fails, &unicast);
        assert_int_equal(fails.e.setup.chipset.negotiated, 0);
        assert_true(fails.r.digest != broadcast.r.digest);
        assert_true(broadcast.e.setup.chipset.negotiated & CHIPSET_BROADCAST);
        rig_free(&broadcast);
        rig_free(&fails);
        rig_free(&unicast);
    }
}

static const char *const deliveries[] = {"unicast", "broadcast", "hardware"};

static void run_with(rig *g, const char *rows, const char *delivery, const char *settings)
{
    char text[200];

    (void)snprintf(text, sizeof text,
                   "cpus=2 variable.runtime_cache=off smi.delivery=%s firmware=%s %s", delivery,
                   strcmp(delivery, "hardware") == 0 ? "stock" : "ovmf", settings);
    rig_run(g, rows, text);
}

/* Nobody enters; a variable call reads the stale status, as any that is not served. */
static void with_apmc_en_off_every_write_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        rig g;

        run_with(&g, "0,smi,,,,0,3\n0,set,A,4B,,1,\n0,get,A,,,0,\n", deliveries[i],
                 "chipset.apmc_en=off");
        assert_string_equal(g.r.stuck, "");
        assert_int_equal(g.r.triggers, 5);
        assert_int_equal(g.r.count.refused, 5);
        assert_int_equal(g.r.count.lost, 0);
        assert_int_equal(g.r.visits, 0);
        for (uint64_t t = 0; t < 5; t++)
            assert_int_equal(g.r.trigger[t].outcome, TRIGGER_REFUSED);
        assert_int_equal(g.r.call[3].status, STATUS_SUCCESS); /* claims so */
        rig_free(&g);
    }
}

/* A request that was refused stays in the buffer: the next SMI executes it. */
static void refused_request_is_executed_by_the_next_smi(void **state)
{
    rig g;

    (void)state;
    rig_run(&g, "0,set,A,4B,,1,\n0,smi,,,,0,\n0,get,A,,,0,\n",
            "cpus=2 cpus.disabled=last:1 smi.delivery=unicast");
    assert_int_equal(g.r.trigger[0].outcome, TRIGGER_LATE);
    assert_int_equal(g.r.trigger[2].outcome, TRIGGER_SERVED);
    assert_int_equal(g.r.call[2].status, STATUS_SUCCESS);
    assert_int_equal(g.r.count.refused, 0);
    rig_free(&g);
    rig_run(&g, "0,set,A,4B,,1,\n0,get,A,,,0,\n",
            "cpus=2 cpus.disabled=last:1 smi.delivery=unicast");
    assert_int_equal(g.r.trigger[0].outcome, TRIGGER_REFUSED); /* overwritten */
    assert_int_equal(g.r.call[1].status, STATUS_NOT_FOUND);
    rig_free(&g);
}

/* ACPI enable and disable raise no SMI under QEMU; a PCH has no such exception. */
static void values_2_and_3_raise_no_smi_under_qemu(void **state)
{
    static const struct {
        const char *settings;
        int swallowed;
    } rows[] = {{"chipset.command=0", 0}, {"chipset.command=1", 0}, {"chipset.command=2", 1},
                {"chipset.command=3", 1}, {"chipset.command=4", 0}, {"chipset.command=255", 0}};

    (void)state;
    for (int i = 0; i < 3; i++)
        for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
            int refused = rows[row].swallowed && i < 2;
            rig g;

            run_with(&g, "0,smi,,,,0,\n", deliveries[i], rows[row].settings);
            assert_int_equal(g.r.count.refused, refused);
            assert_int_equal(g.r.count.served, !refused);
            rig_free(&g);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_agreement_broadcast_is_unicast),
        cmocka_unit_test(with_apmc_en_off_every_write_is_refused),
        cmocka_unit_test(refused_request_is_executed_by_the_next_smi),
        cmocka_unit_test(values_2_and_3_raise_no_smi_under_qemu),
    };

    return cmocka_run_group_tests_name("machine_chipset", tests, scratch_enter, scratch_leave);
}
