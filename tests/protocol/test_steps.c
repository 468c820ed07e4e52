/* SPDX-License-Identifier: Apache-2.0 */
/* test_steps: the tables of steps of all protocols: each row is reached, named, bounded and
 * described. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/protocol/edk2.h"
#include "models/machine/setup.h"
#include "models/protocol/steps.h"

enum { SETTINGS = 96, MUTANTS = 7, OWN_CODE_MAX = 10 };

/* One of all settings; 0: this version refuses it. */
static int configured(const step_protocol *p, int number, uint32_t mutant, step_config *out)
{
    sim_err err;

    *out = (step_config){.cpus = 4,
                         .possible = 4,
                         .traditional = number & 1,
                         .mtrr = number >> 1 & 1,
                         .debug_agent = number >> 2 & 1,
                         .valid_status = number >> 3 & 1,
                         .lmce = number >> 4 & 1,
                         .election = (uint8_t)(number >> 5),
                         .mutant = mutant};
    return p->configure(p, out, &err) == SIM_OK;
}

/* Follows the table from row 0 on; where only code knows the way, to all that it may name. */
static void walk(const step_protocol *p, const step_config *c, uint8_t *reached)
{
    static const char *const asked[] = {"J1", "K1", "V1", "NOT_READY", "NOT_STARTED"};
    int more = 1;

    reached[0] = 1;
    while (more) {
        more = 0;
        for (int row = 0; row < p->row_count; row++) {
            const step_code *code = &c->code[row];

            for (int to = 0; reached[row] && to < p->row_count; to++) {
                int leads = to == code->next[0] || (code->test && to == code->next[1]);

                for (size_t i = 0; code->op == OP_HANDLERS && i < sizeof asked / sizeof *asked; i++)
                    leads |= strcmp(p->rows[to].id, asked[i]) == 0 && !c->code[to].off;
                more |= leads && !reached[to];
                reached[to] |= (uint8_t)leads;
            }
        }
    }
}

static int is_edk2(const step_protocol *p)
{
    return p >= edk2_protocols && p < edk2_protocols + edk2_protocol_count;
}

static void each_row_is_reached_in_some_version(void **state)
{
    static uint8_t reached[STEP_ROWS_MAX];
    static step_config config;

    (void)state;
    for (int v = 0; v < edk2_protocol_count; v++)
        for (int number = 0; number < SETTINGS; number++)
            for (int bug = 0; bug < MUTANTS; bug++)
                if (configured(&edk2_protocols[v], number, bug ? 1u << (bug - 1) : 0, &config))
                    walk(&edk2_protocols[v], &config, reached);
    for (int row = 0; row < edk2_protocols[0].row_count; row++)
        if (!reached[row])
            fail_msg("nothing leads to %s", edk2_protocols[0].rows[row].id);
}

static void each_row_leads_to_rows_in_force(void **state)
{
    static step_config config;
    const step_protocol *p;

    (void)state;
    for (int i = 0; (p = setup_protocol_at(i)); i++)
        for (int number = 0; number < SETTINGS; number++) {
            if (!configured(p, number, 0, &config))
                continue;
            for (int row = 0; row < p->row_count; row++)
                for (int way = 0; way < 2 && !config.code[row].off; way++) {
                    assert_in_range(config.code[row].next[way], 0, p->row_count - 1);
                    if (config.code[config.code[row].next[way]].off)
                        fail_msg("%s: %s leads to a row that is not in force", p->name,
                                 p->rows[row].id);
                }
        }
}

static void rows_have_an_id_of_their_own_and_say_what_they_do(void **state)
{
    const step_protocol *p;

    (void)state;
    for (int i = 0; (p = setup_protocol_at(i)); i++)
        for (int row = 0; row < p->row_count; row++) {
            assert_true(*p->rows[row].id && *p->rows[row].name && *p->rows[row].what);
            for (int other = 0; other < row; other++)
                assert_string_not_equal(p->rows[row].id, p->rows[other].id);
        }
}

/* Those that edk2 bounds, by which timeout; all others have none, and say so in `list steps`. */
static void waits_that_edk2_bounds_name_their_timeout(void **state)
{
    static const struct {
        const char *id;
        step_bound bound;
    } bounded[] = {{"B4", STEP_TIMEOUT1},
                   {"B6", STEP_TIMEOUT2},
                   {"A1", STEP_TIMEOUT1},
                   {"A3", STEP_TIMEOUT2},
                   {"V3", STEP_TIMEOUT2}};
    const step_protocol *p = &edk2_protocols[edk2_protocol_count - 1];
    static step_config config;

    (void)state;
    assert_true(configured(p, 1, 0, &config));
    for (int row = 0; row < p->row_count; row++) {
        step_bound expected = STEP_UNBOUNDED;

        for (size_t i = 0; i < sizeof bounded / sizeof bounded[0]; i++)
            if (strcmp(p->rows[row].id, bounded[i].id) == 0)
                expected = bounded[i].bound;
        assert_int_equal(config.code[row].bound, expected);
    }
}

static void few_rows_have_code_of_their_own(void **state)
{
    static step_config config;
    const step_protocol *p;

    (void)state;
    for (int i = 0; (p = setup_protocol_at(i)); i++) {
        int own = 0;

        assert_true(configured(p, 1, 0, &config));
        for (int row = 0; row < p->row_count; row++)
            own += config.code[row].op == OP_OWN || config.code[row].op == OP_HANDLERS;
        assert_in_range(own, 1, is_edk2(p) ? 1 : OWN_CODE_MAX);
    }
}

/* A variant is a change of data: here the BSP leaves out gather #13. */
static void variant_of_a_protocol_is_a_change_of_its_rows(void **state)
{
    const step_protocol *p = &edk2_protocols[0];
    static step_config config;
    step_cpu cpu = {.me = 0, .counted = 1};
    step_result none = {0};
    int b27 = 0, b28 = 0;

    (void)state;
    assert_true(configured(p, 1, 0, &config));
    for (int row = 0; row < p->row_count; row++) {
        b27 = strcmp(p->rows[row].id, "B27") == 0 ? row : b27;
        b28 = strcmp(p->rows[row].id, "B28") == 0 ? row : b28;
    }
    cpu.row = (uint8_t)b27;
    (void)p->consume(&config, &cpu, &none);
    assert_int_equal(cpu.row, b28);
    config.code[b27].next[0] = config.code[b28].next[0];
    cpu = (step_cpu){.row = (uint8_t)b27, .counted = 1};
    (void)p->consume(&config, &cpu, &none);
    assert_int_equal(cpu.row, config.code[b28].next[0]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_row_is_reached_in_some_version),
    cmocka_unit_test(each_row_leads_to_rows_in_force),
    cmocka_unit_test(rows_have_an_id_of_their_own_and_say_what_they_do),
    cmocka_unit_test(waits_that_edk2_bounds_name_their_timeout),
    cmocka_unit_test(few_rows_have_code_of_their_own),
    cmocka_unit_test(variant_of_a_protocol_is_a_change_of_its_rows),
};

int main(void)
{
    return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
