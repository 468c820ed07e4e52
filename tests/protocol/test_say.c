/* SPDX-License-Identifier: Apache-2.0 */
/* test_say: shared words and accesses are told in words, each kind of field in its own. */
#include "tests/scratch.h"

#include "models/protocol/say.h"
#include "models/protocol/edk2.h"

static void a_value_is_told_as_its_kind_has_it(void **state)
{
    static const struct {
        step_kind kind;
        uint32_t value;
        const char *text;
    } each[] = {{FIELD_DOOR, UINT32_MAX, "locked"},
                {FIELD_DOOR, 2, "2"},
                {FIELD_BSP, UINT32_MAX, "nobody"},
                {FIELD_BSP, 0, "CPU 0"},
                {FIELD_LOCK, 0, "free"},
                {FIELD_LOCK, 1, "held"},
                {FIELD_BUSY, 0, "0"},
                {FIELD_BUSY, 1, "free"},
                {FIELD_BUSY, 2, "held"},
                {FIELD_JOB, 0, "0"},
                {FIELD_JOB, 3, "job 2"},
                {FIELD_JOB, STEP_JOB_TOKEN + 1, "job 0 with token"},
                {FIELD_FLAG, 1, "1"},
                {FIELD_SEMAPHORE, 7, "7"}};

    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        char text[SAY_VALUE];

        say_value(each[i].kind, each[i].value, text);
        assert_string_equal(text, each[i].text);
    }
}

static void an_access_is_told_with_what_came_back(void **state)
{
    static const struct {
        say_step step;
        const char *text;
    } each[] = {
        {{{.op = STEP_LOAD, .word = EDK2_INS}, {.value = 1}}, "INS is 1"},
        {{{.op = STEP_STORE, .word = EDK2_BSP, .a = 1}, {0}}, "BSP := CPU 1"},
        {{{.op = STEP_CAS, .word = EDK2_CNT, .a = 2, .b = STEP_LOCKED}, {.value = 2}},
         "CNT := locked, was 2"},
        {{{.op = STEP_CAS, .word = EDK2_CNT, .a = 2, .b = 3}, {.value = STEP_LOCKED}},
         "CNT is locked, not 2"},
        {{{.op = STEP_ADD, .word = EDK2_CNT, .a = UINT32_MAX}, {.value = 2}}, "CNT := 1, was 2"},
        {{{.op = STEP_WAIT, .word = EDK2_INS, .bound = STEP_TIMEOUT2}, {.timed_out = 1}},
         "timeout 2; INS is 0"},
        {{{.op = STEP_IPI, .target = 3}, {0}}, "to CPU 3"},
        {{{.op = STEP_ASK, .local = ASK_SYNC_NEEDED}, {0}}, "no: local machine check"},
        {{{.op = STEP_LEAVE}, {0}}, ""},
    };
    const step_config config = {.cpus = 2, .possible = 2};

    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        char text[SAY_TEXT];

        say_access(&edk2_protocols[0], &config, &each[i].step, text);
        assert_string_equal(text, each[i].text);
    }
}

static void a_question_is_answered_without_a_colon(void **state)
{
    const step_row asks = {.what = "is a BSP inside?", .marker = ""};
    const step_row does = {.what = "wait for k APs", .marker = "#1"};
    char text[SAY_TEXT];

    (void)state;
    say_row(&asks, "INS is 0", text, sizeof text);
    assert_string_equal(text, "is a BSP inside? INS is 0");
    say_row(&does, "RUN[0] is 1", text, sizeof text);
    assert_string_equal(text, "wait for k APs #1: RUN[0] is 1");
    say_row(&does, "", text, sizeof text);
    assert_string_equal(text, "wait for k APs #1");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_told_as_its_kind_has_it),
        cmocka_unit_test(an_access_is_told_with_what_came_back),
        cmocka_unit_test(a_question_is_answered_without_a_colon),
    };

    return cmocka_run_group_tests_name("say", tests, NULL, NULL);
}
