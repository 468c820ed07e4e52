/* SPDX-License-Identifier: Apache-2.0 */
/* attempt: guards a run, and writes the command that repeats it. */
#include "workloads/attempt.h"

#include <string.h>

void attempt_init(attempt *a)
{
    memset(a, 0, sizeof *a);
    record_init(&a->record);
}

void attempt_setup(attempt *a, const machine_setup *setup)
{
    machine_free(a->machine);
    a->machine = NULL;
    if (a->rules && a->setup)
        rules_watch_free(&a->watch);
    if (a->rules && setup)
        rules_watch_init(&a->watch, setup, a->rules);
    a->setup = setup;
    memset(a->used, 0, sizeof a->used);
}

void attempt_free(attempt *a)
{
    attempt_setup(a, NULL);
    record_free(&a->record);
    metrics_free(&a->one);
}

machine *attempt_machine(attempt *a)
{
    SIM_ASSERT(a->setup);
    if (!a->machine)
        a->machine = machine_new(a->setup);
    return a->machine;
}

typedef struct {
    attempt *of;
    uint64_t seed;
    uint32_t repetition;
} trying;

static void tell_rules(attempt *a)
{
    const rules_watch *w = &a->watch;
    char text[sizeof a->record.stuck];

    if (!rules_watch_end(&a->watch, &a->record))
        return;
    (void)snprintf(text, sizeof text, "broken invariant: %s at %lld ps, CPU %u: %s\n%.1500s",
                   rules[w->first].name, (long long)w->at, w->cpu, rules[w->first].broken,
                   a->record.stuck);
    memcpy(a->record.stuck, text, sizeof text);
}

static void run(void *self)
{
    const trying *t = self;
    attempt *a = t->of;

    if (a->rules)
        rules_watch_begin(&a->watch);
    machine_run(attempt_machine(a), t->seed, t->repetition, &a->record,
                a->rules ? &a->watch.observer : NULL);
    if (a->rules)
        tell_rules(a);
    metrics_collect(&a->one, &a->record);
}

int attempt_run(attempt *a, uint64_t seed, uint32_t repetition)
{
    trying t = {a, seed, repetition};
    sim_err why;
    int whole;

    metrics_clear(&a->one);
    whole = sim_guard(run, &t, &why);
    for (int id = 0; id < P_COUNT && a->machine; id++)
        a->used[id] |= machine_used(a->machine)[id];
    if (whole)
        return 1;
    machine_free(a->machine);
    a->machine = NULL;
    record_clear(&a->record);
    (void)snprintf(a->record.stuck, sizeof a->record.stuck, "%s\n", why.text);
    metrics_clear(&a->one);
    return 0;
}

/* ---- again ------------------------------------------------------------------------------ */

void attempt_word(bytes *to, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_=./:,%+@";
    int quote = *word == '\0' || strspn(word, plain) != strlen(word);
    int control = 0; /* what would break the line is written as $'\012' */

    for (const char *c = word; *c; c++)
        control |= (unsigned char)*c < ' ' || *c == 0x7f;
    bytes_add(to, " ", 1);
    if (quote)
        bytes_add(to, control ? "$'" : "'", control ? 2 : 1);
    for (; *word; word++) {
        char octal[8];
        int length = snprintf(octal, sizeof octal, "\\%03o", (unsigned)(unsigned char)*word);

        if (control && (strchr("\\'", *word) || (unsigned char)*word < ' ' || *word == 0x7f))
            bytes_add(to, octal, (size_t)length);
        else if (*word == '\'')
            bytes_add(to, "'\\''", 4);
        else
            bytes_add(to, word, 1);
    }
    if (quote)
        bytes_add(to, "'", 1);
}

void attempt_options(const attempt_again *again, bytes *to)
{
    bytes word = {0};
    char numbers[80];

    for (int i = 0; i < again->settings; i++) {
        const experiment_setting *s = &again->setting[i];

        bytes_clear(&word);
        bytes_add(&word, s->name, strlen(s->name));
        bytes_add(&word, "=", 1);
        bytes_add(&word, s->value, strlen(s->value) + 1);
        bytes_add(to, " --set", 6);
        attempt_word(to, (const char *)word.at);
    }
    bytes_free(&word);
    (void)snprintf(numbers, sizeof numbers, " --seed %llu --reps %llu",
                   (unsigned long long)again->seed, (unsigned long long)again->last + 1);
    bytes_add(to, numbers, strlen(numbers));
    if (again->check) {
        bytes_add(to, " --check", 8);
        attempt_word(to, again->check);
    }
}

void attempt_command(const attempt_again *again, bytes *to)
{
    bytes_add(to, "smmsim run", 10);
    attempt_options(again, to);
    bytes_add(to, "", 1);
}

void attempt_tell(FILE *to, const char *who, const char *why, const attempt_again *again)
{
    int first = (int)strcspn(why, "\n");
    bytes command = {0};

    (void)fprintf(to, "smmsim: %srepetition %llu (seed %llu): %.*s", who,
                  (unsigned long long)again->last, (unsigned long long)again->seed, first, why);
    if (strstr(why, "broken invariant")) {
        attempt_command(again, &command);
        (void)fprintf(to, " (again: %s)", (const char *)command.at);
        bytes_free(&command);
    }
    (void)fputs(why + first, to);
}
