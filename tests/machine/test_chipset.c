/* SPDX-License-Identifier: Apache-2.0 */
/* test_chipset: ports 0xB2 and 0xB3, SMI enables, and every rule of the feature negotiation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "models/machine/chipset.h"

enum { ALL = CHIPSET_BROADCAST | CHIPSET_HOTPLUG | CHIPSET_HOTUNPLUG };
enum { BOTH_ENABLES = CHIPSET_APMC_EN | CHIPSET_GBL_SMI_EN };

/* A chipset after reset in which the guest has asked for `want` and read features-ok. */
static chipset negotiated(uint64_t supported, uint64_t want)
{
    chipset c;

    chipset_reset(&c, supported, 0);
    chipset_request(&c, want);
    (void)chipset_validate(&c);
    c.smi_en = CHIPSET_APMC_EN;
    return c;
}

static void each_rule_of_the_negotiation(void **state)
{
    static const struct {
        uint64_t supported, want;
        int ok;
    } rows[] = {
        {ALL, 0, 1},
        {ALL, CHIPSET_BROADCAST, 1},
        {ALL, CHIPSET_BROADCAST | CHIPSET_HOTPLUG, 1},
        {ALL, ALL, 1},
        {ALL, CHIPSET_HOTPLUG, 0},                       /* hot-plug without broadcast */
        {ALL, CHIPSET_HOTUNPLUG, 0},                     /* hot-unplug without both */
        {ALL, CHIPSET_HOTPLUG | CHIPSET_HOTUNPLUG, 0},   /* both without broadcast */
        {ALL, CHIPSET_BROADCAST | CHIPSET_HOTUNPLUG, 0}, /* hot-unplug without hot-plug */
        {ALL, ALL | 8, 0},                               /* a bit that nobody knows */
        {ALL, UINT64_C(1) << 63 | CHIPSET_BROADCAST, 0}, /* the same in the upper half */
        {CHIPSET_BROADCAST, CHIPSET_BROADCAST, 1},
        {CHIPSET_BROADCAST, CHIPSET_BROADCAST | CHIPSET_HOTPLUG, 0}, /* not offered */
        {0, CHIPSET_BROADCAST, 0},                                   /* x-smi-broadcast=off */
        {0, 0, 1},
        {CHIPSET_HOTPLUG, CHIPSET_HOTPLUG, 0}, /* offered, but cannot stand alone */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chipset c = negotiated(rows[i].supported, rows[i].want);

        assert_int_equal(c.features_ok, rows[i].ok);
        assert_true(c.negotiated == (rows[i].ok ? rows[i].want : 0));
        assert_int_equal(chipset_validate(&c), rows[i].ok);
    }
}

static void a_refused_request_may_be_corrected(void **state)
{
    chipset c = negotiated(ALL, CHIPSET_HOTPLUG);

    (void)state;
    assert_int_equal(c.features_ok, 0);
    chipset_request(&c, CHIPSET_BROADCAST | CHIPSET_HOTPLUG);
    assert_int_equal(c.negotiated, 0); /* nothing is in force before features-ok is selected */
    assert_int_equal(chipset_validate(&c), 1);
    assert_int_equal(c.negotiated, CHIPSET_BROADCAST | CHIPSET_HOTPLUG);
}

static void success_locks_the_word_until_reset(void **state)
{
    chipset c = negotiated(ALL, CHIPSET_BROADCAST);

    (void)state;
    chipset_request(&c, 0);
    assert_int_equal(c.requested, CHIPSET_BROADCAST);
    assert_int_equal(chipset_validate(&c), 1);
    assert_int_equal(c.negotiated, CHIPSET_BROADCAST);
    chipset_reset(&c, ALL, 0);
    assert_true(c.supported == ALL);
    assert_int_equal(c.requested, 0);
    assert_int_equal(c.negotiated, 0);
    assert_int_equal(c.features_ok, 0);
    assert_int_equal(c.smi_en, 0);
    chipset_request(&c, ALL);
    assert_int_equal(chipset_validate(&c), 1);
    assert_int_equal(c.negotiated, ALL);
}

enum { NO_SMI = -1 };

/* Who gets the SMI of that write. */
static int written(chipset *c, uint16_t port, uint8_t value)
{
    return chipset_write(c, port, value) ? (int)chipset_delivery(c) : NO_SMI;
}

static void empty_request_locks_too(void **state)
{
    chipset c = negotiated(ALL, 0);

    (void)state;
    chipset_request(&c, CHIPSET_BROADCAST);
    assert_int_equal(chipset_validate(&c), 1);
    assert_int_equal(c.negotiated, 0);
    assert_int_equal(written(&c, CHIPSET_APM_CNT, 0), DELIVERY_UNICAST);
}

/* The guest asks for what is not in force yet: only what was validated counts. */
static void broadcast_needs_the_negotiated_bit(void **state)
{
    chipset c;

    (void)state;
    chipset_reset(&c, ALL, 0);
    c.smi_en = BOTH_ENABLES;
    assert_int_equal(written(&c, CHIPSET_APM_CNT, 0), DELIVERY_UNICAST);
    chipset_request(&c, CHIPSET_BROADCAST);
    assert_int_equal(written(&c, CHIPSET_APM_CNT, 0), DELIVERY_UNICAST);
    (void)chipset_validate(&c);
    assert_int_equal(written(&c, CHIPSET_APM_CNT, 0), DELIVERY_BROADCAST);
}

static void who_gets_the_smi_of_a_write(void **state)
{
    static const struct {
        uint64_t features;
        uint32_t smi_en;
        uint16_t port;
        uint8_t value, physical;
        int delivery;
    } rows[] = {
        /* QEMU: APMC_EN is the only gate; 2 and 3 are ACPI enable and disable */
        {CHIPSET_BROADCAST, CHIPSET_APMC_EN, CHIPSET_APM_CNT, 0, 0, DELIVERY_BROADCAST},
        {CHIPSET_BROADCAST, CHIPSET_APMC_EN, CHIPSET_APM_CNT, 1, 0, DELIVERY_BROADCAST},
        {CHIPSET_BROADCAST, CHIPSET_APMC_EN, CHIPSET_APM_CNT, 2, 0, NO_SMI},
        {CHIPSET_BROADCAST, CHIPSET_APMC_EN, CHIPSET_APM_CNT, 3, 0, NO_SMI},
        {CHIPSET_BROADCAST, CHIPSET_APMC_EN, CHIPSET_APM_CNT, 4, 0, DELIVERY_BROADCAST},
        {CHIPSET_BROADCAST, CHIPSET_APMC_EN, CHIPSET_APM_CNT, 255, 0, DELIVERY_BROADCAST},
        {CHIPSET_BROADCAST, CHIPSET_GBL_SMI_EN, CHIPSET_APM_CNT, 0, 0, NO_SMI},
        {CHIPSET_BROADCAST, 0, CHIPSET_APM_CNT, 0, 0, NO_SMI},
        {CHIPSET_BROADCAST, BOTH_ENABLES, CHIPSET_APM_STS, 0, 0, NO_SMI},
        {CHIPSET_BROADCAST, BOTH_ENABLES, 0xB1, 0, 0, NO_SMI},
        {0, CHIPSET_APMC_EN, CHIPSET_APM_CNT, 0, 0, DELIVERY_UNICAST},
        {0, BOTH_ENABLES, CHIPSET_APM_CNT, 2, 0, NO_SMI},
        /* a PCH: a master enable, all CPUs whatever was negotiated, no exception for 2 and 3 */
        {0, BOTH_ENABLES, CHIPSET_APM_CNT, 0, 1, DELIVERY_HARDWARE},
        {0, BOTH_ENABLES, CHIPSET_APM_CNT, 2, 1, DELIVERY_HARDWARE},
        {0, BOTH_ENABLES, CHIPSET_APM_CNT, 3, 1, DELIVERY_HARDWARE},
        {CHIPSET_BROADCAST, BOTH_ENABLES, CHIPSET_APM_CNT, 0, 1, DELIVERY_HARDWARE},
        {0, CHIPSET_APMC_EN, CHIPSET_APM_CNT, 0, 1, NO_SMI},
        {0, CHIPSET_GBL_SMI_EN, CHIPSET_APM_CNT, 0, 1, NO_SMI},
        {0, BOTH_ENABLES, CHIPSET_APM_STS, 0, 1, NO_SMI},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chipset c = negotiated(ALL, rows[i].features);

        c.physical = rows[i].physical;
        c.smi_en = rows[i].smi_en;
        if (written(&c, rows[i].port, rows[i].value) != rows[i].delivery)
            fail_msg("row %zu", i);
    }
}

static void both_ports_keep_the_last_byte(void **state)
{
    chipset c = negotiated(ALL, CHIPSET_BROADCAST);

    (void)state;
    (void)chipset_write(&c, CHIPSET_APM_STS, 0x5a);
    (void)chipset_write(&c, CHIPSET_APM_CNT, 0x02); /* latched, although it raises no SMI */
    assert_int_equal(c.apm_sts, 0x5a);
    assert_int_equal(c.apm_cnt, 0x02);
    (void)chipset_write(&c, 0x80, 0x77);
    assert_int_equal(c.apm_sts, 0x5a);
    assert_int_equal(c.apm_cnt, 0x02);
    chipset_reset(&c, ALL, 1);
    assert_int_equal(c.apm_sts, 0);
    assert_int_equal(c.apm_cnt, 0);
    assert_int_equal(c.physical, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_of_the_negotiation),
        cmocka_unit_test(a_refused_request_may_be_corrected),
        cmocka_unit_test(success_locks_the_word_until_reset),
        cmocka_unit_test(empty_request_locks_too),
        cmocka_unit_test(broadcast_needs_the_negotiated_bit),
        cmocka_unit_test(who_gets_the_smi_of_a_write),
        cmocka_unit_test(both_ports_keep_the_last_byte),
    };

    return cmocka_run_group_tests_name("chipset", tests, NULL, NULL);
}
