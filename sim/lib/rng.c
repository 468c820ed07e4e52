/* SPDX-License-Identifier: Apache-2.0 */
/* rng: counter-based random words (Philox4x32-10; Salmon et al., SC 2011), one for each address. */
#include "sim/lib/rng.h"

void rng_permutation(const rng_address *address, uint16_t *perm, int n)
{
    rng_address at = *address;

    SIM_ASSERT(n >= 0 && n <= 65536);
    for (int i = 0; i < n; i++)
        perm[i] = (uint16_t)i;
    for (int i = n - 1; i > 0; i--) {
        at.ordinal = (uint64_t)i;
        uint64_t j = rng_below(rng_word(&at), (uint64_t)i + 1);
        uint16_t swapped = perm[i];
        perm[i] = perm[j];
        perm[j] = swapped;
    }
}
