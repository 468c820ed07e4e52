/* SPDX-License-Identifier: Apache-2.0 */
/* test_identity: what is known by its name stays what it is wherever its row stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/machine/params.h"
#include "models/machine/setup.h"
#include "sim/lib/bytes.h"

enum { NAMES_MAX = 2048 };

typedef struct {
    const char *name[NAMES_MAX];
    uint32_t count;
} names;

static void add(names *n, const char *name)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (strcmp(n->name[i], name) == 0)
            return;
    assert_true(n->count < NAMES_MAX);
    n->name[n->count++] = name;
}

/* Not even their halves are the same: a shorter identity would do, too. */
static void assert_all_apart(const names *n)
{
    for (uint32_t i = 0; i < n->count; i++)
        for (uint32_t k = i + 1; k < n->count; k++) {
            uint64_t one = bytes_hash_name(n->name[i]), other = bytes_hash_name(n->name[k]);

            if ((uint32_t)one == (uint32_t)other || one >> 32 == other >> 32)
                fail_msg("\"%s\" and \"%s\" are taken for each other", n->name[i], n->name[k]);
        }
}

static void no_two_parameters_share_their_random_words(void **state)
{
    names n = {.count = 0};

    (void)state;
    for (int id = 0; id < params_table.count; id++)
        add(&n, params_table.defs[id].name);
    add(&n, "explore.choice");
    add(&n, "explore.priority");
    assert_int_equal(n.count, params_table.count + 2);
    assert_all_apart(&n);
}

static void no_two_steps_share_an_identity(void **state)
{
    const step_protocol *p;

    (void)state;
    for (int number = 0; (p = setup_protocol_at(number)) != NULL; number++) {
        names n = {.count = 0};

        for (int row = 0; row < p->row_count; row++) {
            assert_true(p->rows[row].id != NULL && p->rows[row].id[0] != '\0');
            add(&n, p->rows[row].id);
        }
        assert_int_equal(n.count, p->row_count);
        assert_all_apart(&n);
    }
}

/* Replay lines that people have kept are made of these. */
static void the_identity_of_a_name_is_final(void **state)
{
    (void)state;
    assert_true(bytes_hash_name("") == UINT64_C(0xfdbdf6ac4fc52e7f));
    assert_true(bytes_hash_name("fabric.hit") == UINT64_C(0x1dce2b10ad854db7));
    assert_true(bytes_hash_name("R10_SWITCH") == UINT64_C(0xadd4d9e617831805));
}

static void a_set_up_machine_knows_its_rows_and_streams_by_name(void **state)
{
    const step_protocol *p = setup_protocol("edk2-head");
    step_config config = {.cpus = 2, .possible = 2};
    sim_err err;

    (void)state;
    assert_int_equal(p->configure(p, &config, &err), SIM_OK);
    for (int row = 0; row < p->row_count; row++)
        assert_true(config.id[row] == bytes_hash_name(p->rows[row].id));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_two_parameters_share_their_random_words),
    cmocka_unit_test(no_two_steps_share_an_identity),
    cmocka_unit_test(the_identity_of_a_name_is_final),
    cmocka_unit_test(a_set_up_machine_knows_its_rows_and_streams_by_name),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
