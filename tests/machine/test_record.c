/* SPDX-License-Identifier: Apache-2.0 */
/* test_record: tables of a record get their room outside of events, and a run does not notice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/rig.h"

static void room_is_for_so_many_more_and_keeps_what_is_there(void **state)
{
    run_record r;

    (void)state;
    record_init(&r);
    for (uint64_t begun = 0; begun < 1000; begun += 10) {
        record_reserve(&r, &(record_room){10, 10, 10, 10});
        assert_true(r.trigger_room >= begun + 10 && r.call_room >= begun + 10);
        for (uint32_t i = 0; i < 10; i++) {
            assert_int_equal(record_trigger(&r), begun + i);
            assert_int_equal(record_visit(&r), begun + i);
            assert_int_equal(record_round(&r), begun + i);
            assert_int_equal(record_call(&r), begun + i);
            assert_int_equal(r.visit[begun + i].stopped, 0);
            r.visit[begun + i].stopped = (int64_t)begun + i + 1;
            r.trigger[begun + i].call = 7;
        }
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(r.visit[i].stopped, i + 1);
    record_clear(&r);
    assert_int_equal(r.visits, 0);
    assert_true(r.visit_room >= 1000); /* kept, and what was there is not seen again */
    assert_int_equal(record_visit(&r), 0);
    assert_int_equal(r.visit[0].stopped, 0);
    assert_int_equal(record_trigger(&r), 0);
    assert_int_equal(r.trigger[0].call, 0);
    record_free(&r);
}

typedef struct {
    const run_record *record;
    run_record before; /* its tables at the last event */
    int moved;
} mover;

static void note_move(void *self, const machine_event *event)
{
    mover *w = self;
    const run_record *r = w->record;

    (void)event;
    w->moved += r->visit_room != w->before.visit_room || r->round_room != w->before.round_room;
    /* nothing is short of room while an event is dispatched */
    assert_true(r->visits <= r->visit_room && r->rounds <= r->round_room);
    w->before = *r;
}

/* 4 threads write 200 times each on 4 CPUs: some 3000 visits, where there is room for 256 at first.
 */
#define MANY "each,smi,,,\"uniform(1us,9us)\",,200\n"

static void run_that_outgrows_its_record_goes_on_as_if_it_had_not(void **state)
{
    mover w = {0};
    const machine_observer observer = {note_move, &w};
    uint64_t digest, visits, room;
    const void *tables[4];
    rig g;

    (void)state;
    rig_load(&g, MANY, "cpus=4");
    w.record = &g.r;
    rig_again(&g, 1, 0, &observer);
    digest = g.r.digest;
    visits = g.r.visits;
    room = g.r.visit_room;
    assert_true(visits > 1000 && w.moved > 1);
    assert_int_equal(g.r.call_room, 800); /* as many as the program has */
    assert_int_equal(g.r.trigger_room, 800);
    memcpy(tables, (const void *[]){g.r.trigger, g.r.visit, g.r.round, g.r.call}, sizeof tables);
    for (uint32_t again = 0; again < 3; again++) { /* from now on there is room */
        rig_again(&g, 1, again == 2 ? 0 : again, NULL);
        assert_int_equal(g.r.visit_room, room);
        assert_ptr_equal(g.r.trigger, tables[0]);
        assert_ptr_equal(g.r.visit, tables[1]);
        assert_ptr_equal(g.r.round, tables[2]);
        assert_ptr_equal(g.r.call, tables[3]);
    }
    assert_int_equal(g.r.digest, digest);
    assert_int_equal(g.r.visits, visits);
    rig_free(&g);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(room_is_for_so_many_more_and_keeps_what_is_there),
    cmocka_unit_test(run_that_outgrows_its_record_goes_on_as_if_it_had_not),
};

int main(void)
{
    return cmocka_run_group_tests_name("record", tests, scratch_enter, scratch_leave);
}
