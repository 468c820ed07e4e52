/* SPDX-License-Identifier: Apache-2.0 */
/* params: the parameter list as the table that the engine reads. */
#include "models/machine/params.h"

#define PARAM_ENTRY(id, name, kind, use, value, min, max, choices, meaning, source) \
    {name, PARAM_##kind, PARAM_FOR_##use, value, min, max, choices, meaning, source},
static const param_def defs[] = {PARAMS(PARAM_ENTRY)};
#undef PARAM_ENTRY

#define PARAM_ORDERED(id, value) {P_##id, value},
static const param_ordered ordered[] = {PARAMS_ORDERED(PARAM_ORDERED)};
#undef PARAM_ORDERED

#define PARAM_RENAMED(old, now) {old, now},
static const param_renamed renamed[] = {PARAMS_RENAMED(PARAM_RENAMED)};
#undef PARAM_RENAMED

const param_table params_table = {
    .defs = defs,
    .count = P_COUNT,
    .ordered = ordered,
    .ordered_count = sizeof ordered / sizeof ordered[0],
    .renamed = renamed,
    .renamed_count = sizeof renamed / sizeof renamed[0],
};
