/* SPDX-License-Identifier: Apache-2.0 */
/* test_versions: no version has what its tag has not, by lists of edk2's commits and tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/machine/setup.h"
#include "models/protocol/edk2.h"
#include "models/protocol/steps.h"
#include "sim/lib/csv.h"

/* The two lists were read from edk2's repository, and name what the table of versions does not. */
typedef struct {
    csv_table *commits, *tags;
} lists;

static int open_lists(void **state)
{
    lists *l = calloc(1, sizeof *l);
    sim_err err;

    assert_non_null(l);
    assert_int_equal(csv_read("tests/data/edk2_commits.csv", &l->commits, &err), SIM_OK);
    assert_int_equal(csv_read("tests/data/edk2_tags.csv", &l->tags, &err), SIM_OK);
    *state = l;
    return 0;
}

static int close_lists(void **state)
{
    lists *l = *state;

    csv_free_table(l->commits);
    csv_free_table(l->tags);
    free(l);
    return 0;
}

static int row_of(const csv_table *table, const char *key)
{
    for (int row = 0; row < csv_rows(table); row++)
        if (strcmp(csv_field(table, row, 0), key) == 0)
            return row;
    return -1;
}

/* The first tag that has a commit, as its place in the list of tags; behind all: no tag has it. */
static int first_tag(const lists *l, const char *commit)
{
    int row = row_of(l->commits, commit);
    int tag;

    if (row < 0)
        fail_msg("no commit %s in tests/data/edk2_commits.csv", commit);
    tag = row_of(l->tags, csv_field(l->commits, row, 2));
    return tag < 0 ? csv_rows(l->tags) : tag;
}

static int has(const step_protocol *p, int change)
{
    return (int)(p->features >> change & 1);
}

static void each_tag_is_a_version_with_its_date(void **state)
{
    const lists *l = *state;

    assert_int_equal(edk2_protocol_count, csv_rows(l->tags) + 3);
    for (int row = 0; row < csv_rows(l->tags); row++) {
        const step_protocol *p = &edk2_protocols[row + 1];
        const char *tag = csv_field(l->tags, row, 0);

        assert_string_equal(p->tag, tag);
        assert_string_equal(p->name + strlen("edk2-"), tag + strlen("edk2-stable"));
        assert_non_null(strstr(p->summary, csv_field(l->tags, row, 1)));
    }
}

static void each_change_is_a_commit_with_its_date(void **state)
{
    const lists *l = *state;
    int proposed = 0;

    for (int i = 0; i < EDK2_CHANGE_COUNT; i++) {
        const edk2_change *c = &edk2_changes[i];

        assert_true(i == 0 || edk2_changes[i - 1].first <= c->first);
        proposed += !*c->commit;
        if (!*c->commit)
            continue;
        assert_in_range(first_tag(l, c->commit), 0, csv_rows(l->tags));
        assert_string_equal(csv_field(l->commits, row_of(l->commits, c->commit), 1), c->date);
    }
    assert_int_equal(proposed, 7);
}

static void each_version_has_what_its_tag_has(void **state)
{
    const lists *l = *state;
    const step_protocol *head = &edk2_protocols[edk2_protocol_count - 2];

    for (int i = 0; i < EDK2_CHANGE_COUNT; i++) {
        const edk2_change *c = &edk2_changes[i];
        int first = *c->commit ? first_tag(l, c->commit) : -1;

        for (int tag = 0; tag < csv_rows(l->tags); tag++)
            if (has(&edk2_protocols[tag + 1], i) != (*c->commit && tag >= first))
                fail_msg("%s and %s", edk2_protocols[tag + 1].name, c->name);
        assert_int_equal(has(&edk2_protocols[0], i), 0);
        assert_int_equal(has(head, i), *c->commit != '\0');
        assert_int_equal(has(head + 1, i), 1);
    }
}

/* ---- what the steps make of it ---------------------------------------------------------- */

static const step_code *step_in(const char *version, const char *id, step_config *config)
{
    const step_protocol *p = setup_protocol(version);
    sim_err err;

    assert_non_null(p);
    memset(config, 0, sizeof *config);
    config->cpus = 3;
    config->possible = 3;
    config->boot_cpu = 1;
    config->traditional = 1;
    config->election = ELECTION_RACE;
    assert_int_equal(p->configure(p, config, &err), SIM_OK);
    for (int row = 0; row < p->row_count; row++)
        if (strcmp(p->rows[row].id, id) == 0)
            return &config->code[row];
    fail_msg("no step %s", id);
    return NULL;
}

/* Steps that come or go with a tag, and the last one before it. */
static void steps_come_and_go_with_their_tag(void **state)
{
    static const struct {
        const char *id, *without, *with;
        int gone;
    } cases[] = {
        {"K4", "edk2-201905", "edk2-201908", 0},          /* 51dd408ae1 */
        {"J2_WAIT", "edk2-201908", "edk2-201911", 1},     /* 832c4c7ad6 */
        {"A13_RELEASE", "edk2-201911", "edk2-202002", 1}, /* a457823f27 */
        {"B4_AAX", "edk2-202202", "edk2-202205", 0},      /* 4a68176cb5 */
        {"V1", "edk2-202202", "edk2-202205", 0},          /* 4a68176cb5 */
        {"B32", "edk2-202208", "edk2-202211", 0},         /* 4364d66168 */
        {"B25_11", "edk2-202311", "edk2-202402", 1},      /* 58d9463939 */
        {"R10_CHECK", "edk2-202402", "edk2-202405", 0},   /* 2ca8d55974 */
        {"B13", "edk2-202408.01", "edk2-202411", 0},      /* fcd9570c8d */
        {"B13_7", "edk2-202505", "edk2-202508", 0},       /* d49364779c */
        {"B7", "edk2-202505", "edk2-202508", 0},          /* 6fb7117e28 */
    };
    static step_config config;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(step_in(cases[i].without, cases[i].id, &config)->off, !cases[i].gone);
        assert_int_equal(step_in(cases[i].with, cases[i].id, &config)->off, cases[i].gone);
    }
}

static void accesses_change_with_their_tag(void **state)
{
    static step_config config;
    uint32_t words[64];

    (void)state;
    assert_int_equal(step_in("edk2-2017", "B15", &config)->op, OP_TRY);
    assert_int_equal(step_in("edk2-201808", "B15", &config)->op, OP_ACQUIRE); /* 170a3c1e0f */
    assert_int_equal(step_in("edk2-201908", "J2", &config)->op, OP_TRY);
    assert_int_equal(step_in("edk2-201911", "J2", &config)->op, OP_ACQUIRE); /* 832c4c7ad6 */
    assert_int_equal(step_in("edk2-202005", "A12", &config)->local, STEP_NO_PAUSE);
    assert_int_equal(step_in("edk2-202008", "A12", &config)->local, 0); /* 9001b750df */
    assert_int_equal(step_in("edk2-202311", "A4", &config)->op, OP_DOWN);
    assert_int_equal(step_in("edk2-202402", "A4", &config)->op, OP_DOOR); /* a83d953dc2 */
    for (int later = 0; later < 2; later++) {                             /* 68d506e0d1 */
        const char *name = later ? "edk2-202402" : "edk2-202311";

        (void)step_in(name, "B1", &config);
        config.election = ELECTION_FIXED;
        setup_protocol(name)->initial(&config, words);
        assert_int_equal(words[EDK2_BSP], later ? config.boot_cpu : 0);
    }
}

static int one_rendezvous(const step_protocol *a, const step_protocol *b)
{
    return ((a->features ^ b->features) & EDK2_RENDEZVOUS) == 0;
}

/* What the list of protocols says of tags in words. */
static void versions_that_are_one_rendezvous_have_the_same_steps(void **state)
{
    static const char *const same[][2] = {{"edk2-201808", "edk2-201905"},
                                          {"edk2-202002", "edk2-202005"},
                                          {"edk2-202008", "edk2-202202"},
                                          {"edk2-202411", "edk2-202505"},
                                          {"edk2-202508", "edk2-head"}};
    static step_config a, b;
    int changes = 0;

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        assert_true(one_rendezvous(setup_protocol(same[i][0]), setup_protocol(same[i][1])));
    for (int v = 1; v < edk2_protocol_count; v++) {
        const step_protocol *p = &edk2_protocols[v];

        if (!one_rendezvous(p - 1, p)) {
            changes++;
            continue;
        }
        for (unsigned bits = 0; bits < 12; bits++) {
            sim_err err;

            memset(&a, 0, sizeof a);
            a.cpus = a.possible = 3;
            a.traditional = bits & 1;
            a.mtrr = bits >> 1 & 1;
            a.election = (uint8_t)(bits >> 2);
            b = a;
            assert_int_equal(p[-1].configure(&p[-1], &a, &err), SIM_OK);
            assert_int_equal(p->configure(p, &b, &err), SIM_OK);
            assert_memory_equal(a.code, b.code, sizeof a.code);
        }
    }
    assert_int_equal(changes, 14);
}

/* 832c4c7ad6: before it a blocking StartupThisAp acquires the AP's BUSY lock, another one tries. */
static void a_blocking_start_waits_for_busy_in_old_versions_too(void **state)
{
    static step_config config;
    const step_protocol *p = setup_protocol("edk2-2017");

    (void)state;
    for (int blocking = 0; blocking < 2; blocking++) {
        step_cpu cpu = {0};
        step_request next;
        step_result result = {
            .value = STEP_ANSWER(ACTION_START_THIS, STEP_JOB_ARGUMENT(2, 0, blocking))};

        for (int row = 0; row < p->row_count; row++)
            if (strcmp(p->rows[row].id, "B16") == 0)
                cpu.row = (uint8_t)row;
        (void)step_in("edk2-2017", "B16", &config);
        (void)steps_consume(p->program, &config, &cpu,
                            &result); /* the handlers' answer leads to J1 */
        result.value = 1;
        (void)steps_consume(p->program, &config, &cpu, &result); /* the AP is present */
        steps_request(p->program, &config, &cpu, &next);
        assert_int_equal(next.word, step_word(p, &config, EDK2_BUSY, 2));
        assert_int_equal(next.op, blocking ? STEP_WAIT : STEP_CAS);
    }
}

static void a_version_is_found_by_its_tag_too(void **state)
{
    (void)state;
    assert_non_null(setup_protocol("edk2-202305"));
    assert_ptr_equal(setup_protocol("edk2-stable202305"), setup_protocol("edk2-202305"));
    assert_ptr_equal(setup_protocol("edk2-stable202408.01"), setup_protocol("edk2-202408.01"));
    assert_ptr_not_equal(setup_protocol("edk2-202408.01"), setup_protocol("edk2-202408"));
    assert_null(setup_protocol("edk2-stable2017"));
    assert_null(setup_protocol("edk2-stable"));
    assert_null(setup_protocol("edk2-202306"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tag_is_a_version_with_its_date),
        cmocka_unit_test(each_change_is_a_commit_with_its_date),
        cmocka_unit_test(each_version_has_what_its_tag_has),
        cmocka_unit_test(steps_come_and_go_with_their_tag),
        cmocka_unit_test(accesses_change_with_their_tag),
        cmocka_unit_test(a_blocking_start_waits_for_busy_in_old_versions_too),
        cmocka_unit_test(versions_that_are_one_rendezvous_have_the_same_steps),
        cmocka_unit_test(a_version_is_found_by_its_tag_too),
    };

    return cmocka_run_group_tests(tests, open_lists, close_lists);
}
