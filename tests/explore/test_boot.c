/* SPDX-License-Identifier: Apache-2.0 */
/* test_boot: bugs around the rendezvous are told, replayed, and diverge where fixed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/explore/boot.h"
#include "models/explore/smm.h"

enum { STEPS_MAX = 64 };

typedef struct {
    explore_boot boot; /* with the bug */
    uint32_t labels[STEPS_MAX];
    explore_schedule schedule;
} shown;

/* The shortest schedule of the bug number `i`, with its digest. */
static void show(shown *s, int i)
{
    const explore_boot_scenario *scenario = &explore_boot_scenarios[i];
    explore_options options = {.ceiling = 1 << 24, .watch = 1u << scenario->violates};
    explore_result result;
    explore found;
    sim_err err;

    explore_boot_init(&s->boot, scenario, 1);
    assert_int_equal(explore_run(&found, &s->boot.model, &options, &result, &err), SIM_OK);
    s->schedule = (explore_schedule){.labels = s->labels,
                                     .count = result.first[scenario->violates],
                                     .property = scenario->violates,
                                     .has_digest = 1};
    assert_in_range(s->schedule.count, 1, STEPS_MAX - 1);
    explore_trace(&found, scenario->violates, s->schedule.count, s->labels);
    explore_free(&found);
    assert_int_equal(explore_boot_digest(&s->boot, &s->schedule, &s->schedule.digest, &err),
                     SIM_OK);
}

/* What a replay says; free it. */
static char *replayed(const shown *s, sim_status expected, sim_err *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_int_equal(explore_boot_replay(&s->boot, &s->schedule, out, err), expected);
    assert_int_equal(fclose(out), 0);
    return text;
}

static int count_lines(const char *text, const char *from, const char *to)
{
    const char *at = from ? strstr(text, from) : text;
    const char *end = to ? strstr(text, to) : text + strlen(text);
    int lines = 0;

    assert_true(at != NULL && end != NULL);
    for (; at < end; at++)
        lines += *at == '\n';
    return lines;
}

static void each_bug_is_told_step_by_step_and_to_its_end(void **state)
{
    sim_err err;

    (void)state;
    for (int i = 0; i < explore_boot_count; i++) {
        static shown s;
        char *first, *second;

        show(&s, i);
        first = replayed(&s, SIM_OK, &err);
        second = replayed(&s, SIM_OK, &err);
        assert_string_equal(first, second);
        assert_int_equal(count_lines(first, NULL, "then\n"), 1 + s.schedule.count);
        assert_int_equal(count_lines(first, "then\n", NULL), 1 + s.boot.scenario->actors);
        free(first);
        free(second);
    }
}

static void shared_words_messages_and_waits_are_named(void **state)
{
    static shown s;
    sim_err err;
    char *text;

    (void)state;
    show(&s, (int)(explore_boot_find("F32") - explore_boot_scenarios));
    text = replayed(&s, SIM_OK, &err);
    assert_non_null(strstr(text, "; insert event := 1, was 0\n"));
    assert_non_null(
        strstr(text, "   B16──►·     ·      CPU 0 (BSP) SmbaseRelocate: INIT-SIPI-SIPI"));
    assert_non_null(strstr(text, "; sends INIT-SIPI-SIPI to CPU 1\n"));
    assert_non_null(strstr(text, "until AboutToLeaveSmm is 1 (it is 0), without a bound\n"));
    free(text);
    show(&s, (int)(explore_boot_find("F10") - explore_boot_scenarios));
    text = replayed(&s, SIM_OK, &err);
    assert_non_null(strstr(text, "   ·     R10    CPU 1 SmiRendezvous: is elected BSP; "));
    assert_non_null(strstr(text, "BSP := CPU 1, was nobody\n"));
    free(text);
}

/* Who cannot move in the last state says what it waits for, or is where it may stay. */
static void whoever_is_stuck_waits_for_a_word(void **state)
{
    (void)state;
    for (int i = 0; i < explore_boot_count; i++) {
        static shown s;
        uint8_t v[EXPLORE_BOOT_BYTES] = {0};
        explore_boot_step turn;
        int stuck = 0;

        show(&s, i);
        if (s.schedule.property != EXPLORE_BOOT_HANG)
            continue;
        for (int64_t n = 0; n < s.schedule.count; n++)
            assert_true(explore_boot_take(&s.boot, &turn, v, (int)(s.labels[n] >> 16)));
        for (int actor = 0; actor < s.boot.scenario->actors; actor++) {
            assert_false(explore_boot_take(&s.boot, &turn, v, actor));
            stuck += turn.waits_for >= 0;
            if (turn.waits_for >= 0)
                assert_int_not_equal(v[turn.waits_for], turn.until);
        }
        assert_true(stuck > 0);
    }
}

static void replays_diverge_loudly(void **state)
{
    sim_err err;

    (void)state;
    for (int i = 0; i < explore_boot_count; i++) {
        static shown s;
        uint64_t digest;

        show(&s, i);
        digest = s.schedule.digest;
        s.schedule.digest = 0;
        free(replayed(&s, SIM_FINDING, &err));
        assert_non_null(strstr(err.text, "recorded with"));
        s.schedule.digest = digest ^ 1;
        free(replayed(&s, SIM_FINDING, &err));
        assert_non_null(strstr(err.text, "recorded with"));
        s.schedule.digest ^= 1;
        s.schedule.count--; /* no violation yet */
        free(replayed(&s, SIM_FINDING, &err));
        assert_non_null(strstr(err.text, "ends without"));
        s.schedule.count += 2; /* one step more than can be taken, or than violates */
        s.labels[s.schedule.count - 1] = EXPLORE_SMM_OWN_STEP(77);
        free(replayed(&s, SIM_FINDING, &err));
        assert_non_null(strstr(err.text, "cannot be taken"));
        show(&s, i);
        explore_boot_init(&s.boot, s.boot.scenario, 0); /* fixed */
        free(replayed(&s, SIM_FINDING, &err));
        assert_non_null(strstr(err.text, "the model diverges"));
    }
}

static void schedules_are_text_and_back(void **state)
{
    sim_err err;

    (void)state;
    for (int i = 0; i < explore_boot_count; i++) {
        static shown s;
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        uint32_t *labels;
        int64_t count;

        show(&s, i);
        explore_smm_print_schedule(s.labels, s.schedule.count, out);
        assert_int_equal(fclose(out), 0);
        assert_int_equal(explore_smm_parse_schedule(text, &labels, &count, &err), SIM_OK);
        assert_int_equal(count, s.schedule.count);
        assert_memory_equal(labels, s.labels, (size_t)count * sizeof *labels);
        free(labels);
        free(text);
    }
}

/* A clean verdict of a fixed model says something: its usual run goes through to the end. */
static void mended_models_run_to_their_end(void **state)
{
    (void)state;
    for (int i = 0; i < explore_boot_count; i++) {
        const explore_boot_scenario *scenario = &explore_boot_scenarios[i];
        uint8_t v[EXPLORE_BOOT_BYTES] = {0};
        explore_boot boot;
        explore_boot_step turn;
        int moved = 1, steps = 0;

        explore_boot_init(&boot, scenario, 0);
        while (moved) {
            moved = 0;
            for (int actor = 0; actor < scenario->actors; actor++)
                moved += explore_boot_take(&boot, &turn, v, actor);
            assert_false(turn.wrong);
            steps += moved;
            assert_true(steps < 1000);
        }
        assert_true(scenario->done(v));
        assert_true(steps >= 2);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_bug_is_told_step_by_step_and_to_its_end),
    cmocka_unit_test(shared_words_messages_and_waits_are_named),
    cmocka_unit_test(whoever_is_stuck_waits_for_a_word),
    cmocka_unit_test(replays_diverge_loudly),
    cmocka_unit_test(schedules_are_text_and_back),
    cmocka_unit_test(mended_models_run_to_their_end),
};

int main(void)
{
    if (setenv("LC_ALL", "C.UTF-8", 1) != 0) /* signs, not their ASCII twins */
        return 1;
    return cmocka_run_group_tests_name("explore_boot", tests, NULL, NULL);
}
