/* SPDX-License-Identifier: Apache-2.0 */
/* explore_smm_reduce: orders that cannot matter, and CPUs that are alike. */
#include <stdio.h>
#include <string.h>

#include "models/explore_smm_parts.h"

void explore_smm_reduce_plan(explore_smm *smm)
{
    (void)snprintf(smm->reduction, sizeof smm->reduction, "none");
}

int explore_smm_reduce_single(const explore_smm *smm, const smm_view *view)
{
    (void)smm;
    (void)view;
    return -1;
}

int explore_smm_reduce_sort(const explore_smm *smm, const smm_view *view, smm_view *sorted)
{
    (void)smm;
    (void)view;
    (void)sorted;
    return 0;
}
