/* SPDX-License-Identifier: Apache-2.0 */
/* protocols_list: the protocols, and of edk2's versions what each changed. */
#ifndef SMMSIM_SIM_CLI_PROTOCOLS_LIST_H
#define SMMSIM_SIM_CLI_PROTOCOLS_LIST_H

#include <stdio.h>

/* A line for each, its name in front; what a version has that the one before had not stands below
 * it, further in. A version that changed no step names the first one that is the same rendezvous.
 */
void protocols_list_print(FILE *out);

#endif
