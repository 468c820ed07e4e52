/* SPDX-License-Identifier: Apache-2.0 */
/* test_explore_request: options of explore and replay that mean nothing are refused, with a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tests/explore_args.h"

static void refuses(const char *line, const char *why)
{
    char text[EXPLORE_ARGS_TEXT];
    explore_request r;
    sim_err err;

    if (explore_args_line(line, text, &r, &err) != SIM_BAD_INPUT || !strstr(err.text, why))
        fail_msg("%s: not refused with '%s'", line, why);
}

static void takes(const char *line, explore_request *r)
{
    char text[EXPLORE_ARGS_TEXT];
    sim_err err;

    if (explore_args_line(line, text, r, &err) != SIM_OK)
        fail_msg("%s: refused: %s", line, err.text);
    explore_request_free(r);
}

static void options_without_effect_are_refused(void **state)
{
    (void)state;
    refuses("explore --random 5 --deviations 2", "--deviations has no effect with --random");
    refuses("explore --seed 3", "(would be right: with --random)");
    refuses("explore --journal x", "(would be right: with --table)");
    refuses("explore --table --protocol edk2-2017", "--protocol has no effect with --table");
    refuses("explore --table --cpus 2", "--cpus has no effect with --table");
    refuses("explore --table --set cpus=2", "--set has no effect with --table");
    refuses("explore --mutant F31 --cpus 3", "--cpus has no effect with a bug that has a model");
    refuses("explore --mutant F31 --random 5", "--random has no effect");
    refuses("explore --mutant F31 --properties door", "--properties has no effect");
    refuses("replay --mutant F31 0 --cpus 2", "a model of its own");
    refuses("replay --mutant F31 0 --violates door", "no rule of F31");
    refuses("replay --random 3 p0",
            "--random: replay does not take it (would be right: with smmsim explore)");
    refuses("explore --digest 0123456789abcdef", "--digest: explore does not take it");
}

/* What would be right is not what stands there already. */
static void hints_do_not_recommend_what_was_given(void **state)
{
    (void)state;
    refuses("explore --mutant F10 --random 10",
            "--random has no effect with a bug that has a model of its own (would be right: "
            "without it, or without --mutant F10)");
    refuses("explore --random 10 --fixed F10", "without it, or without --fixed F10)");
    refuses("explore --properties no-livelock --mutant F10",
            "--properties has no effect with a bug that has a model of its own (would be right: "
            "without it, or without --mutant F10)");
    refuses("explore --random 5 --deviations 3",
            "--deviations has no effect with --random (would be right: without it, or without "
            "--random)");
    refuses("explore --table --random 5", "(would be right: without it, or without --table)");
    refuses("replay --mutant F10 0 --random 5", "(would be right: with smmsim explore)");
    refuses("explore --mutant F10 --loop 5", "(would be right: with smmsim replay)");
}

/* A digest of nothing but zeros is one. */
static void a_digest_of_zeros_is_a_digest(void **state)
{
    explore_request r;

    (void)state;
    takes("replay --digest 0000000000000000 p0", &r);
    assert_true(r.has_digest);
    takes("replay p0", &r);
    assert_false(r.has_digest);
}

static void values_without_meaning_are_refused(void **state)
{
    (void)state;
    refuses("explore --random 0", "--random: 0 is out of bounds (1 to 9223372036854775807)");
    refuses("explore --deviations 4294967296",
            "--deviations: 4294967296 is out of bounds (0 to 10000)");
    refuses("explore --cpus 0", "--cpus: cpus: 0 is below 1 (1 to 4096)");
    refuses("explore --cpus 3 --set cpus.possible=2", "(would be right: 3 or more)");
    refuses("explore --properties -", "--properties: unknown rule");
    refuses("explore --set handler.services=job:7", "not there");
    refuses("explore --set handler.services=job:0", "the BSP");
    refuses("explore --set handler.services=job:1 --set bsp.boot_cpu=1", "the BSP");
    refuses("explore --protocol edk2-2017 --set handler.services=rendezvous",
            "no rendezvous service");
    refuses("replay --digest zzz p0", "16 hexadecimal digits");
    refuses("replay --digest 0123456789abcdef0 p0", "16 hexadecimal digits");
    refuses("explore --cpus 9", "too many to search in full");
    refuses("explore p0", "explore takes options only");
    refuses("explore --random 9 --properties no-livelock", "cannot be judged with --random");
    refuses("explore --deviations 2 --properties no-livelock",
            "cannot be judged with --deviations");
    refuses("replay --loop 2 --violates no-deadlock p0", "only a livelock comes back");
    refuses("explore --loop 2", "does not take it (would be right: with smmsim replay)");
    refuses("replay", "no schedule");
}

static void one_bug_at_a_time(void **state)
{
    explore_request r;

    (void)state;
    refuses("explore --mutant F01 --mutant F02", "a second bug, after F01 (would be right: one)");
    refuses("explore --mutant F01 --fixed F01", "a second bug, after F01 (would be right: one)");
    refuses("explore --mutant F31 --mutant F01", "a second bug");
    refuses("explore --mutant F01 --mutant F31", "a second bug");
    refuses("explore --mutant F31 --fixed F31", "a second bug");
    takes("explore --mutant F01 --mutant F01", &r);
}

static void a_bug_is_judged_by_what_it_breaks_unless_told_otherwise(void **state)
{
    explore_request r;

    (void)state;
    takes("explore --mutant F09", &r);
    assert_int_equal(r.options.watch, 1u << RULE_NO_DEADLOCK);
    takes("explore --fixed F04", &r);
    assert_int_equal(r.options.watch, 1u << RULE_DOOR);
    assert_string_equal(r.settings.protocol->name, "edk2-202402");
    takes("explore --mutant F01 --properties clean", &r);
    assert_int_equal(r.options.watch, 1u << RULE_CLEAN);
}

/* A bug's settings come first, wherever it stands. */
static void options_before_a_bug_win_too(void **state)
{
    explore_request before, after;

    (void)state;
    takes("explore --set timeouts=on --mutant F01", &before);
    takes("explore --mutant F01 --set timeouts=on", &after);
    assert_int_equal(before.settings.timeouts, 1);
    assert_int_equal(after.settings.timeouts, 1);
    assert_int_equal(before.settings.traditional, 0);
}

/* What is printed names all that a bug brings along, and leads back to the same settings. */
static void settings_of_a_bug_are_printed_in_full(void **state)
{
    static const char *const lines[] = {"explore --mutant F02", "explore --fixed F02",
                                        "explore --mutant F30",
                                        "explore --mutant F06 --set timeouts=on",
                                        "explore --mutant F21 --set handler.services=none"};
    static const char *const parts[] = {"--set timeouts=off", "--fixed F02 ", "--set sync.lmce=on",
                                        "--set timeouts=on", "--set handler.services=none"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[EXPLORE_ARGS_TEXT] = "explore ", words[EXPLORE_ARGS_TEXT];
        FILE *out = fmemopen(text + 8, sizeof text - 8, "w");
        explore_request r, again;
        sim_err err;

        assert_int_equal(explore_args_line(lines[i], words, &r, &err), SIM_OK);
        explore_smm_print_settings(r.params, &r.settings, out);
        assert_int_equal(fclose(out), 0);
        explore_request_free(&r);
        assert_non_null(strstr(text, parts[i]));
        takes(text, &again);
        assert_memory_equal(&again.settings, &r.settings, sizeof r.settings);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(options_without_effect_are_refused),
    cmocka_unit_test(hints_do_not_recommend_what_was_given),
    cmocka_unit_test(a_digest_of_zeros_is_a_digest),
    cmocka_unit_test(values_without_meaning_are_refused),
    cmocka_unit_test(one_bug_at_a_time),
    cmocka_unit_test(a_bug_is_judged_by_what_it_breaks_unless_told_otherwise),
    cmocka_unit_test(options_before_a_bug_win_too),
    cmocka_unit_test(settings_of_a_bug_are_printed_in_full),
};

int main(void)
{
    return cmocka_run_group_tests_name("explore_request", tests, NULL, NULL);
}
