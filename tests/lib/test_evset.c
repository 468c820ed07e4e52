/* SPDX-License-Identifier: Apache-2.0 */
/* test_evset: order, exact times and moves of the base, against a plain scan of an array. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/lib/evset.h"

#define LATEST (PS_NEVER - 1)

/* The memory is exactly as large as asked for, so that the address sanitizer sees one word more. */
typedef struct {
    evset set;
    void *memory;
} fixture;

static fixture *fixture_new(uint32_t slots)
{
    fixture *f = sim_alloc(1, sizeof *f);
    f->memory = sim_alloc(evset_bytes(slots), 1);
    evset_init(&f->set, slots, f->memory);
    return f;
}

static void fixture_free(fixture *f)
{
    free(f->memory);
    free(f);
}

static void assert_takes(evset *set, uint32_t slot, int64_t at)
{
    uint32_t peeked = UINT32_MAX, taken = UINT32_MAX;
    int64_t taken_at = -1;
    assert_int_equal(evset_peek(set, &peeked), at);
    assert_int_equal(peeked, slot);
    assert_int_equal(evset_take(set, &taken_at, &taken), 1);
    assert_int_equal(taken, slot);
    assert_int_equal(taken_at, at);
    assert_int_equal(set->now, at);
    assert_int_equal(evset_at(set, slot), PS_NEVER);
}

static uint32_t pending(const evset *set)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < set->slots; slot++)
        count += evset_at(set, slot) != PS_NEVER;
    return count;
}

static void assert_empty(evset *set)
{
    int64_t at = 0;
    uint32_t slot = 0;
    assert_int_equal(pending(set), 0);
    assert_int_equal(evset_peek(set, &slot), PS_NEVER);
    assert_int_equal(evset_take(set, &at, &slot), 0);
}

/* Longest time ahead of the base that is still packed. */
static int64_t reach(const evset *set)
{
    return (int64_t)set->far - 1;
}

static void an_empty_set_gives_never_and_takes_nothing(void **state)
{
    (void)state;
    static const uint32_t slots[] = {1, 2, 3, 16};
    for (uint32_t i = 0; i < 4; i++) {
        fixture *f = fixture_new(slots[i]);
        assert_empty(&f->set);
        evset_set(&f->set, slots[i] - 1, 5);
        assert_int_equal(pending(&f->set), 1);
        assert_takes(&f->set, slots[i] - 1, 5);
        assert_empty(&f->set);
        fixture_free(f);
    }
}

static void equal_times_are_taken_in_slot_order(void **state)
{
    (void)state;
    fixture *f = fixture_new(100);
    for (uint32_t k = 0; k < 100; k++)
        evset_set(&f->set, k * 37 % 100, 1000);
    for (uint32_t slot = 0; slot < 100; slot++)
        assert_takes(&f->set, slot, 1000);
    assert_empty(&f->set);
    fixture_free(f);
}

static void setting_again_retimes_and_never_cancels(void **state)
{
    (void)state;
    fixture *f = fixture_new(4);
    evset_set(&f->set, 0, 10);
    evset_set(&f->set, 1, 20);
    evset_set(&f->set, 2, 30);
    evset_set(&f->set, 0, 25);
    evset_set(&f->set, 2, 5);
    evset_set(&f->set, 1, PS_NEVER);
    evset_set(&f->set, 3, PS_NEVER);
    assert_int_equal(pending(&f->set), 2);
    assert_int_equal(evset_at(&f->set, 0), 25);
    assert_int_equal(evset_at(&f->set, 1), PS_NEVER);
    assert_takes(&f->set, 2, 5);
    assert_takes(&f->set, 0, 25);
    assert_empty(&f->set);
    fixture_free(f);
}

/* A take leaves the path above its leaf stale; each kind of next call must cope. */
static void any_call_may_follow_a_take(void **state)
{
    (void)state;
    for (uint32_t next = 0; next < 6; next++) {
        fixture *f = fixture_new(8);
        evset *set = &f->set;
        int64_t at = 0;
        uint32_t slot = 0;
        for (uint32_t k = 0; k < 4; k++)
            evset_set(set, k, 10 * (1 + (int64_t)k));
        assert_int_equal(evset_take(set, &at, &slot), 1);
        if (next == 0)
            evset_set(set, 0, 15); /* the slot itself */
        else if (next == 1)
            evset_set(set, 1, 15); /* its sibling */
        else if (next == 2)
            evset_set(set, 7, 15); /* a far cousin */
        else if (next == 3)
            evset_set(set, 0, PS_NEVER);
        else if (next == 4)
            evset_set(set, 5, 15); /* one that was free */
        if (next == 0 || next == 1 || next == 2 || next == 4)
            assert_takes(set, (const uint32_t[]){0, 1, 7, 0, 5}[next], 15);
        if (next != 1)
            assert_takes(set, 1, 20);
        assert_takes(set, 2, 30);
        assert_takes(set, 3, 40);
        assert_empty(set);
        fixture_free(f);
    }
}

static void far_times_are_taken_by_time_and_not_by_slot(void **state)
{
    (void)state;
    fixture *f = fixture_new(4096);
    int64_t far = 10 * reach(&f->set);
    evset_set(&f->set, 7, far + 2);
    evset_set(&f->set, 9, far + 1);
    evset_set(&f->set, 4095, far);
    evset_set(&f->set, 1, LATEST);
    assert_int_equal(f->set.base, 0);
    assert_takes(&f->set, 4095, far);
    assert_int_equal(f->set.base, far);
    assert_takes(&f->set, 9, far + 1);
    assert_takes(&f->set, 7, far + 2);
    assert_takes(&f->set, 1, LATEST);
    assert_empty(&f->set);
    fixture_free(f);
}

/* The last time that is packed and the first that is not, one picosecond apart. */
static void the_edge_of_what_is_packed_keeps_the_order(void **state)
{
    (void)state;
    fixture *f = fixture_new(16);
    int64_t last = reach(&f->set);
    evset_set(&f->set, 15, last);
    evset_set(&f->set, 0, last + 1);
    evset_set(&f->set, 8, last + 2);
    evset_set(&f->set, 3, last);
    assert_takes(&f->set, 3, last);
    assert_takes(&f->set, 15, last);
    assert_int_equal(f->set.base, 0);
    assert_takes(&f->set, 0, last + 1);
    assert_takes(&f->set, 8, last + 2);
    assert_empty(&f->set);
    fixture_free(f);
}

static void a_tie_set_before_and_after_a_move_of_the_base_keeps_slot_order(void **state)
{
    (void)state;
    fixture *f = fixture_new(4096);
    int64_t step = reach(&f->set) + 10, tie = step + 100;
    evset_set(&f->set, 50, tie); /* far when it is set */
    evset_set(&f->set, 10, step);
    assert_takes(&f->set, 10, step);
    assert_int_equal(f->set.base, step);
    evset_set(&f->set, 60, tie); /* packed when it is set */
    evset_set(&f->set, 40, tie);
    assert_takes(&f->set, 40, tie);
    assert_takes(&f->set, 50, tie);
    assert_takes(&f->set, 60, tie);
    assert_empty(&f->set);
    fixture_free(f);
}

static void far_ties_are_taken_in_slot_order(void **state)
{
    (void)state;
    fixture *f = fixture_new(100);
    for (uint32_t slot = 0; slot < 100; slot++)
        evset_set(&f->set, 99 - slot, LATEST - (slot % 2));
    for (uint32_t slot = 0; slot < 100; slot += 2)
        assert_takes(&f->set, slot, LATEST - 1);
    for (uint32_t slot = 1; slot < 100; slot += 2)
        assert_takes(&f->set, slot, LATEST);
    assert_empty(&f->set);
    fixture_free(f);
}

/* A peek that sees only far events moves the base past now; nearer ones may still be set. */
static void a_time_before_a_base_that_a_peek_moved_is_taken_first(void **state)
{
    (void)state;
    fixture *f = fixture_new(4096);
    int64_t far = 3 * reach(&f->set);
    evset_set(&f->set, 1, far);
    assert_int_equal(evset_peek(&f->set, NULL), far);
    assert_int_equal(f->set.base, far);
    evset_set(&f->set, 3, far + 1);
    evset_set(&f->set, 5, 0);
    evset_set(&f->set, 2, far);
    assert_takes(&f->set, 5, 0);
    assert_takes(&f->set, 1, far);
    assert_takes(&f->set, 2, far);
    assert_takes(&f->set, 3, far + 1);
    assert_empty(&f->set);
    fixture_free(f);
}

static void the_last_picosecond_of_int64_is_a_time_like_any(void **state)
{
    (void)state;
    static const uint32_t slots[] = {1, 2, 3, 4096};
    for (uint32_t i = 0; i < 4; i++) {
        fixture *f = fixture_new(slots[i]);
        uint32_t last = slots[i] - 1;
        evset_set(&f->set, last, LATEST);
        assert_takes(&f->set, last, LATEST);
        evset_set(&f->set, last, LATEST);
        evset_set(&f->set, 0, LATEST);
        assert_takes(&f->set, 0, LATEST);
        if (last > 0)
            assert_takes(&f->set, last, LATEST);
        assert_empty(&f->set);
        fixture_free(f);
    }
}

/* Calls `broken` in a child, which must abort. */
static void assert_aborts(void (*broken)(evset *set))
{
    fixture *f = fixture_new(3);
    evset_set(&f->set, 0, 100);
    assert_takes(&f->set, 0, 100);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        broken(&f->set);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    fixture_free(f);
}

static void set_in_the_past(evset *set)
{
    evset_set(set, 1, 99);
}

static void set_a_slot_too_many(evset *set)
{
    evset_set(set, 3, 101);
}

static void init_without_slots(evset *set)
{
    evset_init(set, 0, set->node);
}

static void a_broken_invariant_aborts(void **state)
{
    (void)state;
    assert_aborts(set_in_the_past);
    assert_aborts(set_a_slot_too_many);
    assert_aborts(init_without_slots);
}

/* The reference of the random programs: a scan of the array for the least time, lowest slot. */
typedef struct {
    uint64_t random; /* state of the generator */
    uint32_t slots;
    uint32_t moves; /* of the base, seen */
    uint64_t operations;
    int64_t now;
    int64_t *at;
} reference;

static uint64_t draw(reference *r, uint64_t below)
{
    r->random = r->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t x = (r->random ^ r->random >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return (x >> 33) % below;
}

static uint32_t scan(const reference *r)
{
    uint32_t best = 0;
    for (uint32_t slot = 1; slot < r->slots; slot++)
        if (r->at[slot] < r->at[best])
            best = slot;
    return best;
}

/* Mostly near and tied; now and then anywhere up to the end of int64. */
static int64_t draw_time(reference *r)
{
    uint64_t ahead = 0;
    switch (draw(r, 8)) {
    case 0:
        return r->at[draw(r, r->slots)]; /* a tie, or never */
    case 1:
        ahead = draw(r, 1000);
        break;
    case 2:
        ahead = (draw(r, UINT64_C(1) << 31) << 31) >> draw(r, 62);
        break;
    case 3:
        ahead = (uint64_t)(LATEST - r->now) - draw(r, 3); /* wraps at the very end: the room */
        break;
    default:
        ahead = draw(r, 4);
    }
    uint64_t room = (uint64_t)(LATEST - r->now);
    return r->now + (int64_t)(ahead < room ? ahead : room);
}

static void random_take(evset *set, reference *r)
{
    uint32_t expected = scan(r), slot = UINT32_MAX;
    int64_t at = -1;
    int taken = evset_take(set, &at, &slot);
    assert_int_equal(taken, r->at[expected] != PS_NEVER);
    if (!taken)
        return;
    assert_int_equal(at, r->at[expected]);
    assert_int_equal(slot, expected);
    r->now = at;
    r->at[slot] = PS_NEVER;
}

static void random_peek(evset *set, reference *r)
{
    uint32_t expected = scan(r), slot = expected;
    assert_int_equal(evset_peek(set, &slot), r->at[expected]);
    assert_int_equal(slot, expected);
}

static void random_burst(evset *set, reference *r)
{
    for (uint64_t k = draw(r, 1 + r->slots / 4) + 1; k > 0; k--) {
        uint32_t slot = (uint32_t)draw(r, r->slots);
        r->at[slot] = draw_time(r);
        evset_set(set, slot, r->at[slot]);
        r->operations++;
    }
}

static void random_operation(evset *set, reference *r)
{
    uint32_t slot = (uint32_t)draw(r, r->slots);
    uint64_t kind = draw(r, 64);
    int64_t base = set->base;
    if (kind == 0) {
        random_burst(set, r);
    } else if (kind < 8) {
        r->at[slot] = PS_NEVER;
        evset_set(set, slot, PS_NEVER);
    } else if (kind < 14) {
        random_peek(set, r);
    } else if (kind < 36) {
        random_take(set, r);
    } else {
        r->at[slot] = draw_time(r);
        evset_set(set, slot, r->at[slot]);
    }
    r->operations++;
    r->moves += set->base != base;
    assert_int_equal(set->now, r->now);
}

/* Short programs, each from time 0, since a far event soon leads to the end of int64. */
static uint64_t random_programs(uint32_t slots, uint32_t programs, uint32_t length)
{
    reference r = {.random = slots, .slots = slots, .at = sim_alloc(slots, sizeof(int64_t))};
    fixture *f = fixture_new(slots);
    for (uint32_t p = 0; p < programs; p++) {
        evset_init(&f->set, slots, f->memory);
        r.now = 0;
        for (uint32_t slot = 0; slot < slots; slot++)
            r.at[slot] = PS_NEVER;
        for (uint32_t k = 0; k < length; k++)
            random_operation(&f->set, &r);
        for (uint32_t slot = 0; slot < slots; slot++)
            assert_int_equal(evset_at(&f->set, slot), r.at[slot]);
        while (pending(&f->set) > 0)
            random_take(&f->set, &r);
        assert_int_equal(r.at[scan(&r)], PS_NEVER);
    }
    assert_true(slots == 1 || r.moves >= programs / 2);
    fixture_free(f);
    free(r.at);
    return r.operations;
}

static void random_programs_equal_a_plain_scan(void **state)
{
    (void)state;
    uint64_t operations = random_programs(1, 1000, 100);
    operations += random_programs(2, 3000, 100);
    operations += random_programs(3, 3000, 100);
    operations += random_programs(16, 2500, 100);
    operations += random_programs(100, 400, 300);
    operations += random_programs(4096, 10, 500);
    assert_true(operations >= 1000000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_set_gives_never_and_takes_nothing),
        cmocka_unit_test(equal_times_are_taken_in_slot_order),
        cmocka_unit_test(setting_again_retimes_and_never_cancels),
        cmocka_unit_test(any_call_may_follow_a_take),
        cmocka_unit_test(far_times_are_taken_by_time_and_not_by_slot),
        cmocka_unit_test(the_edge_of_what_is_packed_keeps_the_order),
        cmocka_unit_test(a_tie_set_before_and_after_a_move_of_the_base_keeps_slot_order),
        cmocka_unit_test(far_ties_are_taken_in_slot_order),
        cmocka_unit_test(a_time_before_a_base_that_a_peek_moved_is_taken_first),
        cmocka_unit_test(the_last_picosecond_of_int64_is_a_time_like_any),
        cmocka_unit_test(a_broken_invariant_aborts),
        cmocka_unit_test(random_programs_equal_a_plain_scan),
    };
    return cmocka_run_group_tests_name("evset", tests, NULL, NULL);
}
