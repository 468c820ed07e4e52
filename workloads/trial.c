/* SPDX-License-Identifier: Apache-2.0 */
/* trial: packs and unpacks the result of a repetition. */
#include "workloads/trial.h"

#include <string.h>

const char *const trial_outcomes[TRIAL_OUTCOMES] = {"ok", "hang", "broken", "stopped"};

static trial_outcome outcome(uint64_t hang, uint64_t stopped, int stuck)
{
    return hang ? TRIAL_HANG : stopped ? TRIAL_STOPPED : stuck ? TRIAL_BROKEN : TRIAL_OK;
}

trial_outcome trial_outcome_of(const run_record *record)
{
    return outcome(record->count.hang, record->count.stopped, record->stuck[0] != '\0');
}

static void pack_used(bytes *to, const uint8_t used[P_COUNT])
{
    uint8_t *bits = bytes_extend(to, (P_COUNT + 7) / 8);

    memset(bits, 0, (P_COUNT + 7) / 8);
    for (int id = 0; id < P_COUNT; id++)
        bits[id / 8] = (uint8_t)(bits[id / 8] | (used[id] != 0) << id % 8);
}

void trial_pack(bytes *to, const trial_source *source)
{
    const run_record *record = source->record;

    bytes_add_varint(to, trial_outcome_of(record));
    bytes_add_u64(to, record->digest);
    pack_used(to, source->used);
    for (int i = 0; i < METRIC_COUNT_COUNT; i++)
        bytes_add_varint(to, source->one->count[i]);
    for (int i = 0; i < PHASE_COUNT; i++)
        hist_pack_add_wide(to, (unsigned __int128)source->one->phase[i]);
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        hist_pack_add(to, &source->one->time[i]);
    bytes_add_block(to, record->stuck, strlen(record->stuck));
    for (int i = 0; i < TRIAL_DETAILS; i++)
        bytes_add_block(to, source->detail[i], source->detail_length[i]);
}

/* ---- what a repetition can leave behind -------------------------------------------------- */

/* Each value goes into the statistics of its point, and phases add up to the latency. */
static int figures_fit(const metrics *m)
{
    const hist *smi = &m->time[METRIC_SMI];
    unsigned __int128 sum = 0;

    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        if (m->time[i].max > STAT_VALUE_MAX)
            return 0;
    for (int i = 0; i < METRIC_COUNT_COUNT; i++)
        if (m->count[i] > HIST_PACK_COUNT_MAX)
            return 0;
    for (int i = 0; i < PHASE_COUNT; i++) {
        if (m->phase[i] < 0 || (unsigned __int128)m->phase[i] > smi->sum)
            return 0;
        sum += (unsigned __int128)m->phase[i];
    }
    return sum == smi->sum && smi->count <= m->count[COUNT_SMIS] &&
           m->time[METRIC_COMMAND].count <= 1 && m->time[METRIC_STOLEN].count <= 1 &&
           m->time[METRIC_CPU_TIME].count <= 1;
}

static int outcome_fits(const trial *t)
{
    const uint64_t hang = t->one.count[COUNT_HANG], stopped = t->one.count[COUNT_STOPPED];
    const trial_outcome known = outcome(hang, stopped, t->stuck_length > 0);

    return hang <= 1 && stopped <= 1 && t->outcome == known;
}

/* It is printed. */
static int is_text(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] < ' ' && text[i] != '\n') || text[i] == 0x7f)
            return 0;
    return length < sizeof((run_record *)NULL)->stuck;
}

/* Whole rows of so many plain fields; an empty table is one, too. */
static int are_rows(const char *rows, size_t length)
{
    int commas = 0, first = -1;

    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)rows[i];

        commas += c == ',';
        if (c <= ' ' ? c != '\n' : c > '~' || c == '"')
            return 0;
        if (c != '\n')
            continue;
        if (first >= 0 && commas != first)
            return 0;
        first = commas;
        commas = 0;
    }
    return length == 0 || (first > 0 && rows[length - 1] == '\n');
}

int trial_unpack(const bytes *from, trial *out)
{
    bytes_reader r = bytes_read(from->at, from->length);
    const uint64_t outcome = bytes_get_varint(&r);
    const uint8_t *bits;
    int fits = outcome < TRIAL_OUTCOMES;

    out->outcome = (uint8_t)outcome;
    out->digest = bytes_get_u64(&r);
    bits = bytes_get(&r, (P_COUNT + 7) / 8);
    for (int id = 0; id < P_COUNT && bits; id++)
        out->used[id] = bits[id / 8] >> id % 8 & 1;
    for (int i = 0; i < METRIC_COUNT_COUNT; i++)
        out->one.count[i] = bytes_get_varint(&r);
    for (int i = 0; i < PHASE_COUNT; i++)
        out->one.phase[i] = (__int128)hist_pack_get_wide(&r);
    for (int i = 0; i < METRIC_TIME_COUNT; i++)
        hist_pack_get(&r, &out->one.time[i]);
    out->stuck = (const char *)bytes_get_block(&r, &out->stuck_length);
    for (int i = 0; i < TRIAL_DETAILS; i++) {
        out->detail[i] = (const char *)bytes_get_block(&r, &out->detail_length[i]);
        fits &= r.bad || are_rows(out->detail[i], out->detail_length[i]);
    }
    return fits && !r.bad && r.left == 0 && is_text(out->stuck, out->stuck_length) &&
           figures_fit(&out->one) && outcome_fits(out);
}
