/* SPDX-License-Identifier: Apache-2.0 */
/* say: the value of a shared word, and what a step did to it, in words. */
#include "models/protocol/say.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 32 };

void say_value(step_kind kind, uint32_t value, char out[SAY_VALUE])
{
    const char *word = NULL;

    if (kind == FIELD_DOOR && value == STEP_LOCKED)
        word = "locked";
    else if (kind == FIELD_BSP && value == UINT32_MAX)
        word = "nobody";
    else if (kind == FIELD_LOCK && value < 2)
        word = value ? "held" : "free";
    else if (kind == FIELD_BUSY && (value == 1 || value == 2))
        word = value == 1 ? "free" : "held";
    if (word)
        (void)snprintf(out, SAY_VALUE, "%s", word);
    else if (kind == FIELD_BSP)
        (void)snprintf(out, SAY_VALUE, "CPU %u", value);
    else if (kind == FIELD_JOB && value > 0)
        (void)snprintf(out, SAY_VALUE, "job %u%s", (value & ~STEP_JOB_TOKEN) - 1,
                       value & STEP_JOB_TOKEN ? " with token" : "");
    else
        (void)snprintf(out, SAY_VALUE, "%u", value);
}

/* An access of a word whose field is of that kind. */
static void say_word(step_kind kind, const char *name, const say_step *step, char out[SAY_TEXT])
{
    const step_request *r = &step->request;
    char is[SAY_VALUE], a[SAY_VALUE], b[SAY_VALUE];

    say_value(kind, step->result.value, is);
    say_value(kind, r->a, a);
    say_value(kind, r->op == STEP_ADD ? step->result.value + r->a : r->b, b);
    if (r->op == STEP_STORE)
        (void)snprintf(out, SAY_TEXT, "%s := %s", name, a);
    else if (r->op == STEP_ADD || (r->op == STEP_CAS && step->result.value == r->a))
        (void)snprintf(out, SAY_TEXT, "%s := %s, was %s", name, b, is);
    else if (r->op == STEP_CAS)
        (void)snprintf(out, SAY_TEXT, "%s is %s, not %s", name, is, a);
    else if (step->result.timed_out)
        (void)snprintf(out, SAY_TEXT, "timeout %d; %s is %s", r->bound == STEP_TIMEOUT1 ? 1 : 2,
                       name, is);
    else if (r->op == STEP_WAIT_COUNT)
        (void)snprintf(out, SAY_TEXT, "%u words from %s on are set", step->result.value, name);
    else
        (void)snprintf(out, SAY_TEXT, "%s is %s", name, is);
}

void say_access(const step_protocol *protocol, const step_config *config, const say_step *step,
                char out[SAY_TEXT])
{
    const step_request *r = &step->request;
    char name[NAME_SIZE];

    out[0] = '\0';
    if (r->op < STEP_LOCAL) {
        step_word_name(protocol, config, r->word, name, sizeof name);
        say_word(step_word_kind(protocol, config, r->word), name, step, out);
    } else if (r->op == STEP_IPI) {
        (void)snprintf(out, SAY_TEXT, "to CPU %u", r->target);
    } else if (r->op == STEP_ASK && r->local == ASK_SYNC_NEEDED) {
        (void)snprintf(out, SAY_TEXT, "%s", step->result.value ? "yes" : "no: local machine check");
    }
}

void say_row(const step_row *row, const char *access, char *out, size_t size)
{
    const int asks = row->what[0] && row->what[strlen(row->what) - 1] == '?';

    (void)snprintf(out, size, "%s%s%s%s%s", row->what, *row->marker ? " " : "", row->marker,
                   !*access ? ""
                   : asks   ? " "
                            : ": ",
                   access);
}
