/* SPDX-License-Identifier: Apache-2.0 */
/* test_params: what the table of parameters promises about its own entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "models/machine/params.h"

static int is_figure(const param_def *d)
{
    return d->kind == PARAM_LATENCY || d->kind == PARAM_TIME || d->kind == PARAM_RATIO ||
           d->kind == PARAM_FREQ || d->kind == PARAM_BYTES;
}

static void every_figure_has_a_source_or_is_uncalibrated(void **state)
{
    param_set *p = param_new_for(&params_table, PARAM_FOR_BOTH);
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

/* "host" of "host.cores", with its dot. */
static size_t group_length(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot ? (size_t)(dot - name) + 1 : 0;
}

/* `smmsim params` prints them as they stand: who looks for one finds its neighbours beside it. */
static void parameters_of_one_group_stand_together(void **state)
{
    (void)state;
    for (int id = 1; id < P_COUNT; id++) {
        const char *name = params_table.defs[id].name;
        size_t length = group_length(name);

        if (length == 0 || strncmp(params_table.defs[id - 1].name, name, length) == 0)
            continue;
        for (int before = 0; before < id; before++)
            if (strncmp(params_table.defs[before].name, name, length) == 0)
                fail_msg("%s stands apart from %s", name, params_table.defs[before].name);
    }
}

/* Others are nearer by letters: timeouts, reduction. */
static void a_name_without_its_group_is_understood(void **state)
{
    static const char *const said[][2] = {
        {"timeout1", "sync.timeout1"}, {"election", "bsp.election"}, {"mode", "sync.mode"}};

    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        sim_err err;

        assert_int_equal(param_unknown(&params_table, said[i][0], &err), SIM_BAD_INPUT);
        assert_non_null(strstr(err.text, said[i][1]));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_has_a_source_or_is_uncalibrated),
        cmocka_unit_test(parameters_of_one_group_stand_together),
        cmocka_unit_test(a_name_without_its_group_is_understood),
    };

    return cmocka_run_group_tests_name("params", tests, NULL, NULL);
}
