/* SPDX-License-Identifier: Apache-2.0 */
/* fault: smmsim in which an invariant breaks in the middle of some runs, to see what becomes of it.
 */
#include "models/machine/state.h"

/* The linker puts __wrap_ in the place of thread_event (--wrap). */
void __real_thread_event(machine *m, uint32_t thread);
void __wrap_thread_event(machine *m, uint32_t thread);

/* With 3 CPUs in every run, with 4 in the one of repetition 2. */
void __wrap_thread_event(machine *m, uint32_t thread)
{
    int sick = m->cpus == 3 || (m->cpus == 4 && m->repetition == 2);

    SIM_ASSERT(!sick || m->record->calls < 5);
    __real_thread_event(m, thread);
}
