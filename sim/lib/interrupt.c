/* SPDX-License-Identifier: Apache-2.0 */
/* interrupt: one handler for all, and a list of what it undoes. */
#include "sim/lib/interrupt.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

static volatile sig_atomic_t asks;  /* the first signal of each number only asks */
static volatile sig_atomic_t asked; /* a bit for each number that has */
static volatile sig_atomic_t held;
static volatile sig_atomic_t late; /* the signal that came meanwhile */
/* Outside of any struct, because a handler is handed nothing. */
static interrupt_duty *volatile duties;

static void undo_all(void)
{
    for (interrupt_duty *d = duties; d; d = d->next)
        d->undo(d->self);
    duties = NULL;
}

static void end_by(int number)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};

    undo_all();
    (void)sigaction(number, &usual, NULL);
    (void)raise(number); /* from a handler: as soon as it returns */
}

static void on_signal(int number)
{
    const int error = errno;
    int bit = 1;

    for (int i = 0; i < NUMBERS && numbers[i] != number; i++)
        bit <<= 1;
    if (asks && !(asked & bit))
        asked |= bit;
    else if (held)
        late = number;
    else
        end_by(number);
    errno = error;
}

static void catch_one(int number, int even_ignored)
{
    struct sigaction now, catch = {.sa_handler = on_signal};

    if (!even_ignored && (sigaction(number, NULL, &now) != 0 || now.sa_handler == SIG_IGN))
        return;
    for (int i = 0; i < NUMBERS; i++)
        (void)sigaddset(&catch.sa_mask, numbers[i]);
    (void)sigaction(number, &catch, NULL);
}

void interrupt_begin(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGXFSZ, &ignore, NULL);
    for (int i = 0; i < NUMBERS; i++)
        catch_one(numbers[i], 0);
    (void)atexit(undo_all);
}

void interrupt_ask(void)
{
    asks = 1;
    for (int i = 0; i < NUMBERS; i++)
        catch_one(numbers[i], numbers[i] != SIGHUP);
}

const volatile sig_atomic_t *interrupt_asked(void)
{
    return &asked;
}

void interrupt_add(interrupt_duty *duty)
{
    SIM_ASSERT(duty->undo);
    duty->next = duties;
    duties = duty;
}

void interrupt_drop(interrupt_duty *duty)
{
    interrupt_duty *before = duties;

    SIM_ASSERT(duty->undo && duty->next != duty);
    if (before == duty)
        duties = duty->next;
    while (before && before->next != duty)
        before = before->next;
    if (before)
        before->next = duty->next;
}

void interrupt_hold(void)
{
    SIM_ASSERT(held >= 0);
    held++;
}

void interrupt_release(void)
{
    SIM_ASSERT(held > 0);
    held--;
    if (held == 0 && late)
        end_by((int)late);
}
