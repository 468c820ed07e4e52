/* SPDX-License-Identifier: Apache-2.0 */
/* edk2_rows: the step table of edk2 as numbers, shared by edk2's own files only. */
#ifndef SMMSIM_MODELS_EDK2_ROWS_H
#define SMMSIM_MODELS_EDK2_ROWS_H

#include "models/edk2.h"
#include "models/edk2_table.h"

#define FIELD_NUMBER(name, upstream, per_cpu, place) F_##name,
enum { EDK2_FIELDS(FIELD_NUMBER) FIELDS };
#undef FIELD_NUMBER

#define ROW_NUMBER(id, ...) ROW_##id,
enum { EDK2_ROWS(ROW_NUMBER) ROWS };
#undef ROW_NUMBER
_Static_assert((int)ROWS <= (int)STEP_ROWS_MAX, "the step table fits");

/* What a row does, part by part; a row that is PLAIN has a case of its own. */
typedef enum {
    CODE_PLAIN,
    CODE_LOAD,       /* a scalar */
    CODE_LOAD_MINE,  /* this CPU's word of an array */
    CODE_STORE_0,    /* a scalar := 0 */
    CODE_STORE_1,    /* a scalar := 1 */
    CODE_STORE_NONE, /* a scalar := nobody */
    CODE_STORE_MINE, /* this CPU's word := 1 (true, or free) */
    CODE_STORE_MINE_0,
    CODE_LOCAL,
    CODE_CHECK_IN,  /* load, CAS + 1 */
    CODE_CHECK_OUT, /* load, CAS - 1 */
    CODE_LOCK,      /* load, CAS to locked */
    CODE_GATHER,    /* k times: wait for RUN[me], CAS - 1 */
    CODE_POST,      /* load RUN[bsp], CAS + 1 */
    CODE_TAKE,      /* wait for RUN[me], CAS - 1 */
    CODE_RELEASE,   /* each present AP: load RUN, CAS + 1 */
    CODE_DRAIN,     /* each present AP: wait for BUSY, CAS, free it */
    CODE_SEIZE,     /* each present AP: wait for BUSY, CAS */
    CODE_HAND       /* each present AP: JOB := procedure */
} edk2_code;

typedef struct {
    uint8_t code;    /* edk2_code */
    uint8_t operand; /* field or delay */
} edk2_operation;

extern const edk2_operation edk2_operations[];
extern const step_row edk2_rows[];

/* Relaxed mode takes the traditional path, too, if MTRRs must be programmed. */
#define TRADITIONAL(config) ((config)->traditional || (config)->mtrr)

/* step_cpu.flags */
#define FLAG_INSIDE 0x01u   /* a BSP was inside when this CPU came (read once, at R5) */
#define FLAG_INVALID 0x02u  /* the platform says that this SMI is spurious */
#define FLAG_SKIP_T1 0x04u  /* local machine check: no first wait */
#define FLAG_ARRIVED 0x08u  /* outcome of the BSP's wait */
#define FLAG_SERIAL 0x10u   /* StartupAllAPs one AP after the other */
#define FLAG_BLOCKING 0x20u /* of the job under way */
#define FLAG_TOKEN 0x40u

enum { PART_HELD = 5 }; /* of a loop over APs: is its BUSY lock one of those taken? */

#define JOB_TOKEN 0x1000u /* in JOB: the token is to be counted down */

#define INDEX_OPEN UINT16_MAX /* free_order: a loop that has not chosen its next CPU */

/* All loops over CPUs pass over this CPU itself. */
void edk2_request(const step_config *config, const step_cpu *cpu, step_request *out);
void edk2_enter(const step_config *config, step_cpu *cpu);
step_mark edk2_consume(const step_config *config, step_cpu *cpu, const step_result *result);
int edk2_is_loop(int row);
void edk2_renumber(const step_config *config, step_cpu *cpu, const uint16_t *map);
uint32_t edk2_where(const step_config *config, const step_cpu *cpu);
/* Whether a count of CPUs that have checked in says "all", but for those that are excused. */
int edk2_all_in(const step_config *config, uint32_t count);

#endif
