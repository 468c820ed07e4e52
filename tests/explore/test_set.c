/* SPDX-License-Identifier: Apache-2.0 */
/* test_set: the set of states under several threads, on a model whose counts are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim/explore/explore.h"

enum { WORDS = 3, BITS_MAX = 62 };

/* A cube: each step sets one more of `bits` bits. 2^bits states, bits 2^(bits-1) steps. */
typedef struct {
    uint32_t bits;
} cube;

static void first_corner(const explore_model *model, void *scratch, uint64_t *state)
{
    (void)model;
    (void)scratch;
    state[0] = state[1] = state[2] = 0;
}

/* All words tell the bits, so that a state that is half copied is no state. */
static void to_neighbours(const explore_model *model, void *scratch, const uint64_t *state,
                          explore_fan *fan)
{
    const cube *c = model->self;

    (void)scratch;
    fan->count = 0;
    fan->violated = state[0] == (UINT64_C(1) << c->bits) - 1;
    for (uint32_t b = 0; b < c->bits; b++) {
        uint64_t *to = &fan->states[(uint64_t)fan->count * WORDS];

        if (state[0] >> b & 1)
            continue;
        to[0] = state[0] | UINT64_C(1) << b;
        to[1] = to[0] * UINT64_C(0x9E3779B97F4A7C15);
        to[2] = ~to[0];
        fan->edges[fan->count++] = (explore_edge){.label = b, .actor = (uint16_t)b};
    }
}

static explore_model model_of(const cube *c)
{
    return (explore_model){.self = c,
                           .words = WORDS,
                           .fanout = BITS_MAX,
                           .initial = first_corner,
                           .expand = to_neighbours};
}

static void search(explore *s, const explore_model *model, const explore_options *options,
                   explore_result *result)
{
    sim_err err;

    assert_int_equal(explore_run(s, model, options, result, &err), SIM_OK);
}

static void every_number_is_one_state_for_any_number_of_threads(void **state)
{
    const cube c = {.bits = 15};
    const explore_model model = model_of(&c);

    (void)state;
    for (int threads = 1; threads <= 7; threads += 2) {
        explore_options options = {
            .threads = threads, .all = 1, .ceiling = 1 << 28, .watch = 1, .deepest = 0};
        uint32_t labels[15];
        explore_result r;
        explore s;

        search(&s, &model, &options, &r);
        assert_true(r.complete);
        assert_int_equal(r.states, 1 << 15);
        assert_int_equal(r.transitions, 15 << 14);
        assert_int_equal(r.depth, 15);
        assert_int_equal(r.first[0], 15);
        for (uint64_t i = 0; i < r.states; i++)
            assert_int_equal(explore_set_find(&s.set, &s.set.states[i * WORDS]), i);
        for (int64_t level = 0; level <= 15; level++) /* numbers go by levels */
            for (uint64_t i = s.levels[level]; i < s.levels[level + 1]; i++)
                assert_int_equal(__builtin_popcountll(s.set.states[i * WORDS]), level);
        explore_trace(&s, 0, 15, labels);
        for (uint32_t b = 0; b < 15; b++)
            assert_int_equal(labels[b], b); /* the first in the order of edges */
        explore_free(&s);
    }
}

static void a_state_that_is_not_there_is_not_found(void **state)
{
    const cube c = {.bits = 10};
    const explore_model model = model_of(&c);
    const explore_options options = {.threads = 2, .all = 1, .ceiling = 1 << 24};
    uint64_t other[WORDS] = {1, 2, 3};
    explore_result r;
    explore s;

    (void)state;
    search(&s, &model, &options, &r);
    assert_int_equal(r.states, 1024);
    assert_true(explore_set_find(&s.set, other) == UINT64_MAX);
    explore_free(&s);
}

static void time_and_memory_end_a_search_cleanly(void **state)
{
    const cube c = {.bits = BITS_MAX};
    const explore_model model = model_of(&c);
    explore_options options = {.threads = 2, .all = 1, .ceiling = UINT64_C(1) << 32, .seconds = 1};
    explore_result r;
    explore s;

    (void)state;
    search(&s, &model, &options, &r);
    assert_true(!r.complete && r.out_of_time && !r.interrupted);
    assert_true(r.seconds < 3);
    explore_free(&s);
    options.seconds = 0;
    options.ceiling = 1 << 22;
    search(&s, &model, &options, &r);
    assert_true(!r.complete && !r.out_of_time && r.bytes <= 1 << 22);
    assert_true(r.states > (1 << 22) / 64);
    explore_free(&s);
}

/* Of one hash, and alike in all words but one. */
static void states_that_differ_in_any_word_are_two(void **state)
{
    explore_set_writer writer = {0};
    explore_set set;
    sim_err err;

    (void)state;
    assert_int_equal(explore_set_init(&set, WORDS, 1 << 20, &err), SIM_OK);
    set.room = (1 << 20) / (WORDS * sizeof(uint64_t));
    for (int word = -1; word < WORDS; word++)
        for (int again = 0; again < 2; again++) {
            uint64_t one[WORDS] = {5, 6, 7};

            if (word >= 0)
                one[word]++;
            assert_int_equal(explore_set_insert(&set, &writer, one, 99),
                             again ? EXPLORE_KNOWN : EXPLORE_NEW);
            assert_int_equal(writer.number, word + 1);
        }
    explore_set_free(&set);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_one_state_for_any_number_of_threads),
        cmocka_unit_test(a_state_that_is_not_there_is_not_found),
        cmocka_unit_test(time_and_memory_end_a_search_cleanly),
        cmocka_unit_test(states_that_differ_in_any_word_are_two),
    };

    return cmocka_run_group_tests_name("explore_set", tests, NULL, NULL);
}
