/* SPDX-License-Identifier: Apache-2.0 */
/* trial: packs and unpacks the result of a repetition. */
#include "workloads/trial.h"

#include <string.h>

const char *const trial_outcomes[TRIAL_OUTCOMES] = {"ok", "hang", "broken", "stopped"};

trial_outcome trial_outcome_of(const run_record *record)
{
    if (record->count.hang)
        return TRIAL_HANG;
    if (record->count.stopped)
        return TRIAL_STOPPED;
    return record->stuck[0] ? TRIAL_BROKEN : TRIAL_OK;
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

int trial_unpack(const bytes *from, trial *out)
{
    bytes_reader r = bytes_read(from->at, from->length);
    const uint8_t *bits;

    out->outcome = (uint8_t)bytes_get_varint(&r);
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
    for (int i = 0; i < TRIAL_DETAILS; i++)
        out->detail[i] = (const char *)bytes_get_block(&r, &out->detail_length[i]);
    return !r.bad && r.left == 0 && out->outcome < TRIAL_OUTCOMES;
}
