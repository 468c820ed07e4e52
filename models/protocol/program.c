/* SPDX-License-Identifier: Apache-2.0 */
/* program: names of calls and statuses. */
#include "models/protocol/program.h"

#define CALL_NAME(id, name, meaning) name,
const char *const call_names[CALL_KIND_COUNT] = {CALL_KINDS(CALL_NAME)};
#undef CALL_NAME

const char *const status_names[STATUS_COUNT] = {"success",          "not_found",
                                                "buffer_too_small", "invalid_parameter",
                                                "out_of_resources", "not_started"};
