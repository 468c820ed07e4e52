/* SPDX-License-Identifier: Apache-2.0 */
/* test_clean_words: shared words that an SMI leaves behind otherwise than as it found them. */
#include "tests/rig.h"

/* As edk2 begins, but CPU 1 is present already: after an SMI it is not, as none is. */
static void begin_with_a_present_cpu(const step_config *config, uint32_t *words)
{
    const step_protocol *edk2 = setup_protocol("edk2-head");

    edk2->initial(config, words);
    words[step_word(edk2, config, EDK2_PRE, 1)] = 1;
}

static void words_that_are_not_clean_after_an_smi_end_the_run(void **state)
{
    (void)state;
    for (int clean = 0; clean < 2; clean++) {
        sim_err err = {""};
        step_protocol changed;
        rig g;

        assert_int_equal(rig_try(&g, "0,smi,,,,0,\n", "protocol=edk2-head", &err), SIM_OK);
        changed = *g.e.setup.protocol;
        if (!clean)
            changed.initial = begin_with_a_present_cpu;
        g.e.setup.protocol = &changed;
        g.m = machine_new(&g.e.setup);
        record_init(&g.r);
        machine_run(g.m, 1, 0, &g.r, NULL);
        if (clean)
            assert_string_equal(g.r.stuck, "");
        else
            assert_non_null(strstr(g.r.stuck, "words are not clean between SMIs"));
        rig_free(&g);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_are_not_clean_after_an_smi_end_the_run),
    };

    return cmocka_run_group_tests_name("clean_words", tests, scratch_enter, scratch_leave);
}
