/* SPDX-License-Identifier: Apache-2.0 */
/* test_params: what the table of parameters promises about its own entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "models/params.h"

static int is_figure(const param_def *d)
{
    return d->kind == PARAM_LATENCY || d->kind == PARAM_TIME || d->kind == PARAM_RATIO ||
           d->kind == PARAM_FREQ || d->kind == PARAM_BYTES;
}

static void every_figure_has_a_source_or_is_uncalibrated(void **state)
{
    param_set *p = param_new(&params_table);
    int figures = 0;

    (void)state;
    for (int id = 0; id < P_COUNT; id++) {
        const param_def *d = &params_table.defs[id];

        if (!is_figure(d))
            continue;
        figures++;
        if (d->source[0] == '\0')
            fail_msg("%s=%s: no source, and not uncalibrated", d->name, d->value);
        assert_int_equal(param_uncalibrated(p, id), strncmp(d->source, "uncalibrated", 12) == 0);
    }
    assert_true(figures > 50);
    param_free(p);
}

/* Results of earlier versions stay: a parameter's number addresses its random draws. */
static void parameters_keep_their_numbers(void **state)
{
    static const struct {
        int number;
        const char *name;
    } known[] = {{0, "platform"},         {19, "os.others"},         {23, "cpus"},
                 {31, "cpu.cstate_exit"}, {59, "apic.other_socket"}, {97, "host.cores"}};

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_string_equal(params_table.defs[known[i].number].name, known[i].name);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_has_a_source_or_is_uncalibrated),
        cmocka_unit_test(parameters_keep_their_numbers),
    };

    return cmocka_run_group_tests_name("params", tests, NULL, NULL);
}
