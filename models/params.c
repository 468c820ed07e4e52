/* SPDX-License-Identifier: Apache-2.0 */
/* params: the parameter list as the table that the engine reads. */
#include "models/params.h"

#define PARAM_ENTRY(id, name, kind, value, min, max, choices, meaning, source) \
    {name, PARAM_##kind, value, min, max, choices, meaning, source},
static const param_def defs[] = {PARAMS(PARAM_ENTRY)};
#undef PARAM_ENTRY

const param_table params_table = {defs, P_COUNT};
