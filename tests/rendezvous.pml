/* SPDX-License-Identifier: Apache-2.0 */
/* rendezvous.pml: edk2-head once more, in Promela: broadcast, traditional, hook election, no
 * timeouts, one SMI; one access a step, as the explorer has it. */
#ifndef N
#define N 2
#endif
#define LOCKED 255
#define NONE 254
#define FREE 1
#define HELD 2

byte cnt, ins, syn, bsp = NONE, aax;
byte sem[N], pre[N], busy[N] = FREE, latch[N];
bit pulsed;

/* up: load, compare and swap; down: wait, compare and swap. Values that are not needed are 0. */
#define UP(word, L1, L2, L3) \
    L1: seen = word; \
    L2: atomic { if :: word == seen -> word = seen + 1; seen = 0 :: else -> seen = 0; goto L1 fi }
#define DOWN(word, L1, L2) \
    L1: atomic { word != 0 -> seen = word }; \
    L2: atomic { if :: word == seen -> word = seen - 1; seen = 0 :: else -> seen = 0; goto L1 fi }
#define GATHER(L0, L1, L2) \
    L1: atomic { sem[me] != 0 -> seen = sem[me] }; \
    L2: atomic { \
        if \
        :: sem[me] == seen -> sem[me] = seen - 1; seen = 0; left--; \
           if :: left > 0 -> goto L1 :: else -> i = 1 fi \
        :: else -> seen = 0; goto L1 \
        fi }
#define RELEASE(L1, L2, L3, L4) \
    L1: atomic { if :: pre[i] -> skip :: else -> goto L4 fi }; \
    L2: seen = sem[i]; \
    L3: atomic { \
        if :: sem[i] == seen -> sem[i] = seen + 1; seen = 0; i++; \
              if :: i < N -> goto L1 :: else -> i = 0 fi \
           :: else -> seen = 0; goto L2 fi }

active [N] proctype cpu()
{
    byte me = _pid, seen, left, i;
    bit inside;

endout:
    do
    :: d_step { !pulsed -> pulsed = 1; i = 0; do :: i < N -> latch[i] = 1; i++ :: else -> i = 0; break od }
    :: d_step { latch[me] -> latch[me] = 0 }; break
    od;
    inside = ins; /* R5 */
    UP(cnt, r7, r7b, r7c);
    atomic { busy[me] = FREE; if :: inside -> inside = 0; goto a1 :: else fi }; /* R8 */
    skip; /* R10: no switch is ordered */
    atomic { skip; if :: me != 0 -> goto role :: else fi }; /* the hook */
    bsp = me;
role:
    atomic { if :: bsp == me -> skip :: else -> goto a1 fi };
    skip; /* R11 */
    ins = 1; /* B1 */
    pre[me] = 1;
    skip; /* clear the status */
    cnt == N; /* B4 */
    aax = 1;
    assert(cnt == N); /* B5 */
    assert(cnt == N); /* B7 */
    aax = 1;
    syn = 1; /* B8 */
b9: seen = cnt;
    atomic { if :: cnt == seen -> cnt = LOCKED; left = N - 1; seen = 0 :: else -> seen = 0; goto b9 fi };
    GATHER(b10, b10a, b10b);
    RELEASE(b11a, b11b, b11c, bad);
    left = N - 1; /* B13 */
    GATHER(b13, b13a, b13b);
b15: busy[me] == FREE;
    atomic { if :: busy[me] == FREE -> busy[me] = HELD :: else -> goto b15 fi };
    atomic { i = 1 }; /* B16: the handler */
b17: assert(pre[i]);
b17b: busy[i] == FREE;
    atomic { if :: busy[i] == FREE -> busy[i] = HELD :: else -> goto b17b fi };
    atomic { busy[i] = FREE; i++; if :: i < N -> goto b17 :: else -> i = 0 fi };
    atomic { ins = 0; i = 1 }; /* B22 */
    RELEASE(b23a, b23b, b23c, bad);
    skip; /* B26 */
    atomic { pre[me] = 0; left = N - 1 }; /* B27 */
    GATHER(b28, b28a, b28b);
    bsp = NONE;
    cnt = 0;
    syn = 0;
    aax = 0; /* B32 */
    goto r12;
a1: ins == 1;
    assert(ins == 1);
    assert(bsp == 0); /* A6 */
    pre[me] = 1;
    UP(sem[0], a7, a7b, a7c);
    DOWN(sem[me], a8, a8b);
    skip; /* A10 */
    UP(sem[0], a11, a11b, a11c);
    DOWN(sem[me], a12, a12b);
    assert(ins == 0); /* A13 */
    pre[me] = 0; /* A16 */
    UP(sem[0], a17, a17b, a17c);
r12: syn == 0;
    atomic { skip; goto endout }; /* RSM */
bad: assert(false)
}
