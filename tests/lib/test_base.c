/* SPDX-License-Identifier: Apache-2.0 */
/* test_base: an error is one clean line, a suggestion is near, a guard ends what breaks in it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "sim/lib/base.h"

static void error_returns_its_status_and_text(void **state)
{
    (void)state;
    sim_err err;
    assert_int_equal(err_set(&err, SIM_SYSTEM, "%s is %d", "x", 3), SIM_SYSTEM);
    assert_string_equal(err.text, "x is 3");
    assert_int_equal(err_set(NULL, SIM_BAD_INPUT, "dropped"), SIM_BAD_INPUT);
}

static void prefixes_nest_from_the_inside_out(void **state)
{
    (void)state;
    sim_err err;
    (void)err_set(&err, SIM_BAD_INPUT, "bad");
    (void)err_prefix(&err, SIM_BAD_INPUT, "value");
    assert_int_equal(err_prefix(&err, SIM_BAD_INPUT, "%s:%d", "a.csv", 7), SIM_BAD_INPUT);
    assert_string_equal(err.text, "a.csv:7: value: bad");
    (void)err_set(&err, SIM_BAD_INPUT, "<%s>", err.text);
    assert_string_equal(err.text, "<a.csv:7: value: bad>");
}

static void control_characters_cannot_break_the_line(void **state)
{
    (void)state;
    sim_err err;
    (void)err_set(&err, SIM_BAD_INPUT, "a\nb\rc\033[1md\177 \xc3\xa9");
    assert_string_equal(err.text, "a?b?c?[1md? \xc3\xa9");
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    sim_err err;
    char text[600];
    memset(text, 'x', sizeof text);
    for (size_t i = 390; i + 1 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[sizeof text - 1] = '\0';
    (void)err_set(&err, SIM_BAD_INPUT, "%s", text);
    assert_int_equal(strlen(err.text), 398);
    assert_memory_equal(err.text + 396, "\xc3\xa9", 3);
}

static void the_nearest_name_is_suggested_if_it_is_near(void **state)
{
    (void)state;
    static const char *const names[] = {
        "cpus", "caller.cpu", "sync.timeout1", "sync.timeout2", "kB", "KB", "ab", "cb"};
    static const struct {
        const char *name, *nearest;
    } cases[] = {{"cpu", "cpus"},
                 {"cups", "cpus"},
                 {"ba", "ab"},
                 {"cpsu", "cpus"},
                 {"sync.timeout", "sync.timeout1"},
                 {"sync.timeout2", "sync.timeout2"},
                 {"SYNC.TIMEOUT2", "sync.timeout2"},
                 {"callercpu", "caller.cpu"},
                 {"kb", "kB"},
                 {"db", "kB"},
                 {"xb", "kB"},
                 {"b", "kB"},
                 {"kpis", "cpus"},
                 {"kpix", NULL},
                 {"x", NULL},
                 {"", NULL},
                 {"platform", NULL},
                 {"0123456789012345678901234567890123456789012345678901234567890123", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *nearest = err_nearest(cases[i].name, names, 8);
        if (cases[i].nearest == NULL)
            assert_null(nearest);
        else if (nearest == NULL)
            fail_msg("%s: nothing near", cases[i].name);
        else
            assert_string_equal(nearest, cases[i].nearest);
    }
    assert_null(err_nearest("cpus", names, 0));
}

static void memory_is_zeroed_and_grows(void **state)
{
    (void)state;
    uint8_t *p = sim_alloc(100, 3);
    for (int i = 0; i < 300; i++)
        assert_int_equal(p[i], 0);
    memset(p, 7, 300);
    p = sim_realloc(p, 1000, 3);
    assert_int_equal(p[299], 7);
    free(p);
    free(sim_alloc(0, 8));
}

/* ---- broken invariants ------------------------------------------------------------------ */

typedef struct {
    int fails, begun, done;
} job;

static void work(void *self)
{
    job *j = self;

    j->begun++;
    SIM_ASSERT(!j->fails);
    j->done++;
}

static void a_broken_invariant_ends_only_what_is_guarded(void **state)
{
    (void)state;
    sim_err why = {"untouched"};
    job good = {0}, bad = {.fails = 1};

    for (int i = 1; i <= 3; i++) { /* and the next one is guarded again */
        assert_int_equal(sim_guard(work, &bad, &why), 0);
        assert_int_equal(bad.begun, i);
        assert_int_equal(bad.done, 0);
    }
    assert_non_null(strstr(why.text, "tests/lib/test_base.c:"));
    assert_non_null(strstr(why.text, ": broken invariant: !j->fails"));
    (void)err_set(&why, SIM_OK, "untouched");
    assert_int_equal(sim_guard(work, &good, &why), 1);
    assert_int_equal(good.done, 1);
    assert_string_equal(why.text, "untouched");
}

/* How a child ends that does this: its wait status. */
static int end_of(void (*child)(void))
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(9);
        child();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void fail_after_a_guard(void)
{
    sim_err why;
    job good = {0}, bad = {.fails = 1};

    if (sim_guard(work, &good, &why) != 1 || sim_guard(work, &bad, &why) != 0)
        _exit(8);
    work(&bad);
}

static void guard_again(void *self)
{
    sim_err why;

    (void)!sim_guard(work, self, &why);
}

static void *fail_guarded(void *unused)
{
    sim_err why;
    job bad = {.fails = 1};

    if (sim_guard(work, &bad, &why) != 0 || bad.begun != 1)
        _exit(7);
    return unused;
}

/* Another thread is guarded and fails in the middle. */
static void work_beside(void *self)
{
    pthread_t other;

    if (pthread_create(&other, NULL, fail_guarded, NULL) != 0 || pthread_join(other, NULL) != 0)
        _exit(6);
    work(self);
}

static void guard_two_threads(void)
{
    sim_err why;
    job good = {0}, bad = {.fails = 1};

    if (sim_guard(work_beside, &good, &why) != 1 || good.done != 1)
        _exit(8);
    if (sim_guard(work_beside, &bad, &why) != 0 || bad.begun != 1)
        _exit(9);
}

static void a_broken_invariant_outside_of_a_guard_aborts(void **state)
{
    (void)state;
    int status = end_of(fail_after_a_guard);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void each_thread_has_its_own_guard(void **state)
{
    (void)state;
    assert_int_equal(end_of(guard_two_threads), 0);
}

static void a_guard_in_a_guard_is_a_broken_invariant(void **state)
{
    (void)state;
    sim_err why = {""};
    job good = {0};

    assert_int_equal(sim_guard(guard_again, &good, &why), 0);
    assert_int_equal(good.begun, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(error_returns_its_status_and_text),
    cmocka_unit_test(prefixes_nest_from_the_inside_out),
    cmocka_unit_test(control_characters_cannot_break_the_line),
    cmocka_unit_test(long_text_is_cut_between_characters),
    cmocka_unit_test(the_nearest_name_is_suggested_if_it_is_near),
    cmocka_unit_test(memory_is_zeroed_and_grows),
    cmocka_unit_test(a_broken_invariant_ends_only_what_is_guarded),
    cmocka_unit_test(a_broken_invariant_outside_of_a_guard_aborts),
    cmocka_unit_test(each_thread_has_its_own_guard),
    cmocka_unit_test(a_guard_in_a_guard_is_a_broken_invariant),
};

int main(void)
{
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
