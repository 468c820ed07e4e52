/* SPDX-License-Identifier: Apache-2.0 */
/* relax: what a thread says to its processor while it waits for another one's store. */
#ifndef SMMSIM_SIM_LIB_RELAX_H
#define SMMSIM_SIM_LIB_RELAX_H

static inline void relax(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

#endif
