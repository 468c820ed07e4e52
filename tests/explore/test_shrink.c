/* SPDX-License-Identifier: Apache-2.0 */
/* test_shrink: a run that violates something is shrunk until no deviation is too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/explore/smm.h"
#include "tests/explore_args.h"
#include "sim/explore/path.h"
#include "sim/explore/shrink.h"
#include "sim/explore/walk.h"

enum { STEPS = 4096, TURNS_MAX = 64 };

static explore_smm *make(const char *arguments)
{
    explore_smm_settings settings;
    step_config config;
    sim_err err;

    assert_int_equal(explore_args(arguments, &settings, &err), SIM_OK);
    settings.reduce = 0;
    assert_int_equal(explore_smm_check_settings(&settings, &config, &err), SIM_OK);
    return explore_smm_new(&settings, &config);
}

/* ---- what is said of the result ------------------------------------------------------------ */

/* The planned of a run, found by walking along it. */
static int64_t turns_of(const explore_model *model, const uint32_t *labels, int64_t length,
                        explore_deviation *planned)
{
    uint64_t state[EXPLORE_WORDS_MAX];
    explore_workspace workspace;
    int64_t count = 0;
    uint32_t gap = 0;
    int last = 0;

    explore_workspace_init(&workspace, model);
    model->initial(model, workspace.scratch, state);
    for (int64_t i = 0; i < length; i++) {
        uint32_t e = 0;
        int usual;

        model->expand(model, workspace.scratch, state, &workspace.fan);
        usual = explore_usual(&workspace.fan, last);
        while (workspace.fan.edges[e].label != labels[i])
            e++;
        last = workspace.fan.edges[e].actor;
        if ((int)e == usual) {
            gap++;
        } else {
            assert_true(count < TURNS_MAX);
            planned[count++] = (explore_deviation){.label = labels[i], .gap = gap};
            gap = 0;
        }
        memcpy(state, &workspace.fan.states[(uint64_t)e * model->words],
               model->words * sizeof *state);
    }
    explore_workspace_free(&workspace);
    return count;
}

/* Does a run with these planned violate the property? */
static int violates(const explore_model *model, const explore_deviation *planned, int64_t count,
                    int property)
{
    explore_chooser c = {
        .planned = planned, .deviation_count = count, .watch = 1u << property, .steps = STEPS};
    explore_workspace workspace;
    explore_path path;
    int found;

    explore_workspace_init(&workspace, model);
    explore_path_init(&path, STEPS);
    explore_path_walk(model, &workspace, &c, &path);
    found = path.property == property;
    explore_path_free(&path);
    explore_workspace_free(&workspace);
    return found;
}

/* No deviation and no pair of planned can be left out, the others coming where they came. */
static void none_is_too_many(const explore_model *model, const explore_walk_result *result)
{
    explore_deviation planned[TURNS_MAX], fewer[TURNS_MAX];
    int64_t count = turns_of(model, result->labels, result->length, planned);

    assert_int_equal(count, result->deviations);
    assert_true(violates(model, planned, count, result->property));
    for (int64_t a = 0; a < count; a++)
        for (int64_t b = a; b < count; b++) {
            int64_t kept = 0;
            uint32_t gap = 0;

            for (int64_t i = 0; i < count; i++) {
                gap += planned[i].gap;
                if (i == a || i == b) {
                    gap++; /* the usual step in its place */
                    continue;
                }
                fewer[kept++] = (explore_deviation){.label = planned[i].label, .gap = gap};
                gap = 0;
            }
            assert_false(violates(model, fewer, kept, result->property));
        }
}

/* ---- rendezvous ---------------------------------------------------------------------------- */

/* The hang of finding 1 among five: an AP comes first, its timeout passes, the BSP enters before
 * it checks out and, by its two timeouts, locks without it. All others come when they would. */
static void a_hang_is_shrunk_to_what_it_needs(void **state)
{
    explore_smm *smm = make("--cpus 5");
    explore_walk_options options = {
        .seed = 5, .runs = 5000, .steps = STEPS, .watch = 1u << RULE_NO_DEADLOCK};
    explore_walk_result result;

    (void)state;
    explore_walk_random(explore_smm_model(smm), &options, &result);
    assert_int_equal(result.property, RULE_NO_DEADLOCK);
    assert_int_equal(result.deviations, 5);
    assert_int_equal(result.shrunk, EXPLORE_SHRINK_DONE);
    none_is_too_many(explore_smm_model(smm), &result);
    free(result.labels);
    explore_smm_free(smm);
}

/* Runs that no step can be left out of: an AP that triggers although the BSP would have, and APs
 * that each come by a deviation although two timeouts of the BSP are enough. */
static void turns_are_left_out_and_replaced(void **state)
{
    static const char *const starts[] = {
        "p5 e5 5*7 e3 3*7 t3 3*2 e0 0*12 t0 0*32 t0",
        "p0 e3 3*7 t3 3*2 e0 0*12 e1 1*10 e2 2*10 e4 4*10 e5 5*10",
    };
    explore_smm *smm = make("--cpus 6");
    const explore_model *model = explore_smm_model(smm);
    explore_shrink_options options = {.watch = 1u << RULE_NO_DEADLOCK, .steps = STEPS};

    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        explore_chooser c = {.watch = options.watch, .steps = STEPS};
        explore_workspace workspace;
        explore_path path;
        uint32_t *wish;
        sim_err err;

        assert_int_equal(explore_smm_parse_schedule(starts[i], &wish, &c.wishes, &err), SIM_OK);
        c.wish = wish;
        explore_workspace_init(&workspace, model);
        explore_path_init(&path, STEPS);
        explore_path_walk(model, &workspace, &c, &path);
        assert_int_equal(path.property, RULE_NO_DEADLOCK);
        assert_true(path.deviations > 5);
        assert_int_equal(explore_shrink(model, &options, &path), EXPLORE_SHRINK_DONE);
        assert_int_equal(path.deviations, 5);
        explore_path_free(&path);
        explore_workspace_free(&workspace);
        free(wish);
    }
    explore_smm_free(smm);
}

/* ---- a race of counters ---------------------------------------------------------------------- */

enum { RUNNERS = 6, LAPS = 5 };

/* Each actor counts to LAPS. Wrong: the last actor has counted to 2 while the first one is at 1. */
static void race_initial(const explore_model *model, void *scratch, uint64_t *state)
{
    (void)model;
    (void)scratch;
    *state = 0;
}

static void race_expand(const explore_model *model, void *scratch, const uint64_t *state,
                        explore_fan *fan)
{
    (void)model;
    (void)scratch;
    fan->count = 0;
    fan->violated = (*state & 0xf) == 1 && *state >> 4 * (RUNNERS - 1) == 2;
    for (uint32_t a = 0; a < RUNNERS; a++) {
        if ((*state >> 4 * a & 0xf) == LAPS)
            continue;
        fan->edges[fan->count] = (explore_edge){.label = a, .actor = (uint16_t)a};
        fan->states[fan->count++] = *state + (UINT64_C(1) << 4 * a);
    }
}

static void one_turn_is_left_where_one_is_enough(void **state)
{
    const explore_model model = {
        .words = 1, .fanout = RUNNERS, .initial = race_initial, .expand = race_expand};

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        explore_walk_options options = {.seed = seed, .runs = 10000, .steps = 100, .watch = 1};
        explore_walk_result result;

        explore_walk_random(&model, &options, &result);
        assert_int_equal(result.property, 0);
        assert_int_equal(result.deviations, 1);
        assert_int_equal(result.length, 3);
        none_is_too_many(&model, &result);
        free(result.labels);
    }
}

/* Told to stop at once, or out of time already, it says so and gives back what it got. */
static void it_can_be_stopped(void **state)
{
    const explore_model model = {
        .words = 1, .fanout = RUNNERS, .initial = race_initial, .expand = race_expand};
    static const uint32_t wish[] = {1, 2, 0, 3, 5, 4, 5};
    static const volatile sig_atomic_t stop = 1;
    explore_shrink_options options = {.watch = 1, .steps = 100, .stop = &stop};
    explore_chooser c = {
        .wish = wish, .wishes = sizeof wish / sizeof wish[0], .watch = 1, .steps = 100};
    explore_workspace workspace;
    explore_path path;

    (void)state;
    explore_workspace_init(&workspace, &model);
    explore_path_init(&path, 100);
    explore_path_walk(&model, &workspace, &c, &path);
    assert_int_equal(path.property, 0);
    assert_int_equal(path.length, 7);
    assert_int_equal(explore_shrink(&model, &options, &path), EXPLORE_SHRINK_STOPPED);
    assert_int_equal(path.length, 7);
    assert_memory_equal(path.labels, wish, sizeof wish);
    options.stop = NULL;
    options.deadline = 1e-9;
    assert_int_equal(explore_shrink(&model, &options, &path), EXPLORE_SHRINK_OUT_OF_TIME);
    assert_int_equal(path.length, 7);
    assert_memory_equal(path.labels, wish, sizeof wish);
    options.deadline = 0;
    assert_int_equal(explore_shrink(&model, &options, &path), EXPLORE_SHRINK_DONE);
    assert_int_equal(path.length, 3);
    explore_path_free(&path);
    explore_workspace_free(&workspace);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_hang_is_shrunk_to_what_it_needs),
    cmocka_unit_test(turns_are_left_out_and_replaced),
    cmocka_unit_test(one_turn_is_left_where_one_is_enough),
    cmocka_unit_test(it_can_be_stopped),
};

int main(void)
{
    return cmocka_run_group_tests_name("explore_shrink", tests, NULL, NULL);
}
